/** The page's side of noticing that a worker has died; the worker's is life.ts. */
import { PING, type Living } from './life.ts';

/** Where there are no locks: how often the worker is asked, and how many questions may go without an
 * answer. They are counted, not timed: a page that was asleep must not blame its worker for it, and a
 * worker may be at one piece of work for seconds. */
const ASK_MS = 5_000;
const MAX_UNANSWERED = 12;

/** Calls `onDeath` when the worker is gone. Returns the function that ends the watch. */
export function watchLife(worker: Worker, onDeath: () => void): () => void {
  const ended = new AbortController();
  let nUnanswered = 0;
  let timer = setTimeout(ask, ASK_MS);
  function ask(): void {
    if (nUnanswered === MAX_UNANSWERED) return onDeath();
    nUnanswered++;
    worker.postMessage(PING);
    timer = setTimeout(ask, ASK_MS);
  }
  const listen = ({ data }: MessageEvent<unknown>) => {
    if (data === PING) nUnanswered = 0;
    const { heldLock } = (data ?? {}) as Partial<Living>;
    if (heldLock === undefined) return;
    clearTimeout(timer);
    // Rejected when the watch ends.
    navigator.locks.request(heldLock, { signal: ended.signal }, onDeath).catch(() => {});
  };
  worker.addEventListener('message', listen, { signal: ended.signal });
  return () => {
    clearTimeout(timer);
    ended.abort();
  };
}
