/** How the way through the layers looks. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';

export const styles = css`
  .finding {
    margin-top: 14px;
    font-weight: 560;
    line-height: 1.5;
  }
  .finding span {
    display: block;
  }
  .read,
  .controls,
  .start,
  .sentence {
    margin-top: 12px;
  }
  .read {
    overflow-wrap: anywhere;
  }
  .controls {
    max-width: calc(26 * var(--rem));
  }
  bitloss-layer-chart {
    margin-top: 14px;
  }
  .lanes {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, calc(26 * var(--rem))), 1fr));
    gap: var(--gap);
    margin-top: 20px;
  }
  .lane {
    min-width: 0;
  }
  [data-stale] {
    ${toned}
  }
  /* Of a model of many layers. */
  .rows {
    max-height: 40em;
    overflow-y: auto;
  }
  h3 {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
    font-size: calc(1.0625 * var(--rem));
    font-weight: 620;
  }
  h3 code {
    font-weight: 400;
    overflow-wrap: anywhere;
  }
  table {
    width: 100%;
    margin-top: 10px;
    table-layout: fixed;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  caption {
    text-align: left;
  }
  th,
  td {
    padding: 6px 8px 6px 0;
    border-top: 1px solid var(--line);
    text-align: left;
    vertical-align: baseline;
    font-weight: 400;
    overflow-wrap: anywhere;
  }
  thead th {
    border-top: 0;
    color: var(--muted);
    font-size: calc(0.8125 * var(--rem));
    line-height: 1.3;
    vertical-align: bottom;
  }
  .stage {
    width: calc(7.4 * var(--rem));
  }
  tbody th .muted {
    display: block;
    padding-left: 18px;
  }
  tbody th button {
    justify-content: flex-start;
    min-height: 30px;
    padding: 0 8px 0 0;
    border: 0;
    border-radius: 6px;
    gap: 6px;
    font-weight: 520;
    text-align: left;
    white-space: nowrap;
  }
  tbody th svg {
    flex: none;
    transition: transform 0.15s;
  }
  tbody th button[aria-expanded='true'] svg {
    transform: rotate(90deg);
  }
  .far {
    width: calc(5.6 * var(--rem));
    padding-right: 14px;
    overflow-wrap: normal;
  }
  .bar {
    display: block;
    height: 6px;
    margin-top: 3px;
    border-radius: 3px;
    background: var(--track);
    overflow: hidden;
  }
  .bar span {
    display: block;
    height: 100%;
    border-radius: 3px;
    background: var(--lane);
  }
  .token {
    font-family: var(--mono);
    font-size: 0.92em;
    font-weight: 600;
  }
  .p {
    color: var(--muted);
    white-space: nowrap;
  }
  .tag {
    display: inline-block;
    padding: 0 7px;
    border: 1px solid var(--edge);
    border-radius: 999px;
    font-size: calc(0.75 * var(--rem));
    white-space: nowrap;
  }
  .more td {
    padding: 2px 0 14px;
    border-top: 0;
  }
  .tops {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 8px 18px;
  }
  .tops h4 {
    margin: 0 0 4px;
    font-size: calc(0.8125 * var(--rem));
    font-weight: 520;
    color: var(--muted);
  }
  .tops ol {
    display: grid;
    gap: 3px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .tops li {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 8px;
  }
  .tops .bar {
    grid-column: 1 / -1;
    height: 4px;
    margin-top: 0;
  }
  .figures {
    display: flex;
    flex-wrap: wrap;
    gap: 0 16px;
    margin-top: 8px;
    color: var(--muted);
  }
  details {
    margin-top: 18px;
  }
  summary {
    padding: 8px 0;
    font-weight: 520;
  }
  details p {
    margin-top: 8px;
    max-width: 76ch;
    text-wrap: pretty;
  }
  @container (max-width: 448px) {
    .controls .segments {
      grid-template-columns: 1fr;
      gap: 4px;
    }
    table {
      font-size: calc(0.875 * var(--rem));
    }
    .p {
      display: block;
    }
    tbody th button {
      gap: 4px;
      padding-right: 0;
    }
    .stage {
      width: calc(6.1 * var(--rem));
    }
    .far {
      width: calc(4.2 * var(--rem));
    }
    th,
    td {
      padding-right: 4px;
    }
    .tag {
      padding: 0;
      border: 0;
      white-space: normal;
    }
    .tops .p {
      display: inline;
    }
  }
  @media (pointer: coarse) {
    tbody th button {
      min-height: 44px;
    }
  }
`;
