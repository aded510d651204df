/** Styles that every panel starts from. */
import { css } from 'lit';

/** For what is about to be replaced: its words recede as far as they may and still be read well. */
export const toned = css`
  --ink: var(--faint);
  --muted: var(--faint);
  --error: var(--faint);
  --error-wash: transparent;
  color: var(--faint);
`;

export const shared = css`
  :host {
    display: block;
    color: var(--ink);
    /* Korean breaks between words, as it is read; a long name may still break anywhere. */
    word-break: keep-all;
    overflow-wrap: break-word;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  figure,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  h2 {
    font-size: calc(1.25 * var(--rem));
    font-weight: 620;
    letter-spacing: -0.012em;
    line-height: 1.3;
    text-wrap: balance;
  }
  .lead {
    color: var(--muted);
    max-width: 76ch;
    text-wrap: pretty;
  }
  .small {
    font-size: calc(0.8125 * var(--rem));
    line-height: 1.45;
  }
  .muted {
    color: var(--muted);
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  code,
  .mono {
    font-family: var(--mono);
    font-size: 0.92em;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 40px;
    padding: 0 16px;
    border: 1px solid var(--edge);
    border-radius: 999px;
    background: transparent;
    font-weight: 520;
    line-height: 1.2;
    cursor: pointer;
    white-space: nowrap;
    transition: background-color 0.12s;
  }
  button:hover:not(:disabled, [aria-disabled='true']),
  .button:hover {
    background: var(--sunken);
  }
  button:disabled,
  /* Where taking the keyboard's focus away would be worse: a click then does nothing. */
  button[aria-disabled='true'] {
    opacity: 0.5;
    cursor: default;
  }
  button.primary {
    background: var(--ink);
    border-color: var(--ink);
    color: var(--paper);
  }
  button.primary:hover:not(:disabled, [aria-disabled='true']) {
    background: color-mix(in srgb, var(--ink) 86%, var(--paper));
  }
  button.plain {
    border-color: transparent;
    padding: 0 10px;
  }
  input[type='text'],
  input[type='password'],
  input[type='number'],
  select,
  textarea {
    min-height: 40px;
    padding: 8px 12px;
    border: 1px solid var(--edge);
    border-radius: var(--radius-small);
    background: var(--surface);
    min-width: 0;
  }
  ::placeholder {
    color: var(--faint);
    opacity: 1;
  }
  .sentence {
    padding: 10px 14px;
    border-radius: var(--radius-small);
    line-height: 1.5;
    overflow-wrap: anywhere;
  }
  .sentence.error {
    background: var(--error-wash);
    border-left: 3px solid var(--error);
  }
  .sentence.notice {
    background: var(--notice-wash);
    border-left: 3px solid var(--edge);
  }
  summary {
    cursor: pointer;
    width: fit-content;
    border-radius: 4px;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      transition: none !important;
      animation: none !important;
    }
  }
  /* In forced colours the page's colours are the system's (tokens.ts), and what is drawn by its background
   * alone keeps it. */
  @media (forced-colors: active) {
    button.primary,
    progress,
    [role='progressbar'],
    [role='progressbar'] *,
    .badge,
    .bar,
    .bar *,
    .chip,
    .chip *,
    .stack,
    .stack *,
    .swatch,
    [data-swatch],
    .ramp,
    .key,
    .caret,
    .segments input:checked + span {
      forced-color-adjust: none;
    }
  }
  @media (pointer: coarse) {
    button,
    .button,
    input[type='text'],
    input[type='password'],
    input[type='number'],
    select {
      min-height: 44px;
    }
  }
`;

/** A lane's letter in a disc of its colour; the letter carries the meaning where colour cannot. */
export const badge = css`
  .badge {
    display: inline-grid;
    place-items: center;
    flex: none;
    width: 24px;
    height: 24px;
    border-radius: 50%;
    background: var(--lane);
    color: var(--surface);
    font-size: calc(0.8125 * var(--rem));
    font-weight: 700;
    line-height: 1;
  }
`;
