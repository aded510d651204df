/** How the questions of a skill look. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';

export const questionStyles = css`
  :host {
    container-type: inline-size;
    padding: 12px clamp(10px, 2cqi, 18px);
    border-radius: var(--radius-small);
    background: var(--sunken);
  }
  .counts {
    border-collapse: collapse;
  }
  .counts th,
  .counts td {
    padding: 3px 14px 3px 0;
    text-align: left;
    font-weight: 400;
    white-space: nowrap;
  }
  @container (max-width: 480px) {
    .counts th,
    .counts td {
      padding-right: 10px;
    }
  }
  .counts .badge,
  .answers .badge {
    width: 20px;
    height: 20px;
    font-size: calc(0.6875 * var(--rem));
  }
  .apart {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 36px;
    width: fit-content;
    cursor: pointer;
  }
  .apart input {
    flex: none;
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--ink);
  }
  ol {
    margin: 6px 0 0;
    padding: 0;
    list-style: none;
  }
  ol > li {
    padding: 12px 0;
    border-top: 1px solid var(--line);
  }
  .story {
    color: var(--muted);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    max-width: 90ch;
  }
  details .story {
    margin-top: 4px;
  }
  .question {
    font-weight: 560;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .expected {
    margin-top: 4px;
  }
  .answers {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 170px), 1fr));
    gap: 6px 14px;
    margin: 8px 0 0;
    padding: 0;
    list-style: none;
  }
  .answers li {
    display: grid;
    grid-template-columns: auto 1em minmax(0, 1fr);
    align-items: baseline;
    gap: 8px;
  }
  .answers .badge {
    align-self: start;
    margin-top: 2px;
  }
  .mark {
    font-weight: 700;
    text-align: center;
  }
  .text {
    overflow-wrap: anywhere;
  }
  [data-right='false'] .mark,
  [data-right='false'] .text[lang] {
    color: var(--error);
    font-weight: 620;
  }
  [data-stale] {
    ${toned}
  }
  .pager {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 14px;
    padding-top: 12px;
    border-top: 1px solid var(--line);
  }
  .pager button {
    min-height: 36px;
  }
  @media (pointer: coarse) {
    .apart,
    .pager button {
      min-height: 44px;
    }
  }
`;
