/* Practice: games of looking back, which help to learn and have no test. */
import { animals, children, kinds, places } from '../world/lexicon.mjs';
import { isTestKey } from '../documents.mjs';
import { invent } from './copying.mjs';

// Games that ask for nothing but looking back, over and over. A document of another skill has one or two
// places where looking back pays; without these a small model needs many times the text to find that it can.

const words = {
  en: {
    parrot: [
      'The parrot heard: {l}. It said: {l}.',
      'The teacher read: {l}. The parrot repeated: {l}.',
      '{n} whispered: {l}. The echo answered: {l}.',
    ],
    more: [' Again: {l}.', ' Once more: {l}.'],
    cards: ['The cards lie on the table.', 'They drew cards.', 'A game of pairs.'],
  },
  ko: {
    parrot: [
      '앵무새가 들었다: {l}. 앵무새가 말했다: {l}.',
      '선생님이 읽었다: {l}. 앵무새가 따라 했다: {l}.',
      '속삭임: {l}. 메아리: {l}.',
    ],
    more: [' 다시: {l}.', ' 한 번 더: {l}.'],
    cards: ['탁자 위에 카드가 있다.', '카드를 뽑았다.', '짝 맞추기 놀이.'],
  },
};

/** An invented word that no test asks for. */
function newWord(lang, rng) {
  for (;;) {
    const word = invent(lang, rng);
    if (!isTestKey('copying', word)) return word;
  }
}

/** `count` different things to say, of one kind. */
export function terms(kind, count, lang, rng) {
  if (kind === 'word') return Array.from({ length: count }, () => newWord(lang, rng));
  if (kind === 'number') return Array.from({ length: count }, () => String(rng.between(1, 20)));
  if (kind === 'place')
    return rng.sample(places, count).map((p) => (lang === 'en' ? `${p.prep} the ${p.en}` : p.ko));
  return rng
    .sample(kind === 'thing' ? kinds : [...children, ...animals], count)
    .map((entry) => entry[lang]);
}

function parrot(lang, rng) {
  const list = terms(
    rng.pick(['word', 'word', 'name', 'thing', 'number']),
    rng.between(4, 12),
    lang,
    rng,
  ).join(', ');
  const n = rng.pick(children)[lang];
  let text = rng.pick(words[lang].parrot);
  for (let again = rng.below(3); again > 0; again--) text += rng.pick(words[lang].more);
  return { text: text.replaceAll('{l}', list).replace('{n}', n), questions: [] };
}

function cards(lang, rng) {
  const count = rng.between(3, 6);
  const [left, right] = rng.sample(['name', 'thing', 'place', 'word'], 2);
  const keys = terms(left, count, lang, rng);
  const values = terms(right, count, lang, rng);
  const lines = keys.map((key, i) => `${key}: ${values[i]}.`);
  return {
    text: `${rng.pick(words[lang].cards)} ${lines.join(' ')}`,
    questions: rng.sample(
      keys.map((key, i) => ({ ask: `${key}?`, answer: values[i] })),
      count,
    ),
  };
}

export default {
  name: 'practice',
  onlyTraining: true,
  scene: () => ({ keys: [] }),
  tell: (_, lang, rng) => (rng.chance(45) ? parrot : cards)(lang, rng),
};
