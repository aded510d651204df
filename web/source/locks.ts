/** Who is at a kept model: pages of one site share what their browser keeps. */

/** For how long another may be about to give it back. */
const PATIENCE_MS = 500;

/** Takes the lock of a model. Resolves to the function that gives it back; null where another has it. Browsers that
 * keep models have locks. */
export function lock(key: string, mode: LockMode): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    navigator.locks
      .request(
        `bitloss-model-${key}`,
        { mode, signal },
        () => new Promise<void>((release) => resolve(release)),
      )
      .catch(() => resolve(null));
  });
}
