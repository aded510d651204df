/** How the stage's slider looks, and the curve above it. */
import { css } from 'lit';

export const curveStyles = css`
  /* ---- the slider, and the curve above it ---- */
  .control,
  .field {
    margin-left: 30px;
  }
  input[type='range'] {
    appearance: none;
    display: block;
    width: 100%;
    height: 28px;
    margin: 0;
    background: transparent;
    cursor: pointer;
  }
  input[type='range']::-webkit-slider-runnable-track {
    height: 6px;
    border-radius: 3px;
    background: var(--track);
  }
  input[type='range']::-moz-range-track {
    height: 6px;
    border-radius: 3px;
    background: var(--track);
  }
  input[type='range']::-webkit-slider-thumb {
    appearance: none;
    width: var(--thumb);
    height: var(--thumb);
    margin-top: -10px;
    border: 3px solid var(--surface);
    border-radius: 50%;
    background: var(--lane-a);
    box-shadow: 0 0 0 1px var(--lane-a);
  }
  input[type='range']::-moz-range-thumb {
    box-sizing: border-box;
    width: var(--thumb);
    height: var(--thumb);
    border: 3px solid var(--surface);
    border-radius: 50%;
    background: var(--lane-a);
    box-shadow: 0 0 0 1px var(--lane-a);
  }
  input[type='range']:focus-visible {
    outline: none;
  }
  input[type='range']:focus-visible::-webkit-slider-thumb {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  input[type='range']:focus-visible::-moz-range-thumb {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .ticks {
    position: relative;
    height: 24px;
    margin: 0 calc(var(--thumb) / 2);
    font-size: calc(0.875 * var(--rem));
    color: var(--muted);
  }
  .ticks span {
    position: absolute;
    translate: -50%;
    min-width: 28px;
    height: 24px;
    text-align: center;
    line-height: 24px;
    cursor: pointer;
    white-space: nowrap;
  }
  .ticks span[data-at] {
    color: var(--ink);
    font-weight: 680;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    margin-left: 30px;
    color: var(--muted);
  }
  .legend i {
    display: inline-block;
    width: 9px;
    height: 9px;
    margin-right: 6px;
    border: 2px solid var(--lane-a);
    border-radius: 50%;
    background: var(--lane-a);
  }
  .legend .same i {
    border-color: var(--edge);
    background: none;
  }
  .plot {
    position: relative;
    height: 92px;
    margin: 10px 0 6px;
  }
  .grid {
    position: absolute;
    left: 30px;
    right: 0;
    border-top: 1px solid var(--line);
  }
  .grid i {
    position: absolute;
    right: calc(100% + 6px);
    translate: 0 -50%;
    font-style: normal;
    font-size: calc(0.75 * var(--rem));
    font-variant-numeric: tabular-nums;
    color: var(--muted);
  }
  .field {
    position: relative;
    height: 100%;
    margin-right: calc(var(--thumb) / 2);
    margin-left: calc(30px + var(--thumb) / 2);
  }
  .field svg {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    overflow: visible;
  }
  polyline {
    fill: none;
    stroke: var(--lane-a);
    stroke-width: 2.5;
  }
  polyline.same {
    stroke: var(--edge);
    stroke-width: 1.5;
    stroke-dasharray: 4 3;
  }
  .dot {
    position: absolute;
    translate: -50% -50%;
    width: 12px;
    height: 12px;
    border: 2px solid var(--lane-a);
    border-radius: 50%;
    background: var(--lane-a);
    animation: pop 0.3s ease-out;
  }
  .dot.same {
    width: 9px;
    height: 9px;
    border-color: var(--edge);
    background: var(--surface);
  }
  .dot[data-broken] {
    border-color: var(--error);
    border-radius: 2px;
    rotate: 45deg;
    background: var(--error);
  }
  @keyframes pop {
    from {
      scale: 0;
    }
  }
  .whisker {
    position: absolute;
    width: 0;
    border-left: 2px solid color-mix(in srgb, var(--lane-a) 55%, transparent);
    translate: -1px;
  }
  .now,
  .guess {
    position: absolute;
    top: 0;
    bottom: -8px;
    translate: -50%;
  }
  .field > .now {
    border-left: 1px solid var(--edge);
  }
  .guess {
    border-left: 2px dashed var(--ink);
  }
  .guess b,
  .broken b {
    position: absolute;
    bottom: 2px;
    padding: 0 5px;
    font-size: calc(0.75 * var(--rem));
    font-weight: 620;
    line-height: 1.4;
    white-space: nowrap;
    background: var(--surface);
    border-radius: 4px;
  }
  .guess b {
    right: 4px;
  }
  .field > .broken {
    position: absolute;
    top: 0;
    bottom: 0;
    right: calc(var(--thumb) / -2);
    background: var(--error-wash);
    border-left: 2px solid var(--error);
  }
  .broken b {
    left: 4px;
    color: var(--error);
    background: none;
  }
  .axis {
    position: absolute;
    inset: calc(100% + 8px) 0 auto;
    height: 20px;
    visibility: hidden;
    color: var(--muted);
    font-size: calc(0.75 * var(--rem));
  }
  .axis span {
    position: absolute;
    translate: -50%;
    white-space: nowrap;
  }
  .empty {
    position: absolute;
    inset: auto 0 18px;
    text-align: center;
  }
`;
