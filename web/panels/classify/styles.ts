/** How a classifier's answers and figures look; the table's own styles are those of all tables of figures. */
import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  .review {
    display: grid;
    gap: 6px;
    margin-top: 14px;
  }
  .review > span,
  .field > span {
    font-size: calc(0.8125 * var(--rem));
    color: var(--muted);
  }
  textarea {
    width: 100%;
    resize: vertical;
    line-height: 1.5;
  }
  .beside {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    margin-top: 8px;
  }
  .beside p {
    flex: 1 1 20em;
    min-width: 0;
  }
  h3 {
    margin: 20px 0 4px;
    font-size: calc(1.0625 * var(--rem));
    font-weight: 600;
  }
  ul {
    display: grid;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: grid;
    grid-template-columns: minmax(9em, 17em) minmax(0, 1fr) 14em;
    align-items: center;
    gap: 4px 16px;
    padding: 8px 0;
    border-top: 1px solid var(--line);
  }
  .name {
    overflow-wrap: anywhere;
  }
  .name::before {
    content: '';
    display: inline-block;
    width: 10px;
    height: 10px;
    margin-right: 8px;
    border-radius: 3px;
    background: var(--color);
  }
  .bar {
    position: relative;
    height: 14px;
    border-radius: 4px;
    background: var(--track);
    overflow: hidden;
  }
  .bar i {
    position: absolute;
    inset: 0 auto 0 0;
    background: var(--color);
  }
  .bar::after {
    content: '';
    position: absolute;
    inset: 0 auto 0 50%;
    border-left: 1px dashed var(--ink);
  }
  .said {
    display: grid;
  }
  .said b {
    font-weight: 620;
  }
  .changed {
    color: var(--error);
  }
  form {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 8px 12px;
    margin-top: 12px;
  }
  .field {
    display: grid;
    gap: 4px;
    min-width: 0;
  }
  .field input {
    width: 17em;
    max-width: 100%;
  }
  form .small {
    flex-basis: 100%;
  }
  td.left {
    text-align: left;
  }
  .note {
    margin-top: 10px;
    max-width: 90ch;
  }
  @container (max-width: 620px) {
    li {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
