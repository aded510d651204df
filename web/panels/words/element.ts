/** The evaluation text with every token coloured by how much its prediction suffered in one lane. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { styleMap } from '../../controls/style_map.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { progressBar } from '../../controls/progress.ts';
import '../../controls/picture/element.ts';
import { segments, segmentStyles, unequalSegmentStyles } from '../../controls/segments.ts';
import { isCancelled, type MeasureClient, type Session } from '../../experiment/measure/client.ts';
import { describeSeconds, secondsFor } from '../../experiment/measure/estimate.ts';
import { beginning } from '../../experiment/measure/texts.ts';
import { laneColor, laneName, Panel } from '../panel.ts';
import { describe, type Problem } from '../../experiment/problem.ts';
import {
  areIdle,
  isSmall,
  isStale,
  N_QUICK_TOKENS,
  type EvaluationText,
  type Lane,
  type LaneId,
  type OpenModel,
} from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import { styles } from './styles.ts';
import { levelOf, STEPS, summarize, toWords, type Colouring, type Word } from './words.ts';
import { en } from './en.ts';
import { heading } from './heading.ts';
import { ko } from './ko.ts';
import type { PanelContext } from '../index.ts';

const WORDS = { en, ko };

@customElement('bitloss-panel-words')
export class WordsPanel extends Panel {
  static override styles = [shared, segmentStyles, unequalSegmentStyles, styles];

  @property({ attribute: false }) measuring!: MeasureClient;
  @property({ attribute: false }) model!: OpenModel;
  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @property({ attribute: false }) text!: EvaluationText;
  /** Nothing else is being computed. */
  @property({ type: Boolean }) idle = false;

  /** null: the lane with the fewest bytes. */
  @state() private chosen: LaneId | null = null;
  @state() private by: Colouring = 'kl';
  @state() private visible = false;
  @state() private words: readonly Word[] = [];
  @state() private progress: number | null = null;
  @state() private problem: Problem | null = null;
  /** The word under the pointer or the keyboard. */
  @state() private cursor: number | null = null;

  #session: Session | null = null;
  /** What `words` are of, what is being measured, what the reader asked for and what was stopped. */
  #shown = '';
  #shownLane: LaneId | null = null;
  #current = '';
  #asked = '';
  #refused = '';
  #observer: IntersectionObserver | null = null;

  get #say() {
    return WORDS[this.language];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer = new IntersectionObserver(
      (entries) => (this.visible = entries.some((entry) => entry.isIntersecting)),
      { rootMargin: '200px' },
    );
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    void this.#session?.stop();
  }

  get #lane(): Lane | undefined {
    const variants = this.lanes.filter(({ id, figures }) => id !== 'reference' && figures);
    const smallest = () =>
      variants.reduce(
        (a, b) => (b.figures!.info.sizeBytes < a.figures!.info.sizeBytes ? b : a),
        variants[0]!,
      );
    return variants.find(({ id }) => id === this.chosen) ?? smallest();
  }

  /** What is to be shown; '' when there is nothing yet. */
  #keyOf(lane: Lane | undefined): string {
    if (
      !lane?.figures?.info.hasTokenizer ||
      isStale(lane) ||
      lane.problem ||
      this.text.content === null
    )
      return '';
    return `${this.model.serial} ${this.text.serial} ${lane.figures.info.recipe}`;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('model');
    if (!before || before.serial === this.model.serial) return;
    this.words = [];
    this.problem = null;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const lane = this.#lane;
    const key = this.#keyOf(lane);
    if (this.#current !== '' && this.#current !== key) void this.#session?.stop();
    const isWanted = key === this.#asked || (isSmall(this) && this.idle && key !== this.#refused);
    if (
      lane &&
      key !== '' &&
      key !== this.#shown &&
      this.#current === '' &&
      isWanted &&
      this.visible
    ) {
      void this.#measure(lane, key);
    }
    if (changed.has('words' as keyof WordsPanel)) this.cursor = null;
    this.#markCursor();
  }

  async #measure(lane: Lane, key: string): Promise<void> {
    this.#session ??= this.measuring.session();
    this.#current = key;
    this.progress = 0;
    this.problem = null;
    try {
      const { content, documents } = this.text;
      const text = await this.#session.tokenize(content!, documents);
      const { ids, ends } = beginning(text, N_QUICK_TOKENS);
      const { tokens } = await this.#session.text(
        lane.figures!.info.recipe,
        ids,
        { first: 1, ends },
        (share) => {
          this.progress = share;
        },
      );
      this.words = toWords(text.pieces, tokens);
      this.#shown = key;
      this.#shownLane = lane.id;
    } catch (error) {
      // Not when it was ended for another lane or text: the reader may come back.
      if (this.#keyOf(this.#lane) === key) this.#refused = key;
      this.#asked = '';
      if (!isCancelled(error)) this.problem = problemOf(error);
    }
    this.#current = '';
    this.progress = null;
  }

  #ask(): void {
    this.#asked = this.#keyOf(this.#lane);
    this.requestUpdate();
  }

  override render() {
    const say = this.#say;
    const { t, words } = this;
    const lane = this.#lane;
    if (!lane) return html`<p class="lead">${say.waiting}</p>`;
    const key = this.#keyOf(lane);
    return html`<p class="lead">${say.lead}</p>
      ${this.#renderControls(lane)} ${this.#renderProgress()}
      ${this.problem && key === this.#refused ? html`<p class="sentence error small" role="alert">${describe(t, this.problem)}</p>` : nothing}
      ${this.text.problem ? html`<p class="sentence notice small">${describe(t, this.text.problem)}</p>` : nothing}
      ${
        key !== '' &&
        key !== this.#shown &&
        this.progress === null &&
        (!isSmall(this) || key === this.#refused)
          ? this.#renderAsk(lane)
          : nothing
      }
      ${words.length > 0 ? this.#renderText(this.#shownLane ?? lane.id, key) : isSmall(this) && !this.problem && !this.text.problem ? html`<div class="place"></div>` : nothing}`;
  }

  #renderAsk(lane: Lane) {
    const seconds = secondsFor(N_QUICK_TOKENS, [this.lanes[0]?.run ?? null, lane.run]);
    return html`<p>
      <button @click=${() => this.#ask()}>${this.#say.measure}</button>
      ${seconds === null ? nothing : html`<span class="small muted number">${describeSeconds(this.t, this.format, seconds)}</span>`}
    </p>`;
  }

  #renderControls(lane: Lane) {
    const say = this.#say;
    const { t } = this;
    const choose = (event: Event) =>
      (this.chosen = (event.target as HTMLSelectElement).value as LaneId);
    return html`<div class="controls">
      <label class="small">
        <span class="muted">${say.lane}</span>
        <select @change=${choose}>
          ${this.lanes
            .filter(({ id, figures }) => id !== 'reference' && figures)
            .map(
              ({ id, recipe }) =>
                html`<option value=${id} .selected=${id === lane.id}>${laneName(t, id)} · ${recipe}</option>`,
            )}
        </select>
      </label>
      ${segments<Colouring>(
        'by',
        say.by,
        [
          { value: 'kl', label: say.byKl },
          { value: 'probability', label: say.byProbability },
        ],
        this.by,
        (by) => (this.by = by),
      )}
    </div>`;
  }

  #renderProgress() {
    const { t, progress } = this;
    if (progress === null) return nothing;
    return html`<div class="measuring">
      ${progressBar('track', t.measure.measuring, progress)}
      ${isSmall(this) ? nothing : html`<button class="plain" @click=${() => void this.#session?.stop()}>${t.measure.stop}</button>`}
    </div>`;
  }

  /** The lane is the one that was measured: the reader may have chosen another one since. */
  #renderText(lane: LaneId, key: string) {
    const say = this.#say;
    const { words, by, format } = this;
    const isOld = key !== this.#shown;
    const nTokens = words.reduce((sum, word) => sum + word.nTokens, 0);
    return html`<p class="small summary" ?data-stale=${isOld}>${this.#summary(lane)}</p>
      ${this.#renderLegend()}
      <div
        class="text"
        tabindex="0"
        role="group"
        aria-label=${say.textLabel}
        lang=${this.text.id.endsWith('-ko') ? 'ko' : this.text.id.endsWith('-en') ? 'en' : nothing}
        style=${styleMap({ '--lane': laneColor(lane) })}
        ?data-stale=${isOld}
        @pointerover=${this.#point}
        @click=${this.#point}
        @keydown=${this.#keydown}
        >${guard([words, by], () => words.map((word, i) => this.#renderWord(word, i)))}</div
      >
      <output class="small number" aria-live="polite">${this.#renderReadout(lane)}</output>
      <bitloss-save-picture .language=${this.language} of=".text" name="words" label=${heading[this.language]}></bitloss-save-picture>
      <p class="small muted">${say.scope(format.integer(nTokens), this.text.documents !== 'whole')}</p>`;
  }

  #renderWord({ text, suffered }: Word, i: number) {
    const level = suffered ? levelOf(suffered, this.by) : 'none';
    return html`<span data-i=${i} data-level=${level}>${text}</span>`;
  }

  #renderLegend() {
    const say = this.#say;
    const { t, by, format } = this;
    const label = (step: number) =>
      by === 'kl'
        ? `≥ ${format.exact(step)} ${t.measure.nats}`
        : `≥ ${say.points(format.integer(step * 100))}`;
    return html`<ul class="legend small number">
      <li><span data-level="0" aria-hidden="true">ab</span>${say.legendLess}</li>
      ${STEPS[by].map((step, i) => html`<li><span data-level=${i + 1} aria-hidden="true">ab</span>${label(step)}${i + 1 === STEPS[by].length ? ` · ${say.legendMore}` : ''}</li>`)}
      ${by === 'probability' ? html`<li><span data-level="-1" aria-hidden="true">ab</span>${say.legendGain}</li>` : nothing}
    </ul>`;
  }

  #summary(lane: LaneId): string {
    const say = this.#say;
    const { t, format } = this;
    const { nTokens, nColoured, nChanged, worst } = summarize(this.words, this.by);
    const name = laneName(t, lane);
    const n = format.integer(nTokens);
    const changed = format.integer(nChanged);
    if (worst.length === 0) return say.summaryNone(name, n, changed);
    const names = worst.map(({ text }) => `“${visible(text)}”`).join(', ');
    return say.summary(name, n, format.percent(nColoured / nTokens), changed, names);
  }

  #renderReadout(lane: LaneId) {
    const say = this.#say;
    const { t, format, words, cursor } = this;
    const word = cursor === null ? undefined : words[cursor];
    if (!word) return html`<span class="muted">${say.hint}</span>`;
    const { text, nTokens, suffered } = word;
    const several =
      nTokens > 1
        ? html`<span class="muted">${say.nTokens(format.integer(nTokens))}</span>`
        : nothing;
    if (!suffered) return html`<b>“${visible(text)}”</b> ${several}<span>${say.notScored}</span>`;
    const { p, refP, kl, isSameTop } = suffered;
    return html`<b>“${visible(text)}”</b> ${several}
      <span>${say.probability}: ${say.reference} <b>${format.percent(refP)}</b> → ${laneName(t, lane)} <b>${format.percent(p)}</b></span>
      <span>${say.kl} <b>${format.small(kl)}</b> ${t.measure.nats}</span>
      <span>${say.prediction}: <b>${isSameTop ? say.topSame : say.topChanged}</b></span>`;
  }

  readonly #point = (event: Event): void => {
    const { i } = (event.target as HTMLElement).dataset;
    if (i !== undefined) this.cursor = Number(i);
  };

  readonly #keydown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10 }[event.key];
    const end = { Home: 0, End: this.words.length - 1 }[event.key];
    if (step === undefined && end === undefined) return;
    event.preventDefault();
    const to = end ?? (this.cursor === null ? 0 : this.cursor + step!);
    this.cursor = Math.min(this.words.length - 1, Math.max(0, to));
    this.#box?.querySelector(`[data-i="${this.cursor}"]`)?.scrollIntoView({ block: 'nearest' });
  };

  get #box(): HTMLElement | null {
    return this.renderRoot.querySelector('.text');
  }

  /** Not through the template: two thousand words would be gone through for each step. */
  #markCursor(): void {
    const box = this.#box;
    const now = this.cursor === null ? null : box?.querySelector(`[data-i="${this.cursor}"]`);
    box?.querySelector('[data-here]')?.removeAttribute('data-here');
    now?.setAttribute('data-here', '');
  }
}

/** White space is made visible. */
function visible(text: string): string {
  return text.replace(/ /g, '␣').replace(/\n/g, '⏎').replace(/\t/g, '⇥');
}

export function draw({ state, model, measuring }: PanelContext) {
  return html`<bitloss-panel-words
    .language=${state.lang}
    .measuring=${measuring}
    .model=${model}
    .lanes=${state.lanes}
    .text=${state.text}
    ?idle=${areIdle(state)}
  ></bitloss-panel-words>`;
}
