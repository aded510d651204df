/** What the slider's place comes to: bits and size, the bar, the sentence, and whether it is broken. */
import { html, nothing, type TemplateResult } from 'lit';
import { styleMap } from '../../controls/style_map.ts';
import { isStale, type Lane } from '../../experiment/state.ts';
import type { Format } from '../../format.ts';
import { isBroken, type Point } from './findings.ts';
import { percent, sentence, type Part } from './sentence.ts';
import type { Width } from './widths.ts';
import type { StageWords } from './words.ts';

export interface VerdictParts {
  words: StageWords;
  format: Format;
  /** The variant, once there is one. */
  lane: Lane | undefined;
  /** Of the reference. */
  fullBytes: number;
  /** The variant's part of that. */
  share: number;
  width: Width;
  /** What the variant is called: "4 bits", or its recipe. */
  bits: string;
  /** The variant has a recipe that the slider cannot say: of it the lane's own figures are known alone. */
  isForeign: boolean;
  point: Point;
  hasQuestions: boolean;
  /** What is not known yet will be. */
  isMeasuring: boolean;
}

/** `trouble` is what stands in the way, with what to do about it. */
export function verdict(parts: VerdictParts, trouble: unknown): TemplateResult {
  const { words, format, lane, fullBytes, isForeign, bits, point, hasQuestions } = parts;
  const size = lane?.figures?.info.sizeBytes ?? fullBytes;
  const broken = !isForeign && isBroken(point, hasQuestions) === true;
  const share = percent(parts.share);
  return html`<div class="verdict" ?data-stale=${lane && isStale(lane)}>
    <p class="headline">
      <b part="bits">${isForeign ? html`<code>${bits}</code>` : bits}</b>
      <span class="number muted" part="size">${words.sizeOf(format.bytes(size), format.bytes(fullBytes))}</span>
      ${broken ? html`<span class="tag">${words.broken}</span>` : nothing}
    </p>
    <div class="size" role="img" aria-label=${words.sizeBar(share)}>
      <span style=${styleMap({ width: share })}></span>
    </div>
    <p class="says" part="verdict">${clauses(parts).map(({ text, isWorse }) =>
      isWorse ? html`<span class="worse">${text}</span>` : text,
    )}</p>
    ${trouble}
  </div>`;
}

/** The sentence; empty while the variant is not there. */
export function clauses(parts: VerdictParts): Part[] {
  const { words, format, lane, fullBytes, width, isForeign, point, hasQuestions } = parts;
  if (!lane?.figures) return [];
  if (width === 16 && !isForeign)
    return [{ text: words.whole(format.bytes(fullBytes)), isWorse: false }];
  const known = isForeign
    ? { text: lane.text.isFresh ? lane.text.value : null, answers: null }
    : point;
  const hasAll = known.text && (known.answers || !hasQuestions || isForeign);
  const shown = hasAll ? known : { text: known.text, answers: null };
  const said = sentence(words, format, parts.bits, parts.share, shown);
  if (!hasAll && parts.isMeasuring) said.push({ text: ` ${words.measuring}`, isWorse: false });
  return said;
}
