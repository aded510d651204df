/** How the histogram and codes of a matrix look. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';

export const styles = css`
  .choice {
    display: flex;
    flex-wrap: wrap;
    gap: 10px 16px;
    margin: 14px 0;
  }
  .choice label {
    display: flex;
    align-items: center;
    gap: 10px;
    min-width: 0;
    max-width: 100%;
  }
  .choice select {
    max-width: 100%;
    font-size: calc(0.875 * var(--rem));
    text-overflow: ellipsis;
  }
  .shown[data-stale],
  bitloss-weight-group[data-stale] {
    ${toned}
  }
  .facts {
    overflow-wrap: anywhere;
  }
  h3 {
    font-size: calc(0.9375 * var(--rem));
    font-weight: 600;
    margin-bottom: 6px;
  }
  .pictures {
    isolation: isolate;
    display: grid;
    gap: 20px 28px;
    margin-top: 16px;
  }
  .pictures[data-columns='2'] {
    grid-template-columns: 1fr 1fr;
  }
  .pictures svg {
    display: block;
    max-width: 100%;
  }
  svg text {
    font-size: 12px;
    fill: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .became {
    fill: var(--lane);
  }
  .was {
    fill: none;
    stroke: var(--ink);
    stroke-width: 1.4;
  }
  .axis {
    stroke: var(--edge);
  }
  .end {
    fill: var(--error);
  }
  .grid {
    fill: none;
    stroke: var(--edge);
    stroke-dasharray: 2 3;
  }
  .keys {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 8px;
    margin-top: 4px;
  }
  .keys.one {
    flex-wrap: nowrap;
    align-items: baseline;
  }
  .key {
    flex: none;
    width: 14px;
    height: 10px;
    border-radius: 2px;
  }
  .key.became {
    margin-left: 10px;
    background: var(--lane);
  }
  .key.was {
    height: 0;
    border-top: 2px solid var(--ink);
    border-radius: 0;
  }
  .key.grid {
    width: 0;
    height: 14px;
    margin-left: 10px;
    border-left: 2px dashed var(--edge);
    border-radius: 0;
  }
  .key.end {
    background: repeating-linear-gradient(45deg, var(--error) 0 2px, color-mix(in srgb, var(--error) 40%, var(--surface)) 2px 4px);
  }
  .near {
    margin-top: 22px;
  }
  .bytes {
    isolation: isolate;
    margin-top: 20px;
  }
  .bytes .stack {
    margin-top: 6px;
  }
  .stack-legend + p {
    margin-top: 14px;
  }
  details {
    margin-top: 16px;
    font-size: calc(0.875 * var(--rem));
  }
  summary {
    padding: 8px 0;
  }
  .scroll {
    overflow: auto;
    max-height: 320px;
    width: fit-content;
    max-width: 100%;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
  }
  table {
    border-collapse: collapse;
    font-size: calc(0.8125 * var(--rem));
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 4px 14px;
    text-align: right;
    font-weight: 460;
  }
  thead th {
    position: sticky;
    top: 0;
    background: var(--surface);
    color: var(--muted);
  }
  .note {
    margin-top: 10px;
  }
`;
