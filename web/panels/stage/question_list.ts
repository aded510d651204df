/** The six kinds of questions: of each whether the one that is shown is answered right, and how many of
 * its kind are. A kind opens to the question itself. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Task } from '../../../wasm/measure_types.ts';
import { styleMap } from '../../controls/style_map.ts';
import { partsOf } from '../../experiment/measure/questions.ts';
import type { Lang } from '../../experiment/state.ts';
import type { Point } from './findings.ts';
import { KINDS, type Kind } from './questions.ts';
import type { StageWords } from './words.ts';

export interface ListParts {
  words: StageWords;
  language: Lang;
  /** One of each kind. */
  tasks: readonly Task[];
  /** Of the width that the slider stands at, and of the full model. */
  point: Point;
  reference: Point;
  openKind: string | null;
  /** What this width answers the open one; null where that is right, or not known yet. */
  written: string | null;
  onToggle: (kind: Kind) => void;
}

export function questionList(parts: ListParts): TemplateResult {
  return html`<div class="questions">
    <h3>${parts.words.questions}</h3>
    <ul>
      ${KINDS.map((kind) => item(parts, kind))}
    </ul>
    ${open(parts)}
  </div>`;
}

function item({ words, tasks, point, reference, openKind, onToggle }: ListParts, kind: Kind) {
  const task = tasks.find(({ skill }) => skill === kind);
  const isRight = task ? (point.shown.get(task.id) ?? null) : null;
  const count = point.answers?.kinds.get(kind) ?? null;
  const before = reference.answers?.kinds.get(kind) ?? null;
  const at = (value: { nRight: number; n: number } | null) =>
    value ? `${(100 * value.nRight) / value.n}%` : '0%';
  const mark = isRight === null ? words.notAsked : isRight ? words.right1 : words.wrong1;
  const share = count ? `${count.nRight}/${count.n}` : '';
  return html`<li>
    <button
      class="plain kind"
      aria-expanded=${openKind === kind}
      aria-label=${`${words.kinds[kind]} ${share}: ${mark}`}
      @click=${() => onToggle(kind)}
    >
      <span class="mark" data-right=${isRight ?? 'unknown'} aria-hidden="true"
        >${isRight === null ? '·' : isRight ? '✓' : '✗'}</span
      >
      <span class="name">${words.kinds[kind]}</span>
      <span class="kind-bar" aria-hidden="true">
        <span class="now" style=${styleMap({ width: at(count) })}></span>
        ${before ? html`<span class="before" style=${styleMap({ left: at(before) })}></span>` : nothing}
      </span>
      <span class="count number small muted" aria-hidden="true">${share}</span>
    </button>
  </li>`;
}

function open({ words, language, tasks, openKind, written }: ListParts) {
  const task = tasks.find(({ skill }) => skill === openKind);
  if (!task) return nothing;
  // Where it covers rows, it does not cover its own.
  const isLow = KINDS.indexOf(task.skill as Kind) >= KINDS.length / 2;
  const { story, question } = partsOf(task);
  return html`<div class="asked small" ?data-above=${isLow} lang=${language} tabindex="0" role="group" aria-label=${question}>
    ${story ? html`<p class="muted">${story}</p>` : nothing}
    <p><b>${question}</b></p>
    <p class="answers">
      <span><span class="muted">${words.answer}:</span> <b>${task.answer}</b></span>
      ${written === null ? nothing : html`<span class="wrote"><span class="muted">${words.wrote}:</span> ${written ? html`<b class="worse">${written}</b>` : words.wroteNothing}</span>`}
    </p>
  </div>`;
}
