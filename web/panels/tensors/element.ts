/** Where in the model the error sits: a map per lane on one scale, and a table of everything. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import '../../controls/picture/element.ts';
import { styleMap } from '../../controls/style_map.ts';
import { laneName, Panel } from '../panel.ts';
import { isStale, type Lane, type LaneId } from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import { SCALE_DB, shade } from './heatmap.ts';
import './heatmap.ts';
import './table.ts';
import { en } from './en.ts';
import { heading } from './heading.ts';
import { ko } from './ko.ts';
import type { PanelContext } from '../index.ts';

const WORDS = { en, ko };

@customElement('bitloss-panel-tensors')
export class TensorsPanel extends Panel {
  static override styles = [
    shared,
    css`
      .maps {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, calc(20 * var(--rem))), 1fr));
        gap: var(--gap);
        margin-top: 18px;
      }
      .scale {
        display: flex;
        align-items: center;
        gap: 8px;
        margin-top: 12px;
        white-space: nowrap;
      }
      .scale span[data-swatch] {
        flex: 0 1 22px;
        height: 12px;
        border-radius: 2px;
        background: color-mix(in srgb, var(--error) calc(var(--shade) * 100%), var(--track));
      }
      .swatches {
        flex: 0 1 240px;
        display: flex;
        gap: 2px;
      }
      details {
        margin-top: 12px;
      }
      summary {
        padding: 8px 0;
        font-weight: 520;
      }
      .choose {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 10px;
        margin: 6px 0 12px;
        font-size: calc(0.875 * var(--rem));
      }
    `,
  ];

  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @state() private open = false;
  @state() private tableLane: LaneId = 'b';

  get #words() {
    return WORDS[this.language];
  }

  override render() {
    const words = this.#words;
    const measured = this.lanes.filter((lane) => lane.id !== 'reference' && lane.figures);
    return html`<h2>${heading[this.language]}</h2>
      <p class="lead">${measured.length > 0 ? words.lead : words.waiting}</p>
      ${
        measured.length > 0
          ? html`${this.#renderScale()}
            <div class="maps">
              ${measured.map((lane) => this.#renderMap(lane))}
            </div>
            <bitloss-save-picture .language=${this.language} of=".maps" name="tensors" label=${heading[this.language]}></bitloss-save-picture>
            ${this.#renderDetails(measured)}`
          : nothing
      }`;
  }

  /** A lane changes with every token that it writes, its map does not. */
  #renderMap(lane: Lane) {
    return guard(
      [this.language, lane.id, lane.recipe, lane.figures, isStale(lane)],
      () => html`<bitloss-heatmap .language=${this.language} .lane=${lane}></bitloss-heatmap>`,
    );
  }

  #renderScale() {
    const words = this.#words;
    const { format } = this;
    const steps = Array.from(
      { length: 10 },
      (_, i) => SCALE_DB.worst + (i * (SCALE_DB.best - SCALE_DB.worst)) / 9,
    );
    return html`<p class="scale small muted number">
      <span>${words.scaleLabel} ≤ ${format.integer(SCALE_DB.worst)} dB</span>
      <span class="swatches" aria-hidden="true"
        >${steps.map((db) => html`<span data-swatch style=${styleMap({ '--shade': shade(db).toFixed(2) })}></span>`)}</span
      >
      <span>≥ ${format.integer(SCALE_DB.best)} dB</span>
    </p>`;
  }

  #renderDetails(measured: readonly Lane[]) {
    const words = this.#words;
    const { t } = this;
    const lane = measured.find(({ id }) => id === this.tableLane) ?? measured[0]!;
    return html`<details @toggle=${(event: Event) => (this.open = (event.target as HTMLDetailsElement).open)}>
      <summary>${words.details}</summary>
      ${
        this.open
          ? html`<label class="choose">
              ${words.lane}
              <select @change=${(event: Event) => (this.tableLane = (event.target as HTMLSelectElement).value as LaneId)}>
                ${measured.map(
                  ({ id, recipe }) => html`<option value=${id} .selected=${id === lane.id}>
                    ${laneName(t, id)} · ${recipe}
                  </option>`,
                )}
              </select>
              <span class="muted">${words.sortHint}</span>
            </label>
            <bitloss-tensor-table .language=${this.language} .lane=${lane}></bitloss-tensor-table>`
          : nothing
      }
    </details>`;
  }
}

export function draw({ state: { lang, lanes } }: PanelContext) {
  return html`<bitloss-panel-tensors .language=${lang} .lanes=${lanes}></bitloss-panel-tensors>`;
}
