/** The reference and the variants, side by side. */
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Formats } from '../../../wasm/types.ts';
import { compareRuns } from '../../experiment/agreement.ts';
import { relativeError } from '../../format.ts';
import { laneName, Panel } from '../panel.ts';
import {
  factsOf,
  isSmall,
  isStale,
  N_QUICK_TOKENS,
  scoreKey,
  VARIANT_IDS,
  type Lane,
  entryOf,
} from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import './lane.ts';
import { en } from './en.ts';
import { heading } from './heading.ts';
import { ko } from './ko.ts';
import type { PanelContext } from '../index.ts';
import { PARTS } from '../parts.ts';

const WORDS = { en, ko };

@customElement('bitloss-panel-lanes')
export class LanesPanel extends Panel {
  static override styles = [
    shared,
    css`
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 10px 24px;
        margin-bottom: 14px;
      }
      .lanes {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, calc(18.75 * var(--rem))), 1fr));
        gap: 16px;
        /* The cards are drawn one after another. */
        align-content: start;
        min-height: 700px;
      }
      header div {
        flex: 1 1 300px;
      }
      .lead {
        max-width: 80ch;
        min-height: 3em;
      }
      @container (max-width: 588px) {
        .lead {
          min-height: 6em;
        }
        .lead:lang(ko) {
          min-height: 4.5em;
        }
      }
      details {
        margin-top: 6px;
      }
      summary {
        padding: 8px 0;
        color: var(--muted);
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 80ch);
        gap: 8px 20px;
        padding: 4px 0 8px;
      }
      dt {
        font-weight: 600;
      }
      @container (max-width: 588px) {
        dl {
          grid-template-columns: 1fr;
          gap: 2px;
        }
        dd {
          margin-bottom: 8px;
        }
      }
    `,
  ];

  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @property({ attribute: false }) formats: Formats | null = null;
  /** The text that methods go by; '' where there is none. */
  @property({ attribute: false }) calibration = '';
  /** The lanes are measured on all of the text. */
  @property({ type: Boolean }) whole = false;

  get #words() {
    return WORDS[this.language];
  }

  /** With all cards. */
  protected override async getUpdateComplete(): Promise<boolean> {
    const isComplete = await super.getUpdateComplete();
    const cards = [...this.renderRoot.querySelectorAll('bitloss-lane')];
    await Promise.all(cards.map((card) => card.updateComplete));
    return isComplete;
  }

  override render() {
    const words = this.#words;
    const { lanes } = this;
    const reference = lanes[0];
    const facts = factsOf(lanes);
    const largest = Math.max(...lanes.map((lane) => lane.figures?.info.sizeBytes ?? 0));
    const stats = lanes.find(({ text }) => text.isFresh)?.text.value ?? null;
    return html`<header>
        <div>
          <h2>${heading[this.language]}</h2>
          <p class="lead">${this.#summary()}</p>
        </div>
        <button ?disabled=${lanes.length > VARIANT_IDS.length} @click=${() => this.send({ type: 'add-lane' })}>
          <span aria-hidden="true">+</span> ${words.add}
        </button>
      </header>
      <div class="lanes">
        ${repeat(
          lanes,
          (lane) => lane.id,
          (lane) => html`<bitloss-lane
            exportparts=${PARTS}
            .language=${this.language}
            .lane=${lane}
            .formats=${this.formats}
            .referenceFigures=${reference?.figures ?? null}
            .storedAs=${facts?.storedAs ?? ''}
            .sourceBytes=${facts?.info.sourceBytes ?? 0}
            .referenceRun=${reference?.run ?? null}
            .referenceStats=${stats}
            .referenceScore=${reference?.skills.value?.get(scoreKey('all', 'all')) ?? null}
            .calibrationName=${this.calibration}
            .nTokens=${this.whole ? 0 : N_QUICK_TOKENS}
            ?small=${isSmall({ lanes })}
            .largestBytes=${largest}
            ?removable=${lane.id !== 'reference' && lanes.length > 2}
          ></bitloss-lane>`,
        )}
      </div>
      <details class="small">
        <summary>${words.help.heading}</summary>
        <dl>
          ${(
            [
              [words.size, words.help.size],
              [words.bitsPerWeight, words.help.bitsPerWeight],
              [words.error, words.help.error],
              [words.speed, words.help.speed],
              [words.loss.verdict, words.help.verdict],
              [words.loss.perplexity, words.help.perplexity],
              [words.loss.kl, words.help.kl],
              [words.loss.sameTop, words.help.sameTop],
              [words.loss.answers, words.help.answers],
              [words.text, words.help.text],
            ] as const
          ).map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}
        </dl>
      </details>`;
  }

  /** What the smallest lane gave up, in a sentence. */
  #summary(): string {
    const words = this.#words;
    const { t, lanes, format } = this;
    const [reference, ...variants] = lanes;
    const measured = variants.filter((lane) => lane.figures && !isStale(lane));
    if (!reference?.figures || measured.length === 0) return words.lead;
    const smallest = measured.reduce((a, b) =>
      b.figures!.info.sizeBytes < a.figures!.info.sizeBytes ? b : a,
    );
    const { info, error } = smallest.figures!;
    const share = format.percent(info.sizeBytes / reference.figures.info.sizeBytes);
    const name = `${laneName(t, smallest.id)} (${smallest.recipe})`;
    const exact = error.n === 0 || error.snrDb === Infinity;
    const first = exact
      ? words.summaryExact(name, share)
      : words.summary(name, share, format.percent(relativeError(error.snrDb)));
    const { run } = smallest;
    if (!run || !reference.run || run.serial !== reference.run.serial) return first;
    const agreement = compareRuns(reference.run, run);
    if (agreement.kind === 'differs')
      return `${first} ${words.summaryDiffers(format.integer(agreement.index))}`;
    return agreement.finished
      ? `${first} ${words.summarySame(format.integer(agreement.nTokens))}`
      : first;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'bitloss-panel-lanes': LanesPanel;
  }
}

export function draw({ state }: PanelContext) {
  const { lang, lanes, formats, isWholeText } = state;
  const calibration = state.calibration?.name ?? entryOf(state)?.calibration ?? '';
  return html`<bitloss-panel-lanes exportparts=${PARTS} .language=${lang} .lanes=${lanes} .formats=${formats} .calibration=${calibration} ?whole=${isWholeText}></bitloss-panel-lanes>`;
}
