/** The wasm module that the page has compiled once for all of its workers: it sends each of them this
 * message as soon as it can. */
import { compile } from './loader.ts';

export interface PageModule {
  /** null where the page could not compile it: the worker then tries by itself. */
  module: WebAssembly.Module | null;
  /** The worker is to fetch the full module, which no other needs, and so comes with none. */
  isFull?: boolean;
}

/** In a worker, called once before any message can come: resolves when the page has sent it. */
export function pageModule(): Promise<WebAssembly.Module | undefined> {
  return new Promise((resolve) => {
    const end = (module: WebAssembly.Module | Promise<WebAssembly.Module> | null) => {
      removeEventListener('message', take);
      removeEventListener('messageerror', refuse, true);
      resolve(module ?? undefined);
    };
    const take = ({ data }: MessageEvent<Partial<PageModule> | null>) => {
      if (data?.module !== undefined) end(data.isFull ? compile(undefined, true) : data.module);
    };
    // A browser that lets no module through: no fault of a call, which the others here would see in it.
    const refuse = (event: Event) => {
      event.stopImmediatePropagation();
      end(null);
    };
    addEventListener('message', take);
    addEventListener('messageerror', refuse, true);
  });
}
