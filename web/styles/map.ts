/** A map of a model's matrices: a cell for each, which keys move a cursor over. */
import { css } from 'lit';

export const mapStyles = css`
  text {
    font-size: 12px;
    fill: var(--muted);
  }
  .cell {
    fill: var(--error);
  }
  .back {
    fill: var(--track);
  }
  .cursor {
    fill: none;
    stroke: var(--ink);
    stroke-width: 2;
    pointer-events: none;
  }
`;
