/** A classifier of its own, whatever model is open: quantized under several recipes, each of which labels the reader's
 * review, then a thousand held-out ones. Needs no model; fetches its own (experiment/classify_client.ts). */
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { Job, jobProgress, jobStyles, type JobWatch } from '../../controls/job.ts';
import { styleMap } from '../../controls/style_map.ts';
import { ClassifyClient } from '../../experiment/classify_client.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { describe } from '../../experiment/problem.ts';
import { withMinus } from '../../format.ts';
import { MISSING, estimate } from '../../controls/estimate.ts';
import { tableStyles } from '../../report/table_styles.ts';
import { shared } from '../../styles/shared.ts';
import type { Share } from '../../../wasm/measure_types.ts';
import type { PanelContext } from '../index.ts';
import { Panel } from '../panel.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { FIRST_RECIPES, labelledLanes, MOST_VERSIONS, newRow, type VersionRow } from './rows.ts';
import { styles } from './styles.ts';

const WORDS = { en, ko };
const COLORS = ['reference', 'a', 'b', 'c', 'd', 'e'];
const MOST_CHARS = 600;
const HANGUL = /[가-힣]/;

/** A held-out review and the class that it belongs to. */
interface Review {
  text: string;
  label: string;
}

@customElement('bitloss-panel-classify')
export class ClassifyPanel extends Panel {
  static override styles = [shared, jobStyles, tableStyles, styles];

  /** The folder that holds models/. */
  @property({ attribute: false }) base = '';
  @state() private rows: readonly VersionRow[] = FIRST_RECIPES.map(newRow);
  @state() private review = '';
  @state() private typedRecipe = '';

  readonly #job = new Job(this, () => {
    this.#fetching?.abort();
    this.#client?.stop();
  });
  #client: ClassifyClient | null = null;
  #fetching: AbortController | null = null;
  #labels: readonly string[] = [];
  #reviews: readonly Review[] = [];
  /** Which of the held-out reviews is shown, in each language. */
  #at = 0;
  /** What is measured now, by its number among the rows. */
  #measured = 0;
  /** The review that is being labelled; another one makes it begin anew. */
  #reading: string | null = null;

  get #words() {
    return WORDS[this.language];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#client?.end();
    this.#client = null;
    this.rows = this.rows.map(({ recipe }) => newRow(recipe));
  }

  // ---- work ----

  /** Opens the classifier where that has not been done, then makes and measures what is missing. */
  #begin(): Promise<void> {
    return this.#job.run(async (watch) => {
      const client = await this.#open();
      for (const { recipe, made } of this.rows) {
        if (watch.stopped) return;
        if (!made) await this.#make(client, recipe);
      }
      void this.#read(client);
      await this.#measure(client, watch);
    });
  }

  async #open(): Promise<ClassifyClient> {
    if (this.#client && !this.#client.isDead && this.#labels.length > 0) return this.#client;
    this.#client?.end();
    const client = (this.#client = new ClassifyClient());
    this.#fetching = new AbortController();
    this.#labels = [];
    const { labels, lines } = await client.open(this.base, this.#fetching.signal);
    this.#labels = labels;
    this.#reviews = lines.map((line) => {
      const [text, label] = line.split('\t') as [string, string];
      return { text, label };
    });
    if (this.review === '') this.#showAnother();
    return client;
  }

  /** A recipe that cannot be is named in its row; the others go on. */
  async #make(client: ClassifyClient, recipe: string): Promise<void> {
    try {
      const made = await client.make(recipe);
      this.#set(recipe, { made, recipe: made.recipe });
    } catch (error) {
      if (client !== this.#client) throw error;
      this.#set(recipe, { problem: problemOf(error) });
      if (client.isDead) throw error;
    }
  }

  #set(recipe: string, change: Partial<VersionRow>): void {
    this.rows = this.rows.map((row) => (row.recipe === recipe ? { ...row, ...change } : row));
  }

  /** What every version makes of the review in the field; of the last one, where the reader types on. */
  async #read(client: ClassifyClient): Promise<void> {
    if (this.#reading !== null) return;
    try {
      while (client === this.#client && this.#reading !== this.review) {
        const review = (this.#reading = this.review);
        for (const { recipe, made } of this.rows) {
          if (!made || review !== this.review) continue;
          const said = review.trim() === '' ? null : await client.classify(recipe, review);
          if (review === this.review) this.#set(recipe, { said, problem: null });
        }
      }
    } catch (error) {
      if (client === this.#client && !client.isDead)
        this.rows = this.rows.map((row) =>
          row.made ? { ...row, said: null, problem: problemOf(error) } : row,
        );
    } finally {
      this.#reading = null;
    }
  }

  get #missing(): VersionRow[] {
    return this.rows.filter(({ made, figures }) => made && !figures);
  }

  async #measure(client: ClassifyClient, watch: JobWatch): Promise<void> {
    for (let next: VersionRow | undefined; (next = this.#missing[0]) && !watch.stopped; ) {
      const { recipe } = next;
      this.#measured = this.rows.findIndex((row) => row.recipe === recipe);
      const report = (fraction: number) =>
        watch.report((this.#measured + fraction) / this.rows.length);
      const figures = await client.measure(recipe, report);
      this.#set(recipe, { figures });
      const lanes = labelledLanes(this.rows);
      if (this.#missing.length === 0) this.send({ type: 'tell-labels', lanes });
    }
  }

  // ---- what the reader does ----

  /** The next one in the reader's language. */
  #showAnother(): void {
    const isOwn = ({ text }: Review) => HANGUL.test(text) === (this.language === 'ko');
    const own = this.#reviews.filter(isOwn);
    if (own.length > 0) this.#write(own[this.#at++ % own.length]!.text);
  }

  #write(review: string): void {
    this.review = review;
    if (this.#client && !this.#client.isDead) void this.#read(this.#client);
  }

  readonly #add = (event: SubmitEvent): void => {
    event.preventDefault();
    const recipe = this.typedRecipe.trim();
    if (recipe === '' || this.rows.length >= MOST_VERSIONS) return;
    // One that could not be made gives way.
    const kept = this.rows.filter((row) => row.made || !row.problem);
    this.rows = kept.some((row) => row.recipe === recipe) ? kept : [...kept, newRow(recipe)];
    this.typedRecipe = '';
    void this.#begin();
  };

  // ---- drawing ----

  #color(index: number): string {
    return `var(--lane-${COLORS[index % COLORS.length]})`;
  }

  #labelName(label: string): string {
    return this.#words.labels[label] ?? label;
  }

  #nameOf(recipe: string): string {
    return recipe === 'reference' ? this.#words.reference : recipe;
  }

  override render() {
    const words = this.#words;
    const { problem } = this.#job;
    return html`<p class="lead">${words.lead}</p>
      ${problem ? html`<p class="sentence error note" role="alert">${describe(this.t, problem)} <button @click=${() => void this.#begin()}>${this.t.cut.retry}</button></p>` : nothing}
      ${this.#renderReview()} ${this.#renderAnswers()} ${this.#renderForm()}
      <h3 id="held-out">${words.table}</h3>
      ${jobProgress(this.#job, this.#progressLabel(), words.stop, this.t.timeLeft)}
      ${
        !this.#job.running && !problem && this.rows.some((row) => !row.figures && !row.problem)
          ? html`<p class="note"><button @click=${() => void this.#begin()}>${words.goOn}</button></p>`
          : nothing
      }
      ${this.#renderTable()}`;
  }

  #progressLabel(): string {
    if (this.#labels.length === 0) return this.#words.opening;
    const { format } = this;
    const row = this.rows[this.#measured];
    return this.#words.measuring(
      this.#nameOf(row?.recipe ?? ''),
      format.integer(this.#measured + 1),
      format.integer(this.rows.length),
    );
  }

  #renderReview() {
    const words = this.#words;
    const known = this.#reviews.find(({ text }) => text === this.review);
    return html`<label class="review"
        ><span>${words.review}</span>
        <textarea rows="3" name="review" maxlength=${MOST_CHARS} aria-describedby="review-note" .value=${this.review}
          @input=${(event: Event) => this.#write((event.target as HTMLTextAreaElement).value)}></textarea>
      </label>
      <div class="beside">
        <button ?disabled=${this.#reviews.length === 0} @click=${() => this.#showAnother()}>${words.another}</button>
        <p id="review-note" class="small muted">${known ? words.right(this.#labelName(known.label)) : nothing} ${words.reviewNote}</p>
      </div>`;
  }

  #renderAnswers() {
    const words = this.#words;
    const first = this.rows[0]!.said;
    const top = first && topOf(first.probabilities);
    return html`<h3 id="answers">${words.answers}</h3>
      <p class="small muted">${this.#labels.length > 0 ? words.bar(this.#labelName(this.#labels.at(-1)!)) : nothing}</p>
      <ul aria-labelledby="answers">
        ${repeat(
          this.rows,
          ({ recipe }) => recipe,
          (row, index) => this.#renderAnswer(row, index, top),
        )}
      </ul>`;
  }

  #renderAnswer({ recipe, said, problem }: VersionRow, index: number, reference: number | null) {
    const words = this.#words;
    const top = said && topOf(said.probabilities);
    const share = said ? said.probabilities.at(-1)! : 0;
    return html`<li data-recipe=${recipe} style=${styleMap({ '--color': this.#color(index) })}>
      <span class="name mono">${this.#nameOf(recipe)}</span>
      <span class="bar" aria-hidden="true">${said ? html`<i style=${styleMap({ width: `${100 * share}%` })}></i>` : nothing}</span>
      ${
        problem
          ? html`<span class="changed small" role="alert">${describe(this.t, problem)}</span>`
          : said && top !== null
            ? html`<span class="said"
                ><b>${this.#labelName(this.#labels[top]!)}, ${this.format.percent(said.probabilities[top]!)}</b>
                <span class="small muted number">${words.logits(said.logits.map((x) => withMinus(this.format.fixed(x, 2))).join(', '))}</span>
                ${reference !== null && reference !== top ? html`<span class="changed small">${words.changed}</span>` : nothing}</span
              >`
            : html`<span class="said muted">${MISSING}</span>`
      }
    </li>`;
  }

  #renderForm() {
    const words = this.#words;
    const isFull = this.rows.length >= MOST_VERSIONS;
    return html`<form @submit=${this.#add}>
      <label class="field"
        ><span>${words.recipe}</span>
        <input type="text" class="mono" name="recipe" spellcheck="false" autocapitalize="off" autocomplete="off" maxlength="60"
          aria-describedby="recipe-note" .value=${this.typedRecipe}
          @input=${(event: Event) => (this.typedRecipe = (event.target as HTMLInputElement).value)} />
      </label>
      <button ?disabled=${isFull || this.typedRecipe.trim() === ''}>${words.add}</button>
      <p id="recipe-note" class="small muted">${words.recipeNote}</p>
    </form>`;
  }

  #renderTable() {
    const words = this.#words;
    const { columns } = words;
    const right = (name: string) => html`<th scope="col">${name}</th>`;
    const n = this.rows[0]!.figures?.n;
    return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="held-out">
        <table class="held-out">
          <thead>
            <tr>
              <th scope="col">${columns.recipe}</th>
              ${[columns.size, columns.bits, columns.accuracy, columns.points, columns.logits, ...columns.times].map(right)}
              <th scope="col" class="words">${columns.verdict}</th>
            </tr>
          </thead>
          <tbody>
            ${this.rows.filter(({ made }) => made).map((row) => this.#renderFigures(row))}
          </tbody>
        </table>
      </div>
      ${n === undefined ? nothing : html`<p class="small muted note">${words.reading(this.format.integer(n))}</p>`}`;
  }

  #renderFigures({ recipe, made, figures }: VersionRow) {
    const { format } = this;
    const words = this.#words;
    const cell = (text: string | null | undefined) => html`<td>${text ?? MISSING}</td>`;
    const percent = (x: number) => format.fixed(100 * x, 1);
    const interval = ({ value, low, high }: Share, print: (x: number) => string, unit = '') =>
      `${print(value)}${unit} [${print(low)}, ${print(high)}]`;
    const points = (x: number) => withMinus(`${x > 0 ? '+' : ''}${percent(x)}`);
    return html`<tr data-recipe=${recipe}>
      <th scope="row" class="mono">${this.#nameOf(recipe)}</th>
      ${cell(format.bytes(made!.sizeBytes))} ${cell(format.fixed(made!.bitsPerWeight, 2))}
      ${cell(figures && interval(figures.accuracy, percent, '%'))}
      ${cell(figures?.paired && interval(figures.paired.difference, points))}
      ${cell(figures?.logitDiff && estimate(format, figures.logitDiff))}
      ${words.columns.times.map((_, i) => cell(figures && `${format.small(figures.batchMs[i]!)} ms`))}
      <td class="words">${figures?.paired ? this.t.losses[figures.paired.loss] : MISSING}</td>
    </tr>`;
  }
}

const topOf = (probabilities: readonly number[]) =>
  probabilities.indexOf(Math.max(...probabilities));

export function draw({ state, base }: Pick<PanelContext, 'state' | 'base'>) {
  return html`<bitloss-panel-classify .language=${state.lang} .base=${base}></bitloss-panel-classify>`;
}
