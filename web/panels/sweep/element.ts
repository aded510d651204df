/** Size against loss over many recipes: a picture with its Pareto front, and a table of the same.
 *
 * Properties: those of MeasuringPanel, and what is said of each. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { estimate } from '../../controls/estimate.ts';
import '../../controls/picture/element.ts';
import { jobProgress, jobStyles, type JobWatch } from '../../controls/job.ts';
import { segments, segmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { laneColor, laneLetter, laneName } from '../panel.ts';
import { nameOf } from '../../experiment/address.ts';
import { describe } from '../../experiment/problem.ts';
import { entryOf, N_QUICK_TOKENS, type Lane, type TextId } from '../../experiment/state.ts';
import type { ListedModel } from '../../source/listed.ts';
import { tableStyles } from '../../report/table_styles.ts';
import { tableWords } from '../../report/words.ts';
import { badge, shared } from '../../styles/shared.ts';
import { MeasuringPanel } from '../measuring_panel.ts';
import { drawable, drawChart, seriesColor, symbolPath, type Focused } from './chart.ts';
import { ghostChoice, ghostLegend, ghostPoints, type GhostId, type GhostParts } from './ghosts.ts';
import { recipesOf, SELECTIONS, seriesOf, type Selection } from './plan.ts';
import {
  cellsOf,
  headingsOf,
  toCsv,
  toJson,
  toMarkdown,
  type Conditions,
  type ReportWords,
} from './report.ts';
import { lossOf, MEASURES, runSweep, type Measure, type SweepRow } from './run.ts';
import { seriesColors, styles } from './styles.ts';
import '../../report/export.ts';
import './family_element.ts';
import { membersOf } from './family.ts';
import type { PanelContext } from '../index.ts';

const WORDS = { en, ko };
type PlotModule = typeof import('./plot.ts');

interface Shown {
  selection: Selection;
  /** null where only weights were measured. */
  text: { id: TextId; nTokens: number } | null;
  textSerial: number;
}

@customElement('bitloss-panel-sweep')
export class SweepPanel extends MeasuringPanel {
  static override styles = [
    shared,
    badge,
    segmentStyles,
    jobStyles,
    seriesColors,
    tableStyles,
    styles,
  ];

  /** The open model's relatives and itself, from the smallest; none where it has none. */
  @property({ attribute: false }) family: readonly ListedModel[] = [];
  /** The URL of the folder that holds models/. */
  @property({ attribute: false }) base = '';
  /** How the open model is named. */
  @property({ attribute: false }) modelName = '';
  @state() private selection: Selection = 'affine';
  @state() private own: string | null = null;
  @state() private chosenMeasure: Measure = 'kl';
  @state() private rows: readonly SweepRow[] = [];
  @state() private focused: Focused | null = null;
  /** Published tables that are drawn too. */
  @state() private ghosts: ReadonlySet<GhostId> = new Set();
  @state() private plot: PlotModule | null = null;
  /** The recipe that was made a lane of last. */
  @state() private opened: string | null = null;
  /** What the rows were measured under: the reader may have chosen other things since. */
  #shown: Shown = { selection: 'affine', text: null, textSerial: 0 };
  #chart: SVGElement | null = null;

  readonly #size = new WidthController(this);

  get #words() {
    return WORDS[this.language];
  }

  get #reportWords(): ReportWords {
    const { t, format, language } = this;
    return { t, words: this.#words, columns: tableWords[language], format };
  }

  /** Until the text has been read under a recipe there are only weights to show. */
  get #measure(): Measure {
    return this.rows.some(({ stats }) => stats) ? this.chosenMeasure : 'error';
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (this.rows.length > 0 && !this.plot) void this.#loadPlot();
    // Lanes change all the time while they write; a point that has the focus must not be drawn anew.
    const drawn = [
      this.#chartWidth,
      ...this.lanes.map(({ id, figures, recipe }) => `${id} ${figures?.info.recipe ?? recipe}`),
    ].join();
    const redraws = ['rows', 'plot', 'chosenMeasure', 'language', 'ghosts'] as const;
    if (drawn !== this.#drawn || redraws.some((name) => changed.has(name as keyof SweepPanel)))
      this.#draw();
    this.#drawn = drawn;
  }

  protected override reset(): void {
    this.rows = [];
    this.focused = null;
    this.opened = null;
  }

  /** The width and the lanes that the picture was drawn for. */
  #drawn = '';

  get #chartWidth(): number {
    return Math.min(860, this.#size.width);
  }

  async #loadPlot(): Promise<void> {
    this.plot ??= await import('./plot.ts');
  }

  override render() {
    const words = this.#words;
    return html`<p class="lead">${words.lead}</p>
      ${this.#renderControls()}
      ${jobProgress(this.job, this.#progressLabel(), words.stop, this.t.timeLeft)}
      ${this.job.problem ? html`<p class="sentence error note" role="alert">${describe(this.t, this.job.problem)}</p>` : nothing}
      ${this.rows.length > 0 ? this.#renderResults() : nothing}
      ${
        this.family.length > 0
          ? html`<bitloss-family .language=${this.language} .measuring=${this.measuring} .members=${this.family}
              .base=${this.base} .text=${this.text}></bitloss-family>`
          : nothing
      }`;
  }

  #renderControls() {
    const words = this.#words;
    const own =
      this.own ??
      this.lanes
        .slice(1)
        .map(({ recipe }) => recipe)
        .join('\n');
    const recipes = this.formats ? recipesOf(this.selection, this.formats, own) : [];
    const ready = recipes.length > 0 && (!this.hasTokenizer || this.text.content !== null);
    const choices = SELECTIONS.map((value) => ({ value, label: words.selections[value] }));
    return html`<div class="controls">
      ${segments('selection', words.choose, choices, this.selection, (value) => (this.selection = value))}
      ${
        this.selection === 'own'
          ? html`<label class="own"
            ><span class="small muted">${words.ownLabel}</span>
            <textarea spellcheck="false" .value=${own} @input=${(event: Event) => (this.own = (event.target as HTMLTextAreaElement).value)}></textarea>
          </label>`
          : nothing
      }
      <div class="go">
        <button class="primary" ?disabled=${!ready} aria-disabled=${this.job.running} @click=${() => this.#start(recipes)}>
          ${words.start(this.format.integer(recipes.length))}
        </button>
        <span class="small muted">${this.hasTokenizer ? words.before : words.noText}</span>
      </div>
    </div>`;
  }

  #progressLabel(): string {
    const { rows, format } = this;
    const done = rows.filter(
      ({ stats, problem, figures }) => stats || problem || (!this.hasTokenizer && figures),
    ).length;
    return this.#words.running(format.integer(done), format.integer(rows.length));
  }

  async #start(recipes: readonly string[]): Promise<void> {
    if (this.job.running) return;
    this.opened = null;
    this.focused = null;
    const { model, selection, text } = this;
    await this.job.run(async (watch: JobWatch) => {
      const tokens = await this.tokens(N_QUICK_TOKENS);
      if (watch.stopped) return;
      this.#shown = {
        selection,
        text: tokens ? { id: text.id, nTokens: tokens.ids.length } : null,
        textSerial: text.serial,
      };
      await runSweep(this.session, recipes, tokens, watch, (rows) => (this.rows = rows));
    });
    if (this.model.serial === model.serial) this.#tell();
  }

  /** The other panels are told what is known, also where the sweep was stopped; where it came to nothing, that
   * is what an earlier one found on its own text. */
  #tell(): void {
    const { textSerial } = this.#shown;
    const swept = this.rows.flatMap(({ figures, stats }) =>
      figures ? { figures, stats, textSerial } : [],
    );
    if (swept.length > 0) this.send({ type: 'keep-swept', swept });
  }

  // ---- results ----

  #renderResults() {
    const words = this.#words;
    const measures = MEASURES.map((value) => ({ value, label: words.measures[value] }));
    const missing = this.rows.filter(
      (row) =>
        row.figures &&
        !drawable([row], this.#measure).length &&
        (lossOf(row, this.#measure) === 0 || this.#isDone(row)),
    );
    return html`${
      this.#shown.text
        ? html`<div class="controls">
            ${segments('measure', words.measure, measures, this.#measure, (value) => (this.chosenMeasure = value))}
          </div>`
        : nothing
    }
      ${
        this.#measure === 'ratio'
          ? ghostChoice(this.#ghostParts, (id) => this.#toggleGhost(id))
          : nothing
      }
      <div class="chart">
      <figure class="picture" aria-label=${words.chartLabel(words.measures[this.#measure], this.format.integer(this.rows.length))}>
        ${this.#chart ?? nothing} ${this.#renderTip()}
      </figure>
      ${this.#renderLegend()}
      </div>
      <bitloss-save-picture .language=${this.language} of=".chart" name="sweep"
        label=${words.pictureLabel(words.measures[this.#measure], this.modelName)}></bitloss-save-picture>
      ${
        missing.length > 0
          ? html`<p class="small muted note">${words.notDrawn(missing.map(({ recipe }) => recipe).join(', '))}</p>`
          : nothing
      }
      ${this.#renderTable()}
      <p class="small muted note">${this.#conditionsLine()} ${words.reading}</p>
      <bitloss-export .language=${this.language} .reports=${this.#reports()}></bitloss-export>
      <p class="visually-hidden" role="status">${this.opened === null ? '' : words.opened(this.opened)}</p>`;
  }

  #isDone(row: SweepRow): boolean {
    return row.problem !== null || row.stats !== null || this.#measure === 'error';
  }

  /** Draws into a detached element, which Lit then puts into place. */
  #draw(): void {
    this.#chart = null;
    if (!this.plot || this.rows.length === 0 || this.#chartWidth < 100) return;
    const words = this.#words;
    const series = this.#series();
    this.#chart = drawChart(this.plot, this.rows, {
      width: this.#chartWidth,
      measure: this.#measure,
      axes: { x: words.axes.bits, y: words.axes[this.#measure] },
      seriesOf: (row) => series.findIndex(({ key }) => key === this.#seriesKey(row)),
      laneOf: (row) => {
        const lane = this.#laneOf(row);
        return lane ? { letter: laneLetter(lane.id), color: laneColor(lane.id) } : null;
      },
      sentencesOf: (row) => this.#sentences(row),
      ghosts: this.#measure === 'ratio' ? ghostPoints(this.#ghostParts) : [],
      formatBits: (bits) => this.format.exact(bits),
      onFocus: (focused) => (this.focused = focused),
    });
  }

  /** They stand on the one axis that is the same for every model. */
  get #ghostParts(): GhostParts {
    return { words: this.#words, format: this.format, shown: this.ghosts };
  }

  #toggleGhost(id: GhostId): void {
    const ghosts = new Set(this.ghosts);
    if (!ghosts.delete(id)) ghosts.add(id);
    this.ghosts = ghosts;
  }

  #seriesKey({ recipe }: SweepRow): string {
    const series = seriesOf(recipe, this.formats!, this.#shown.selection);
    return series.by === 'group' ? `group ${series.group}` : series.family;
  }

  /** The series that there are, in the order in which they come. */
  #series(): { key: string; label: string }[] {
    const { t } = this;
    const words = this.#words;
    const labels = new Map<string, string>();
    for (const row of this.rows) {
      const series = seriesOf(row.recipe, this.formats!, this.#shown.selection);
      const label =
        series.by === 'group'
          ? words.series.group(String(series.group))
          : series.family === 'other'
            ? words.series.other
            : t.formats.families[series.family];
      labels.set(this.#seriesKey(row), label);
    }
    return [...labels].map(([key, label]) => ({ key, label }));
  }

  #laneOf({ recipe }: SweepRow): Lane | undefined {
    return this.lanes.find(
      (lane) => lane.id !== 'reference' && (lane.figures?.info.recipe ?? lane.recipe) === recipe,
    );
  }

  /** What there is to say of a point. */
  #sentences(row: SweepRow): string[] {
    const words = this.#words;
    const { format } = this;
    const { figures, stats, recipe } = row;
    if (!figures) return [recipe];
    const lane = this.#laneOf(row);
    const { error } = figures;
    return [
      words.point(recipe, format.fixed(figures.bitsPerWeight, 2), format.bytes(figures.sizeBytes)),
      ...(stats
        ? [
            words.pointKl(estimate(format, stats.klMean)),
            words.pointPpl(estimate(format, stats.ppl)),
            words.pointRatio(estimate(format, stats.lnRatio)),
            this.t.losses[stats.loss],
          ]
        : []),
      ...(error.n > 0 && error.snrDb !== Infinity
        ? [words.pointError(format.small(error.rmse), format.fixed(error.snrDb, 1))]
        : []),
      ...(row.onFront[this.#measure] ? [words.pointFront] : []),
      ...(lane ? [words.pointLane(laneName(this.t, lane.id))] : []),
    ];
  }

  #renderTip() {
    if (!this.focused) return nothing;
    const { sentences, x, y } = this.focused;
    const shift =
      x > this.#chartWidth * 0.66 ? '-92%' : x < this.#chartWidth * 0.33 ? '-8%' : '-50%';
    return html`<div class="tip small number" aria-hidden="true" ?data-below=${y < 150}
      style=${styleMap({ left: `${x}px`, top: `${y}px`, '--shift': shift })}>
      ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
    </div>`;
  }

  #renderLegend() {
    const words = this.#words;
    const { plot } = this;
    if (!plot) return nothing;
    return html`<ul class="legend">
      ${this.#measure === 'ratio' ? ghostLegend(this.#ghostParts) : nothing}
      ${this.#series().map(
        ({ label }, i) => html`<li>
          <svg viewBox="-7 -7 14 14" aria-hidden="true"><path d=${symbolPath(i)} fill=${seriesColor(i)} /></svg>${label}
        </li>`,
      )}
      <li>
        <svg viewBox="-7 -7 14 14" aria-hidden="true"><path d="M-9 0H9" stroke="var(--ink)" stroke-width="1.5" stroke-dasharray="5 3" /></svg
        >${words.frontLegend}
      </li>
      ${
        this.#measure === 'error'
          ? nothing
          : html`<li>
        <svg viewBox="-7 -7 14 14" aria-hidden="true"><path d="M0 -7V7" stroke="var(--muted)" /></svg>${words.barLegend}
      </li>`
      }
    </ul>`;
  }

  #renderTable() {
    const words = this.#words;
    const columns = headingsOf(this.#reportWords);
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.tableLabel}>
      <table>
        <thead>
          <tr>${columns.map((name, i) => html`<th scope="col" class=${i === columns.length - 1 ? 'words' : ''}>${name}</th>`)}<td></td></tr>
        </thead>
        <tbody>
          ${this.rows.map((row) => this.#renderRow(row))}
        </tbody>
      </table>
    </div>`;
  }

  #renderRow(row: SweepRow) {
    const words = this.#words;
    const [recipe, ...cells] = cellsOf(row, this.#measure, this.#reportWords);
    const lane = this.#laneOf(row);
    return html`<tr ?data-current=${this.focused?.recipe === row.recipe}>
      <th scope="row" class="mono" title=${recipe!}>
        ${
          lane
            ? html`<span class="badge" style=${styleMap({ '--lane': laneColor(lane.id) })} title=${laneName(this.t, lane.id)}>${laneLetter(lane.id)}</span>`
            : nothing
        }${recipe}
      </th>
      ${cells.map((cell, i) => html`<td class=${i === cells.length - 1 ? 'words' : ''}>${cell}</td>`)}
      <td>
        ${
          row.problem
            ? html`<span class="small">${describe(this.t, row.problem)}</span>`
            : lane
              ? nothing
              : html`<button aria-label=${words.openLaneOf(row.recipe)} @click=${() => this.#openLane(row.recipe)}>${words.openLane}</button>`
        }
      </td>
    </tr>`;
  }

  #openLane(recipe: string): void {
    this.send({ type: 'add-lane', recipe });
    this.opened = recipe;
  }

  #conditions(): Conditions {
    const { text } = this.#shown;
    return {
      model: this.modelName,
      text: text && { name: this.t.measure.texts[text.id], nTokens: text.nTokens },
      measure: this.#measure,
    };
  }

  #conditionsLine(): string {
    const { format } = this;
    const { model, text } = this.#conditions();
    const n = this.rows.find(({ stats }) => stats)?.stats?.n;
    return this.#words.conditions(
      model,
      text?.name ?? null,
      format.integer(text?.nTokens ?? 0),
      n === undefined ? null : format.integer(n),
    );
  }

  #reports(): Record<string, () => string> {
    return {
      Markdown: () => toMarkdown(this.rows, this.#conditions(), this.#reportWords),
      CSV: () => toCsv(this.rows, this.#conditions()),
      JSON: () => toJson(this.rows, this.#conditions()),
    };
  }
}

export function draw({ state, model, measuring, base }: PanelContext) {
  return html`<bitloss-panel-sweep
    .language=${state.lang}
    .measuring=${measuring}
    .model=${model}
    .modelName=${nameOf(state)}
    .lanes=${state.lanes}
    .formats=${state.formats}
    .text=${state.text}
    .family=${membersOf(entryOf(state), state.listed)}
    .base=${base}
  ></bitloss-panel-sweep>`;
}
