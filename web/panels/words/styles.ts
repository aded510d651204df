/** How the text in colour looks. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';

export const styles = css`
  .controls {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 24px;
    margin-top: 14px;
  }
  .controls label {
    display: flex;
    align-items: center;
    gap: 10px;
    min-width: 0;
  }
  .controls select {
    min-width: 0;
    max-width: 100%;
    min-height: 36px;
    padding: 4px 8px;
  }
  @container (max-width: 448px) {
    .segments {
      grid-template-columns: 1fr;
      gap: 4px;
    }
    .segments label {
      flex-shrink: 1;
    }
    .segments input + span {
      text-align: center;
      white-space: normal;
    }
  }
  .measuring {
    display: flex;
    align-items: center;
    gap: 10px;
    margin-top: 12px;
  }
  .track {
    flex: 1;
    height: 4px;
    border-radius: 2px;
    background: var(--track);
    overflow: hidden;
  }
  .track div {
    height: 100%;
    background: var(--ink);
  }
  .sentence,
  .summary,
  output,
  p:has(> button) {
    margin-top: 12px;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 18px;
    margin: 12px 0 0;
    padding: 0;
    list-style: none;
    color: var(--muted);
  }
  .legend li {
    display: flex;
    align-items: baseline;
    gap: 7px;
    white-space: nowrap;
  }
  .legend span {
    color: var(--ink);
  }
  .text {
    max-height: min(60vh, 30em);
    margin-top: 12px;
    padding: 14px 16px;
    overflow-y: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    line-height: 1.9;
  }
  /* The text comes by itself, with a summary, a legend and a line of figures: room for them. */
  .place {
    height: calc(min(60vh, 30em) + 190px);
  }
  .text[data-stale],
  .summary[data-stale] {
    ${toned}
  }
  [data-level] {
    --share: 0%;
    background: color-mix(in srgb, var(--error) var(--share), transparent);
    text-decoration-color: var(--error);
    text-underline-offset: 4px;
    text-decoration-skip-ink: none;
    border-radius: 2px;
  }
  .text [data-level] {
    cursor: default;
  }
  [data-level='1'] {
    --share: 12%;
    text-decoration: underline 1px var(--error);
  }
  [data-level='2'] {
    --share: 24%;
    text-decoration: underline 2px var(--error);
  }
  [data-level='3'] {
    --share: 36%;
    text-decoration: underline 3px var(--error);
  }
  [data-level='4'] {
    --share: 50%;
    text-decoration: underline 4px var(--error);
  }
  [data-level='-1'] {
    text-decoration: underline dotted 2px var(--muted);
  }
  [data-level='none'] {
    color: var(--muted);
  }
  .text[data-stale] [data-level] {
    background: none;
  }
  [data-here] {
    outline: 2px solid var(--ink);
    outline-offset: 1px;
  }
  output {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 18px;
    min-height: 3em;
    align-content: start;
    overflow-wrap: anywhere;
  }
`;
