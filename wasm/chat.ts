/** A prompt put into the words of a model's chat template. Needs the full module in a browser
 * (wasm/exports_chat.c), but no model. */
import type { Engine } from './engine.ts';
import { BitlossError, type ChatTemplate } from './types.ts';

/** The prompt as what a user says, after a system prompt unless that is empty, up to where the answer begins, with all special tokens; `now` is for templates
 * that write the date. Throws 'unsupported' when the engine runs on the small module, 'input' when the template
 * fails or refuses. */
export function renderChat(
  { core }: Engine,
  { source, config, map }: ChatTemplate,
  prompt: string,
  now: Date,
  system = '',
): string {
  if (!core.has('bw_chat_render'))
    throw new BitlossError('unsupported', 'This module has nothing to render templates with.');
  return core.withTexts([source, config ?? '', map ?? '', system, prompt], (at, sizes) =>
    core.string(
      core.address(
        core.call(
          'bw_chat_render',
          at[0]!,
          config === null ? 0 : at[1]!,
          map === null ? 0 : at[2]!,
          at[3]!,
          sizes[3]!,
          at[4]!,
          sizes[4]!,
          now.getFullYear(),
          now.getMonth() + 1,
          now.getDate(),
          now.getHours(),
          now.getMinutes(),
          now.getSeconds(),
        ),
      ),
    ),
  );
}
