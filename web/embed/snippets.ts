/** What an author pastes into a page: the tag with its script, a frame, or a link. */
import { cards, firstModel } from 'virtual:cards';
import { bitsOf, megabytes, rightOf, WORDS, type ShellLang } from './poster.ts';

/** '' and null: left to the element. */
export interface Choices {
  model: string;
  lanes: readonly string[];
  view: string;
  lang: ShellLang | '';
  theme: string;
  /** In CSS pixels. */
  height: number;
  isManual: boolean;
  /** What the author reads: for the words of a snippet where the readers' language is left open. */
  authorLang: ShellLang;
}

const spokenIn = ({ lang, authorLang }: Choices): ShellLang => lang || authorLang;

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** The attributes, in the order of a tag. */
export function attributesOf(choices: Choices): [string, string][] {
  const { model, lanes, view, lang, theme, height, isManual } = choices;
  const all: [string, string][] = [
    ['model', model],
    ['lanes', lanes.join(',')],
    ['view', view],
    ['lang', lang],
    ['theme', theme],
    ['height', String(height)],
    ['reveal', isManual ? 'manual' : ''],
  ];
  return all.filter(([, value]) => value !== '');
}

/** A link's words of these choices; what is legal in a query stays readable. */
function queryOf(choices: Choices, names: readonly string[]): string {
  const words = attributesOf(choices).filter(([name]) => names.includes(name));
  const pairs = words.map(([name, value]) => {
    const encoded = encodeURIComponent(value);
    return `${name}=${encoded.replace(/%(?:3A|2C|2F|40)/g, decodeURIComponent)}`;
  });
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

export const linkOf = (site: string, choices: Choices) =>
  site + queryOf(choices, ['model', 'lanes', 'lang', 'theme']);

export const frameOf = (site: string, choices: Choices) =>
  `${site}embed/${queryOf(choices, ['model', 'lanes', 'view', 'lang', 'theme', 'reveal'])}`;

/** A sentence with the card's figures, for readers whose browser runs no script, and for search. */
export function sentenceOf(choices: Choices): string {
  const { model, lanes } = choices;
  const card = cards[model || firstModel];
  const language = spokenIn(choices);
  const t = WORDS[language];
  if (!card) return t.other(model);
  const shown = card.rows.filter(({ recipe }) => recipe === 'reference' || lanes.includes(recipe));
  const facts = shown.map((row) =>
    t.fact(bitsOf(row, language), megabytes(row.bytes), rightOf(row, language)),
  );
  return `${card.name}: ${facts.join('; ')}.`;
}

export function tagSnippet(site: string, choices: Choices): string {
  const attributes = attributesOf(choices).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  const link = `<a href="${escaped(linkOf(site, choices))}">${WORDS[spokenIn(choices)].start}</a>`;
  return `<script type="module" src="${site}v1/bitloss.js"></script>
<bitloss-playground${attributes.join('')}
  style="display: block; min-height: ${choices.height}px">
  <p>${escaped(sentenceOf(choices))} ${link}</p>
</bitloss-playground>`;
}

export function frameSnippet(site: string, choices: Choices): string {
  const title = WORDS[spokenIn(choices)].title;
  return `<iframe src="${escaped(frameOf(site, choices))}" title="${escaped(title)}"
  width="100%" height="${choices.height}" loading="lazy" style="border: 0"></iframe>`;
}

export function linkSnippet(site: string, choices: Choices): string {
  return `<a href="${escaped(linkOf(site, choices))}">${escaped(sentenceOf(choices))}</a>`;
}
