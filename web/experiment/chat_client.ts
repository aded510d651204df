/** The worker that puts prompts into chat templates, begun with the first one. */
import type { ChatApi } from '../../wasm/chat_worker.ts';
import type { ChatTemplate } from '../../wasm/types.ts';
import { RemoteWorker } from './remote_worker.ts';
import { Worker } from './worker_anywhere.ts';

export class ChatClient {
  #remote: RemoteWorker<ChatApi> | null = null;

  /** The prompt in the template's words, after a system prompt unless that is empty. Rejects with a PageError; the next call then begins anew where the worker
   * has died. */
  async render(template: ChatTemplate, prompt: string, system: string): Promise<string> {
    if (this.#remote?.isDead) this.end();
    const remote = (this.#remote ??= new RemoteWorker<ChatApi>(
      new Worker(new URL('../../wasm/chat_worker.ts', import.meta.url), { type: 'module' }),
    ));
    return remote.call(() => remote.api.render(template, prompt, system));
  }

  end(): void {
    this.#remote?.end();
    this.#remote = null;
  }
}

/** Names of tokens such as "<|im_end|>", which a template may write without the model's files naming them. */
const SHAPES = /<\|[^|<>\s]{1,40}\|>/.source;

/** A text in pieces, of which those that are special tokens are marked: the tokens that the model's files call so, and
 * others of their shape. */
export function markSpecial(
  text: string,
  { config }: ChatTemplate,
): { text: string; isSpecial: boolean }[] {
  if (known?.config !== config) known = { config, pattern: patternOf(config) };
  const pieces: { text: string; isSpecial: boolean }[] = [];
  let at = 0;
  for (const { index, 0: name } of text.matchAll(known.pattern)) {
    if (index > at) pieces.push({ text: text.slice(at, index), isSpecial: false });
    pieces.push({ text: name, isSpecial: true });
    at = index + name.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isSpecial: false });
  return pieces;
}

/** Of the model that was looked at last: its file may be long, and a panel is drawn often. */
let known: { config: string | null; pattern: RegExp } | null = null;

function patternOf(config: string | null): RegExp {
  const names = specialNames(config).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp([...names, SHAPES].join('|'), 'g');
}

/** The longest first: one may begin with another. */
function specialNames(config: string | null): string[] {
  const names = new Set<string>();
  const take = (token: unknown) => {
    const name = typeof token === 'object' && token && 'content' in token ? token.content : token;
    if (typeof name === 'string' && name.trim() !== '') names.add(name);
  };
  try {
    const members = JSON.parse(config ?? '{}') as Record<string, unknown>;
    for (const [key, value] of Object.entries(members)) if (key.endsWith('_token')) take(value);
    for (const token of Object.values(members.added_tokens_decoder ?? {}))
      if ((token as { special?: unknown } | null)?.special === true) take(token);
  } catch {
    // What is wrong with the file was said when the model was read.
  }
  return [...names].sort((a, b) => b.length - a.length);
}
