/* Order: who of two or three is taller, older or faster. */
import { animals, children, word } from '../world/lexicon.mjs';
import { languages } from '../render/languages.mjs';

// Both ends of a scale, more and less. English: comparative and superlative. Korean: "is more so" and
// the form that goes before a noun.
const scales = [
  {
    id: 'height',
    en: [
      ['taller', 'tallest'],
      ['shorter', 'shortest'],
    ],
    ko: [
      ['키가 더 크다', '키가 큰'],
      ['키가 더 작다', '키가 작은'],
    ],
  },
  {
    id: 'age',
    en: [
      ['older', 'oldest'],
      ['younger', 'youngest'],
    ],
    ko: [
      ['나이가 더 많다', '나이가 많은'],
      ['나이가 더 적다', '나이가 적은'],
    ],
  },
  {
    id: 'speed',
    en: [
      ['faster', 'fastest'],
      ['slower', 'slowest'],
    ],
    ko: [
      ['더 빠르다', '빠른'],
      ['더 느리다', '느린'],
    ],
  },
  {
    id: 'weight',
    en: [
      ['heavier', 'heaviest'],
      ['lighter', 'lightest'],
    ],
    ko: [
      ['더 무겁다', '무거운'],
      ['더 가볍다', '가벼운'],
    ],
  },
  {
    id: 'noise',
    en: [
      ['louder', 'loudest'],
      ['quieter', 'quietest'],
    ],
    ko: [
      ['더 시끄럽다', '시끄러운'],
      ['더 조용하다', '조용한'],
    ],
  },
];
const templates = {
  en: {
    fact: [
      `{A.n} is {w} than {B.n}.`,
      `{A.n} is a bit {w} than {B.n}.`,
      `Everyone knows that {A.n} is {w} than {B.n}.`,
    ],
    most: [`Who is the {m}?`],
    pair: [`Who is {w}, {A.n} or {B.n}?`],
    came: [`{A.n} came home before {B.n}.`],
    after: [`{B.n} came home after {A.n}.`],
    first: [`Who came home first?`],
    last: [`Who came home last?`],
  },
  ko: {
    fact: [`{A은} {B}보다 {w}.`, `{B}보다 {A이} {w}.`],
    most: [`누가 가장 {m}가요?`],
    pair: [`{A과} {B} 중에서 누가 {w}고 하나요?`],
    came: [`{A은} {B}보다 먼저 집에 왔다.`],
    after: [`{B은} {A}보다 나중에 집에 왔다.`],
    first: [`누가 가장 먼저 집에 왔나요?`],
    last: [`누가 가장 나중에 집에 왔나요?`],
  },
};

/** The comparative {w} and superlative {m} of one end of a scale: 0 for more, 1 for less. */
const scaleWords = (scale, end) => ({
  w: word(scale.en[end][0], scale.ko[end][0]),
  m: word(scale.en[end][1], scale.ko[end][1]),
});

/** A ranking's neighbours in words, and what says the rest. */
function tellRanking({ ranking, scale, facts }, lang, rng) {
  const teller = new languages[lang].Teller(rng);
  const say = (name, roles) => teller.say(rng.pick(templates[lang][name]), roles);
  const text = facts.map(({ i, turned }) => {
    const [A, B] = [ranking[i], ranking[i + 1]];
    if (!scale) return say(turned ? 'after' : 'came', { A, B });
    return turned
      ? say('fact', { A: B, B: A, ...scaleWords(scale, 1) })
      : say('fact', { A, B, ...scaleWords(scale, 0) });
  });
  return { text: text.join(' '), say };
}

/** Which of two is more so, or less: `end` as in scaleWords. */
function askPair({ ranking, scale }, [A, B], end, lang, say) {
  const upper = ranking.indexOf(A) < ranking.indexOf(B) ? A : B;
  return {
    ask: say('pair', { A, B, ...scaleWords(scale, end) }),
    answer: ((upper === A) === (end === 0) ? A : B)[lang],
    choices: [A[lang], B[lang]].sort(),
  };
}

const order = {
  name: 'order',
  /** A ranking of three or four, most first, told by neighbours in mixed order and both ways. */
  scene(rng) {
    const ranking = rng.sample([...children, ...animals], rng.between(3, 4));
    const scale = rng.chance(25) ? null : rng.pick(scales);
    const facts = rng.shuffle(ranking.slice(1).map((_, i) => ({ i, turned: rng.chance(50) })));
    return {
      ranking,
      scale,
      facts,
      keys: [`${scale?.id ?? 'time'}/${ranking.map((who) => who.id)}`],
    };
  },
  tell(scene, lang, rng, { single }) {
    const { ranking, scale } = scene;
    const { text, say } = tellRanking(scene, lang, rng);
    const name = (who) => who[lang];
    const ends = [0, 1].map((end) => ({
      ask: scale ? say('most', scaleWords(scale, end)) : say(end ? 'last' : 'first', {}),
      answer: name(end ? ranking.at(-1) : ranking[0]),
      choices: ranking.map(name).sort(),
    }));
    const questions = rng.shuffle(ends);
    if (scale && rng.chance(50)) {
      const two = rng.sample(ranking, 2);
      questions.unshift(askPair(scene, two, rng.below(2), lang, say));
    }
    return { text, questions: single ? questions.slice(0, 1) : questions };
  },
};
export default order;

/** The scenes of order with four pairs of them asked about, or all three: of a ranking's questions few are about a pair,
 * and what a small model has found out about those is what it forgets first. */
export const pairs = {
  name: 'pairs',
  split: order.name,
  onlyTraining: true,
  scene(rng) {
    for (;;) {
      const scene = order.scene(rng);
      if (scene.scale) return scene;
    }
  },
  tell(scene, lang, rng) {
    const { text, say } = tellRanking(scene, lang, rng);
    const all = scene.ranking.flatMap((A, i) =>
      scene.ranking.slice(i + 1).map((B) => rng.shuffle([A, B])),
    );
    const questions = rng
      .shuffle(all)
      .slice(0, 4)
      .map((two) => askPair(scene, two, rng.below(2), lang, say));
    return { text, questions };
  },
};

/** Two to four comparisons of people who have nothing to do with each other, all of them asked about: what a comparison
 * says, before there is a ranking to be made of it. Two in three are asked about in their own word: were it every second,
 * neither word nor place alone would tell anything, and a model has nothing to begin with. */
export const comparisons = {
  name: 'comparisons',
  split: order.name,
  onlyTraining: true,
  scene(rng) {
    const count = rng.between(2, 4);
    const who = rng.sample([...children, ...animals], 2 * count);
    const told = Array.from({ length: count }, (_, i) => {
      const scale = rng.pick(scales);
      return {
        ranking: who.slice(2 * i, 2 * i + 2),
        scale,
        facts: [{ i: 0, turned: rng.chance(50) }],
      };
    });
    return {
      told,
      keys: told.map(({ scale, ranking }) => `${scale.id}/${ranking.map((one) => one.id)}`),
    };
  },
  tell({ told }, lang, rng) {
    const texts = [];
    const questions = told.map((scene) => {
      const { text, say } = tellRanking(scene, lang, rng);
      texts.push(text);
      const own = scene.facts[0].turned ? 1 : 0;
      return askPair(scene, rng.shuffle(scene.ranking), rng.chance(67) ? own : 1 - own, lang, say);
    });
    return { text: texts.join(' '), questions: rng.shuffle(questions) };
  },
};
