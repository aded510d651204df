/** How the skills look. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  .controls {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 10px 24px;
    margin: 14px 0;
  }
  @container (max-width: 480px) {
    .segments {
      grid-template-columns: 1fr;
      gap: 4px;
    }
  }
  .run {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
  }
  .run button {
    min-height: 34px;
  }
  .track {
    width: 160px;
    height: 6px;
    border-radius: 3px;
    background: var(--track);
    overflow: hidden;
  }
  .track div {
    height: 100%;
    background: var(--ink);
  }
  .note {
    margin-top: 12px;
    max-width: 90ch;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    table-layout: fixed;
  }
  th {
    text-align: left;
    font-weight: 560;
  }
  thead th {
    padding: 4px 10px 8px;
    vertical-align: bottom;
  }
  thead th:first-child {
    width: 30%;
  }
  .lane {
    display: flex;
    align-items: center;
    gap: 8px;
    overflow-wrap: anywhere;
    font-size: calc(0.875 * var(--rem));
  }
  tbody tr:not(.questions) {
    border-top: 1px solid var(--line);
  }
  tbody th {
    padding: 8px 12px 8px 0;
    vertical-align: top;
  }
  .name {
    display: block;
  }
  .about {
    font-weight: 400;
    text-wrap: pretty;
  }
  th button.plain {
    min-height: 24px;
    margin-left: -6px;
    padding: 0 6px;
    color: var(--muted);
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  td {
    padding: 8px 10px;
    vertical-align: top;
  }
  td[data-stale] {
    ${toned}
  }
  td .badge {
    display: none;
  }
  .bar {
    position: relative;
    display: block;
    height: 12px;
    margin-top: 6px;
    border-radius: 3px;
    background: var(--track);
  }
  .value {
    display: block;
    height: 100%;
    border-radius: 3px;
    background: var(--lane);
  }
  /* A line between two ends; the edge in the surface's colour keeps it visible on the bar. */
  .whisker {
    position: absolute;
    top: 2px;
    height: 8px;
    border: solid var(--ink);
    border-width: 0 2px;
    background: linear-gradient(var(--ink), var(--ink)) center / 100% 2px no-repeat;
    box-shadow: 0 0 0 1px color-mix(in srgb, var(--surface) 60%, transparent);
  }
  .figure {
    font-weight: 620;
    margin-right: 8px;
  }
  .verdict {
    color: var(--muted);
  }
  [data-verdict='worse'] {
    color: var(--error);
    font-weight: 620;
  }
  [data-verdict='worse']::before {
    content: '▼ ' / '';
  }
  [data-verdict='better']::before {
    content: '▲ ' / '';
  }
  [data-verdict='same']::before {
    content: '= ' / '';
  }
  .all th {
    font-weight: 680;
  }
  .questions td {
    padding: 0 0 12px;
  }
  @container (max-width: 640px) {
    table,
    tbody,
    tr,
    td,
    tbody th {
      display: block;
    }
    thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    tbody tr {
      padding: 10px 0;
    }
    tbody th {
      padding: 0 0 4px;
    }
    td {
      padding: 3px 0;
    }
    tr:not(.questions) td {
      display: grid;
      grid-template-columns: 24px minmax(0, 1fr) 3.6em minmax(0, 5.6em);
      align-items: center;
      gap: 8px;
    }
    td .badge {
      display: inline-grid;
      width: 20px;
      height: 20px;
      font-size: calc(0.6875 * var(--rem));
    }
    .bar {
      margin: 0;
    }
    .figure {
      margin: 0;
      text-align: right;
    }
  }
  @media (pointer: coarse) {
    th button.plain {
      min-height: 44px;
    }
  }
`;
