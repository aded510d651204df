// node examples/tinyworld/baselines.mjs
// What can be scored on the held-out tests without reading: always the most frequent answer, and one
// shallow trick per skill. A model's score means something only above these.
import fs from 'node:fs';
import { places } from './world/lexicon.mjs';

const folder = new URL('tests/', import.meta.url);
const context = (prompt) => prompt.split('\n\n')[0];
const placeAnswer = (place, lang) => (lang === 'en' ? `${place.prep} the ${place.en}` : place.ko);

/** Every place named in a text, with where it is named. */
function placesIn(text, lang) {
  const found = [];
  for (const place of places) {
    const name = lang === 'en' ? `the ${place.en}` : place.ko;
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
      found.push({ at, place });
  }
  return found.sort((a, b) => a.at - b.at);
}

function lastPlace({ prompt, lang }) {
  const last = placesIn(context(prompt), lang).at(-1);
  return last && placeAnswer(last.place, lang);
}

function mostWords({ prompt, lang }) {
  const good =
    lang === 'en'
      ? /good|lovely|exciting|wonderful|pleasant/g
      : /좋|훌륭|재미있|멋졌|멋지|즐거|즐겁|대단/g;
  const bad = lang === 'en' ? /bad|awful|boring|terrible|sad/g : /나빴|나쁘|끔찍|지루|형편없|답답/g;
  const count = (pattern) => (context(prompt).match(pattern) ?? []).length;
  const yes = count(good) > count(bad);
  return lang === 'en' ? (yes ? 'yes' : 'no') : yes ? '네' : '아니요';
}

function largestNumber({ prompt }) {
  return String(Math.max(0, ...(prompt.match(/\d+/g) ?? []).map(Number)));
}

/** A third of all that is listed or done, for three things are. */
function thirdOfAll({ prompt }) {
  const text = context(prompt);
  return String(Math.round(Math.max((text.match(/[,.]/g) ?? []).length, 1) / 3));
}

const firstNamed = ({ prompt, choices }) =>
  choices.toSorted((a, b) => prompt.indexOf(a) - prompt.indexOf(b))[0];

/** The invented word that is told first. */
function firstWord({ prompt, lang }) {
  if (lang === 'ko') return /"([^"]+)"/.exec(prompt)?.[1];
  return /"(\w+)"|(?:called|is|it|them:|it:|game) ([a-z]{5,})/.exec(prompt)?.slice(1).find(Boolean);
}

/** The things as they stand in the text. */
function asTold({ prompt, lang }) {
  const text = context(prompt);
  if (lang === 'ko') return text.split(' ').slice(1, -1).join(' ');
  return text
    .replace(/^.*?\b(?=an? )/, '')
    .replace(/\.$/, '')
    .replace(/\ban? /g, '')
    .replace(/ and /, ', ');
}

const tricks = {
  recall: ['the last place named', lastPlace],
  long_recall: ['the last place named', lastPlace],
  chain2: ['the last place named', lastPlace],
  chain3: ['the last place named', lastPlace],
  counting: ['a third of what is listed', thirdOfAll],
  addition: ['the largest number', largestNumber],
  order: ['who is named first', firstNamed],
  sentiment: ['more good words than bad', mostWords],
  copying: ['the first invented word', firstWord],
  format: ['the things with commas', asTold],
};

const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)}%`;
console.log(
  '| skill | language | items | majority | trick | scores |\n| --- | --- | --- | --- | --- | --- |',
);
for (const file of fs.readdirSync(folder).sort()) {
  const items = fs
    .readFileSync(new URL(file, folder), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const [{ skill, lang }] = items;
  if (skill === 'stories') continue;
  const counts = new Map();
  for (const { answer } of items) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const [name, trick] = tricks[skill] ?? ['', () => undefined];
  const right = items.filter((item) => trick(item) === item.answer).length;
  const score = name ? percent(right, items.length) : '';
  console.log(
    `| ${skill} | ${lang} | ${items.length} | ${percent(Math.max(...counts.values()), items.length)} | ${name} | ${score} |`,
  );
}
