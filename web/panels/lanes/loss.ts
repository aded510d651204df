/** What a lane lost: its predictions on a text and its answers to questions, with their intervals, and
 * what they come to in plain words. */
import { css, html, nothing, type TemplateResult } from 'lit';
import type { Estimate, Loss, TextStats } from '../../../wasm/measure_types.ts';
import { withError } from '../../controls/estimate.ts';
import { progressBar } from '../../controls/progress.ts';
import type { Format } from '../../format.ts';
import type { Messages } from '../../i18n/index.ts';
import { describeSeconds } from '../../experiment/measure/estimate.ts';
import { lossOf } from '../../experiment/measure/verdict.ts';
import { describe } from '../../experiment/problem.ts';
import { isStale, scoreKey, type Lane, type Score } from '../../experiment/state.ts';
import { toned } from '../../styles/shared.ts';
import type { LanesWords } from './en.ts';

export interface LossParts {
  t: Messages;
  words: LanesWords;
  format: Format;
  lane: Lane;
  /** The model has a tokenizer. */
  canWrite: boolean;
  /** Of the first lane that was measured: the reference's perplexity is in every lane's figures. */
  referenceStats: TextStats | null;
  referenceScore: Score | null;
  /** The lanes are measured without being asked. */
  isSmall: boolean;
  /** Seconds that measuring would take; null when that is not known. */
  seconds: number | null;
  onMeasure: () => void;
  onStop: () => void;
}

export function loss(parts: LossParts): TemplateResult {
  const { t, words, lane, referenceStats } = parts;
  if (!parts.canWrite) return html`<div class="lost"></div>`;
  const isReference = lane.id === 'reference';
  const stats = isReference ? referenceStats : lane.text.value;
  const ppl = isReference ? stats?.refPpl : stats?.ppl;
  const score = lane.skills.value?.get(scoreKey('all', 'all')) ?? null;
  const isOld = !isReference && (isStale(lane) || (lane.text.value !== null && !lane.text.isFresh));
  return html`<div class="lost" ?data-stale=${isOld} aria-busy=${lane.text.progress !== null}>
    ${isReference ? nothing : progress(parts)}
    <dl>
      ${isReference ? html`<div class="judgement"></div>` : verdict(parts)}
      <div>
        <dt>${words.loss.perplexity}</dt>
        <dd class="number">${ppl ? perplexity(parts, ppl) : html`${dash}${isReference ? nothing : placeOfChange}`}</dd>
      </div>
      ${
        isReference
          ? nothing
          : html`<div>
              <dt>${words.loss.kl}</dt>
              <dd class="number">${stats ? estimate(parts, stats.klMean, 1, ` ${t.measure.nats}`) : dash}</dd>
            </div>
            <div>
              <dt>${words.loss.sameTop}</dt>
              <dd class="number">${stats ? estimate(parts, stats.sameTop, 100, '%') : dash}</dd>
            </div>`
      }
      ${score ? answers(parts, score) : nothing}
    </dl>
    ${isReference ? nothing : controls(parts)}
  </div>`;
}

const dash = html`<span class="pm" aria-hidden="true">–</span>`;

/** The line below the perplexity has its place before it comes: what stands below does not move then. */
const placeOfChange = html`<span class="pieces">&nbsp;</span>`;

function verdict({ t, words, lane }: LossParts) {
  const loss = lossOf(lane);
  return html`<div class="judgement">
    <dt class="visually-hidden">${words.loss.verdict}</dt>
    <dd>${chip(t, loss)}</dd>
  </div>`;
}

/** The fill of the disc says it too: empty, half, full, crossed out. */
export function chip(t: Messages, loss: Loss): TemplateResult {
  return html`<span class="chip" part="verdict" data-loss=${loss}><span class="sign" aria-hidden="true"></span>${t.losses[loss]}</span>`;
}

function estimate({ words, format }: LossParts, figure: Estimate, scale: number, unit: string) {
  const written = withError(format, figure, scale);
  if (!written) return html`<b>${words.loss.notANumber}</b>`;
  return html`<b>${written.value}${unit === '%' ? unit : nothing}</b>
    <span class="pm">${written.error ? `± ${written.error}` : nothing}${unit === '%' ? nothing : unit}</span>`;
}

function perplexity(parts: LossParts, ppl: Estimate) {
  const { words, format, lane } = parts;
  const stats = lane.text.value;
  const change = lane.id !== 'reference' && stats ? changeOf(format, stats) : null;
  return html`${estimate(parts, ppl, 1, '')}
  ${
    change === null || !stats?.refPpl.value
      ? nothing
      : html`<span class="pieces"
        ><span>${change}</span> <span>${words.loss.ofReference(withError(format, stats.refPpl)!.value)}</span></span
      >`
  }`;
}

/** "+0.8% ± 0.3": how much more surprised than the reference, with the ratio's standard error. */
function changeOf(format: Format, { lnRatio }: TextStats): string | null {
  if (lnRatio.value === null) return null;
  const ratio = Math.exp(lnRatio.value);
  const error = lnRatio.error === null ? null : ratio * lnRatio.error;
  const written = withError(format, { value: ratio - 1, error }, 100)!;
  const sign = ratio > 1 ? '+' : '';
  return `${sign}${written.value}%${written.error ? ` ± ${written.error}` : ''}`;
}

function answers({ words, format, lane, referenceScore }: LossParts, { share, n }: Score) {
  const percent = (value: number) => `${format.fixed(value * 100, 1)}%`;
  return html`<div ?data-stale=${!lane.skills.isFresh}>
    <dt>${words.loss.answers}</dt>
    <dd class="number">
      <b>${percent(share.value)}</b>
      <span class="pieces"
        ><span>${words.loss.answersOf(percent(share.low), percent(share.high), format.integer(n))}</span>
        ${
          referenceScore && lane.id !== 'reference' && referenceScore.n === n
            ? html`<span>${words.loss.ofReference(percent(referenceScore.share.value))}</span>`
            : nothing
        }</span
      >
    </dd>
  </div>`;
}

function progress({ t, lane }: LossParts) {
  const { progress: share } = lane.text;
  if (share === null) return nothing;
  return progressBar('progress', t.measure.measuring, share);
}

function controls({ t, words, format, lane, isSmall, seconds, onMeasure, onStop }: LossParts) {
  const { progress: share, problem, isFresh } = lane.text;
  const refused = problem ?? lane.skills.problem;
  const trouble = refused
    ? html`<p class="sentence error small" role="alert">${describe(t, refused)}</p>`
    : nothing;
  const isBusy = share !== null;
  // What takes a blink needs no button.
  if (isBusy ? isSmall : isFresh || isStale(lane) || lane.text.key === '') return trouble;
  const label = isBusy
    ? t.measure.stop
    : lane.text.value || problem
      ? words.loss.again
      : words.loss.measure;
  // One button that changes its word, so that it keeps the keyboard's focus.
  return html`${trouble}
    <div class="ask small">
      <button @click=${isBusy ? onStop : onMeasure}>${label}</button>
      ${isBusy || seconds === null ? nothing : html`<span class="muted number">${describeSeconds(t, format, seconds)}</span>`}
    </div>`;
}

export const chipStyles = css`
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    padding: 3px 11px 3px 8px;
    border: 1px solid var(--edge);
    border-radius: 999px;
    font-size: calc(0.875 * var(--rem));
    font-weight: 620;
    line-height: 1.35;
    color: var(--ink);
  }
  .chip .sign {
    flex: none;
    color: inherit;
    width: 12px;
    height: 12px;
    border: 2px solid currentColor;
    border-radius: 50%;
  }
  .chip[data-loss='small'] .sign {
    background: linear-gradient(to top, currentColor 50%, transparent 50%);
  }
  .chip[data-loss='large'] .sign,
  .chip[data-loss='broken'] .sign {
    background: currentColor;
  }
  .chip[data-loss='small'],
  .chip[data-loss='large'] {
    border-color: var(--error);
    color: var(--error);
  }
  .chip[data-loss='large'] {
    background: var(--error-wash);
  }
  .chip[data-loss='broken'] {
    border-color: var(--error);
    background: var(--error);
    color: var(--surface);
  }
  .chip[data-loss='broken'] .sign {
    border-radius: 1px;
    transform: rotate(45deg);
  }
  .chip[data-loss='unclear'],
  .chip[data-loss='not quantized'],
  .chip[data-loss='not measured'] {
    color: var(--muted);
    font-weight: 520;
  }
  .chip[data-loss='unclear'] .sign,
  .chip[data-loss='not quantized'] .sign,
  .chip[data-loss='not measured'] .sign {
    border-style: dotted;
  }
`;

export const lossStyles = css`
  .lost {
    position: relative;
    padding-top: 14px;
    padding-bottom: 14px;
    border-top: 1px solid var(--line);
  }
  .lost:not(:has(dl)) {
    display: none;
  }
  .lost[data-stale] dl,
  .lost:not([data-stale]) dl > [data-stale] {
    ${toned}
  }
  dl > .judgement {
    display: block;
    min-height: 28px;
  }
  /* The reference's: its rows stand beside those of the others, where there are others beside it. */
  @container (max-width: 628px) {
    dl > .judgement:empty {
      display: none;
    }
  }
  dd .pm {
    display: inline;
    white-space: nowrap;
  }
  .ask {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
    margin-top: 10px;
  }
  .ask button {
    min-height: 32px;
    padding: 0 12px;
    font-size: calc(0.8125 * var(--rem));
  }
  @media (pointer: coarse) {
    .ask button {
      min-height: 44px;
    }
  }
`;
