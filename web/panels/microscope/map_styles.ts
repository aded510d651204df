/** How the map of a matrix looks. */
import { css } from 'lit';

export const mapStyles = css`
  :host {
    container-type: inline-size;
    isolation: isolate;
  }
  @container (max-width: 480px) {
    .segments {
      grid-template-columns: 1fr;
      gap: 4px;
    }
    .segments .row {
      flex-wrap: wrap;
    }
    .segments input + span {
      padding: 0 8px;
    }
  }
  .segments {
    max-width: 560px;
    margin-bottom: 8px;
  }
  .map {
    position: relative;
    margin-top: 8px;
  }
  canvas {
    display: block;
    width: 100%;
    height: 132px;
    border-radius: 4px;
    background: var(--track);
    /* A change of the theme ends in a transition, after which the picture is drawn anew. */
    color: var(--error);
    transition: color 1ms;
    image-rendering: pixelated;
    cursor: crosshair;
  }
  canvas[data-shows='before'] {
    color: var(--ink);
  }
  canvas[data-shows='after'] {
    color: var(--lane);
  }
  [role='grid'] {
    position: absolute;
    inset: 0;
    pointer-events: none;
  }
  [role='gridcell'] {
    position: absolute;
    translate: -50% -50%;
    border-radius: 2px;
  }
  [role='gridcell'][aria-selected='true'] {
    border: 1.5px solid var(--ink);
    box-shadow: 0 0 0 1.5px var(--surface);
  }
  [role='gridcell']:focus-visible {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 16px;
    margin: 14px 0;
  }
  .choice label {
    display: flex;
    align-items: center;
    gap: 10px;
  }
  input[type='number'] {
    width: 7em;
  }
`;
