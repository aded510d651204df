/** All lanes in one picture: size against error, and any two texts next to each other. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { compareRuns, visibleToken, type Agreement } from '../../experiment/agreement.ts';
import '../../controls/picture/element.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import { runText, textStyles } from '../../controls/text.ts';
import { laneColor, laneLetter, laneName, Panel } from '../panel.ts';
import { isStale, type Lane, type LaneId } from '../../experiment/state.ts';
import { badge, shared } from '../../styles/shared.ts';
import { plot } from './plot.ts';
import { styles } from './styles.ts';
import { en } from './en.ts';
import { heading } from './heading.ts';
import { ko } from './ko.ts';
import type { PanelContext } from '../index.ts';
import { PARTS } from '../parts.ts';

const WORDS = { en, ko };

@customElement('bitloss-panel-compare')
export class ComparePanel extends Panel {
  static override styles = [shared, badge, textStyles, styles];

  @property({ attribute: false }) lanes: readonly Lane[] = [];
  readonly #size = new WidthController(this);
  @state() private left: LaneId = 'reference';
  @state() private right: LaneId = 'b';

  get #words() {
    return WORDS[this.language];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('lanes')) return;
    // A lane that was removed cannot stay chosen.
    const ids = this.lanes.map((lane) => lane.id);
    if (!ids.includes(this.left)) this.left = 'reference';
    if (!ids.includes(this.right)) this.right = ids[ids.length - 1] ?? 'reference';
  }

  /** Half of the panel, less the gap, where two columns fit. */
  get #plotWidth(): number {
    const { width } = this.#size;
    return Math.min(560, width < 760 ? Math.max(240, width) : width / 2 - 24);
  }

  override render() {
    const words = this.#words;
    const { t } = this;
    const measured = this.lanes.filter((lane) => lane.figures !== null);
    return html`<h2>${heading[this.language]}</h2>
      <p class="lead">${words.lead}</p>
      ${
        measured.length > 0
          ? html`<div class="pictures">
            <figure>${plot(measured, t, words, this.format, this.#plotWidth)}</figure>
            <figure>
              <figcaption class="muted small">${words.sizes}</figcaption>
              ${this.#renderSizes()}
            </figure>
          </div>
          <bitloss-save-picture .language=${this.language} of=".pictures" name="lanes" label=${heading[this.language]}></bitloss-save-picture>`
          : nothing
      }
      ${this.lanes.some((lane) => lane.run) ? this.#renderTexts() : nothing}`;
  }

  /** A lane without figures has its line too, so that nothing moves when they come. */
  #renderSizes() {
    const { t, format, lanes } = this;
    const largest = Math.max(...lanes.map((lane) => lane.figures?.info.sizeBytes ?? 0));
    return html`<ul class="sizes">
      ${lanes.map((lane) => {
        const sizeBytes = lane.figures?.info.sizeBytes ?? 0;
        return html`<li style=${styleMap({ '--lane': laneColor(lane.id) })} ?data-stale=${isStale(lane)}>
          <span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span>
          <span class="visually-hidden">${laneName(t, lane.id)}</span>
          <span class="bar" aria-hidden="true"><span style=${styleMap({ width: `${(sizeBytes / largest) * 100}%` })}></span></span>
          <span class="number">${sizeBytes > 0 ? format.bytes(sizeBytes) : '–'}</span>
        </li>`;
      })}
    </ul>`;
  }

  #renderTexts() {
    const words = this.#words;
    const left = this.lanes.find((lane) => lane.id === this.left);
    const right = this.lanes.find((lane) => lane.id === this.right);
    if (!left || !right) return nothing;
    const comparable =
      left.run && right.run && left.run.serial === right.run.serial && left !== right;
    const agreement = comparable ? compareRuns(left.run!, right.run!) : null;
    return html`<section class="texts" aria-labelledby="two">
      <h3 id="two">${words.twoTexts}</h3>
      <p class="small agreement ${agreement?.kind === 'differs' ? 'differs' : ''}">${this.#agreementSentence(left, right, agreement)}</p>
      <div class="pair">
        ${this.#renderText('left', left, agreement)} ${this.#renderText('right', right, agreement)}
      </div>
    </section>`;
  }

  #renderText(side: 'left' | 'right', lane: Lane, agreement: Agreement | null) {
    const words = this.#words;
    const { t } = this;
    const choose = (event: Event) => {
      this[side] = (event.target as HTMLSelectElement).value as LaneId;
    };
    return html`<div class="side" style=${styleMap({ '--lane': laneColor(lane.id) })}>
      <label>
        <span class="visually-hidden">${words[side]}</span>
        <span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span>
        <select @change=${choose}>
          ${this.lanes.map(
            (option) => html`<option value=${option.id} .selected=${option.id === lane.id}>
              ${laneName(t, option.id)} · ${option.id === 'reference' ? (option.figures?.storedAs ?? '') : option.recipe}
            </option>`,
          )}
        </select>
      </label>
      <p class="text" part="text">${lane.run ? runText(lane.run, agreement, t.lane.differsHere) : html`<span class="muted">${words.noText}</span>`}</p>
    </div>`;
  }

  #agreementSentence(left: Lane, right: Lane, agreement: Agreement | null): string {
    const words = this.#words;
    const { t, format } = this;
    if (!agreement || !left.run || !right.run) return '';
    if (agreement.kind === 'same') {
      const n = format.integer(agreement.nTokens);
      return agreement.finished ? words.agree(n) : words.agreeSoFar(n);
    }
    const { index } = agreement;
    const token = (lane: Lane) => `“${visibleToken(lane.run!, index, t.lane.endOfText)}”`;
    return words.differ(format.integer(index + 1), token(left), token(right));
  }
}

export function draw({ state: { lang, lanes } }: PanelContext) {
  return html`<bitloss-panel-compare exportparts=${PARTS} .language=${lang} .lanes=${lanes}></bitloss-panel-compare>`;
}
