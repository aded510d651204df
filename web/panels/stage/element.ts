/** The first minute: one control, the bits; what gets smaller, what the model writes, and what breaks
 * first. The learner guesses from which width on, then the slider sweeps through all of them.
 *
 * The variant is the page's lane a, and the slider asks for its recipe as the lane's own controls do.
 * What is lost is measured here (measuring.ts), at all stops ahead of time for a small model, else when
 * the learner asks.
 *
 * What was guessed and what turned out goes to the page around as `bitloss-predict`; see `Prediction`. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Task } from '../../../wasm/measure_types.ts';
import { textStyles } from '../../controls/text.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import type { MeasureClient } from '../../experiment/measure/client.ts';
import type { PanelContext } from '../index.ts';
import { Panel } from '../panel.ts';
import { PARTS } from '../parts.ts';
import { describe, type Problem } from '../../experiment/problem.ts';
import {
  areIdle,
  entryOf,
  factsOf,
  isSmall,
  isStale,
  type EvaluationText,
  type Lane,
  type OpenModel,
  type RunRequest,
} from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import { chart } from './chart.ts';
import { breaksAt } from './findings.ts';
import { DEEPER, foot } from './foot.ts';
import { guessing, outcome } from './guess.ts';
import { allPoints, StageMeasuring } from './measuring.ts';
import type { ListedQuestions } from '../../source/listed.ts';
import { heading } from './heading.ts';
import { fetchQuestions, hasKinds, type Questions } from './questions.ts';
import { questionList } from './question_list.ts';
import { pause, predictionOf } from './prediction.ts';
import { percent } from './sentence.ts';
import { slider } from './slider.ts';
import { styles } from './styles.ts';
import { texts } from './texts.ts';
import { clauses, verdict, type VerdictParts } from './verdict.ts';
import { nearestWidth, recipeFor, ROUNDED, WIDTHS, widthOf, type Width } from './widths.ts';
import { stageWords, type StageWords } from './words.ts';

/** The slider rests at each stop at least this long: the text begins anew at each. */
const STEP_MS = 1100;
/** And so much longer until its figures are there; on a slow machine they come later. */
const PATIENCE_MS = 3000;
const FLOAT_BITS: Record<string, string> = { f32: '32', f16: '16', bf16: '16' };

@customElement('bitloss-panel-stage')
export class StagePanel extends Panel {
  static override styles = [shared, textStyles, ...styles];

  @property({ attribute: false }) measuring!: MeasureClient;
  /** Those that the model can be asked, as the site's list says; undefined where there are none. */
  @property({ attribute: false }) listedQuestions: ListedQuestions | undefined;
  /** The URL of the folder that holds models/. */
  @property({ attribute: false }) base = '';
  @property({ attribute: false }) canShow: (panel: string) => boolean = () => false;
  @property({ attribute: false }) model: OpenModel | null = null;
  /** The reference, then the variant; others are not looked at. */
  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @property({ attribute: false }) text: EvaluationText | null = null;
  @property({ attribute: false }) request: RunRequest | null = null;

  @state() private guess: Width | null = null;
  @state() private sweep: 'none' | 'running' | 'done' = 'none';
  /** Stops whose figures may be shown in the curve: a guess is not to be spoilt. */
  @state() private seen: ReadonlySet<Width> = new Set();
  /** The reader wants a large model to be measured. */
  @state() private isAsked = false;
  @state() private questionsProblem: Problem | null = null;
  @state() private isReferenceOpen = false;
  @state() private openKind: string | null = null;

  #measured: StageMeasuring | null = null;
  #questions: { key: string; value: Questions | null } = { key: '', value: null };
  #sweeping: AbortController | null = null;
  /** Told at each change, while a sweep waits for a figure. */
  #onChange: (() => void) | null = null;
  #told = '';

  get #words(): StageWords {
    return stageWords[this.language];
  }

  get #measures(): StageMeasuring {
    return (this.#measured ??= new StageMeasuring(this.measuring, () => {
      this.requestUpdate();
      this.#onChange?.();
    }));
  }

  get #reference(): Lane | undefined {
    return this.lanes[0];
  }

  get #variant(): Lane | undefined {
    return this.lanes[1];
  }

  /** Where the slider stands; of a recipe that is no stop, the nearest. */
  get #width(): Width {
    const lane = this.#variant;
    const own = lane && widthOf(lane.recipe);
    return own ?? nearestWidth(lane?.figures?.info.bitsPerWeight ?? 8);
  }

  /** Does the variant have a recipe that the slider cannot say? */
  get #isForeign(): boolean {
    return this.#variant !== undefined && widthOf(this.#variant.recipe) === null;
  }

  get #hasQuestions(): boolean {
    return hasKinds(this.listedQuestions, this.language);
  }

  get #canWrite(): boolean {
    return factsOf(this.lanes)?.info.hasTokenizer ?? false;
  }

  /** Small models are measured without a word. */
  get #isWanted(): boolean {
    return this.isAsked || isSmall(this) || this.guess !== null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sweeping?.abort();
    this.#measured?.stop();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('model');
    if (before !== undefined && before?.serial !== this.model?.serial) this.#forget();
    if (!this.#isForeign && this.#variant?.figures && !this.seen.has(this.#width))
      this.seen = new Set([...this.seen, 16, this.#width]);
    this.#follow();
  }

  #forget(): void {
    this.#sweeping?.abort();
    this.guess = null;
    this.sweep = 'none';
    this.seen = new Set();
    this.isAsked = false;
  }

  /** Keeps what is measured in step with model, text and slider. */
  #follow(): void {
    const { model, text } = this;
    if (!this.isConnected) return;
    if (!model || !text || text.content === null || !this.#canWrite || !this.measuring) return;
    const key = `${model.serial} ${text.serial} ${this.language}`;
    if (this.#hasQuestions && this.#questions.key !== key) return void this.#fetchQuestions(key);
    const questions = this.#hasQuestions ? this.#questions.value : null;
    if (this.#hasQuestions && !questions) return;
    const measures = this.#measures;
    measures.use({
      key,
      text: text.content,
      documents: text.documents,
      isTogether: !isSmall(this),
      questions,
    });
    this.#writeWrong();
    // What is being written comes first; once something has been measured, nothing waits for that.
    const mayStart =
      areIdle(this) || measures.point(this.#width).text !== null || this.seen.size > 2;
    if (!this.#isWanted || !mayStart) return;
    const first = this.sweep === 'running' ? [] : [this.#width];
    measures.want([...new Set([...first, ...ROUNDED, 16 as const])]);
  }

  /** The question that is open and answered wrong here; the learner sees what was written instead. */
  get #wrongTask(): Task | null {
    const task = this.#questions.value?.shown.find(({ skill }) => skill === this.openKind);
    const isWrong = task && this.#measures.point(this.#width).shown.get(task.id) === false;
    return isWrong ? task : null;
  }

  #writeWrong(): void {
    const task = this.#wrongTask;
    if (task && !this.#measures.problem) void this.#measures.write(this.#width, task);
  }

  async #fetchQuestions(key: string): Promise<void> {
    this.#questions = { key, value: null };
    this.questionsProblem = null;
    try {
      const value = await fetchQuestions(
        this.listedQuestions!,
        this.language,
        this.base,
        new AbortController().signal,
      );
      if (this.#questions.key === key) this.#questions = { key, value };
    } catch (error) {
      this.questionsProblem = problemOf(error);
    }
    this.requestUpdate();
  }

  // ---- the learner ----

  #choose(width: Width): void {
    this.#sweeping?.abort();
    this.#set(width);
  }

  #set(width: Width): void {
    if (this.#variant?.recipe !== recipeFor(width))
      this.send({ type: 'set-recipe', lane: 'a', recipe: recipeFor(width) });
  }

  /** From the most bits down; each stop waits for its figures, for a while. Without motion the slider stays
   * where it is until all is known, and then jumps to where it breaks. */
  async #predict(guess: Width): Promise<void> {
    this.#sweeping?.abort();
    const { signal } = (this.#sweeping = new AbortController());
    this.guess = guess;
    this.sweep = 'running';
    void this.#moveFocus();
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    try {
      for (const width of isCalm ? [] : ROUNDED) {
        this.#set(width);
        await pause(STEP_MS, signal);
        await Promise.race([this.#untilMeasured(width, signal), pause(PATIENCE_MS, signal)]);
        this.seen = new Set([...this.seen, 16, width]);
      }
      this.seen = new Set(WIDTHS);
      for (const width of WIDTHS) await this.#untilMeasured(width, signal);
      if (isCalm) this.#set(this.#truth ?? 2);
      this.sweep = 'done';
      this.#tell(guess);
    } catch {
      // The learner took the slider, or stopped: what was seen stays, and the guess can be made again.
      if (this.#sweeping?.signal !== signal) return;
      this.sweep = 'none';
      this.guess = null;
    }
  }

  /** Rejects when the signal is given, or measuring has failed. */
  #untilMeasured(width: Width, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const isOver = signal.aborted || this.#measures.problem !== null;
        if (!isOver && !this.#measures.isComplete(width)) return;
        this.#onChange = null;
        if (isOver) reject(new Error('stopped'));
        else resolve();
      };
      this.#onChange = look;
      signal.addEventListener('abort', look);
      look();
    });
  }

  #tell(guess: Width): void {
    const truth = predictionOf(this.#measures, guess, this.#truth);
    this.send({ type: 'predict', guess, truth });
  }

  #again(): void {
    this.guess = null;
    this.sweep = 'none';
    this.seen = new Set();
    void this.#moveFocus();
    this.#set(8);
  }

  /** What was pressed has gone: the focus goes to what has come in its place. */
  async #moveFocus(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('.predict button')?.focus({ preventScroll: true });
  }

  // ---- what is drawn ----

  /** "4 bits"; the reference is named by what it is stored as. */
  #bits(width: Width): string {
    return width === 16 ? this.#referenceBits : this.#words.bits(String(width));
  }

  get #referenceLabel(): string {
    return FLOAT_BITS[factsOf(this.lanes)?.storedAs ?? ''] ?? this.#words.asStored;
  }

  get #referenceBits(): string {
    const label = this.#referenceLabel;
    return label === this.#words.asStored ? label : this.#words.bits(label);
  }

  get #fullBytes(): number {
    return this.#reference?.figures?.info.sizeBytes ?? factsOf(this.lanes)?.info.sourceBytes ?? 0;
  }

  get #share(): number {
    const full = this.#fullBytes;
    const own = this.#variant?.figures?.info.sizeBytes ?? full;
    return full > 0 ? own / full : 1;
  }

  override render() {
    if (!factsOf(this.lanes)) return nothing;
    return html`<section class="stage" aria-labelledby="stage-heading" data-sweep=${this.sweep}>
      <h2 id="stage-heading" class="visually-hidden">${heading[this.language]}</h2>
      <div class="bar">
        ${verdict(this.#verdictParts, this.#renderTrouble())} ${this.#renderControl()}
      </div>
      ${this.#canWrite ? html`${this.#renderChart()}${this.#renderGuess()}${this.#renderTexts()}` : nothing}
      ${foot({
        language: this.language,
        words: this.#words,
        panels: this.#canWrite ? DEEPER.filter((panel) => this.canShow(panel)) : [],
        onShow: (panel) => this.send({ type: 'show-panel', panel }),
        hasCurve: this.#canWrite && this.seen.size > 1,
      })}
    </section>
    <div class="visually-hidden" role="status" aria-live="polite">${this.#news()}</div>`;
  }

  get #verdictParts(): VerdictParts {
    const width = this.#width;
    return {
      words: this.#words,
      format: this.format,
      lane: this.#variant,
      fullBytes: this.#fullBytes,
      share: this.#share,
      width,
      bits: this.#isForeign ? this.#variant!.recipe : this.#bits(width),
      isForeign: this.#isForeign,
      point: this.#measures.point(width),
      hasQuestions: this.#hasQuestions,
      isMeasuring: this.#canWrite && this.#isWanted,
    };
  }

  /** What stands in the way, with what to do about it. */
  #renderTrouble() {
    const { t } = this;
    const words = this.#words;
    const lane = this.#variant;
    const problem = lane?.problem ?? this.#measured?.problem ?? this.questionsProblem;
    if (problem) {
      const again = () => {
        if (lane?.problem) this.send({ type: 'retry-lane', lane: 'a' });
        if (this.questionsProblem) this.#questions = { key: '', value: null };
        this.#measured?.retry();
        this.requestUpdate();
      };
      return html`<div class="trouble">
        <p class="sentence error small" role="alert">${describe(t, problem)}</p>
        <button @click=${again}>${words.retry}</button>
      </div>`;
    }
    if (!this.#canWrite) return html`<p class="small muted">${words.noTokenizer}</p>`;
    if (!this.#isWanted)
      return html`<div class="trouble">
        <button @click=${() => (this.isAsked = true)}>${words.measure}</button>
        <span class="small muted">${words.notMeasured}</span>
      </div>`;
    return nothing;
  }

  #renderControl() {
    const words = this.#words;
    const width = this.#width;
    return slider({
      label: words.slider,
      valueText: this.#isForeign
        ? this.#variant!.recipe
        : words.valueText(this.#bits(width), percent(this.#share)),
      at: width,
      referenceLabel: this.#referenceLabel,
      onChoose: (one) => this.#choose(one),
    });
  }

  #renderChart() {
    const points = allPoints(this.#measures).filter(({ width }) => this.seen.has(width));
    return html`<div class="curve" ?data-empty=${this.guess === null}>
      ${chart({
        words: this.#words,
        format: this.format,
        points,
        hasQuestions: this.#hasQuestions,
        bitsOf: (width) => this.#bits(width),
        at: this.#width,
        guess: this.guess,
        truth: this.sweep === 'done' ? this.#truth : null,
      })}
    </div>`;
  }

  /** The first width that breaks, as far as that is known. */
  get #truth(): Width | null {
    const rounded = ROUNDED.map((width) => this.#measures.point(width));
    return breaksAt(rounded, this.#hasQuestions) ?? null;
  }

  #renderGuess() {
    const all = ROUNDED.map((width) => this.#measures.progress(width));
    const progress = all.reduce((sum, one) => sum + one, 0) / all.length;
    return guessing({
      words: this.#words,
      bitsOf: (width) => this.#bits(width),
      guess: this.guess,
      progress: this.sweep === 'running' ? progress : null,
      truth: this.#truth,
      onGuess: (width) => void this.#predict(width),
      onStop: () => this.#sweeping?.abort(),
      onAgain: () => this.#again(),
    });
  }

  #renderTexts() {
    const lane = this.#variant;
    return html`<div class="texts">
      ${texts({
        words: this.#words,
        reference: this.#reference!,
        variant: lane,
        request: this.request,
        asleep: this.#renderAsleep(),
        variantBits: this.#isForeign ? lane!.recipe : this.#bits(this.#width),
        isReferenceOpen: this.isReferenceOpen,
        onToggleReference: () => (this.isReferenceOpen = !this.isReferenceOpen),
        isHarmless:
          this.#measures.isComplete(this.#width) &&
          !clauses(this.#verdictParts).some(({ isWorse }) => isWorse),
      })}
      ${this.#renderQuestions()}
    </div>`;
  }

  /** The full model is not there beside its variants; null where it is, or will be. */
  #renderAsleep() {
    if (!this.#reference?.isAsleep) return null;
    const words = this.#words;
    return html`<div class="asleep small">
      <p>${words.asleep(this.format.bytes(this.#fullBytes))}</p>
      <button @click=${() => this.send({ type: 'wake-reference' })}>${words.wake}</button>
    </div>`;
  }

  #renderQuestions() {
    const words = this.#words;
    const tasks = this.#questions.value?.shown ?? [];
    const wrong = this.#wrongTask;
    if (!this.#hasQuestions)
      return html`<div class="questions"><h3>${words.questions}</h3><p class="small muted">${words.noQuestions}</p></div>`;
    return questionList({
      words,
      language: this.language,
      tasks,
      point: this.#measures.point(this.#width),
      reference: this.#measures.point(16),
      openKind: this.openKind,
      written: wrong && this.#measures.written(this.#width, wrong),
      onToggle: (kind) => (this.openKind = this.openKind === kind ? null : kind),
    });
  }

  /** For a screen reader: the outcome, or the sentence of a stop once all of it is known. */
  #news(): string {
    if (this.sweep === 'running' || !this.#canWrite) return this.#told;
    if (this.sweep === 'done' && this.guess !== null)
      this.#told = outcome(
        { words: this.#words, bitsOf: (width) => this.#bits(width), truth: this.#truth },
        this.guess,
      );
    else if (this.#measures.isComplete(this.#width) && this.#variant && !isStale(this.#variant))
      this.#told = clauses(this.#verdictParts)
        .map(({ text }) => text)
        .join('');
    return this.#told;
  }
}

export function draw({ state, model, measuring, base, canShow }: PanelContext) {
  return html`<bitloss-panel-stage
    exportparts=${PARTS}
    .language=${state.lang}
    .measuring=${measuring}
    .base=${base}
    .listedQuestions=${entryOf(state)?.questions}
    .canShow=${canShow}
    .model=${model}
    .lanes=${state.lanes}
    .text=${state.text}
    .request=${state.request}
  ></bitloss-panel-stage>`;
}
