/** Long work on the page's own thread, in slices: what the reader does meanwhile is seen to between two. */
const SLICE_MS = 10;

export class Slices {
  #began = performance.now();

  /** Resolves at once within a slice, else after a pause. */
  async rest(): Promise<void> {
    if (performance.now() - this.#began < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#began = performance.now();
  }
}
