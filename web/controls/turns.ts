/** Drawing piece by piece. A page that draws everything in one task cannot be used while it does: each
 * piece waits for its turn, and has a frame of its own. */

let last: Promise<void> = Promise.resolve();

/** Resolves after a frame has been shown since the turn before this one. */
export function nextTurn(): Promise<void> {
  return (last = last.then(frameShown));
}

function frameShown(): Promise<void> {
  return new Promise((resolve) => {
    // A page that nobody looks at shows no frames.
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });
}
