/** How the memory calculator looks. */
import { css } from 'lit';
import { toned } from '../../styles/shared.ts';

export const styles = css`
  .controls {
    display: grid;
    gap: 12px;
    margin-top: 14px;
    max-width: 760px;
  }
  .sizes,
  .fields {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 12px 20px;
  }
  .segments {
    flex: 0 1 auto;
    min-width: min(100%, 300px);
  }
  .segments input + span {
    padding: 2px 12px;
    text-align: center;
  }
  .field {
    display: flex;
    align-items: center;
    gap: 10px;
    font-size: calc(0.875 * var(--rem));
    color: var(--muted);
  }
  .field input,
  .field select {
    color: var(--ink);
    width: 8.5em;
  }
  .field input.mono {
    width: 13em;
  }
  .field input.size {
    width: 6em;
  }
  .field select {
    width: auto;
  }
  .config {
    display: grid;
    gap: 4px;
  }
  .config textarea {
    min-height: 140px;
    font-family: var(--mono);
    font-size: calc(0.75 * var(--rem));
  }
  @container (max-width: 588px) {
    .segments {
      grid-template-columns: 1fr;
      gap: 4px;
      flex: 1 1 100%;
    }
    .fields .field {
      flex: 1 1 100%;
      justify-content: space-between;
    }
  }
  .result {
    margin-top: 20px;
  }
  .result[data-stale] {
    ${toned}
  }
  h3 {
    font-size: calc(1.0625 * var(--rem));
    font-weight: 620;
  }
  .result > h3:not(:first-child) {
    margin: 22px 0 8px;
    font-size: calc(0.9375 * var(--rem));
  }
  .overhead {
    margin-top: 6px;
    max-width: 80ch;
  }
  .marks {
    position: relative;
    height: 1.5em;
  }
  .marks span {
    position: absolute;
    transform: translateX(-50%);
    white-space: nowrap;
  }
  .needs {
    display: grid;
    gap: 16px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .needs > li > p:first-child {
    display: flex;
    justify-content: space-between;
    gap: 12px;
    margin-bottom: 4px;
  }
  .barbox {
    position: relative;
  }
  .mark {
    position: absolute;
    top: -3px;
    bottom: -3px;
    border-left: 2px dashed var(--error);
  }
  .needs .stack-legend {
    margin-top: 4px;
  }
  .fits {
    font-weight: 540;
  }
  .note {
    margin-top: 10px;
    max-width: 80ch;
  }
`;
