// Short reviews. A review has two parts, each said straight ("good"), through a negation ("not
// bad") or through what someone did ("I went back twice"); a contrast joins them, and what comes
// after "but" is what the writer thinks in the end. Good words and bad words are as frequent in
// good reviews as in bad ones, so counting them does not help. Beside its text, a review tells in
// `says` which of its clauses are for and which against.
import { children, word } from '../world/lexicon.mjs';
import { languages } from '../render/languages.mjs';

const subjects = [
  {
    of: word('the new inn', '새 여관'),
    parts: [word('the soup', '수프'), word('the bed', '침대')],
  },
  {
    of: word('the puppet show', '인형극'),
    parts: [word('the story', '이야기'), word('the music', '음악')],
  },
  { of: word('the tea house', '찻집'), parts: [word('the cake', '케이크'), word('the tea', '차')] },
  {
    of: word('the boat trip', '뱃놀이'),
    parts: [word('the lunch', '점심'), word('the view', '경치')],
  },
  {
    of: word('the winter fair', '겨울 축제'),
    parts: [word('the games', '놀이'), word('the dance', '춤')],
  },
  {
    of: word('the little museum', '작은 박물관'),
    parts: [word('the guide', '안내'), word('the garden', '정원')],
  },
];
const plural = new Set(['the games']);

// [good word, bad word]; Korean: the stem said straight in the past, and the stem before 지 않았다.
const adjectives = [
  {
    en: ['good', 'bad'],
    ko: [
      ['좋았', '좋'],
      ['나빴', '나쁘'],
    ],
  },
  {
    en: ['lovely', 'awful'],
    ko: [
      ['훌륭했', '훌륭하'],
      ['끔찍했', '끔찍하'],
    ],
  },
  {
    en: ['exciting', 'boring'],
    ko: [
      ['재미있었', '재미있'],
      ['지루했', '지루하'],
    ],
  },
  {
    en: ['wonderful', 'terrible'],
    ko: [
      ['멋졌', '멋지'],
      ['형편없었', '대단하'],
    ],
  },
  {
    en: ['pleasant', 'sad'],
    ko: [
      ['즐거웠', '즐겁'],
      ['답답했', '답답하'],
    ],
  },
];
const deeds = {
  en: {
    good: [
      'I went back twice',
      'I did not want to leave',
      'I smiled all the way home',
      'I will tell all my friends to go',
    ],
    bad: [
      'I left early',
      'I will not go again',
      'I wanted to go home',
      'I will tell all my friends to stay away',
    ],
  },
  ko: {
    good: [
      '두 번이나 다시 갔다',
      '떠나고 싶지 않았다',
      '집에 오는 내내 웃었다',
      '친구들에게 꼭 가라고 할 것이다',
    ],
    bad: [
      '일찍 나왔다',
      '다시는 가지 않을 것이다',
      '집에 가고 싶었다',
      '친구들에게 가지 말라고 할 것이다',
    ],
  },
};
const templates = {
  en: {
    notes: ['In the guest book.', 'What they said.', 'Notes on the wall.'],
    head: [
      `{A.n} wrote about {s}: `,
      `A note about {s}, by {A.n}: `,
      `{A.n} went to {s}. This is what {A.he} wrote: `,
    ],
    whole: [`Did {A.n} like {s}?`],
    part: [`Did {A.n} like {x}?`],
  },
  ko: {
    notes: ['방명록에 있는 글.', '다녀온 사람들의 말.', '벽에 붙은 쪽지.'],
    head: [`{A이} {s}에 대해 썼다. `, `{A은} {s}에 다녀와서 이렇게 썼다. `],
    whole: [`{A은} {s을} 좋아했나요?`],
    part: [`{A은} {x을} 좋아했나요?`],
  },
};

// Before what someone did: [against the last opinion, in line with it].
const turns = { en: ['Still,', 'So'], ko: ['그래도', '그래서'] };

// How a part is said: straight, negated, doubled with something stronger.
const manners = ['plain', 'plain', 'not', 'not', 'never'];

function clauseEn({ part, good, manner, adjective }) {
  const be = plural.has(part.en) ? 'were' : 'was';
  const [yes, no] = adjective.en;
  if (manner === 'plain') return `${part.en} ${be} ${good ? yes : no}`;
  const opposite = good ? no : yes;
  return manner === 'not'
    ? `${part.en} ${be} not ${opposite} at all`
    : `${part.en} ${be} never ${opposite}`;
}

/** In Korean a clause ends in the past tense, or goes on with 지만. */
function clauseKo({ part, good, manner, adjective }, teller, ending) {
  const topic = teller.say('{x은}', { x: part });
  const [yes, no] = adjective.ko;
  if (manner === 'plain') return `${topic} ${(good ? yes : no)[0]}${ending}`;
  const opposite = (good ? no : yes)[1];
  return `${topic} ${manner === 'never' ? '한 번도' : '전혀'} ${opposite}지 않았${ending}`;
}

const opinion = (part, rng) => ({
  part,
  good: rng.chance(50),
  manner: rng.pick(manners),
  adjective: rng.pick(adjectives),
});

/** Two opinions, or one, as the clauses of a sentence without its full stop. */
function clausesOf(opinions, lang, teller) {
  const [first, second] = opinions;
  if (lang === 'en') return opinions.map(clauseEn);
  if (!second) return [clauseKo(first, teller, '다')];
  const contrast = first.good !== second.good;
  return [clauseKo(first, teller, contrast ? '지만' : '고'), clauseKo(second, teller, '다')];
}

function joined(clauses, [first, second], lang) {
  if (lang === 'ko') return clauses.join(' ');
  return clauses.join(second && first.good !== second.good ? ', but ' : ', and ');
}

/** What several people thought of parts, every one of them asked about: a review asks about three things, and
 * what a negation does to a word shows too seldom in it for a small model. */
export const notes = {
  name: 'notes',
  onlyTraining: true,
  scene(rng) {
    const people = rng.sample(children, rng.between(2, 5));
    const said = people.map((A) => {
      const parts = rng.shuffle(rng.pick(subjects).parts).slice(0, rng.chance(40) ? 2 : 1);
      return { A, opinions: parts.map((part) => opinion(part, rng)) };
    });
    return { said, keys: [] };
  },
  tell({ said }, lang, rng) {
    const { Teller, noYes } = languages[lang];
    const { notes: heads, part: asks } = templates[lang];
    const says = [];
    const lines = said.map(({ A, opinions }) => {
      const clauses = clausesOf(opinions, lang, new Teller(rng));
      says.push(...opinions.map(({ good }, i) => ({ clause: clauses[i], good })));
      return `${A[lang]}: ${joined(clauses, opinions, lang)}.`;
    });
    const questions = said.flatMap(({ A, opinions }) =>
      opinions.map(({ part, good }) => ({
        ask: new Teller(rng).say(rng.pick(asks), { A, x: part }),
        answer: noYes[+good],
      })),
    );
    const text = `${rng.pick(heads)} ${lines.join(' ')}`;
    return { text, questions: rng.shuffle(questions), says };
  },
};

export default {
  name: 'sentiment',
  scene(rng) {
    const subject = rng.pick(subjects);
    const parts = rng.shuffle(subject.parts).map((part) => opinion(part, rng));
    const A = rng.pick(children);
    const verdict = rng.chance(50);
    const deed = rng.below(4);
    const said = parts.map(
      (p) => `${p.part.id}${p.good ? '+' : '-'}${p.manner}${p.adjective.en[0]}`,
    );
    return {
      subject,
      parts,
      A,
      verdict,
      deed,
      keys: [`${A.id}/${said}/${verdict ? '+' : '-'}${deed}`],
    };
  },
  tell({ subject, parts, A, verdict, deed }, lang, rng, { single }) {
    const { Teller, noYes } = languages[lang];
    const teller = new Teller(rng);
    const end = deeds[lang][verdict ? 'good' : 'bad'][deed];
    const clauses = clausesOf(parts, lang, teller);
    const body = joined(clauses, parts, lang);
    const turn = turns[lang][+(verdict === parts[1].good)];
    const review = `"${body.charAt(0).toUpperCase()}${body.slice(1)}. ${turn} ${end}."`;
    const head = new Teller(rng).say(rng.pick(templates[lang].head).trim(), { A, s: subject.of });
    const questions = rng.shuffle([
      {
        ask: teller.say(rng.pick(templates[lang].whole), { A, s: subject.of }),
        answer: noYes[+verdict],
        choices: noYes,
      },
      ...parts.map(({ part, good }) => ({
        ask: teller.say(rng.pick(templates[lang].part), { A, x: part }),
        answer: noYes[+good],
        choices: noYes,
      })),
    ]);
    const says = parts.map(({ good }, i) => ({ clause: clauses[i], good }));
    says.push({ clause: end, good: verdict });
    return {
      text: `${head} ${review}`,
      questions: single ? questions.slice(0, 1) : questions,
      says,
    };
  },
};
