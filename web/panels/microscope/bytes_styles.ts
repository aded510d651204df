/** How the stored numbers and bytes of a group look. */
import { css } from 'lit';

export const bytesStyles = css`
  /* What does not change while a line is dragged is not painted anew. */
  :host {
    contain: layout;
  }
  h4 {
    margin: 16px 0 2px;
    font-size: calc(0.9375 * var(--rem));
    font-weight: 600;
  }
  .numbers {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 24px;
    margin: 6px 0;
    padding: 0;
    list-style: none;
    font-size: calc(0.875 * var(--rem));
  }
  .numbers span {
    color: var(--muted);
    margin-right: 6px;
  }
  p.mono {
    font-size: calc(0.875 * var(--rem));
    margin-top: 2px;
    overflow-wrap: anywhere;
  }
  .part {
    margin-top: 8px;
  }
  ol {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 10px;
    margin: 4px 0 0;
    padding: 0;
    list-style: none;
    font-size: calc(0.8125 * var(--rem));
  }
  ol li {
    display: grid;
    justify-items: center;
  }
  .row {
    display: flex;
  }
  .bit {
    padding: 2px 0 2px 0.25ch;
    letter-spacing: 0.25ch;
    border-block: 2px solid transparent;
    font-style: normal;
  }
  .even {
    background: color-mix(in srgb, var(--lane) 26%, var(--surface));
    border-bottom-color: var(--lane);
  }
  .odd {
    background: var(--track);
    border-bottom-color: var(--edge);
  }
  .chosen {
    border-block-color: var(--ink);
    font-weight: 700;
  }
  .other {
    color: var(--faint);
  }
  .number0 {
    background: var(--ink);
    color: var(--surface);
  }
  .number1 {
    background: var(--muted);
    color: var(--surface);
  }
  .number2,
  .number3 {
    border-block-color: var(--ink);
  }
  .number3 {
    border-block-style: dashed;
  }
  .hex {
    color: var(--muted);
  }
  .at {
    font-size: 0.85em;
    color: var(--faint);
  }
  .at::after {
    content: ':';
  }
  @media (forced-colors: active) {
    .number0,
    .number1 {
      forced-color-adjust: none;
      background: CanvasText;
      color: Canvas;
    }
  }
`;
