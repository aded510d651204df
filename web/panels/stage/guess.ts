/** The question before the sweep, and the answer beside the truth after it. */
import { html, type TemplateResult } from 'lit';
import { progressBar } from '../../controls/progress.ts';
import { ROUNDED, type Width } from './widths.ts';
import type { StageWords } from './words.ts';

export interface GuessParts {
  words: StageWords;
  bitsOf: (width: Width) => string;
  /** null before it is made. */
  guess: Width | null;
  /** The slider is sweeping: 0 to 1, how much of all stops has been measured. */
  progress: number | null;
  /** The first width that breaks, null when none does. */
  truth: Width | null;
  onGuess: (width: Width) => void;
  onStop: () => void;
  onAgain: () => void;
}

export function guessing(parts: GuessParts): TemplateResult {
  const { words, bitsOf, guess, progress } = parts;
  if (guess === null)
    return html`<div class="predict">
      <p><b>${words.predict}</b> <span class="small muted">${words.predictHint}</span></p>
      <div class="guesses">
        ${ROUNDED.map(
          (width) => html`<button
            aria-label=${words.guess(String(width))}
            @click=${() => parts.onGuess(width)}
          >
            ${width}
          </button>`,
        )}
      </div>
    </div>`;
  // One button that changes its word, so that it keeps the keyboard's focus.
  const isRunning = progress !== null;
  return html`<div class="predict made">
    <p>${isRunning ? words.sweeping(bitsOf(guess)) : html`<b>${outcome(parts, guess)}</b>`}</p>
    ${isRunning ? progressBar('track', words.measuring, progress) : ''}
    <button @click=${isRunning ? parts.onStop : parts.onAgain}>${isRunning ? words.stop : words.again}</button>
  </div>`;
}

export function outcome(
  { words, bitsOf, truth }: Pick<GuessParts, 'words' | 'bitsOf' | 'truth'>,
  guess: Width,
): string {
  if (truth === null) return words.never(bitsOf(guess));
  return truth === guess ? words.right(bitsOf(truth)) : words.wrong(bitsOf(guess), bitsOf(truth));
}
