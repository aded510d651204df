/** How the sensitivity map looks. */
import { css } from 'lit';

export const styles = css`
  .controls {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 12px 20px;
    margin-top: 14px;
  }
  .segments {
    min-width: min(100%, 320px);
  }
  .segments input + span {
    padding: 0 12px;
  }
  .field {
    display: flex;
    align-items: center;
    gap: 10px;
    font-size: calc(0.875 * var(--rem));
    color: var(--muted);
  }
  .field input {
    color: var(--ink);
    width: 11em;
  }
  .field input[type='number'] {
    width: 6em;
  }
  .results {
    display: grid;
    gap: var(--gap);
    margin-top: 18px;
  }
  .results > div {
    min-width: 0;
  }
  @container (min-width: 840px) {
    .results[data-map] {
      grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr);
    }
  }
  h3 {
    font-size: var(--rem);
    font-weight: 620;
  }
  .ranking {
    margin: 8px 0 4px;
    padding: 0 0 0 2em;
    font-size: calc(0.8125 * var(--rem));
  }
  .ranking li {
    padding: 3px 0 3px 4px;
  }
  .ranking li::marker {
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .ranking .name {
    display: inline-block;
    width: calc(56% - 8px);
    overflow-wrap: anywhere;
    vertical-align: middle;
  }
  .ranking .number {
    display: inline-block;
    width: 26%;
    text-align: right;
    vertical-align: middle;
  }
  .bar {
    display: inline-block;
    width: 16%;
    height: 10px;
    border-radius: 3px;
    background: var(--track);
    vertical-align: middle;
    overflow: hidden;
  }
  .bar span {
    display: block;
    height: 100%;
    min-width: 1px;
    background: var(--error);
  }
  .note {
    margin-top: 10px;
    max-width: 80ch;
  }
  .mix {
    margin-top: 24px;
    padding-top: 18px;
    border-top: 1px solid var(--line);
  }
  .recipe {
    margin-top: 16px;
    padding: 10px 14px;
    border-radius: var(--radius-small);
    background: var(--sunken);
    overflow-wrap: anywhere;
    font-size: calc(0.875 * var(--rem));
    max-height: 10em;
    overflow: auto;
  }
  table {
    margin-top: 12px;
    border-collapse: collapse;
    font-size: calc(0.875 * var(--rem));
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 6px 18px 6px 0;
    text-align: right;
    white-space: nowrap;
    border-bottom: 1px solid var(--line);
  }
  th {
    font-weight: 540;
  }
  thead th {
    color: var(--muted);
    font-size: calc(0.8125 * var(--rem));
    white-space: normal;
    vertical-align: bottom;
  }
  th:first-child {
    text-align: left;
  }
  .open {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 12px;
    margin-top: 12px;
  }
  @container (max-width: 588px) {
    table {
      width: 100%;
      font-size: calc(0.8125 * var(--rem));
    }
    th,
    td {
      padding-right: 6px;
    }
    .ranking .name {
      width: 100%;
    }
    .ranking .bar {
      width: 52%;
    }
    .ranking .number {
      width: 46%;
    }
    .segments {
      grid-template-columns: 1fr;
      gap: 4px;
    }
  }
`;
