/** How the bits of numbers look. A field of bits has a colour, a name over it and a kind of line under it. */
import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  .fields {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 12px 28px;
    margin-top: 14px;
  }
  .typing {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 10px 12px;
    min-width: 0;
  }
  .field {
    display: grid;
    gap: 4px;
    min-width: 0;
  }
  .field > span {
    font-size: calc(0.8125 * var(--rem));
    color: var(--muted);
  }
  .field input {
    width: 11em;
    max-width: 100%;
  }
  .examples {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .examples button {
    min-height: 40px;
    padding: 0 12px;
    font-size: calc(0.875 * var(--rem));
  }
  .problem,
  .error {
    color: var(--error);
  }
  #number-problem:not(:empty),
  #absmax-note {
    margin-top: 8px;
  }
  ul.formats {
    display: grid;
    margin: 16px 0 0;
    padding: 0;
    list-style: none;
  }
  .formats li {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(190px, auto);
    grid-template-areas: 'name result' 'bits formula';
    align-items: center;
    gap: 6px 24px;
    padding: 12px 0;
    border-top: 1px solid var(--line);
  }
  .name {
    grid-area: name;
  }
  .result {
    grid-area: result;
    text-align: right;
  }
  .formula {
    grid-area: formula;
    align-self: start;
    padding-top: 22px;
    text-align: right;
  }
  .value {
    font-size: calc(1.0625 * var(--rem));
    font-weight: 620;
    margin-right: 6px;
  }
  .result .error,
  .result .muted {
    font-size: calc(0.8125 * var(--rem));
  }
  .bits {
    grid-area: bits;
    display: flex;
    flex-wrap: wrap;
    gap: 8px 6px;
  }
  .field-bits {
    --field: var(--lane-d);
    --rule: solid;
    display: grid;
    gap: 3px;
    min-width: 0;
  }
  .field-bits[data-role='sign'] {
    --field: var(--lane-c);
    --rule: double;
  }
  .field-bits[data-role='exponent'] {
    --field: var(--lane-b);
    --rule: dashed;
  }
  .field-bits .role {
    color: var(--field);
    font-weight: 560;
    white-space: nowrap;
  }
  .role i {
    font-style: normal;
    font-weight: 460;
    color: var(--muted);
  }
  .field-bits .row {
    display: flex;
    flex-wrap: wrap;
    gap: 1px;
    padding-bottom: 3px;
    border-bottom: 3px var(--rule) var(--field);
  }
  .field-bits button {
    min-height: 30px;
    width: 24px;
    padding: 0;
    border: 1px solid var(--field);
    border-radius: 4px;
    font-family: var(--mono);
    font-size: calc(0.875 * var(--rem));
    font-weight: 520;
  }
  .field-bits button[aria-pressed='true'] {
    background: var(--field);
    color: var(--surface);
    font-weight: 700;
  }
  .field-bits button[aria-pressed='true']:hover {
    background: color-mix(in srgb, var(--field) 84%, var(--surface));
  }
  @container (max-width: 860px) {
    .formats li {
      grid-template-columns: minmax(0, 1fr);
      grid-template-areas: 'name' 'bits' 'result' 'formula';
    }
    .result,
    .formula {
      padding-top: 0;
      text-align: left;
    }
    .field-bits button {
      width: 28px;
      min-height: 34px;
    }
  }
  @media (pointer: coarse) {
    .field-bits button {
      min-height: 36px;
    }
  }
  h3 {
    font-size: calc(1.0625 * var(--rem));
    font-weight: 600;
    margin: 20px 0 4px;
  }
  .line-choice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 10px 28px;
    margin: 12px 0;
  }
  .drawn {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
  }
  .drawn legend {
    margin-bottom: 2px;
    padding: 0;
  }
  .drawn label {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 28px;
    cursor: pointer;
  }
  .drawn input {
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--ink);
  }
  .segments input + span {
    padding: 0 14px;
  }
  section svg {
    display: block;
    max-width: 100%;
  }
  svg text {
    font-size: 12px;
    fill: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  svg .row {
    fill: var(--ink);
    font-weight: 560;
    paint-order: stroke;
    stroke: var(--surface);
    stroke-width: 4px;
  }
  .base {
    stroke: var(--line);
  }
  .tick {
    stroke: var(--edge);
    stroke-width: 1.2;
  }
  .yours {
    stroke: var(--error);
    stroke-width: 1.5;
    stroke-dasharray: 4 3;
  }
  .rounded {
    fill: var(--ink);
    stroke: var(--surface);
    stroke-width: 1.5;
  }
  .keys {
    display: flex;
    align-items: center;
    gap: 8px;
    margin-top: 6px;
  }
  .key.yours {
    width: 18px;
    border-top: 2px dashed var(--error);
  }
  @media (forced-colors: active) {
    .field-bits button[aria-pressed='true'] {
      forced-color-adjust: none;
    }
  }
`;
