/** How one group of weights looks. */
import { css } from 'lit';

export const groupStyles = css`
  svg {
    display: block;
    max-width: 100%;
    margin-top: 6px;
    cursor: pointer;
  }
  .level {
    stroke: var(--line);
    fill: none;
  }
  .axis {
    stroke: var(--edge);
  }
  .became {
    fill: var(--lane);
    opacity: 0.62;
  }
  .became.chosen {
    opacity: 1;
  }
  .was {
    fill: none;
    stroke: var(--ink);
    stroke-width: 2;
  }
  .error-now {
    margin-top: 8px;
    font-weight: 560;
    min-height: 1.5em;
  }
  .handles,
  .way {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 10px 28px;
    margin-top: 10px;
  }
  label {
    display: grid;
    gap: 2px;
    flex: 1 1 220px;
    min-width: 0;
    max-width: 340px;
  }
  label span {
    font-size: calc(0.875 * var(--rem));
    color: var(--muted);
  }
  label b {
    color: var(--ink);
  }
  input[type='range'] {
    width: 100%;
    min-height: 28px;
    margin: 0;
    accent-color: var(--lane);
  }
  button {
    min-height: 36px;
  }
  .way {
    align-items: start;
    margin-top: 16px;
    padding-top: 12px;
    border-top: 1px solid var(--line);
  }
  dl {
    display: grid;
    gap: 2px 0;
    flex: 1 1 300px;
    font-size: calc(0.875 * var(--rem));
  }
  dl div {
    display: flex;
    flex-wrap: wrap;
    gap: 0 12px;
  }
  dt {
    min-width: 9.5em;
    font-family: var(--sans);
    color: var(--muted);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .off {
    color: var(--error);
  }
  .code {
    padding: 1px 5px;
    border: 1.5px solid var(--lane);
    border-radius: 4px;
  }
  h4 {
    margin: 14px 0 2px;
    font-size: calc(0.9375 * var(--rem));
    font-weight: 600;
  }
  ol.bytes {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 10px;
    margin: 8px 0 0;
    padding: 0;
    list-style: none;
    font-size: calc(0.8125 * var(--rem));
  }
  .bytes li {
    display: grid;
    justify-items: center;
  }
  .row {
    display: flex;
  }
  .row i {
    padding: 2px 0 2px 0.25ch;
    letter-spacing: 0.25ch;
    border-block: 2px solid transparent;
    font-style: normal;
  }
  .row i.even {
    background: color-mix(in srgb, var(--lane) 26%, var(--surface));
    border-bottom-color: var(--lane);
  }
  .row i.odd {
    background: var(--track);
    border-bottom-color: var(--edge);
  }
  .row i.chosen {
    border-block-color: var(--ink);
    font-weight: 700;
  }
  .hex {
    color: var(--muted);
  }
`;
