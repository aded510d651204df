/** A row of choices of which one is taken: native radio buttons, so the arrow keys work. Their group is no
 * fieldset, whose legend WebKit lays out above a grid, not in it. */
import { css, html, type TemplateResult } from 'lit';

export interface Segment<T> {
  value: T;
  label: string;
}

export function segments<T extends string | number>(
  name: string,
  legend: string,
  choices: readonly Segment<T>[],
  chosen: T | null,
  onChoose: (value: T) => void,
): TemplateResult {
  return html`<div class="segments" part=${name} role="radiogroup" aria-label=${legend}>
    <span class="label" aria-hidden="true">${legend}</span>
    <div class="row">
      ${choices.map(
        ({ value, label }) => html`<label>
          <input
            type="radio"
            name=${name}
            .value=${String(value)}
            .checked=${value === chosen}
            @change=${() => onChoose(value)}
          /><span>${label}</span>
        </label>`,
      )}
    </div>
  </div>`;
}

export const segmentStyles = css`
  .segments {
    display: grid;
    grid-template-columns: minmax(3.6em, auto) 1fr;
    align-items: center;
    gap: 10px;
  }
  .segments > .label {
    font-size: calc(0.8125 * var(--rem));
    color: var(--muted);
  }
  .segments .row {
    display: flex;
    border: 1px solid var(--edge);
    border-radius: var(--radius-small);
    overflow: hidden;
    background: var(--surface);
  }
  .segments label {
    display: grid;
    position: relative;
    flex: 1 1 0;
    cursor: pointer;
  }
  .segments label + label {
    border-left: 1px solid var(--line);
  }
  .segments input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .segments input + span {
    display: grid;
    place-items: center;
    min-height: 34px;
    font-size: calc(0.875 * var(--rem));
    font-variant-numeric: tabular-nums;
    transition: background-color 0.12s;
  }
  .segments label:hover span {
    background: var(--sunken);
  }
  .segments input:checked + span {
    background: var(--lane, var(--ink));
    color: var(--surface);
    font-weight: 620;
  }
  .segments input:focus-visible + span {
    outline: 2px solid var(--focus);
    outline-offset: -4px;
    box-shadow: inset 0 0 0 4px var(--surface);
  }
  .segments input:checked:focus-visible + span {
    outline-color: var(--surface);
    box-shadow: none;
  }
  @media (pointer: coarse) {
    .segments input + span {
      min-height: 44px;
    }
  }
`;

/** Beside these: each as wide as its words, where they differ much in length. */
export const unequalSegmentStyles = css`
  .segments label {
    flex: 1 0 auto;
  }
  .segments input + span {
    padding: 0 12px;
    white-space: nowrap;
  }
`;
