/* Leaps: two steps asked for in one, from single words up to prose. */
import { animals, children, colours, containers, kinds, places, thing } from '../world/lexicon.mjs';
import { asAnswer, languages } from '../render/languages.mjs';
import { chain2, tellFact } from './chain.mjs';
import { terms } from './practice.mjs';

// Games of two steps in one leap. What chain2 asks for in prose a small model does not find by itself, in tens of
// millions of tokens. It finds it here, in ten million, where all is said in single words and most of a document asks for
// it; from there cards with whole phrases, chains in few words and chains in prose lead up to it by degrees.

const words = {
  en: {
    relay: ['The cards lead on.', 'A relay of cards.', 'From card to card.'],
    end: 'And in the end?',
    cards: 'Cards.',
    again: 'Again?',
  },
  ko: {
    relay: ['카드가 이어진다.', '카드 이어달리기.', '카드에서 카드로.'],
    end: '마지막은?',
    cards: '카드.',
    again: '다시?',
  },
};

/** Facts of a chain in few words. */
const terse = {
  en: {
    inside: ['{o} is in {c}.', '{o} in {c}.'],
    stands: ['{c} is {p}.', '{c} {p}.'],
    holds: ['{A} has {o}.', '{o} is with {A}.'],
    is: ['{A} is {p}.', '{A} {p}.'],
    with: ['{A} is with {B}.', '{A} with {B}.'],
  },
  ko: {
    inside: ['{o} {c} 안.', '{c} 안 {o}.'],
    stands: ['{c} {p}.', '{p} {c}.'],
    holds: ['{A} {o}.', '{A} 손에 {o}.'],
    is: ['{A} {p}.', '{p} {A}.'],
    with: ['{A} {B} 옆.', '{B} 옆 {A}.'],
  },
};

/** How an entry may be named, from its one word to what a text says of it. */
const namings = {
  word: (entry, lang) => (entry.type === 'thing' ? entry.kind[lang] : entry[lang]),
  the: (entry, lang) =>
    entry.type === 'thing' && lang === 'en' ? `the ${entry.kind.en}` : asAnswer(entry, lang),
  full: asAnswer,
};

/** Pairs, one after another. */
const list = (pairs) => pairs.map(([from, to]) => `${from}: ${to}.`).join(' ');

/** Cards that lead to cards: asked for both, or at once for the last. */
export const relay = {
  name: 'relay',
  onlyTraining: true,
  scene: () => ({ keys: [] }),
  tell(_, lang, rng) {
    const count = rng.between(2, 5);
    const [first, middle, last] = rng
      .sample(['name', 'thing', 'place', 'word'], 3)
      .map((kind) => terms(kind, count, lang, rng));
    const lines = first.flatMap((term, i) => [
      `${term}: ${middle[i]}.`,
      `${middle[i]}: ${last[i]}.`,
    ]);
    const questions = first.map((term, i) => {
      if (rng.chance(40))
        return { ask: `${term}? ${languages[lang].stepwise}`, answer: `${middle[i]}, ${last[i]}` };
      return { ask: `${term}? ${words[lang].end}`, answer: last[i] };
    });
    return {
      text: `${rng.pick(words[lang].relay)} ${rng.shuffle(lines).join(' ')}`,
      questions: rng.shuffle(questions),
    };
  },
};

/** Cards whose ends alone are asked for. Of the documents in single words, which are `plain` per cent, one in seven asks
 * for one step; in the others each of the three places of a way has a naming of its own. */
function leapSkill(name, plain) {
  return {
    name,
    onlyTraining: true,
    scene: () => ({ keys: [] }),
    tell(_, lang, rng) {
      const count = rng.between(2, 5);
      const coloured = (kind) => thing(kind, rng.pick(colours));
      const all = [...children, ...animals, ...[...kinds, ...containers].map(coloured), ...places];
      const entries = rng.sample(all, 3 * count);
      const isPlain = rng.chance(plain);
      const naming = [0, 1, 2].map(() =>
        isPlain ? namings.word : rng.pick(Object.values(namings)),
      );
      const named = entries.map((entry, i) => naming[i % 3](entry, lang));
      const ways = Array.from({ length: count }, (_, i) => named.slice(3 * i, 3 * i + 3));
      const cards = list(
        rng.shuffle(
          ways.flatMap(([first, middle, last]) => [
            [first, middle],
            [middle, last],
          ]),
        ),
      );
      const asked = rng.sample(ways, Math.ceil(0.7 * count));
      const say = words[lang];
      const text =
        isPlain && rng.chance(15)
          ? `${say.cards} ${cards} ${say.again} ${list(asked)}`
          : `${rng.pick(say.relay)} ${cards} ${say.end} ${list(asked.map(([first, , last]) => [first, last]))}`;
      return { text, questions: [] };
    },
  };
}

export const wordLeaps = leapSkill('word_leaps', 100);
export const leaps = leapSkill('leaps', 40);

/** The chains of chain2 with all their ends: a third in its own sentences, the others in few words. */
export const chainLeaps = {
  name: 'chain_leaps',
  split: chain2.split,
  onlyTraining: true,
  scene: chain2.scene,
  tell({ chains, told }, lang, rng) {
    const inProse = rng.chance(30);
    const naming = inProse ? namings.full : rng.pick(Object.values(namings));
    const placeIsWord = naming === namings.word && rng.chance(60);
    const name = (entry) =>
      (entry.type === 'place' && !placeIsWord ? asAnswer : naming)(entry, lang);
    const teller = new languages[lang].Teller(rng);
    const say = ([kind, roles]) =>
      inProse
        ? tellFact(teller, [kind, roles], lang, rng)
        : rng.pick(terse[lang][kind]).replace(/\{(\w)\}/g, (_, role) => name(roles[role]));
    const text = told.map(say).join(' ');
    const asked = rng
      .shuffle(chains)
      .map(({ roles, facts: [[kind, said]] }) => [
        name(kind === 'with' ? said.A : said.o),
        name(roles.p),
      ]);
    return { text: `${text} ${words[lang].end} ${list(asked)}`, questions: [] };
  },
};
