/** How the table of everything looks, beside what all tables of figures share. */
import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  h3 {
    margin: 22px 0 0;
    font-size: calc(1 * var(--rem));
    font-weight: 620;
  }
  .left {
    text-align: left;
  }
  thead th button.plain {
    gap: 4px;
    width: 100%;
    min-height: 32px;
    padding: 2px 4px;
    border-radius: 6px;
    font-size: inherit;
    white-space: normal;
    text-align: inherit;
  }
  thead th.right button {
    justify-content: flex-end;
  }
  thead th.left button {
    justify-content: flex-start;
  }
  .arrow {
    flex: none;
    width: 1em;
    color: var(--faint);
  }
  [aria-sort='ascending'] .arrow,
  [aria-sort='descending'] .arrow {
    color: var(--ink);
  }
  .none {
    color: var(--faint);
    font-size: calc(0.75 * var(--rem));
  }
  .sweeping {
    font-size: calc(0.75 * var(--rem));
  }
  .note {
    margin-top: 10px;
    max-width: 90ch;
  }
  bitloss-export {
    margin-top: 14px;
  }
  @media (pointer: coarse) {
    thead th button {
      min-height: 44px;
    }
  }
`;
