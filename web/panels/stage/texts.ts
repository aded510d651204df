/** The two texts: what the full model writes, and what the variant makes of the same beginning. Where they
 * part is marked, in no colour of error: another text is not a worse one. */
import { html, nothing, type TemplateResult } from 'lit';
import { compareRuns, type Agreement } from '../../experiment/agreement.ts';
import { styleMap } from '../../controls/style_map.ts';
import { runText } from '../../controls/text.ts';
import { isStale, type Lane, type RunRequest } from '../../experiment/state.ts';
import type { StageWords } from './words.ts';

export interface TextParts {
  words: StageWords;
  reference: Lane;
  variant: Lane | undefined;
  request: RunRequest | null;
  /** "4 bits", or a recipe. */
  variantBits: string;
  /** On a narrow screen the reference is one line until it is opened. */
  isReferenceOpen: boolean;
  onToggleReference: () => void;
  /** Stands in for the reference's text while it sleeps; else null. */
  asleep: TemplateResult | null;
  /** The variant is known to be no worse: only then another text is told to be just that. */
  isHarmless: boolean;
}

export function texts(parts: TextParts): TemplateResult {
  const { words, reference, variant, request, isReferenceOpen } = parts;
  const isOwn = (lane: Lane | undefined) =>
    lane?.run != null && lane.run.serial === request?.serial && !isStale(lane);
  const agreement =
    isOwn(reference) && isOwn(variant) ? compareRuns(reference.run!, variant!.run!) : null;
  const variantName = words.variant(parts.variantBits);
  const referenceName = words.full;
  return html`<div class="text-card variant" part="text" style=${styleMap({ '--lane': 'var(--lane-a)' })}>
      <div class="title">
        <h3>${variantName}</h3>
        <span class="small muted note">${note(parts, agreement)}</span>
      </div>
      ${text(variant, request, agreement, variantName, words)}
    </div>
    <div
      class="text-card reference"
      part="reference"
      ?data-open=${isReferenceOpen || parts.asleep !== null}
      style=${styleMap({ '--lane': 'var(--lane-reference)' })}
    >
      <div class="title">
        <h3>${referenceName}</h3>
        <button
          class="plain unfold"
          ?hidden=${parts.asleep !== null}
          aria-expanded=${isReferenceOpen}
          aria-label=${words.showReference}
          @click=${parts.onToggleReference}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M3 6l5 5 5-5" stroke="currentColor" stroke-width="1.8" fill="none" />
          </svg>
        </button>
      </div>
      ${parts.asleep ?? text(reference, request, null, referenceName, words)}
    </div>`;
}

/** White space counts in it, so that there is none in the template. */
function text(
  lane: Lane | undefined,
  request: RunRequest | null,
  agreement: Agreement | null,
  name: string,
  words: StageWords,
) {
  const run = lane?.run;
  return html`<p
    class="text"
    role="group"
    tabindex="0"
    aria-label=${name}
    ?data-stale=${lane !== undefined && isStale(lane)}
    aria-busy=${lane?.problem == null && run?.stop == null}
    ><span class="prompt">${request?.prompt}${request?.isChat ? '\n' : ''}</span>${run ? runText(run, agreement, words.firstDifference) : nothing}</p
  >`;
}

function note({ words, isHarmless }: TextParts, agreement: Agreement | null): string {
  if (agreement?.kind === 'same') return agreement.nTokens > 0 ? words.sameText : '';
  return agreement && isHarmless ? words.otherText : '';
}
