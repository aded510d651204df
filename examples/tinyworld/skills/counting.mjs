/* Counting: how many times something was done, or how many things there were. */
import { children, fruits, places, word } from '../world/lexicon.mjs';
import { list, withArticle } from '../render/en/grammar.mjs';
import { list as listKo } from '../render/ko/grammar.mjs';
import { languages } from '../render/languages.mjs';

const deeds = [
  word('clap', '손뼉을 쳤'),
  word('jump', '폴짝 뛰었'),
  word('sneeze', '재채기를 했'),
  word('whistle', '휘파람을 불었'),
  word('wink', '윙크를 했'),
];
const past = {
  clap: 'clapped',
  jump: 'jumped',
  sneeze: 'sneezed',
  whistle: 'whistled',
  wink: 'winked',
};

const templates = {
  en: {
    list: [
      `{A} found these things {p}: {l}.`,
      `{A} looked around {p} and saw {l}.`,
      `{A} had a long table {p}, and on it were {l}.`,
    ],
    howMany: [`How many {k.many} were there?`, `How many {k.many} did {A.n} see?`],
    times: [`How many times did {A.n} {d}?`],
  },
  ko: {
    list: [`{A은} {p에서} {l을} 보았다.`, `{p에} {l이} 있었다. {A이} 하나하나 늘어놓은 것이었다.`],
    howMany: [`{k은} 몇 개 있었나요?`],
    times: [`{A은} 몇 번 {d}나요?`],
  },
};

function listScene(rng) {
  const chosen = rng.sample(fruits, 3);
  const counts = [rng.between(1, 8), rng.between(1, 4), rng.between(1, 3)];
  const items = rng.shuffle(chosen.flatMap((kind, i) => Array(counts[i]).fill(kind)));
  const [A, p] = [rng.pick(children), rng.pick(places)];
  const sorted = chosen.map((kind, i) => `${kind.id}${counts[i]}`).sort();
  return { A, p, items, chosen, counts, keys: [`list/${A.id}/${p.id}/${sorted}`] };
}

function deedScene(rng) {
  const people = rng.sample(children, 2);
  const [d, other] = rng.sample(deeds, 2);
  const counts = [rng.between(1, 6), rng.between(1, 3), rng.between(1, 3)];
  const acts = [
    { A: people[0], d },
    { A: people[1], d },
    { A: people[0], d: other },
  ];
  const events = rng.shuffle(acts.flatMap((act, i) => Array(counts[i]).fill(act)));
  const sorted = acts.map((act, i) => `${act.A.id}-${act.d.id}${counts[i]}`).sort();
  return { acts, events, counts, keys: [`deeds/${sorted}`] };
}

export default {
  name: 'counting',
  scene: (rng) => (rng.chance(65) ? listScene(rng) : deedScene(rng)),
  tell(scene, lang, rng, { single }) {
    const teller = new languages[lang].Teller(rng);
    const words = templates[lang];
    const which = rng.sample([0, 1, 2], 3).slice(0, single ? 1 : 3);
    if (single) which[0] = rng.chance(70) ? 0 : which[0];
    if (scene.items) {
      const { A, p } = scene;
      const l =
        lang === 'en'
          ? list(scene.items.map((k) => withArticle(k.en)))
          : listKo(scene.items.map((k) => k.ko));
      return {
        text: teller.say(rng.pick(words.list), { A, p, l }),
        questions: which.map((i) => ({
          ask: teller.say(rng.pick(words.howMany), { A, k: scene.chosen[i] }),
          answer: String(scene.counts[i]),
        })),
      };
    }
    const text = scene.events.map(({ A, d }) =>
      lang === 'en' ? `${A.en} ${past[d.en]}.` : `${teller.say('{A이}', { A })} ${d.ko}다.`,
    );
    return {
      text: text.join(' '),
      questions: which.map((i) => ({
        ask: teller.say(rng.pick(words.times), scene.acts[i]),
        answer: String(scene.counts[i]),
      })),
    };
  },
};
