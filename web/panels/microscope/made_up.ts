/** The generator of distributions: its shape, the outlier's knob, and the error by how many share a scale. */
import { css, html, nothing, svg } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { segments, segmentStyles, unequalSegmentStyles } from '../../controls/segments.ts';
import { WidthController } from '../../controls/width.ts';
import { shared } from '../../styles/shared.ts';
import { Panel } from '../panel.ts';
import { en } from './en.ts';
import { errorOf, generate, SHAPES, SHARED, type Shape } from './generator.ts';
import { ko } from './ko.ts';

const WORDS = { en, ko };
const BAR = 14;
const ROW = 40;

@customElement('bitloss-made-up')
export class MadeUp extends Panel {
  static override styles = [
    shared,
    segmentStyles,
    unequalSegmentStyles,
    css`
      :host {
        container-type: inline-size;
        isolation: isolate;
      }
      .choice {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 10px 28px;
        margin: 10px 0;
      }
      @container (max-width: 480px) {
        .segments {
          grid-template-columns: 1fr;
          gap: 4px;
        }
        .segments .row {
          flex-wrap: wrap;
        }
        .segments input + span {
          padding: 0 8px;
        }
      }
      .knob {
        display: grid;
        flex: 1 1 200px;
        max-width: 340px;
      }
      .knob input {
        min-height: 28px;
        accent-color: var(--lane, var(--ink));
        margin: 0;
      }
      svg {
        display: block;
        max-width: 100%;
      }
      text {
        font-size: 13px;
        fill: var(--ink);
        font-variant-numeric: tabular-nums;
      }
      rect {
        fill: var(--error);
      }
    `,
  ];

  @state() private shape: Shape = 'outlier';
  @state() private outlier = 20;
  readonly #size = new WidthController(this);

  override render() {
    const words = WORDS[this.language].madeUp;
    const { format } = this;
    const weights = generate(this.shape, this.outlier);
    const errors = SHARED.map((n) => errorOf(weights, n));
    const greatest = Math.max(...errors);
    const width = Math.max(200, Math.min(640, this.#size.width));
    return html`<p class="small muted">${words.lead}</p>
      <div class="choice">
        ${segments(
          'shape',
          words.shape,
          SHAPES.map((value) => ({ value, label: words.shapes[value] })),
          this.shape,
          (value) => (this.shape = value),
        )}
        ${
          this.shape === 'outlier'
            ? html`<label class="knob"
                ><span class="small">${words.outlier} <b class="number">${format.fixed(this.outlier, 0)}σ</b></span>
                <input type="range" name="outlier" min="0" max="60" step="1" .value=${String(this.outlier)}
                  @input=${(event: Event) => (this.outlier = (event.target as HTMLInputElement).valueAsNumber)} /></label>`
            : nothing
        }
      </div>
      <svg viewBox="0 0 ${width} ${ROW * SHARED.length}" width=${width} height=${ROW * SHARED.length} role="img"
        aria-label=${SHARED.map((_, i) => `${words.shared[i]}: RMSE ${format.small(errors[i]!)}`).join('; ')}>
        ${errors.map(
          (
            error,
            i,
          ) => svg`<text x="0" y=${i * ROW + 14}>${words.shared[i]} · RMSE ${format.small(error)}</text>
            <rect x="0" y=${i * ROW + 19} width=${((width * error) / greatest).toFixed(1)} height=${BAR} rx="3" />`,
        )}
      </svg>`;
  }
}
