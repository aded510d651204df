/** A run's text, with the first token that differs from another run marked and the rest toned. */
import { css, html, nothing, type TemplateResult } from 'lit';
import { textAt, whole, type Agreement } from '../experiment/agreement.ts';
import type { Run } from '../experiment/state.ts';

export function runText(run: Run, agreement: Agreement | null, markLabel: string): TemplateResult {
  const textOf = (from: number, to?: number) =>
    run.tokens
      .slice(from, to)
      .map((token) => token.text)
      .join('');
  const caret = run.stop === null ? html`<span class="caret" aria-hidden="true"></span>` : nothing;
  // Of a character that the text ends within there is nothing to show.
  const tail = whole(run.tail);
  if (agreement?.kind !== 'differs') return html`${textOf(0)}${tail}${caret}`;
  const { index } = agreement;
  const { text, end, isTail } = textAt(run, index);
  const own = whole(text) || (run.stop === null || text !== '' ? '…' : '∎');
  return html`${textOf(0, index)}<mark aria-label=${`${markLabel}: ${own}`}>${own}</mark
    ><span class="after">${textOf(end)}${isTail ? '' : tail}</span>${caret}`;
}

export const textStyles = css`
  .text {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    line-height: 1.62;
  }
  .text mark {
    background: var(--error-wash);
    color: var(--error);
    border-bottom: 2px solid var(--error);
    border-radius: 3px 3px 0 0;
    padding: 1px 0;
    font-weight: 620;
  }
  .text .after {
    color: var(--muted);
  }
  .caret {
    display: inline-block;
    width: 0.5em;
    height: 1em;
    margin-left: 2px;
    vertical-align: -0.12em;
    background: var(--lane, var(--ink));
    animation: blink 1s steps(2, jump-none) infinite;
  }
  @keyframes blink {
    to {
      opacity: 0;
    }
  }
`;
