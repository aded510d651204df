/** The width that an element was given, in CSS pixels, so that a drawing inside it can be laid out at
 * its true size: text in a scaled picture would be too small on a telephone. */
import type { LitElement, ReactiveController } from 'lit';

export class WidthController implements ReactiveController {
  width = 0;
  readonly #observer: ResizeObserver;

  constructor(private readonly host: LitElement) {
    this.#observer = new ResizeObserver(([entry]) => {
      const width = Math.round(entry!.contentRect.width);
      if (width === this.width) return;
      this.width = width;
      host.requestUpdate();
    });
    host.addController(this);
  }

  hostConnected(): void {
    this.#observer.observe(this.host);
  }

  hostDisconnected(): void {
    this.#observer.disconnect();
  }
}
