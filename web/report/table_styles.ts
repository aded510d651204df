/** How a table of figures looks that may be wider and higher than its place: it scrolls there, under its
 * headings and beside the names of its rows. */
import { css } from 'lit';

export const tableStyles = css`
  .scroll {
    /* What is there for screen readers alone stays within. */
    position: relative;
    overflow: auto;
    max-height: 70vh;
    margin-top: 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
  }
  table {
    width: 100%;
    border-collapse: separate;
    border-spacing: 0;
    font-size: calc(0.8125 * var(--rem));
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 6px 7px;
    text-align: right;
    white-space: nowrap;
    background: var(--surface);
    border-bottom: 1px solid var(--line);
  }
  thead th {
    position: sticky;
    top: 0;
    z-index: 1;
    font-weight: 560;
    color: var(--muted);
    white-space: normal;
    vertical-align: bottom;
  }
  tbody th {
    font-weight: 520;
  }
  th:first-child {
    position: sticky;
    left: 0;
    text-align: left;
    max-width: 46cqi;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  thead th:first-child {
    z-index: 2;
  }
  td.words,
  th.words {
    text-align: left;
  }
  td button {
    min-height: 30px;
    padding: 0 9px;
    font-size: calc(0.75 * var(--rem));
  }
  tr[data-current] > * {
    background: var(--sunken);
  }
  .badge {
    width: 18px;
    height: 18px;
    margin-right: 6px;
    font-size: calc(0.6875 * var(--rem));
  }
`;
