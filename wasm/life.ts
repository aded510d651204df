/** How a page notices that a worker has died: not every death is an event. The worker holds a lock that
 * no other has, for as long as it lives, and says so in a message of this kind; the page asks for the
 * same lock, and has it when the worker is gone. Where there are no locks, as on pages that came over
 * http, the page asks by PING now and then, and the worker answers with the same. */
export interface Living {
  /** The name of the lock. */
  heldLock: string;
}

export const PING = 'bitloss: alive?';

/** Called once, in the worker. */
export function showLife(): void {
  addEventListener('message', ({ data }) => {
    if (data === PING) postMessage(PING);
  });
  // A call that could not be read will have no answer: the page hears of it as of any other error.
  addEventListener('messageerror', () => {
    throw new Error('A message to the worker could not be read.');
  });
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return;
  const heldLock = `bitloss-worker-${crypto.randomUUID()}`;
  const hold = () => {
    postMessage({ heldLock } satisfies Living);
    return new Promise<never>(() => {});
  };
  // Refused where the page has no origin of its own, as in a sandboxed frame: there it asks.
  locks.request(heldLock, hold).catch(() => {});
}
