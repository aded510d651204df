/** How the panel of quantization-aware training looks. */
import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  .settings {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, auto));
    justify-content: start;
    gap: 10px 28px;
    margin-top: 16px;
  }
  .predict,
  .going {
    display: grid;
    gap: 10px;
    justify-items: start;
    margin-top: 18px;
    padding: 14px 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--sunken);
  }
  .guesses {
    display: grid;
    grid-template-columns: repeat(5, minmax(0, 1fr));
    gap: 8px;
    width: 100%;
    max-width: 34em;
  }
  .guesses button {
    padding: 0;
    border-radius: var(--radius-small);
    background: var(--surface);
    font-weight: 620;
    font-variant-numeric: tabular-nums;
  }
  .going {
    justify-items: stretch;
  }
  .going .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
  }
  .going p {
    min-width: 0;
  }
  .track {
    height: 8px;
    border-radius: 4px;
    background: var(--track);
    overflow: hidden;
  }
  .track div {
    height: 100%;
    background: var(--ink);
  }
  h3 {
    font-size: calc(1.0625 * var(--rem));
    font-weight: 600;
  }
  figure {
    margin-top: 20px;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: space-between;
    gap: 4px 18px;
  }
  svg {
    display: block;
    width: 100%;
    margin-top: 6px;
  }
  svg text {
    font-size: 12px;
    fill: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .grid {
    stroke: var(--line);
  }
  line.rounded {
    stroke: var(--error);
    stroke-width: 2;
    stroke-dasharray: 6 4;
  }
  polyline {
    fill: none;
  }
  polyline.loss {
    stroke: var(--faint);
    stroke-width: 1;
  }
  polyline.held {
    stroke: var(--lane-a);
    stroke-width: 2.5;
  }
  circle.held {
    fill: var(--lane-a);
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    color: var(--muted);
  }
  .legend span::before {
    content: '';
    display: inline-block;
    width: 18px;
    margin-right: 7px;
    vertical-align: 0.28em;
    border-top: 2.5px solid var(--lane-a);
  }
  .legend .rounded::before {
    border-top: 2px dashed var(--error);
  }
  .legend .loss::before {
    border-top: 1px solid var(--faint);
  }
  .versions {
    margin-top: 22px;
  }
  .versions > p {
    margin-top: 4px;
    overflow-wrap: anywhere;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 12px;
    margin-top: 10px;
  }
  dl > div {
    display: grid;
    align-content: start;
    gap: 6px;
    padding: 12px 14px;
    border: 1px solid var(--line);
    border-top: 3px solid var(--color);
    border-radius: var(--radius-small);
    background: var(--surface);
  }
  dt {
    font-weight: 620;
  }
  dd.figure {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 12px;
    font-variant-numeric: tabular-nums;
  }
  dd.written {
    padding-top: 6px;
    border-top: 1px solid var(--line);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    line-height: 1.55;
  }
  .note,
  .versions > .note {
    margin-top: 12px;
    max-width: 90ch;
  }
  @container (max-width: 720px) {
    .settings,
    dl {
      grid-template-columns: minmax(0, 1fr);
      justify-content: stretch;
    }
    .segments input + span {
      padding: 0 5px;
    }
  }
`;
