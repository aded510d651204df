/** `<bitloss-save-picture>`: saves a chart that stands beside it as SVG or PNG. The charts of figures have
 * one; without it are the weights made up in the microscope, and bars that are one line long, such as
 * those of where the bytes go. */
import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Panel } from '../../panels/panel.ts';
import { shared } from '../../styles/shared.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

const WORDS = { en, ko };

@customElement('bitloss-save-picture')
export class SavePicture extends Panel {
  static override styles = [
    shared,
    css`
      :host {
        margin-top: 8px;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 8px;
      }
      button {
        min-height: 30px;
        padding: 0 12px;
        font-size: calc(0.8125 * var(--rem));
      }
      @media (pointer: coarse) {
        button {
          min-height: 44px;
        }
      }
    `,
  ];

  /** A selector of the chart, in the same root. */
  @property() of = '';
  /** What the file is called, after "bitloss-". */
  @property() name = '';
  /** What the picture shows. */
  @property() label = '';
  @state() private said = '';

  override render() {
    const words = WORDS[this.language];
    return html`<div class="row" role="group" aria-label="${words.save}: ${this.label}">
      <span class="small muted" aria-hidden="true">${words.save}</span>
      <button @click=${() => this.#save('svg')}>SVG</button>
      <button @click=${() => this.#save('png')}>PNG</button>
      <span class="small muted" role="status">${this.said}</span>
    </div>`;
  }

  async #save(kind: 'svg' | 'png'): Promise<void> {
    const words = WORDS[this.language];
    this.said = '';
    try {
      const chart = (this.getRootNode() as ShadowRoot).querySelector(this.of)!;
      const [{ readPicture }, { toPng, toSvg }] = await Promise.all([
        import('./read.ts'),
        import('./write.ts'),
      ]);
      const picture = await readPicture(chart, this.label);
      const blob =
        kind === 'svg'
          ? new Blob([await toSvg(picture, this.label)], { type: 'image/svg+xml' })
          : await toPng(picture);
      const file = `bitloss-${this.name}.${kind}`;
      download(blob, file);
      this.said = words.saved(file);
    } catch {
      this.said = words.failed;
    }
  }
}

function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken hold of the Blob by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
