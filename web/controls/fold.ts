/** A box with a heading that folds it away; what is in it is made only while it is open. */
import { css, html, nothing, type TemplateResult } from 'lit';

export interface Fold {
  id: string;
  heading: string;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
}

export function fold(
  { id, heading, isOpen, onToggle }: Fold,
  content: () => TemplateResult,
): TemplateResult {
  return html`<section class="box fold" aria-labelledby="fold-${id}">
    <h2>
      <button id="fold-${id}" aria-expanded=${isOpen} @click=${() => onToggle(!isOpen)}>
        <span>${heading}</span>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M3 6l5 5 5-5" stroke="currentColor" stroke-width="1.8" fill="none" />
        </svg>
      </button>
    </h2>
    ${isOpen ? html`<div class="content">${content()}</div>` : nothing}
  </section>`;
}

export const foldStyles = css`
  /* More exact than the box's own padding, wherever that is written. */
  .box.fold {
    padding-top: 0;
    padding-bottom: 0;
  }
  .fold .content {
    padding-bottom: clamp(16px, 2cqi, 24px);
  }
  .fold h2 button {
    width: 100%;
    justify-content: space-between;
    min-height: 44px;
    padding: clamp(12px, 1.6cqi, 18px) 0;
    border: 0;
    border-radius: 6px;
    font: inherit;
    letter-spacing: inherit;
    text-align: left;
    white-space: normal;
  }
  .fold h2 button:hover:not(:disabled) {
    background: none;
  }
  .fold h2 svg {
    flex: none;
    transition: transform 0.15s;
  }
  .fold h2 button[aria-expanded='true'] svg {
    transform: rotate(180deg);
  }
`;
