/** How the choice of a model looks. */
import { css } from 'lit';

export const styles = css`
  .columns {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, calc(23.75 * var(--rem))), 1fr));
    gap: var(--gap);
  }
  .columns[hidden] {
    display: none;
  }
  .drop {
    display: grid;
    justify-items: center;
    align-content: center;
    gap: 8px;
    min-height: 260px;
    padding: 28px 20px;
    border: 1.5px dashed var(--edge);
    border-radius: var(--radius);
    background: var(--surface);
    text-align: center;
    transition: background-color 0.15s;
  }
  .drop[data-over] {
    background: var(--sunken);
    border-style: solid;
    border-color: var(--ink);
  }
  .drop svg {
    color: var(--muted);
  }
  .buttons {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 10px;
    margin-top: 10px;
  }
  .button:has(+ input:focus-visible) {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }
  .named {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 20px;
    align-content: center;
  }
  form {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
  }
  form label {
    font-size: calc(0.875 * var(--rem));
    color: var(--muted);
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .line input {
    flex: 1 1 11em;
    min-width: 0;
    font-family: var(--mono);
    font-size: calc(0.875 * var(--rem));
  }
  h3 {
    font-weight: 520;
  }
  ul {
    display: grid;
    gap: 8px;
    margin: -8px 0 0;
    padding: 0;
    list-style: none;
  }
  li button {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 2px 12px;
    width: 100%;
    padding: 10px 14px;
    border-color: var(--line);
    border-radius: var(--radius-small);
    background: var(--surface);
    text-align: left;
    white-space: normal;
  }
  li .note {
    grid-column: 1 / -1;
    font-weight: 400;
  }
  .status {
    margin-bottom: 16px;
  }
  .asked {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
    padding: 18px 20px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    overflow-wrap: anywhere;
  }
  .choices {
    display: grid;
    gap: 8px;
    padding: 18px 20px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    overflow-wrap: anywhere;
  }
  .choices ul {
    grid-template-columns: repeat(auto-fill, minmax(min(100%, calc(13 * var(--rem))), 1fr));
    max-height: 370px;
    margin: 0;
    padding: 4px;
    overflow-y: auto;
  }
  .progress {
    display: grid;
    grid-template-columns: 1fr auto;
    align-items: center;
    gap: 8px 16px;
    padding: 18px 20px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    overflow-wrap: anywhere;
  }
  .progress progress,
  .progress .sentence {
    grid-column: 1 / -1;
  }
  progress {
    appearance: none;
    width: 100%;
    height: 6px;
    border: 0;
    border-radius: 3px;
    overflow: hidden;
    background: linear-gradient(to right, var(--faint) var(--come, 0%), var(--track) 0);
  }
  progress::-webkit-progress-bar {
    background: none;
  }
  progress::-webkit-progress-value {
    background: var(--ink);
    border-radius: 3px;
  }
  progress::-moz-progress-bar {
    background: var(--ink);
  }
`;
