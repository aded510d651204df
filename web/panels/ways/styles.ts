/** How the panel of ways to fewer bits looks. */
import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  .predict {
    display: grid;
    gap: 10px;
    margin-top: 18px;
    padding: 14px 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--sunken);
  }
  .guesses {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .guesses button {
    background: var(--surface);
  }
  .truth {
    font-weight: 600;
  }
  .scroll {
    overflow-x: auto;
    margin-top: 14px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: calc(0.875 * var(--rem));
  }
  th,
  td {
    padding: 8px 10px;
    border-bottom: 1px solid var(--line);
    text-align: left;
    vertical-align: top;
  }
  td.number,
  th.number {
    text-align: right;
    white-space: nowrap;
  }
  td .small {
    white-space: nowrap;
  }
  tbody th {
    min-width: 12em;
    font-weight: 600;
  }
  tbody th p {
    font-weight: 400;
  }
  td.heat {
    background: color-mix(in srgb, var(--error) calc(var(--heat) * 22%), transparent);
  }
  h3 {
    font-size: calc(1.0625 * var(--rem));
    font-weight: 600;
  }
  figure,
  .languages {
    margin-top: 22px;
  }
  .languages > * + * {
    margin-top: 10px;
  }
  .languages .segments {
    max-width: 18em;
  }
  svg {
    display: block;
    width: 100%;
    margin-top: 6px;
  }
  svg text {
    font-size: 12px;
    fill: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  svg text.name {
    fill: var(--ink);
  }
  svg circle {
    fill: var(--lane-a);
  }
  .grid {
    stroke: var(--line);
  }
  .note {
    margin-top: 12px;
    max-width: 90ch;
  }
`;
