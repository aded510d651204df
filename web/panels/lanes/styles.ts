/** How the lanes look. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';

export const styles = css`
  /* Five rows shared with the neighbouring lanes, so that equal things stand at equal heights. */
  :host {
    display: grid;
    grid-row: span 5;
    grid-template-rows: subgrid;
    row-gap: 0;
    min-width: 0;
  }
  article {
    display: grid;
    grid-row: span 5;
    grid-template-rows: subgrid;
    row-gap: 0;
    min-width: 0;
    overflow: hidden;
    border: 1px solid var(--line);
    border-top: 4px solid var(--lane);
    border-radius: var(--radius);
    background: var(--surface);
  }
  article > * {
    padding: 0 18px;
    min-width: 0;
  }
  header {
    display: flex;
    align-items: center;
    gap: 10px;
    min-height: 56px;
    padding-top: 8px;
    padding-bottom: 6px;
  }
  h3 {
    flex: 1;
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 10px;
    font-size: calc(1.0625 * var(--rem));
    font-weight: 620;
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
  }
  h3 code {
    font-size: calc(0.8125 * var(--rem));
    font-weight: 400;
    letter-spacing: 0;
  }
  .choosing {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
    padding-bottom: 8px;
  }
  .choosing .progress {
    flex: 1 1 100%;
  }
  .choosing p {
    flex: 1 1 12em;
  }
  .remove {
    margin-right: -10px;
    color: var(--muted);
  }
  .controls {
    display: grid;
    align-content: start;
    gap: 8px;
    padding-bottom: 16px;
  }
  .reference {
    max-width: 30ch;
    text-wrap: pretty;
  }
  .figures {
    position: relative;
    padding-top: 16px;
    padding-bottom: 14px;
    border-top: 1px solid var(--line);
  }
  .figures .sentence {
    margin-bottom: 12px;
  }
  /* What is still to come has its place already: nothing moves from under a pointer. */
  dl > div {
    min-height: 24px;
  }
  .two-lines {
    min-height: 42px;
  }
  .figures[data-stale] dl,
  .text[data-stale] {
    ${toned}
  }
  .progress {
    position: absolute;
    inset: -1px 0 auto;
    height: 3px;
    background: var(--track);
  }
  .progress div {
    height: 100%;
    background: var(--lane);
  }
  dl {
    display: grid;
    gap: 8px;
  }
  dl > div {
    display: grid;
    grid-template-columns: minmax(0, 0.8fr) minmax(0, 1.35fr);
    gap: 0 12px;
    align-items: baseline;
  }
  dt {
    font-size: calc(0.875 * var(--rem));
    color: var(--muted);
  }
  dd b {
    font-weight: 620;
  }
  dd span {
    display: block;
    font-size: calc(0.8125 * var(--rem));
    line-height: 1.4;
    color: var(--muted);
  }
  dd .pieces {
    display: flex;
    flex-wrap: wrap;
    gap: 0 10px;
  }
  .pieces span {
    white-space: nowrap;
  }
  .size {
    grid-template-columns: 1fr;
    gap: 2px;
    margin-bottom: 4px;
  }
  .size dt {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  .size dd {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 12px;
  }
  .size .value {
    min-height: 0;
    padding: 0;
    border: 0;
    font-size: calc(1.75 * var(--rem));
    font-weight: 640;
    letter-spacing: -0.02em;
    line-height: 1.25;
    border-radius: 4px;
    cursor: help;
  }
  .size .value:hover:not(:disabled) {
    background: none;
  }
  .size .share {
    display: inline;
    font-size: calc(0.9375 * var(--rem));
    color: var(--muted);
  }
  .exact {
    position: absolute;
    left: 0;
    bottom: 100%;
    padding: 3px 8px;
    border-radius: 6px;
    background: var(--ink);
    color: var(--paper);
    white-space: nowrap;
    opacity: 0;
    pointer-events: none;
    transition: opacity 0.12s;
  }
  .value:hover + .exact,
  .value:focus + .exact {
    opacity: 1;
  }
  .size .bar {
    display: block;
    height: 10px;
    margin-top: 4px;
    border-radius: 5px;
    background: var(--track);
    overflow: hidden;
  }
  .bar div {
    height: 100%;
    min-width: 2px;
    border-radius: 5px;
    background: var(--lane);
    transition: width 0.25s;
  }
  .took {
    margin-top: 8px;
  }
  /* The figures and the text to come have their places, about as high as they will be. */
  .empty {
    min-height: 255px;
    padding: 8px 0;
  }
  .output {
    display: grid;
    align-content: start;
    gap: 8px;
    padding-top: 14px;
    padding-bottom: 16px;
    border-top: 1px solid var(--line);
  }
  .lost:has(dl) + .output {
    min-height: 210px;
  }
  .verdict {
    display: grid;
    align-content: start;
    min-height: 2.9em;
    overflow-wrap: anywhere;
  }
  .differs b {
    color: var(--error);
    font-weight: 620;
  }
`;
