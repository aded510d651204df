/** The family of the open model on one chart, by bytes: measured when the reader asks for it, first on the
 * text, then by questions. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Paired } from '../../../wasm/measure_types.ts';
import '../../controls/picture/element.ts';
import { estimate, MISSING } from '../../controls/estimate.ts';
import { Job, jobProgress, jobStyles } from '../../controls/job.ts';
import { segments, segmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import type { MeasureClient } from '../../experiment/measure/client.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { describe } from '../../experiment/problem.ts';
import type { EvaluationText } from '../../experiment/state.ts';
import { tableStyles } from '../../report/table_styles.ts';
import type { ListedModel } from '../../source/listed.ts';
import { shared } from '../../styles/shared.ts';
import { Panel } from '../panel.ts';
import { seriesColor, symbolPath, type Focused } from './chart.ts';
import { en } from './en.ts';
import { drawableOf, drawFamily } from './family_chart.ts';
import {
  askQuestions,
  FAMILY_MEASURES,
  judge,
  lossOf,
  measureTexts,
  SETTINGS,
  type Comparison,
  type FamilyMeasure,
  type FamilyPoint,
  type FamilyTask,
} from './family.ts';
import { ko } from './ko.ts';
import { seriesColors, styles } from './styles.ts';

const WORDS = { en: en.family, ko: ko.family };
type PlotModule = typeof import('./plot.ts');

@customElement('bitloss-family')
export class FamilyChart extends Panel {
  static override styles = [shared, segmentStyles, jobStyles, seriesColors, tableStyles, styles];

  @property({ attribute: false }) measuring!: MeasureClient;
  /** From the smallest. */
  @property({ attribute: false }) members: readonly ListedModel[] = [];
  @property({ attribute: false }) base = '';
  @property({ attribute: false }) text!: EvaluationText;
  @state() private points: readonly FamilyPoint[] = [];
  @state() private chosenMeasure: FamilyMeasure = 'ppl';
  @state() private front: ReadonlySet<FamilyPoint> = new Set();
  @state() private comparisons: readonly Comparison[] = [];
  @state() private focused: Focused | null = null;
  @state() private plot: PlotModule | null = null;
  /** What the points were measured on. */
  #measured: { textId: EvaluationText['id']; task: FamilyTask } | null = null;
  #client: MeasureClient | null = null;
  #fetching: AbortController | null = null;
  #chart: SVGElement | null = null;
  readonly #size = new WidthController(this);
  readonly #job = new Job(this, () => {
    this.#fetching?.abort();
    this.#client?.use(null);
  });

  get #words() {
    return WORDS[this.language];
  }

  get #measure(): FamilyMeasure {
    return this.points.some(({ right }) => right) ? this.chosenMeasure : 'ppl';
  }

  get #hasQuestions(): boolean {
    return this.members.every(({ questions }) => questions !== undefined);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('members')) {
      this.#job.stop();
      this.#job.problem = null;
      this.#clear();
    }
    const { width } = this.#size;
    const drawn = [Math.min(860, width), this.#measure, this.language].join();
    if (changed.has('points') || changed.has('chosenMeasure')) void this.#judge();
    if (drawn !== this.#drawn || ['points', 'plot', 'front'].some((name) => changed.has(name)))
      this.#draw();
    this.#drawn = drawn;
  }

  #drawn = '';

  /** Which points are on the front, and how rivals compare; why not, where that fails. */
  async #judge(): Promise<void> {
    const { points } = this;
    const measure = this.#measure;
    if (points.length === 0) return;
    const isWanted = () => this.isConnected && points === this.points && measure === this.#measure;
    try {
      const judged = await judge(this.measuring.session(), points, measure, isWanted);
      if (judged) ({ front: this.front, comparisons: this.comparisons } = judged);
    } catch (error) {
      this.#job.problem = problemOf(error);
      this.requestUpdate();
    }
  }

  /** Nothing is known, of these members or of others. */
  #clear(): void {
    this.points = [];
    this.front = new Set();
    this.comparisons = [];
    this.focused = null;
  }

  async #run(questions: boolean): Promise<void> {
    const { text } = this;
    if (this.#job.running || text.content === null) return;
    this.#client ??= this.measuring.apart();
    const client = this.#client;
    const { signal } = (this.#fetching = new AbortController());
    this.focused = null;
    const onPoints = (points: readonly FamilyPoint[]) => (this.points = points);
    await this.#job.run(async (watch) => {
      this.plot ??= await import('./plot.ts');
      if (questions) {
        const { task } = this.#measured!;
        await askQuestions(client, task, this.points, watch, signal, onPoints);
        if (!watch.stopped) this.chosenMeasure = 'wrong';
        return;
      }
      const { members, base } = this;
      const task = { members, base, text: text.content!, documents: text.documents };
      this.#measured = { textId: text.id, task };
      this.#clear();
      this.chosenMeasure = 'ppl';
      await measureTexts(client, task, watch, signal, onPoints);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#client?.use(null);
  }

  override render() {
    const words = this.#words;
    const { format, members, points } = this;
    const job = this.#job;
    const total = members.reduce((sum, { size }) => sum + size, 0);
    const nReadings = members.length * SETTINGS.filter(({ bits }) => bits !== 16).length;
    const isMeasured = points.some(({ ppl }) => ppl);
    const isAsked = points.length > 0 && points.every(({ right }) => right);
    return html`<h3>${words.heading}</h3>
      <p class="lead small">${words.lead(members.map(({ name }) => name).join(', '))}</p>
      <div class="go">
        <button aria-disabled=${job.running} ?disabled=${this.text.content === null} @click=${() => this.#run(false)}>${words.start}</button>
        ${
          isMeasured && this.#hasQuestions && !isAsked
            ? html`<button aria-disabled=${job.running} @click=${() => this.#run(true)}>${words.ask}</button>`
            : nothing
        }
        <span class="small muted">${words.before(format.bytes(total), format.integer(nReadings))}</span>
      </div>
      ${jobProgress(job, words.running, words.stop, this.t.timeLeft)}
      ${job.problem ? html`<p class="sentence error note" role="alert">${describe(this.t, job.problem)}</p>` : nothing}
      ${isMeasured ? this.#renderResults() : nothing}`;
  }

  #renderResults() {
    const words = this.#words;
    const { points } = this;
    const measure = this.#measure;
    const drawn = drawableOf(points, measure);
    const missing = points.filter(
      (point) => lossOf(point, measure) !== null && !drawn.includes(point),
    );
    const choices = FAMILY_MEASURES.map((value) => ({ value, label: words.measures[value] }));
    return html`${
      points.some(({ right }) => right)
        ? html`<div class="controls">
            ${segments('family-measure', words.measure, choices, measure, (value) => (this.chosenMeasure = value))}
          </div>`
        : nothing
    }
      <div class="chart family">
        <figure class="picture" aria-label=${words.chartLabel(words.measures[measure])}>${this.#chart ?? nothing} ${this.#renderTip()}</figure>
        <ul class="legend">
          ${this.members.map(
            ({ name }, i) => html`<li>
              <svg viewBox="-7 -7 14 14" aria-hidden="true"><path d=${symbolPath(i)} fill=${seriesColor(i)} /></svg>${name}
            </li>`,
          )}
          <li>
            <svg viewBox="-7 -7 14 14" aria-hidden="true"><path d="M-9 0H9" stroke="var(--ink)" stroke-width="1.5" stroke-dasharray="5 3" /></svg
            >${words.front}
          </li>
          <li>
            <svg viewBox="-7 -7 14 14" aria-hidden="true"><path d="M0 -7V7" stroke="var(--muted)" /></svg>${words.bar}
          </li>
        </ul>
      </div>
      <bitloss-save-picture .language=${this.language} of=".family" name="family" label=${`${words.heading}: ${words.measures[measure]}`}></bitloss-save-picture>
      ${missing.length > 0 ? html`<p class="small muted note">${words.offScale(missing.map((point) => words.name(point.name, point.bits)).join(', '))}</p>` : nothing}
      ${this.comparisons.map((one) => html`<p class="note rival">${this.#rivalSentence(one)}</p>`)}
      ${this.#renderTable()}
      <p class="small muted note">${words.conditions(this.t.measure.texts[this.#measured!.textId])} ${words.reading}</p>`;
  }

  #rivalSentence({ small, large, paired }: Comparison): string {
    const words = this.#words;
    const verdict = this.#verdictOf(small, large, paired);
    const told = (point: FamilyPoint) => {
      const size = this.format.bytes(point.sizeBytes);
      return `${words.name(point.name, point.bits)} (${size}, ${this.#lossText(point)})`;
    };
    return words.rival[verdict](told(small), told(large));
  }

  /** By McNemar's test where both answered the same questions; perplexities differ when they are two
   * standard errors apart, which on the same tokens asks for more than it need. */
  #verdictOf(small: FamilyPoint, large: FamilyPoint, paired: Paired | null) {
    if (paired) return paired.verdict === 'same' ? 'unclear' : paired.verdict;
    const [a, b] = [small.ppl, large.ppl];
    const difference = (b?.value ?? Number.NaN) - (a?.value ?? Number.NaN);
    if (!(Math.abs(difference) > 2 * Math.hypot(a?.error ?? 0, b?.error ?? 0))) return 'unclear';
    return difference < 0 ? 'better' : 'worse';
  }

  #lossText(point: FamilyPoint): string {
    const words = this.#words;
    if (this.#measure === 'ppl') return words.pplOf(estimate(this.format, point.ppl!));
    return words.wrongOf(this.#percent(1 - point.right!.value));
  }

  #percent(share: number): string {
    return `${this.format.fixed(100 * share, 1)}%`;
  }

  #draw(): void {
    this.#chart = null;
    const width = Math.min(860, this.#size.width);
    if (!this.plot || !this.points.some(({ ppl }) => ppl) || width < 100) return;
    const words = this.#words;
    this.#chart = drawFamily(this.plot, this.points, {
      width,
      measure: this.#measure,
      axes: { x: words.axes.bytes, y: words.axes[this.#measure] },
      onFront: (point) => this.front.has(point),
      sentencesOf: (point) => this.#sentences(point),
      formatBytes: (bytes) => this.format.bytes(bytes),
      onFocus: (focused) => (this.focused = focused),
    });
  }

  #sentences(point: FamilyPoint): string[] {
    const words = this.#words;
    const { format } = this;
    return [
      `${words.name(point.name, point.bits)}, ${format.bytes(point.sizeBytes)}`,
      ...(point.ppl ? [words.pplOf(estimate(format, point.ppl))] : []),
      ...(point.right ? [words.wrongOf(this.#percent(1 - point.right.value))] : []),
      ...(this.front.has(point) ? [words.front] : []),
    ];
  }

  #renderTip() {
    if (!this.focused) return nothing;
    const { sentences, x, y } = this.focused;
    const width = Math.min(860, this.#size.width);
    const shift = x > width * 0.66 ? '-92%' : x < width * 0.33 ? '-8%' : '-50%';
    return html`<div class="tip small number" aria-hidden="true" ?data-below=${y < 150}
      style=${styleMap({ left: `${x}px`, top: `${y}px`, '--shift': shift })}>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
    </div>`;
  }

  /** The same figures, the smallest first. */
  #renderTable() {
    const words = this.#words;
    const { format } = this;
    const rows = [...this.points].sort((a, b) => a.sizeBytes - b.sizeBytes);
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.tableLabel}>
      <table>
        <thead>
          <tr>${Object.values(words.columns).map((name) => html`<th scope="col">${name}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(
            (
              point,
            ) => html`<tr ?data-current=${this.focused?.recipe === `${point.model} ${point.recipe}`}>
              <th scope="row">${point.name}</th>
              <td>${point.bits}</td>
              <td>${format.bytes(point.sizeBytes)}</td>
              <td>${point.ppl ? estimate(format, point.ppl) : MISSING}</td>
              <td>${point.right ? `${this.#percent(1 - point.right.value)} [${format.fixed(100 * (1 - point.right.high), 1)}, ${format.fixed(100 * (1 - point.right.low), 1)}]` : MISSING}</td>
              <td>${this.front.has(point) ? '●' : ''}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}
