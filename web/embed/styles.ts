/** How an element looks before the experiment is there, in the experiment's colours; what is inherited
 * from the page around ends at `.root`. */
import { TOKENS } from '../styles/token_values.ts';

export const STYLES = `${TOKENS}
:host { display: block; min-inline-size: 0 }
:host([hidden]) { display: none }
.root {
  all: initial; display: block; box-sizing: border-box; container-type: inline-size;
  contain-intrinsic-inline-size: 640px; position: relative; color-scheme: light dark;
  color: var(--ink); background: var(--paper); border-radius: var(--radius);
  font: var(--rem) / 1.5 var(--sans); word-break: keep-all; overflow-wrap: break-word;
  overflow: auto; outline: none;
}
.root[data-theme='light'] { color-scheme: light }
.root[data-theme='dark'] { color-scheme: dark }
.poster { box-sizing: border-box; min-height: 100%; padding: clamp(16px, 4cqi, 40px) }
.title { margin: 0 0 12px; font-size: 1.375em; font-weight: 680; letter-spacing: -0.02em; line-height: 1.2 }
p { margin: 0 0 12px }
table { inline-size: 100%; max-inline-size: 640px; margin: 0 0 20px; border-collapse: collapse; font-variant-numeric: tabular-nums }
caption { text-align: start; color: var(--muted); font-size: 0.875em }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); text-align: start; font-weight: 400; vertical-align: top }
thead th { color: var(--muted); font-size: 0.875em }
th:first-child { white-space: nowrap }
td:nth-child(2) { inline-size: 50% }
th:last-child, td:last-child { padding-right: 0; text-align: end }
.bar { display: block; block-size: 4px; margin-top: 2px; border-radius: 2px; background: var(--lane-a) }
.muted { color: var(--muted) }
button {
  min-height: 44px; padding: 8px 18px; border: 0; border-radius: var(--radius-small);
  background: var(--ink); color: var(--paper); font: inherit; font-weight: 600; cursor: pointer;
}
button:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
@media (forced-colors: active) {
  button { border: 1px solid ButtonText }
  .bar { background: CanvasText; forced-color-adjust: none }
}
`;
