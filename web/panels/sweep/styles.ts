/** How the sweep looks. */
import { css } from 'lit';

/** Colours of the series; the lanes' are not among them. */
export const seriesColors = css`
  :host {
    --series-0: light-dark(#4a3fb5, #aba3ff);
    --series-1: light-dark(#8a4a1c, #e0a070);
    --series-2: light-dark(#1f6f5c, #6fd0b4);
    --series-3: light-dark(#5d6068, #b4b8c0);
  }
`;

export const styles = css`
  .controls {
    display: grid;
    gap: 12px;
    margin-top: 14px;
    max-width: 760px;
  }
  .controls .go {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 18px;
  }
  .own {
    display: grid;
    gap: 4px;
  }
  .own textarea {
    min-height: 76px;
    font-family: var(--mono);
    font-size: calc(0.8125 * var(--rem));
  }
  .segments .row {
    flex-wrap: wrap;
  }
  .segments input + span {
    padding: 2px 8px;
    text-align: center;
  }
  @container (max-width: 588px) {
    .segments {
      grid-template-columns: 1fr;
      gap: 4px;
    }
  }
  .chart {
    max-width: 860px;
  }
  .picture {
    position: relative;
    margin-top: 18px;
  }
  .picture svg {
    display: block;
    max-width: 100%;
    height: auto;
  }
  .picture text {
    white-space: pre;
  }
  .picture g.points > *,
  .picture g.ghosts > * {
    cursor: default;
    outline: none;
  }
  .published {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 16px;
    margin-top: 12px;
  }
  .published label {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 32px;
    cursor: pointer;
  }
  .published input {
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--ink);
  }
  .published svg {
    width: 14px;
    height: 14px;
  }
  .published .caution,
  .published details {
    flex: 1 1 100%;
    min-width: 0;
    max-width: 90ch;
  }
  .published a {
    color: inherit;
  }
  .published summary {
    padding: 6px 0;
  }
  .published .scroll {
    max-width: 560px;
    max-height: 320px;
    margin-top: 4px;
  }
  .published caption {
    padding: 6px 7px;
    text-align: left;
    font-weight: 560;
  }
  @media (pointer: coarse) {
    .published label,
    .published summary {
      min-height: 44px;
    }
  }
  .picture g.points > *:focus-visible,
  .picture g.ghosts > *:focus-visible {
    stroke: var(--focus);
    stroke-width: 2.5;
  }
  .tip {
    position: absolute;
    z-index: 1;
    width: max-content;
    max-width: min(280px, 90%);
    padding: 8px 12px;
    border: 1px solid var(--edge);
    border-radius: var(--radius-small);
    background: var(--surface);
    pointer-events: none;
    transform: translate(var(--shift), calc(-100% - 14px));
  }
  .tip[data-below] {
    transform: translate(var(--shift), 16px);
  }
  .tip p + p {
    color: var(--muted);
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 18px;
    margin: 8px 0 0;
    padding: 0;
    list-style: none;
    font-size: calc(0.8125 * var(--rem));
    color: var(--muted);
  }
  .legend li {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  .legend svg {
    width: 14px;
    height: 14px;
    overflow: visible;
  }
  bitloss-export {
    margin-top: 12px;
  }
  bitloss-family {
    margin-top: 28px;
    padding-top: 18px;
    border-top: 1px solid var(--line);
  }
  h3 {
    margin: 0 0 4px;
    font-size: calc(1 * var(--rem));
    font-weight: 620;
  }
  .go {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 18px;
    margin-top: 12px;
  }
  .rival {
    font-weight: 520;
  }
  .note {
    margin-top: 10px;
    max-width: 80ch;
  }
`;
