/** Quantization-aware training in the reader's browser: a small model learns through its rounding, the loss falls and
 * the skills come back while one looks on. Needs no model; fetches its own (experiment/train_client.ts). */
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { TrainedVersion, TrainResult } from '../../../wasm/train_worker.ts';
import { MISSING } from '../../controls/estimate.ts';
import { progressBar } from '../../controls/progress.ts';
import { segments, segmentStyles, unequalSegmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import { whole } from '../../experiment/agreement.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { describe, type Problem } from '../../experiment/problem.ts';
import { TrainClient } from '../../experiment/train_client.ts';
import type { ListedModel } from '../../source/listed.ts';
import { fetchList } from '../../source/remote.ts';
import { shared } from '../../styles/shared.ts';
import type { PanelContext } from '../index.ts';
import { Panel } from '../panel.ts';
import { chart, kl } from './chart.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import {
  begun,
  ended,
  GUESSES,
  MODELS,
  nearestGuess,
  RATES,
  secondsLeft,
  STEPS,
  told,
  wonBack,
  type Point,
  type TrainRun,
} from './run.ts';
import { styles } from './styles.ts';

const WORDS = { en, ko };

@customElement('bitloss-panel-train')
export class TrainPanel extends Panel {
  static override styles = [shared, segmentStyles, unequalSegmentStyles, styles];

  /** The folder that holds models/. */
  @property({ attribute: false }) base = '';
  /** Of the site's list; null until it has come. */
  @state() private models: readonly ListedModel[] | null = null;
  @state() private model: string = MODELS[0];
  @state() private recipe = 'affine:3:64';
  @state() private nSteps = 100;
  @state() private run: TrainRun | null = null;
  @state() private problem: Problem | null = null;

  readonly #size = new WidthController(this);
  #client: TrainClient | null = null;
  /** The model that the client has open, and how many questions it is asked. */
  #open: { model: string; nQuestions: number } | null = null;
  #fetching: AbortController | null = null;
  /** Of the training under way: what an earlier one still tells is of no interest. */
  #serial = 0;

  get #words() {
    return WORDS[this.language];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#list();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#serial++;
    this.#end();
    if (this.run?.phase !== 'done') this.run = null;
  }

  // ---- work ----

  async #list(): Promise<void> {
    const all = await fetchList(this.base);
    this.models = MODELS.flatMap((id) => all.find((entry) => entry.id === id) ?? []);
    if (!this.models.some(({ id }) => id === this.model)) this.model = this.models[0]?.id ?? '';
  }

  #end(): void {
    this.#fetching?.abort();
    this.#client?.end();
    this.#client = null;
    this.#open = null;
  }

  async #opened(model: ListedModel): Promise<TrainClient> {
    if (this.#client && !this.#client.isDead && this.#open?.model === model.id) return this.#client;
    this.#end();
    const client = (this.#client = new TrainClient());
    this.#fetching = new AbortController();
    const nQuestions = await client.open(model, this.base, this.#fetching.signal);
    if (client === this.#client) this.#open = { model: model.id, nQuestions };
    return client;
  }

  readonly #start = async (guess: number): Promise<void> => {
    const model = this.models?.find(({ id }) => id === this.model);
    if (!model) return;
    const { recipe, nSteps } = this;
    const serial = ++this.#serial;
    const prompt = (this.language === 'ko' ? model.prompt_ko : model.prompt_en) ?? '';
    this.run = begun({ model: model.id, recipe, nSteps, guess, prompt });
    this.problem = null;
    // The button that was pressed is gone.
    this.#focus('.going button');
    const order = { recipe, nSteps, learningRate: RATES[recipe]!, prompt };
    try {
      const client = await this.#opened(model);
      if (serial !== this.#serial || !this.run) return;
      this.run = { ...this.run, nQuestions: this.#open?.nQuestions ?? 0 };
      const result = await client.train(order, (event) => {
        if (this.run && serial === this.#serial) this.run = told(this.run, event);
      });
      if (serial === this.#serial) this.#finish(guess, result);
    } catch (error) {
      if (serial !== this.#serial) return;
      this.problem = problemOf(error);
      this.#giveUp();
    }
  };

  #finish(guess: number, result: TrainResult): void {
    if (!this.run) return;
    this.run = ended(this.run, result);
    const share = wonBack(this.run);
    const isRight = share !== null && nearestGuess(share) === guess;
    const truth = { wonBack: share, step: result.step, isRight };
    this.send({ type: 'predict', guess, truth });
  }

  /** Nothing is kept of what is under way. */
  #giveUp(): void {
    this.#serial++;
    this.#end();
    this.#again();
  }

  readonly #stop = (): void => {
    if (!this.run || this.run.isStopping) return;
    // Before the first step there is nothing to keep, nor to hold the guess against.
    if (this.run.step === 0) {
      this.#giveUp();
      return;
    }
    this.run = { ...this.run, isStopping: true };
    this.#client?.stop();
  };

  readonly #again = (): void => {
    const hadFocus = this.#has('.going button');
    this.run = null;
    if (hadFocus) this.#focus('.guesses button');
  };

  #has(selector: string): boolean {
    const { activeElement } = this.renderRoot as ShadowRoot;
    return activeElement?.matches(selector) ?? false;
  }

  #focus(selector: string): void {
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true }),
    );
  }

  readonly #save = async (): Promise<void> => {
    try {
      const bytes = await this.#client!.weights();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([bytes]));
      link.download = 'model.safetensors';
      link.click();
      // The browser has taken hold of the Blob by then.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (error) {
      this.problem = problemOf(error);
    }
  };

  // ---- drawing ----

  /** Whole: guesses are, and of a tiny model's figures more digits would be chance. */
  #percent(share: number): string {
    return `${this.format.integer(100 * share)}%`;
  }

  override render() {
    const words = this.#words;
    const { problem, run, models } = this;
    return html`<p class="lead">${words.lead}</p>
      ${models?.length === 0 ? html`<p class="sentence error note" role="alert">${words.gone} <button @click=${() => void this.#list()}>${words.retry}</button></p>` : nothing}
      ${problem ? html`<p class="sentence error note" role="alert">${describe(this.t, problem)}</p>` : nothing}
      ${run ? this.#renderGoing(run) : this.#renderSettings()}
      ${chart({ words, format: this.format, run, nSteps: run?.nSteps ?? this.nSteps, width: this.#size.width })}
      ${run ? this.#renderVersions(run) : nothing}
      <p class="small muted note">${words.limits}</p>`;
  }

  #renderSettings() {
    const words = this.#words;
    const models = (this.models ?? []).map(({ id, name }) => ({
      value: id,
      label: name.split(' ').at(-1)!,
    }));
    const formats = Object.keys(RATES).map((value) => ({
      value,
      label: words.formats[value] ?? value,
    }));
    const steps = STEPS.map((value) => ({ value, label: this.format.integer(value) }));
    const guess = (value: number) =>
      html`<button
        ?disabled=${models.length === 0}
        aria-label=${words.guess(this.#percent(value / 100))}
        @click=${() => void this.#start(value)}
      >${this.#percent(value / 100)}</button>`;
    return html`<div class="settings">
        ${segments('model', words.model, models, this.model, (value) => (this.model = value))}
        ${segments('format', words.format, formats, this.recipe, (value) => (this.recipe = value))}
        ${segments<number>('steps', words.steps, steps, this.nSteps, (value) => (this.nSteps = value))}
      </div>
      <div class="predict">
        <p><b>${words.predict}</b> <span class="small muted">${words.predictHint}</span></p>
        <div class="guesses" role="group" aria-label=${words.guesses}>${GUESSES.map(guess)}</div>
      </div>`;
  }

  #renderGoing(run: TrainRun) {
    const words = this.#words;
    const { format } = this;
    const { nTokens, seconds } = run.effort;
    const isDone = run.phase === 'done';
    const effort =
      nTokens > 0 ? words.effort(format.integer(nTokens), format.integer(Math.ceil(seconds))) : '';
    // One button that changes its word, so that it keeps the keyboard's focus.
    return html`<div class="going">
      <div class="row">
        <p role="status">${isDone ? html`<b>${this.#outcome(run)}</b>` : this.#phase(run)}</p>
        <button aria-disabled=${run.isStopping && !isDone} @click=${isDone ? this.#again : this.#stop}>${isDone ? words.again : words.stop}</button>
      </div>
      ${isDone ? nothing : progressBar('track', this.#phase(run), this.#fraction(run))}
      <p class="small muted number">${isDone ? this.#kept(run) : this.#progress(run)}${effort === '' ? nothing : ` ${effort}.`}</p>
    </div>`;
  }

  #phase({ phase, isStopping }: TrainRun): string {
    const words = this.#words;
    if (isStopping) return words.stopping;
    if (phase === 'opening') return words.opening;
    if (phase === 'steps') return words.training;
    return words.asking(phase === 'after');
  }

  #fraction({ phase, asked, step, nSteps }: TrainRun): number {
    if (phase === 'opening') return 0;
    return phase === 'steps' ? step / nSteps : asked;
  }

  #progress(run: TrainRun): string {
    const { format } = this;
    if (run.phase !== 'steps') return '';
    const step = this.#words.step(format.integer(run.step), format.integer(run.nSteps));
    const left = run.isStopping ? null : secondsLeft(run);
    return `${step}${left === null ? '' : ` · ${this.t.timeLeft(left)}`}.`;
  }

  #outcome(run: TrainRun): string {
    const words = this.#words;
    const share = wonBack(run);
    const guess = this.#percent(run.guess / 100);
    return share !== null && share > 0
      ? words.outcome(this.#percent(share), guess)
      : words.outcomeNone(guess);
  }

  #kept(run: TrainRun): string {
    const words = this.#words;
    const { format } = this;
    const [first, last] = [run.heldOut[0]!, run.heldOut.at(-1)!];
    const note = words.outcomeNote(`${kl(format, first)} → ${kl(format, last)}`);
    const wasStopped = run.step < run.nSteps;
    return wasStopped
      ? `${words.stoppedAt(format.integer(run.step), format.integer(run.nSteps))} ${note}`
      : note;
  }

  #renderVersions(run: TrainRun) {
    const words = this.#words;
    const { original, rounded, trained, heldOut, sizeBytes } = run;
    if (!original) return nothing;
    const [first, last] = [heldOut[0], heldOut.at(-1)];
    const number = (point: Point | undefined) => (point ? kl(this.format, point) : MISSING);
    return html`<section class="versions" aria-labelledby="versions">
      <h3 id="versions">${words.table}</h3>
      <p class="small muted">${words.prompt} “${run.prompt}”</p>
      <dl>
        ${this.#renderVersion('original', original, this.format.fixed(0, 3), 'var(--lane-reference)')}
        ${this.#renderVersion('rounded', rounded, number(first), 'var(--error)')}
        ${this.#renderVersion('trained', trained, trained ? number(last) : MISSING, 'var(--lane-a)')}
      </dl>
      ${sizeBytes === null ? nothing : html`<p class="small muted note">${words.sameSize(this.format.bytes(sizeBytes))}</p>`}
      ${
        trained && this.#client
          ? html`<p class="note"><button @click=${() => void this.#save()}>${words.save}</button></p>
            <p class="small muted note">${words.saveNote(run.recipe)}</p>`
          : nothing
      }
    </section>`;
  }

  #renderVersion(
    name: 'original' | 'rounded' | 'trained',
    version: TrainedVersion | null,
    divergence: string,
    color: string,
  ) {
    const words = this.#words;
    const { columns } = words;
    const right = version && this.#share(version);
    return html`<div data-version=${name} style=${styleMap({ '--color': color })}>
      <dt>${words.versions[name]}</dt>
      <dd class="figure small"><span class="muted">${columns.kl}</span> <b class="kl">${divergence}</b></dd>
      <dd class="figure small"><span class="muted">${columns.right(this.format.integer(this.run?.nQuestions ?? 0))}</span> <b class="right">${right ?? MISSING}</b></dd>
      <dd class="written small">${version ? whole(version.text.trim()) : MISSING}</dd>
    </div>`;
  }

  #share({ right: { value, low, high } }: TrainedVersion): string {
    const percent = (x: number) => this.format.fixed(100 * x, 0);
    return `${percent(value)}% [${percent(low)}, ${percent(high)}]`;
  }
}

export function draw({ state, base }: Pick<PanelContext, 'state' | 'base'>) {
  return html`<bitloss-panel-train .language=${state.lang} .base=${base}></bitloss-panel-train>`;
}
