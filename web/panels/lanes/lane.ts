/** One lane: how its weights are stored, what that costs, and what the model then writes. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Formats } from '../../../wasm/types.ts';
import { compareRuns, visibleToken, type Agreement } from '../../experiment/agreement.ts';
import { withError } from '../../controls/estimate.ts';
import { noteStyles, notes, ownNotes } from '../../controls/notes.ts';
import { progressBar } from '../../controls/progress.ts';
import { segmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import { runText, textStyles } from '../../controls/text.ts';
import { relativeError } from '../../format.ts';
import { secondsFor } from '../../experiment/measure/estimate.ts';
import { MIN_MS } from '../../experiment/measure/speed.ts';
import { laneColor, laneLetter, laneName, Panel } from '../panel.ts';
import { fractionOf, secondsLeft, type MethodProgress } from '../../experiment/methods.ts';
import { describe } from '../../experiment/problem.ts';
import type { TextStats } from '../../../wasm/measure_types.ts';
import { isStale, type Figures, type Lane, type Run, type Score } from '../../experiment/state.ts';
import { badge, shared } from '../../styles/shared.ts';
import { nextTurn } from '../../controls/turns.ts';
import { chooser, chooserStyles, titleOf } from './chooser.ts';
import { files, fileStyles } from './files.ts';
import { chipStyles, loss, lossStyles } from './loss.ts';
import { styles } from './styles.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

const WORDS = { en, ko };

@customElement('bitloss-lane')
export class LaneCard extends Panel {
  static override styles = [
    shared,
    badge,
    segmentStyles,
    textStyles,
    styles,
    chooserStyles,
    fileStyles,
    noteStyles,
    chipStyles,
    lossStyles,
  ];

  @property({ attribute: false }) lane!: Lane;
  @property({ attribute: false }) formats: Formats | null = null;
  @property({ attribute: false }) referenceFigures: Figures | null = null;
  /** The format and the bytes of the weights in the files. */
  @property({ attribute: false }) storedAs = '';
  @property({ attribute: false }) sourceBytes = 0;
  @property({ attribute: false }) referenceRun: Run | null = null;
  @property({ attribute: false }) referenceStats: TextStats | null = null;
  @property({ attribute: false }) referenceScore: Score | null = null;
  /** Measured without being asked. */
  @property({ type: Boolean }) small = false;
  /** The text that methods go by; '' where there is none. */
  @property({ attribute: false }) calibrationName = '';
  /** Tokens that measuring would read; 0 when that is not known. */
  @property({ attribute: false }) nTokens = 0;
  @property({ attribute: false }) largestBytes = 0;
  @property({ type: Boolean }) removable = false;
  /** Its recipe is shown as text. */
  @state() private unfolded = false;

  get #words() {
    return WORDS[this.language];
  }

  /** The cards come one after another. */
  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await nextTurn();
    await super.scheduleUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('lane')) this.style.setProperty('--lane', laneColor(this.lane.id));
  }

  override render() {
    const { lane } = this;
    return html`<article aria-labelledby="name" part=${lane.id === 'reference' ? 'reference' : nothing}>
      ${this.#renderHead()}
      <div class="controls">${lane.id === 'reference' ? this.#renderReference() : this.#renderControls()}</div>
      <div class="figures" ?data-stale=${isStale(lane)}>
        ${this.#renderProgress()} ${this.#renderFigures()} ${this.#renderNotes()} ${this.#renderFiles()}
      </div>
      ${this.#renderLoss()}
      <div class="output">${this.#renderOutput()}</div>
    </article>`;
  }

  #renderHead() {
    const words = this.#words;
    const { t, lane } = this;
    const letter = laneLetter(lane.id);
    const title =
      lane.id === 'reference' || !this.formats
        ? t.lane.reference
        : titleOf(t, this.#words, lane, this.formats);
    return html`<header>
      <span class="badge" aria-hidden="true">${letter}</span>
      <h3 id="name">
        ${lane.id === 'reference' ? nothing : html`<span class="visually-hidden">${laneName(t, lane.id)}: </span>`}
        ${title}
        <code class="muted">${lane.id === 'reference' ? (lane.figures?.storedAs ?? '') : lane.recipe}</code>
      </h3>
      ${
        this.removable
          ? html`<button
            class="plain remove"
            aria-label=${words.remove(letter)}
            title=${words.remove(letter)}
            @click=${() => this.send({ type: 'remove-lane', lane: lane.id })}
          >
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
              <path d="M2 2l12 12M14 2L2 14" stroke="currentColor" stroke-width="1.8" fill="none" />
            </svg>
          </button>`
          : nothing
      }
    </header>`;
  }

  #renderReference() {
    const words = this.#words;
    const { lane, format } = this;
    const note = html`<p class="muted reference">${words.referenceNote}</p>`;
    if (!lane.isAsleep) return note;
    return html`${note}
      <p class="small">${words.asleep(format.bytes(this.sourceBytes))}</p>
      <button @click=${() => this.send({ type: 'wake-reference' })}>${words.wake}</button>`;
  }

  #renderControls() {
    const { t, format, lane, formats } = this;
    if (!formats) return nothing;
    return chooser({
      t,
      words: this.#words,
      format,
      lane,
      formats,
      storedAs: this.storedAs,
      isUnfolded: this.unfolded,
      onUnfold: (isUnfolded) => (this.unfolded = isUnfolded),
      onChoose: (recipe) => this.send({ type: 'set-recipe', lane: lane.id, recipe }),
      onWrite: (text) => this.send({ type: 'write-recipe', lane: lane.id, text }),
      calibrationName: this.calibrationName,
      onCalibrate: (text) => this.send({ type: 'set-calibration', text }),
    });
  }

  #renderProgress() {
    const words = this.#words;
    const { t, lane } = this;
    if (lane.problem) {
      return html`<div class="sentence error small" role="alert">
        ${describe(t, lane.problem)}
        ${
          lane.problem.kind === 'recipe'
            ? nothing
            : html`<button class="plain" @click=${() => this.send({ type: 'retry-lane', lane: lane.id })}>${words.retry}</button>`
        }
      </div>`;
    }
    if (lane.progress === null) return nothing;
    if (lane.choosing) return this.#renderChoosing(lane.choosing);
    return progressBar('progress', words.quantizing, lane.progress);
  }

  /** Methods are choosing the codes: what they are at, for how long, and a way out. */
  #renderChoosing(choosing: MethodProgress) {
    const words = this.#words;
    const { format } = this;
    const left = secondsLeft(choosing);
    const phase =
      choosing.kind === 'reading'
        ? words.choosing.reading(format.integer(choosing.done), format.integer(choosing.total))
        : words.choosing[choosing.kind];
    return html`<div class="choosing small">
      ${progressBar('progress', words.choosing.label, fractionOf(choosing))}
      <p class="muted number">${phase}${left === null ? nothing : html` · ${this.t.timeLeft(left)}`}</p>
      <button @click=${() => this.send({ type: 'stop-lane', lane: this.lane.id })}>${words.choosing.stop}</button>
    </div>`;
  }

  #renderFigures() {
    const words = this.#words;
    const { t, lane, format } = this;
    const { figures } = lane;
    if (!figures) {
      const label = lane.progress === null ? words.waiting : words.quantizing;
      return lane.problem || lane.isAsleep
        ? nothing
        : html`<p class="muted small empty">${label}</p>`;
    }
    const { info, error, loadMs } = figures;
    const share = info.sizeBytes / (this.referenceFigures?.info.sizeBytes ?? info.sourceBytes);
    const barShare = this.largestBytes > 0 ? info.sizeBytes / this.largestBytes : 0;
    const took =
      loadMs < 1000
        ? words.tookMs(format.integer(loadMs))
        : words.tookS(format.fixed(loadMs / 1000, 1));
    return html`<dl>
      <div class="size" part="size">
        <dt>${words.size}</dt>
        <dd>
          <button class="value number" aria-describedby="exact">${format.bytes(info.sizeBytes)}</button>
          <span class="exact number small" id="exact" role="tooltip">${t.lane.exactBytes(format.integer(info.sizeBytes))}</span>
          ${lane.id === 'reference' ? nothing : html`<span class="share number">${words.ofReference(format.percent(share))}</span>`}
        </dd>
        <dd class="bar" aria-hidden="true"><div style=${styleMap({ width: `${barShare * 100}%` })}></div></dd>
      </div>
      <div>
        <dt>${words.bitsPerWeight}</dt>
        <dd class="number"><b>${format.fixed(info.bitsPerWeight, 2)}</b></dd>
      </div>
      <div>
        <dt>${words.error}</dt>
        <dd class="number">
          ${
            error.n === 0 || error.snrDb === Infinity
              ? html`<b>${words.noError}</b>${lane.id === 'reference' ? nothing : html`<span>${t.lane.noErrorNote}</span>`}`
              : html`<b>${format.percent(relativeError(error.snrDb))}</b
                ><span class="pieces"><span>SNR ${format.fixed(error.snrDb, 1)} dB</span> <span>RMSE ${format.small(error.rmse)}</span></span>`
          }
        </dd>
      </div>
      <div class="two-lines">
        <dt>${words.speed}</dt>
        <dd class="number">${this.#renderSpeed()}</dd>
      </div>
      </dl>
      ${lane.id === 'reference' ? nothing : html`<p class="small muted number took">${took}</p>`}`;
  }

  /** Tokens per second on this machine; the prompt's where it took long enough to say. */
  #renderSpeed() {
    const words = this.#words;
    const { format } = this;
    const { run, speed } = this.lane;
    if (!run) return html`<span>${words.notRun}</span>`;
    if (!speed.isFresh) return html`<span>${words.timing}</span>`;
    const written = speed.value && withError(format, speed.value);
    if (!written) return html`<span>${words.notTimed}</span>`;
    const { promptSpeed, promptTotal } = run;
    const isLong = promptSpeed !== null && (1000 * promptTotal) / promptSpeed >= MIN_MS;
    return html`<b>${written.value}</b> ${written.error ? html`<span class="pm">± ${written.error}</span>` : nothing} ${words.decode}
      <span class="pieces"><span>${words.here}</span>${isLong ? html` <span>${words.prompt(format.speed(promptSpeed))}</span>` : nothing}</span>`;
  }

  /** What was done otherwise than the recipe says. */
  #renderNotes() {
    const { lane, referenceFigures } = this;
    if (!lane.figures || lane.id === 'reference') return nothing;
    return notes(this.t, ownNotes(lane.figures.info.notes, referenceFigures?.info.notes ?? []));
  }

  #renderFiles() {
    const { t, format, lane, formats } = this;
    const { figures } = lane;
    if (!figures || !formats) return nothing;
    return files({
      t,
      words: this.#words,
      format,
      lane,
      figures,
      formats,
      onSave: (container) => this.send({ type: 'save', lane: lane.id, container }),
      onCancel: () => this.send({ type: 'cancel-save', lane: lane.id }),
    });
  }

  #renderLoss() {
    const { t, format, lane } = this;
    return loss({
      t,
      words: this.#words,
      format,
      lane,
      canWrite: lane.figures?.info.hasTokenizer ?? false,
      referenceStats: this.referenceStats,
      referenceScore: this.referenceScore,
      isSmall: this.small,
      seconds: secondsFor(this.nTokens, [this.referenceRun, lane.run]),
      onMeasure: () => this.send({ type: 'measure-text', lane: lane.id }),
      onStop: () => this.send({ type: 'stop-text', lane: lane.id }),
    });
  }

  #renderOutput() {
    const words = this.#words;
    const { t, lane, format } = this;
    const { run } = lane;
    if (!run) {
      const hint = lane.figures?.info.hasTokenizer && lane.progress === null ? words.textEmpty : '';
      return html`<p class="muted small">${hint}</p>`;
    }
    if (run.problem)
      return html`<p class="sentence error small" role="alert">${describe(t, run.problem)}</p>`;
    const agreement = this.#agreement(run);
    const waiting = run.tokens.length === 0 && run.stop === null;
    return html`
      ${this.#renderVerdict(run, agreement)}
      ${
        waiting && run.promptTotal > 0
          ? html`<p class="muted small number">
            ${words.reading(format.integer(run.promptDone), format.integer(run.promptTotal))}
          </p>`
          : nothing
      }
      <p class="text" part="text" ?data-stale=${isStale(lane)} aria-busy=${run.stop === null}
        >${runText(run, agreement, t.lane.differsHere)}</p
      >
      <p class="small muted number">
        ${words.tokens(format.integer(run.tokens.length))}${run.stop ? ` · ${words.stops[run.stop]}` : ''}${run.tail.endsWith('\ufffd') ? ` · ${words.partial}` : ''}
      </p>
    `;
  }

  /** null for the reference itself, and while it has not begun to answer the same request. */
  #agreement(run: Run): Agreement | null {
    const { referenceRun, lane } = this;
    if (lane.id === 'reference' || referenceRun?.serial !== run.serial) return null;
    return compareRuns(referenceRun, run);
  }

  /** One line: does this text say what the reference says? */
  #renderVerdict(run: Run, agreement: Agreement | null) {
    const words = this.#words;
    const { t, format, referenceRun } = this;
    if (!agreement || !referenceRun) {
      return html`<p class="verdict muted small">${this.lane.id === 'reference' ? words.text : ''}</p>`;
    }
    if (agreement.kind === 'same') {
      const n = format.integer(agreement.nTokens);
      return html`<p class="verdict small">${agreement.finished ? words.sameAll(n) : words.sameSoFar(n)}</p>`;
    }
    const own = visibleToken(run, agreement.index, t.lane.endOfText);
    const other = visibleToken(referenceRun, agreement.index, t.lane.endOfText);
    return html`<p class="verdict small differs">
      <b>${words.firstDifference(format.integer(agreement.index + 1))}</b>
      <span>${words.differenceTokens(`“${own}”`, `“${other}”`)}</span>
    </p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'bitloss-lane': LaneCard;
  }
}
