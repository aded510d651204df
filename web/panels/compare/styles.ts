/** How the picture of all lanes looks. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';

export const styles = css`
  .pictures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, calc(21.875 * var(--rem))), 1fr));
    gap: var(--gap);
    align-items: center;
    margin-top: 18px;
  }
  .plot {
    display: block;
    max-width: 100%;
  }
  .plot text {
    font-size: 12px;
    fill: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .plot .grid {
    stroke: var(--line);
  }
  .plot .reference {
    stroke: var(--lane-reference);
    stroke-width: 2;
    stroke-dasharray: 4 4;
  }
  .point {
    outline-offset: 1px;
    border-radius: 50%;
  }
  .point circle {
    fill: var(--lane);
    stroke: var(--surface);
    stroke-width: 2;
    transition:
      cx 0.25s,
      cy 0.25s;
  }
  .plot .lead-line {
    stroke: var(--lane);
    stroke-width: 2;
  }
  .point:focus-visible {
    outline: none;
  }
  .point:focus-visible circle {
    stroke: var(--focus);
    stroke-width: 3;
  }
  .plot .letter {
    fill: var(--surface);
    font-size: 13px;
    font-weight: 700;
  }
  .sizes {
    display: grid;
    gap: 10px;
    margin: 12px 0 0;
    padding: 0;
    list-style: none;
  }
  .sizes li {
    display: grid;
    grid-template-columns: auto 1fr 6em;
    align-items: center;
    gap: 12px;
  }
  .sizes li[data-stale] {
    ${toned}
  }
  .sizes .number {
    text-align: right;
    font-weight: 540;
  }
  .bar {
    display: block;
    height: 22px;
    border-radius: 6px;
    background: var(--track);
    overflow: hidden;
  }
  .bar span {
    display: block;
    height: 100%;
    border-radius: 6px;
    background: var(--lane);
    transition: width 0.25s;
  }
  .texts {
    margin-top: 28px;
    padding-top: 20px;
    border-top: 1px solid var(--line);
  }
  h3 {
    font-size: calc(1.0625 * var(--rem));
    font-weight: 620;
  }
  .agreement {
    min-height: 1.45em;
    color: var(--muted);
    overflow-wrap: anywhere;
  }
  .agreement.differs {
    color: var(--error);
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, calc(17.5 * var(--rem))), 1fr));
    gap: var(--gap);
    margin-top: 12px;
  }
  .side {
    display: grid;
    align-content: start;
    gap: 10px;
    padding-left: 14px;
    border-left: 3px solid var(--lane);
    min-width: 0;
  }
  .side label {
    display: flex;
    align-items: center;
    gap: 10px;
    min-width: 0;
  }
  select {
    flex: 0 1 auto;
    font-size: calc(0.875 * var(--rem));
    text-overflow: ellipsis;
  }
`;
