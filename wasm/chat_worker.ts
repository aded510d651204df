/** Puts prompts into chat templates: an engine on the full module, which the lanes that read them do without.
 * Called from the page through Comlink. */
import { renderChat } from './chat.ts';
import { Engine } from './engine.ts';
import { expose } from './expose.ts';
import type { ChatTemplate } from './types.ts';

export class ChatApi {
  #engine: Promise<Engine> | null = null;

  async render(template: ChatTemplate, prompt: string, system: string): Promise<string> {
    const engine = await (this.#engine ??= Engine.create(undefined, { full: true }));
    return renderChat(engine, template, prompt, new Date(), system);
  }
}

expose(new ChatApi());
