/** How one group of weights looks. */
import { css } from 'lit';

export const groupStyles = css`
  .sections {
    margin-bottom: 12px;
  }
  .sections legend {
    padding: 0;
    font-size: calc(0.8125 * var(--rem));
    color: var(--muted);
  }
  .sections div {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(46px, 1fr));
    gap: 4px;
    margin-top: 6px;
    max-width: 800px;
  }
  .sections label {
    position: relative;
    display: block;
    max-width: none;
  }
  .sections input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .sections input + span {
    display: grid;
    justify-items: center;
    padding: 3px 2px;
    border: 1.5px solid var(--line);
    border-radius: var(--radius-small);
    line-height: 1.3;
  }
  .sections input:checked + span {
    border-color: var(--lane);
    background: color-mix(in srgb, var(--lane) 14%, var(--surface));
  }
  .sections input:focus-visible + span {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }
  .sections b + b {
    color: var(--muted);
  }
  .picture {
    position: relative;
    margin-top: 6px;
  }
  svg {
    display: block;
    max-width: 100%;
    cursor: pointer;
  }
  /* A line across the picture, with a grip at its end that a finger can hold. */
  .handle {
    position: absolute;
    top: 0;
    right: 0;
    width: 100%;
    height: 0;
    border-top: 2px dashed var(--ink);
    pointer-events: none;
    touch-action: none;
  }
  .handle.zero {
    border-top-style: solid;
  }
  .handle span {
    position: absolute;
    top: -14px;
    right: 2px;
    min-width: 44px;
    padding: 3px 8px;
    border: 1.5px solid var(--ink);
    border-radius: 14px;
    background: var(--surface);
    color: var(--ink);
    font-size: 12px;
    line-height: 18px;
    text-align: center;
    cursor: ns-resize;
    pointer-events: auto;
    touch-action: none;
    user-select: none;
  }
  .handle.zero span {
    right: auto;
    left: 2px;
  }
  .handle:focus-visible {
    outline: none;
  }
  .handle:focus-visible span {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
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
  .readings,
  .way {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 24px;
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
`;
