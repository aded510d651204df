/** Styles of the page that writes snippets. */
import { css } from 'lit';

export const styles = css`
  :host {
    --rem: 1rem;
    max-width: 1080px;
    margin: 0 auto;
    padding: 0 clamp(16px, 3vw, 36px) 64px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
    padding: 16px 0;
  }
  a {
    color: inherit;
  }
  h1 {
    font-size: clamp(1.5rem, 1.2rem + 1.2vw, 2rem);
    font-weight: 680;
    line-height: 1.15;
    letter-spacing: -0.03em;
  }
  .lead {
    margin-top: 8px;
  }
  section {
    margin-top: 32px;
  }
  h2 {
    margin-bottom: 12px;
  }
  h3 {
    margin: 20px 0 6px;
    font-size: 1rem;
  }
  form {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr));
    gap: 16px 24px;
    align-items: start;
  }
  .field {
    display: grid;
    gap: 4px;
    font-size: 0.875rem;
  }
  .field input,
  .field select {
    min-height: 40px;
    min-width: 0;
    inline-size: 100%;
    padding: 4px 10px;
    border: 1px solid var(--edge);
    border-radius: var(--radius-small);
    background: var(--surface);
  }
  .bits {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 14px;
  }
  .bits label,
  .check {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 40px;
  }
  .bits input,
  .check input {
    inline-size: 20px;
    block-size: 20px;
    min-height: 0;
    margin: 0;
  }
  pre {
    margin: 8px 0;
    padding: 12px 14px;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--sunken);
    font: 0.8125rem / 1.5 var(--mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .way {
    margin-bottom: 20px;
  }
  .way header {
    padding: 0;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.875rem;
  }
  th,
  td {
    padding: 6px 12px 6px 0;
    border-top: 1px solid var(--line);
    text-align: start;
    vertical-align: top;
    font-weight: 400;
    overflow-wrap: anywhere;
  }
  th {
    inline-size: 32%;
    font-family: var(--mono);
    font-size: 0.8125rem;
  }
  .properties {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 14px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
`;
