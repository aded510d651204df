/* Format: a list put into the form that was asked for. */
import { children, fruits, kinds } from '../world/lexicon.mjs';
import { list, withArticle } from '../render/en/grammar.mjs';
import { list as listKo } from '../render/ko/grammar.mjs';
import { languages } from '../render/languages.mjs';

const templates = {
  en: {
    tell: [
      `{A.n} packed {l}.`,
      `{A.n} bought {l}.`,
      `On the table {A.n} saw {l}.`,
      `{A.n} dreamed of {l}.`,
    ],
  },
  ko: {
    tell: [`{A은} {l을} 챙겼다.`, `{A은} {l을} 샀다.`, `{A은} 꿈에서 {l을} 보았다.`],
  },
};

// What is asked for, and what a right answer is. `en: null`: not asked in English.
const forms = {
  commas: {
    en: 'List the things with commas.',
    ko: '쉼표로 나열하세요.',
    write: (w) => w.join(', '),
  },
  dashes: {
    en: 'List the things with dashes.',
    ko: '줄표로 나열하세요.',
    write: (w) => w.join(' - '),
  },
  brackets: {
    en: 'Put each thing in brackets.',
    ko: '하나씩 괄호에 넣으세요.',
    write: (w) => w.map((x) => `[${x}]`).join(' '),
  },
  numbers: {
    en: 'Number the things.',
    ko: '번호를 붙이세요.',
    write: (w) => w.map((x, i) => `${i + 1}. ${x}`).join(' '),
  },
  backwards: {
    en: 'List the things backwards, with commas.',
    ko: '거꾸로, 쉼표로 나열하세요.',
    write: (w) => w.toReversed().join(', '),
  },
  first: { en: 'Write only the first thing.', ko: '첫 번째만 쓰세요.', write: (w) => w[0] },
  last: { en: 'Write only the last thing.', ko: '마지막만 쓰세요.', write: (w) => w.at(-1) },
  twice: {
    en: 'Write the first thing twice.',
    ko: '첫 번째를 두 번 쓰세요.',
    write: (w) => `${w[0]} ${w[0]}`,
  },
  shout: {
    en: 'List the things, each with an exclamation mark.',
    ko: '하나씩 느낌표를 붙이세요.',
    write: (w) => w.map((x) => `${x}!`).join(' '),
  },
  capitals: {
    en: 'List the things in capital letters, with commas.',
    ko: null,
    write: (w) => w.join(', ').toUpperCase(),
  },
  plus: {
    en: 'Join the things with plus signs.',
    ko: '더하기 표로 이으세요.',
    write: (w) => w.join(' + '),
  },
};
const names = { en: Object.keys(forms), ko: Object.keys(forms).filter((name) => forms[name].ko) };

export default {
  name: 'format',
  scene(rng, lang) {
    const items = rng.sample([...kinds, ...fruits], rng.between(2, 4));
    const A = rng.pick(children);
    return {
      items,
      A,
      form: rng.pick(names[lang]),
      keys: [items.map((item) => item.id).join(',')],
    };
  },
  tell({ items, A, form }, lang, rng, { single }) {
    const teller = new languages[lang].Teller(rng);
    const words = items.map((item) => item[lang]);
    const l = lang === 'en' ? list(words.map(withArticle)) : listKo(words);
    const asked = single ? [form] : rng.sample(names[lang], rng.between(1, 3));
    return {
      text: teller.say(rng.pick(templates[lang].tell), { A, l }),
      questions: asked.map((name) => ({
        ask: forms[name][lang],
        answer: forms[name].write(words),
      })),
    };
  },
};
