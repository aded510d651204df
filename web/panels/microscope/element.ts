/** One tensor of one lane: what its weights were and what they became, which codes are used, a map of its
 * groups, one group from near by, and where the bytes go. Properties: those of
 * MeasuringPanel, and `lookedAt`, a tensor that was chosen elsewhere. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ByteSplit, WeightDetail, WeightRow } from '../../../wasm/measure_types.ts';
import type { TensorInfo } from '../../../wasm/types.ts';
import '../../controls/picture/element.ts';
import { stack, stackLegend, stackStyles, type Part } from '../../controls/stack.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { laneColor, laneLetter, laneName } from '../panel.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { isCancelled, type Session } from '../../experiment/measure/client.ts';
import { describe } from '../../experiment/problem.ts';
import type { AppState, Lane, LaneId } from '../../experiment/state.ts';
import { badge, shared } from '../../styles/shared.ts';
import { MeasuringPanel } from '../measuring_panel.ts';
import { codeBars, histogram, shareAtEnds } from './charts.ts';
import './group.ts';
import './made_up.ts';
import { LAYOUTS } from './layouts.ts';
import './map_element.ts';
import type { FetchWeights } from './map_element.ts';
import { styles } from './styles.ts';
import type { PanelContext } from '../index.ts';

const WORDS = { en, ko };
/** Levels that a histogram can show. */
const MAX_LEVELS = 64;

/** What is shown, and of what. */
interface Shown {
  key: string;
  recipe: string;
  tensor: TensorInfo;
  detail: WeightDetail;
  /** null where the recipe leaves the tensor alone. */
  tensorBytes: ByteSplit | null;
  modelBytes: ByteSplit;
}

/** A group's weights, from weight `from` of its row on, and the row. */
interface Near {
  /** Which of the tensor's groups it is. */
  group: number;
  row: WeightRow;
  from: number;
  weights: readonly number[];
  converted: readonly number[];
}

@customElement('bitloss-panel-microscope')
export class MicroscopePanel extends MeasuringPanel {
  static override styles = [shared, badge, stackStyles, styles];

  @property({ attribute: false }) lookedAt: AppState['lookedAt'] = null;
  @state() private lane: LaneId = 'b';
  @state() private tensorName = '';
  @state() private shown: Shown | null = null;
  /** The group that is looked at, of the tensor's groups row by row; null: the worst. */
  @state() private group: number | null = null;
  @state() private near: Near | null = null;
  /** In formats with nested scales, the section of the group. */
  @state() private section = 0;
  #wantedNear = '';
  /** For the map, which another choice of a group does not stop. */
  #afar: Session | null = null;
  /** What is shown or being fetched. */
  #wanted = '';
  readonly #size = new WidthController(this);

  get #words() {
    return WORDS[this.language];
  }

  protected override reset(): void {
    this.shown = null;
    this.tensorName = '';
    this.#wanted = '';
    this.near = null;
    this.group = null;
    this.#wantedNear = '';
  }

  get #measured(): Lane[] {
    return this.lanes.filter((lane) => lane.id !== 'reference' && lane.figures);
  }

  get #lane(): Lane | undefined {
    return this.#measured.find(({ id }) => id === this.lane) ?? this.#measured[0];
  }

  /** What was on its way is stopped with it, and will be asked for again; but a group that was chosen meanwhile
   * is not. */
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#wanted = (this.near && this.shown?.key) ?? '';
    if (this.near) this.group = this.near.group;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has('lookedAt') && this.lookedAt) {
      this.lane = this.lookedAt.lane;
      this.tensorName = this.lookedAt.tensor;
    }
    const lane = this.#lane;
    const tensor = lane && this.#tensorOf(lane);
    if (lane && tensor)
      void this.#fetch(lane.figures!.info.recipe, lane.figures!.tensors.indexOf(tensor), tensor);
  }

  /** The chosen one, else the least exact: it has the most to show. */
  #tensorOf({ figures }: Lane): TensorInfo | undefined {
    const { tensors } = figures!;
    const chosen = tensors.find(({ name }) => name === this.tensorName);
    if (chosen) return chosen;
    const converted = tensors.filter(({ converted, error }) => converted && error.n > 0);
    return (
      converted.sort((a, b) => a.error.snrDb - b.error.snrDb)[0] ??
      tensors.find(({ nRows }) => nRows > 1)
    );
  }

  async #fetch(recipe: string, index: number, tensor: TensorInfo): Promise<void> {
    const wanted = `${this.model.serial} ${recipe} ${index}`;
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    await this.job.run(async (watch) => {
      // Asked for together, so that they wait only once for the worker.
      const [detail, modelBytes, tensorBytes] = await Promise.all([
        this.session.weightDetail(recipe, index),
        this.session.bytes(recipe),
        tensor.converted ? this.#bytesOf(tensor) : null,
      ]);
      if (watch.stopped) return;
      this.shown = { key: wanted, recipe, tensor, detail, tensorBytes, modelBytes };
      this.near = null;
      this.group = null;
      await this.#fetchNear();
    });
  }

  /** The group's number, as it is chosen. */
  #groupOf({ groupRmse }: WeightDetail): number {
    return this.group ?? groupRmse.reduce((best, x, i) => (x > groupRmse[best]! ? i : best), 0);
  }

  async #fetchNear(): Promise<void> {
    const { shown } = this;
    if (!shown || shown.detail.groupRmse.length === 0) return;
    const { detail, recipe, tensor } = shown;
    const group = this.#groupOf(detail);
    const row = Math.floor(group / detail.groupsPerRow);
    const wanted = `${shown.key} ${group}`;
    this.#wantedNear = wanted;
    const found = await this.session.weightRow(recipe, this.#index(shown), row);
    if (wanted !== this.#wantedNear) return;
    const size = tensor.nCols / detail.groupsPerRow;
    const from = (group % detail.groupsPerRow) * size;
    const part = (values: Float32Array) => [...values.subarray(from, from + size)];
    const { original, converted } = found;
    this.near = { group, row: found, from, weights: part(original), converted: part(converted) };
    const nSections = size / LAYOUTS[found.stored.codec]!.nShared(found.stored, tensor.nCols);
    this.section = Math.min(this.section, nSections - 1);
  }

  /** The tensor's, in the model. */
  #index({ key }: Shown): number {
    return Number(key.split(' ').at(-1));
  }

  readonly #fetchWeights: FetchWeights = async (which, { columns, rows }) => {
    const shown = this.shown!;
    const recipe = which === 'before' ? 'reference' : shown.recipe;
    this.#afar ??= this.measuring.session();
    try {
      return await this.#afar.weightMap(recipe, this.#index(shown), columns, rows);
    } catch (error) {
      if (!isCancelled(error)) this.job.problem = problemOf(error);
      this.requestUpdate();
      return null;
    }
  };

  #choose(group: number): void {
    // Of a picture that is about to be another's.
    if (this.shown?.key !== this.#wanted) return;
    this.group = group;
    void this.job.run(() => this.#fetchNear());
  }

  /** Where nothing else is converted, the codes, scales and biases are all of this tensor. */
  async #bytesOf({ name, format }: TensorInfo): Promise<ByteSplit | null> {
    const units = await this.session.units('tensor');
    const unit = units
      .filter(({ pattern }) => name.includes(pattern))
      .sort((a, b) => b.pattern.length - a.pattern.length)[0];
    return unit ? this.session.bytes(`reference/${unit.pattern}=${format}`) : null;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('lookedAt') && this.lookedAt) this.scrollIntoView({ block: 'nearest' });
  }

  override render() {
    const words = this.#words;
    const lane = this.#lane;
    if (!lane) return html`<p class="lead">${words.waiting}</p>`;
    return html`<p class="lead">${words.lead}</p>
      ${this.#renderChoice(lane)}
      ${this.shown || !this.job.running ? nothing : html`<p class="small muted note">${words.looking}</p>`}
      ${this.job.problem ? html`<p class="sentence error note" role="alert">${describe(this.t, this.job.problem)}</p>` : nothing}
      ${this.shown ? this.#renderShown(lane, this.shown) : nothing}`;
  }

  #renderChoice(lane: Lane) {
    const { t } = this;
    const words = this.#words;
    const tensor = this.#tensorOf(lane);
    return html`<div class="choice">
      <label
        ><span class="badge" style=${styleMap({ '--lane': laneColor(lane.id) })} aria-hidden="true">${laneLetter(lane.id)}</span>
        <span class="visually-hidden">${words.lane}</span>
        <select @change=${(event: Event) => (this.lane = (event.target as HTMLSelectElement).value as LaneId)}>
          ${this.#measured.map(
            ({ id, figures }) =>
              html`<option value=${id} .selected=${id === lane.id}>${laneName(t, id)} · ${figures!.info.recipe}</option>`,
          )}
        </select>
      </label>
      <label class="tensor"
        ><span class="visually-hidden">${words.tensor}</span>
        <select class="mono" @change=${(event: Event) => (this.tensorName = (event.target as HTMLSelectElement).value)}>
          ${lane.figures!.tensors.map(({ name }) => html`<option value=${name} .selected=${name === tensor?.name}>${name}</option>`)}
        </select>
      </label>
    </div>`;
  }

  #renderShown(lane: Lane, { key, recipe, tensor, detail, tensorBytes, modelBytes }: Shown) {
    const words = this.#words;
    const { format } = this;
    const { error } = detail;
    const isExact = error.n === 0 || error.snrDb === Infinity;
    return html`<div class="shown" ?data-stale=${key !== this.#wanted} aria-busy=${this.job.running} style=${styleMap({ '--lane': laneColor(lane.id) })}>
      <p class="number facts">
        <b class="mono">${tensor.name}</b> · ${format.integer(tensor.nRows)} × ${format.integer(tensor.nCols)} · ${tensor.format}
      </p>
      <p class="number">
        ${
          isExact
            ? words.exact
            : words.error(
                format.small(error.rmse),
                format.fixed(error.snrDb, 1),
                format.small(error.maxAbs),
              )
        }
        ${words.outliers(format.percent(detail.outliers))}
      </p>
      <div class="pictures" data-columns=${this.#columns}>${this.#renderHistogram(tensor, detail)} ${this.#renderCodes(detail)}</div>
      <bitloss-save-picture .language=${this.language} of=".pictures" name="weights" label=${tensor.name}></bitloss-save-picture>
      ${this.#renderMap(tensor, detail, isExact)}
      <div class="near">
        <h3>${words.madeUp.heading}</h3>
        <bitloss-made-up .language=${this.language}></bitloss-made-up>
      </div>
      <div class="bytes">
        <h3>${words.bytes}</h3>
        <p class="small muted">${words.bytesTensor(format.bytes(tensor.sizeBytes))}</p>
        ${this.#renderBytes(tensorBytes ? { ...tensorBytes, untouched: 0 } : { codes: 0, scales: 0, biases: 0, untouched: tensor.sizeBytes })}
        <p class="small muted">${words.bytesModel(recipe, format.bytes(Object.values(modelBytes).reduce((a, b) => a + b, 0)))}</p>
        ${this.#renderBytes(modelBytes)}
      </div>
      ${this.#renderTable(detail)}
    </div>`;
  }

  get #columns(): number {
    return this.#size.width < 700 ? 1 : 2;
  }

  /** As its column; see the gap in styles.ts. */
  get #pictureWidth(): number {
    const { width } = this.#size;
    return Math.max(200, this.#columns === 1 ? width : Math.floor((width - 28) / 2));
  }

  /** Where the values of the group that is looked at lie; of too many nothing would be seen. */
  #levels(tensor: TensorInfo, detail: WeightDetail): number[] {
    if (!this.near || this.near.group !== this.#groupOf(detail)) return [];
    const { stored } = this.near.row;
    const layout = LAYOUTS[stored.codec]!;
    const first = this.near.from + this.section * layout.nShared(stored, tensor.nCols);
    const { levels, scale, bias } = layout.describe(stored, tensor.nCols, first);
    return levels.length <= MAX_LEVELS ? levels.map((level) => level * scale + bias) : [];
  }

  #renderHistogram(tensor: TensorInfo, detail: WeightDetail) {
    const words = this.#words;
    const levels = this.#levels(tensor, detail);
    return html`<figure>
      <figcaption><h3>${words.histogram}</h3></figcaption>
      ${histogram(detail, levels, this.#pictureWidth, (value) => this.format.small(value))}
      <p class="small muted keys">
        <span class="key was" aria-hidden="true"></span>${words.originals}
        <span class="key became" aria-hidden="true"></span>${words.converted}
        ${levels.length > 0 ? html`<span class="key grid" aria-hidden="true"></span>${words.grid}` : nothing}
      </p>
      <p class="small muted">${words.rootScale}</p>
    </figure>`;
  }

  #renderCodes({ codes }: WeightDetail) {
    const words = this.#words;
    const { format } = this;
    if (codes.length === 0)
      return html`<figure><h3>${words.codes}</h3><p class="small muted">${words.noCodes}</p></figure>`;
    const { first, last } = shareAtEnds(codes);
    const used = codes.filter((count) => count > 0).length;
    return html`<figure>
      <figcaption><h3>${words.codes}</h3></figcaption>
      ${codeBars(codes, this.#pictureWidth)}
      <p class="small muted keys one"><span class="key end" aria-hidden="true"></span>${words.ends(format.percent(first), format.percent(last))}</p>
      <p class="small muted">${words.used(format.integer(used), format.integer(codes.length))}</p>
    </figure>`;
  }

  #renderMap({ nRows, nCols }: TensorInfo, detail: WeightDetail, isExact: boolean) {
    const { groupsPerRow, groupRmse } = detail;
    const group = this.#groupOf(detail);
    const isOld = this.near?.group !== group;
    return html`<div class="near">
      <h3>${this.#words.map.heading}</h3>
      <bitloss-weight-map
        .language=${this.language}
        .nRows=${nRows}
        .nCols=${nCols}
        .groupRmse=${groupRmse}
        .groupsPerRow=${groupsPerRow}
        .group=${group}
        .hasError=${!isExact}
        .fetchWeights=${this.#fetchWeights}
        @choose-group=${({ detail: chosen }: CustomEvent<number>) => this.#choose(chosen)}
      ></bitloss-weight-map>
      ${
        // Of another group only while the chosen one is on its way: not where it could not be had.
        this.near && (!isOld || this.job.running)
          ? html`<bitloss-weight-group
              ?data-stale=${isOld}
              .language=${this.language}
              .weights=${this.near.weights}
              .converted=${this.near.converted}
              .row=${this.near.row.stored}
              .from=${this.near.from}
              .nCols=${nCols}
              .section=${this.section}
              @choose-section=${({ detail: section }: CustomEvent<number>) => (this.section = section)}
            ></bitloss-weight-group>`
          : nothing
      }
    </div>`;
  }

  #renderBytes({ codes, scales, biases, untouched }: ByteSplit) {
    const words = this.#words;
    const total = codes + scales + biases + untouched;
    const part = (label: string, value: number): Part => ({
      label,
      value,
      text: `${this.format.bytes(value)} (${value > 0 ? this.format.percent(value / total) : '0%'})`,
    });
    const parts = [
      part(words.parts.codes, codes),
      part(words.parts.scales, scales),
      part(words.parts.biases, biases),
      part(words.parts.untouched, untouched),
    ];
    return html`${stack(parts)} ${stackLegend(parts)}`;
  }

  /** The histogram's figures, for whoever cannot see it. */
  #renderTable({ originals, converted, low, high }: WeightDetail) {
    const words = this.#words;
    const { format } = this;
    const step = (high - low) / originals.length;
    return html`<details>
      <summary>${words.asTable}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${words.asTable}>
        <table>
          <thead>
            <tr>
              <th scope="col">${words.from}</th>
              <th scope="col">${words.originals}</th>
              <th scope="col">${words.converted}</th>
            </tr>
          </thead>
          <tbody>
            ${originals.map(
              (count, i) => html`<tr>
                <th scope="row">${format.small(low + i * step)}</th>
                <td>${format.integer(count)}</td>
                <td>${format.integer(converted[i]!)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }
}

export function draw({ state, model, measuring }: PanelContext) {
  return html`<bitloss-panel-microscope
    .lookedAt=${state.lookedAt}
    .language=${state.lang}
    .measuring=${measuring}
    .model=${model}
    .lanes=${state.lanes}
    .formats=${state.formats}
    .text=${state.text}
  ></bitloss-panel-microscope>`;
}
