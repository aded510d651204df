/** What stands where an experiment will be: figures of the model that were measured beforehand. */
import { cards, firstModel } from 'virtual:cards';
import type { CardRow } from '../cards.mjs';
import { en } from './en.ts';
import { ko } from './ko.ts';

export const WORDS = { en, ko };
export type ShellLang = keyof typeof WORDS;

type Child = Node | string;

/** Without markup in text, which a page's policy may refuse. */
export function make<N extends keyof HTMLElementTagNameMap>(
  name: N,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[N] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** 1_111_000 is "1.11 MB", as the experiment writes it. */
export function megabytes(bytes: number): string {
  const n = bytes / 1e6;
  return n < 1 ? `${(bytes / 1000).toFixed(0)} KB` : `${n.toFixed(n < 10 ? 2 : 1)} MB`;
}

export function bitsOf({ bits }: CardRow, lang: ShellLang): string {
  return bits ? WORDS[lang].bits(bits) : WORDS[lang].unrounded;
}

/** Of the questions in the reader's language, as the card has them. */
export const rightOf = (row: CardRow, lang: ShellLang) => `${row[lang].toFixed(1)}%`;

/** A title, and the card's table of a model that ships; of another what the experiment does. */
export function drawPoster(model: string | null, lang: ShellLang): Node[] {
  const t = WORDS[lang];
  const card = cards[model ?? firstModel];
  const title = make('p', { class: 'title' }, t.title);
  if (!card) return [title, make('p', {}, t.other(model!))];
  const cell = (text: string, more: readonly Child[] = []) => make('td', {}, text, ...more);
  const rows = card.rows.map((row) => {
    const { bytes } = row;
    const meter = make('span', { class: 'bar', 'aria-hidden': 'true' });
    meter.style.inlineSize = `${(100 * bytes) / card.rows[0]!.bytes}%`;
    const head = make('th', { scope: 'row' }, bitsOf(row, lang));
    return make('tr', {}, head, cell(megabytes(bytes), [meter]), cell(rightOf(row, lang)));
  });
  const heads = [t.weights, t.size, t.right].map((text) => make('th', { scope: 'col' }, text));
  return [
    title,
    make(
      'table',
      {},
      make('caption', {}, t.caption(card.name)),
      make('thead', {}, make('tr', {}, ...heads)),
      make('tbody', {}, ...rows),
    ),
  ];
}
