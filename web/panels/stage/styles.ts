/** How the stage looks: three columns where there is room, one below the other on a telephone, where the
 * bar with the control stays in sight. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';
import { curveStyles } from './curve_styles.ts';

const frame = css`
  :host {
    container-type: inline-size;
    --thumb: 26px;
  }
  .stage {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 10px;
    padding: 14px 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }
  h3 {
    font-size: calc(0.9375 * var(--rem));
    font-weight: 620;
    line-height: 1.3;
  }
  .bar {
    position: sticky;
    top: 0;
    z-index: 2;
    display: grid;
    gap: 8px;
    margin: -14px -16px 0;
    padding: 14px 16px 6px;
    border-bottom: 1px solid var(--line);
    border-radius: var(--radius) var(--radius) 0 0;
    background: var(--surface);
  }
  /* Where the bar would take much of what is in sight, as at 200% zoom, it scrolls away with the rest. */
  @media (max-height: 560px) {
    .bar {
      position: static;
    }
  }

  /* ---- what it comes to ---- */
  .headline {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 12px;
    line-height: 1.2;
  }
  .headline > b {
    font-size: calc(1.5 * var(--rem));
    font-weight: 680;
    letter-spacing: -0.02em;
    overflow-wrap: anywhere;
  }
  .tag {
    padding: 1px 9px;
    border-radius: 999px;
    background: var(--error);
    color: var(--surface);
    font-size: calc(0.8125 * var(--rem));
    font-weight: 620;
    align-self: center;
  }
  .size {
    height: 10px;
    margin-top: 6px;
    border-radius: 5px;
    background: var(--track);
    overflow: hidden;
  }
  .size span {
    display: block;
    height: 100%;
    border-radius: 5px;
    background: var(--lane-a);
    transition: width 0.35s ease-out;
  }
  .says {
    margin-top: 8px;
    min-height: 4.5em;
    font-size: calc(0.875 * var(--rem));
    text-wrap: pretty;
  }
  .worse {
    color: var(--error);
    font-weight: 560;
  }
  [data-stale] .says,
  .text[data-stale] {
    ${toned}
  }
  .trouble,
  .asleep {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
    margin-top: 6px;
  }
`;

const below = css`
  /* ---- the guess ---- */
  .predict {
    display: grid;
    gap: 8px;
    align-content: center;
    justify-items: start;
  }
  .guesses {
    display: grid;
    grid-template-columns: repeat(6, minmax(0, 1fr));
    gap: 8px;
    width: 100%;
  }
  .guesses button {
    min-height: 40px;
    padding: 0;
    border-radius: var(--radius-small);
    font-size: calc(1.0625 * var(--rem));
    font-weight: 620;
    font-variant-numeric: tabular-nums;
  }
  .predict.made {
    position: relative;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    justify-items: stretch;
    gap: 4px 14px;
  }
  .made p {
    font-size: calc(0.9375 * var(--rem));
    text-wrap: balance;
  }
  .made .track {
    grid-area: 2 / 1 / 3 / -1;
  }
  .predict > button {
    min-height: 36px;
  }
  .track {
    height: 6px;
    border-radius: 3px;
    background: var(--track);
    overflow: hidden;
  }
  .track div {
    height: 100%;
    background: var(--ink);
  }
  .curve[data-empty] {
    display: none;
  }

  /* ---- texts and questions ---- */
  .texts {
    display: grid;
    gap: 10px;
  }
  .text-card {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    gap: 4px;
    padding-left: 12px;
    border-left: 3px solid var(--lane);
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: space-between;
    gap: 0 12px;
  }
  .text-card .text {
    height: 7.5em;
    overflow-y: auto;
    font-size: calc(0.9375 * var(--rem));
    line-height: 1.5;
  }
  .prompt {
    color: var(--muted);
  }
  /* Different is not worse: no red. */
  .text mark {
    background: var(--notice-wash);
    color: inherit;
    border-bottom-color: var(--ink);
  }
  .text .after {
    color: inherit;
  }
  .unfold {
    min-height: 24px;
    min-width: 32px;
    padding: 0;
    align-self: center;
  }
  .unfold svg {
    transition: transform 0.15s;
  }
  .unfold[aria-expanded='true'] svg {
    transform: rotate(180deg);
  }
  .questions ul {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0 14px;
    margin: 4px 0 0;
    padding: 0;
    list-style: none;
  }
  .kind {
    display: grid;
    grid-template-columns: 20px minmax(0, 1fr) auto;
    grid-template-areas: 'mark name count' 'mark bar bar';
    align-items: center;
    gap: 1px 6px;
    width: 100%;
    min-height: 34px;
    padding: 2px 6px 2px 0;
    border-radius: 6px;
    text-align: left;
    font-size: calc(0.875 * var(--rem));
  }
  .mark {
    grid-area: mark;
    font-size: calc(1.125 * var(--rem));
    font-weight: 700;
    text-align: center;
  }
  .mark[data-right='false'] {
    color: var(--error);
  }
  .mark[data-right='true'] {
    color: var(--lane-a);
  }
  .name {
    grid-area: name;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .count {
    grid-area: count;
  }
  .kind-bar {
    grid-area: bar;
    position: relative;
    height: 8px;
    border-radius: 4px;
    background: var(--track);
  }
  .kind-bar .now {
    position: static;
    display: block;
    height: 100%;
    translate: none;
    border-radius: 4px;
    background: var(--lane-a);
    transition: width 0.5s ease-in;
  }
  .kind-bar .before {
    position: absolute;
    top: -2px;
    bottom: -2px;
    width: 2px;
    translate: -1px;
    background: var(--lane-reference);
  }
  .asked {
    max-height: 12em;
    border: 1px solid var(--line);
    margin-top: 8px;
    padding: 8px 12px;
    overflow-y: auto;
    border-radius: var(--radius-small);
    background: var(--sunken);
  }
  .asked p {
    white-space: pre-line;
  }
  .asked .answers {
    display: flex;
    flex-wrap: wrap;
    gap: 0 16px;
    white-space: normal;
  }

  /* ---- one step deeper ---- */
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 2px 16px;
    border-top: 1px solid var(--line);
    padding-top: 6px;
  }
  .why {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 4px;
  }
  .why button {
    min-height: 32px;
    padding: 0 8px;
    font-size: calc(0.875 * var(--rem));
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  details {
    color: var(--muted);
  }
  details[open] {
    flex: 1 1 100%;
  }
  summary {
    padding: 4px 0;
  }

  @container (max-width: 859px) {
    .reference:not([data-open]) {
      grid-template-columns: auto minmax(0, 1fr);
      align-items: center;
      gap: 8px;
    }
    .reference:not([data-open]) .text {
      height: 1.5em;
      overflow: hidden;
      white-space: nowrap;
      text-overflow: ellipsis;
    }
    .reference:not([data-open]) .prompt {
      display: none;
    }
    .questions h3 {
      display: none;
    }
    .headline {
      column-gap: 8px;
      font-size: calc(0.875 * var(--rem));
    }
    .legend {
      flex-wrap: nowrap;
      gap: 12px;
      font-size: calc(0.75 * var(--rem));
      white-space: nowrap;
    }
  }
  @container (min-width: 860px) {
    .stage {
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      grid-template-rows: auto auto minmax(0, 1fr) auto;
      gap: 10px 32px;
      min-height: 556px;
      padding: 18px 22px 8px;
    }
    /* Its two halves stand in the stage's own columns. */
    .bar {
      display: contents;
    }
    .curve,
    .curve[data-empty] {
      display: block;
      grid-area: 1 / 1;
    }
    .control {
      grid-area: 2 / 1;
      align-self: start;
    }
    .verdict {
      grid-area: 1 / 2;
    }
    .predict {
      grid-area: 2 / 2;
      min-height: 72px;
    }
    .texts {
      grid-area: 3 / 1 / 4 / -1;
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) minmax(0, 1.1fr);
      gap: 24px;
      padding-top: 10px;
      border-top: 1px solid var(--line);
    }
    .reference {
      order: -1;
    }
    .text-card .text {
      height: 10.5em;
    }
    .foot {
      grid-area: 4 / 1 / 5 / -1;
    }
    .unfold {
      display: none;
    }
    .headline > b {
      font-size: calc(1.75 * var(--rem));
    }
    .size {
      height: 14px;
      border-radius: 7px;
    }
    .says {
      font-size: calc(1.0625 * var(--rem));
      min-height: 4.5em;
    }
    .plot {
      height: 124px;
    }
    .legend {
      margin-bottom: 4px;
    }
    .questions {
      position: relative;
    }
    .questions ul {
      grid-template-columns: 1fr;
    }
    .kind {
      grid-template-columns: 20px minmax(0, 9.5em) minmax(0, 1fr) 3em;
      grid-template-areas: 'mark name bar count';
      min-height: 30px;
      gap: 8px;
    }
    .kind .count {
      text-align: right;
    }
    .asked {
      position: absolute;
      inset: auto 0 0;
      z-index: 1;
      max-height: 108px;
    }
    .asked[data-above] {
      inset: 0 0 auto;
    }
  }
  @media (forced-colors: active) {
    input[type='range'],
    .size,
    .size span,
    .kind-bar,
    .kind-bar *,
    .dot,
    .field > .broken,
    .tag {
      forced-color-adjust: none;
    }
  }
`;

export const styles = [frame, curveStyles, below];
