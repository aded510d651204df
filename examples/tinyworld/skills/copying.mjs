/* Copying: words that nobody has seen before, said again. */
import { animals, children, elders, word } from '../world/lexicon.mjs';
import { languages } from '../render/languages.mjs';

const parts = {
  en: {
    first: 'b bl br c cr d dr f fl g gl gr h j k l m n p pl qu r s sk sn sp t tr v w z'.split(' '),
    vowel: 'a e i o u oo ee'.split(' '),
    middle: 'b d f g k l m n p r s t v z mb nd lk rt zz ff'.split(' '),
    last: 'b ck d g k l m n p r sh st t x zz'.split(' '),
  },
  ko: {
    syllables:
      '가나다라마바사자차카타파하고노도로모보소조초코토포호구누두루무부수주추쿠투푸후기니디리미비시지치키티피히뽀뿌쪼또꾸끼랑롱릉몽뱅숭짱쿵통풍핑글돌물불솔콜툴풀홀딩링밍'.split(
        '',
      ),
  },
};

/** A word that means nothing: 6 to 9 letters, or 3 to 4 syllables. */
export function invent(lang, rng) {
  if (lang === 'ko') return rng.sample(parts.ko.syllables, rng.between(3, 4)).join('');
  const { first, vowel, middle, last } = parts.en;
  let out = rng.pick(first) + rng.pick(vowel) + rng.pick(middle) + rng.pick(vowel);
  if (rng.chance(50)) out += rng.pick(middle) + rng.pick(vowel);
  return out + rng.pick(last);
}

const templates = {
  en: [
    {
      tell: `{A.n} shouted "{w}" and {B.n} shouted "{x}". The door opened.`,
      ask: `What did {A.n} shout?`,
    },
    {
      tell: `{A.n} has a boat called {w}. {B.n} has one called {x}, but it leaks.`,
      ask: `What is the name of {A.s} boat?`,
    },
    {
      tell: `The magic word for {A.n} is {w}. For {B.n} it is {x}.`,
      ask: `What is the magic word for {A.n}?`,
    },
    {
      tell: `{A.n} said "{w}" and {B.n} said "{x}". Nobody else understood a thing.`,
      ask: `What did {A.n} say?`,
    },
    {
      tell: `{A.n} found a note with one word on it: {w}. {B.n} found one, too: {x}.`,
      ask: `Which word did {A.n} find?`,
    },
    {
      tell: `{A.n} calls this game {w}. {B.n} calls it {x}. They play it all day.`,
      ask: `What does {A.n} call the game?`,
    },
  ],
  ko: [
    {
      tell: `{A은} {w이라고} 외쳤고 {B은} {x이라고} 외쳤다. 문이 열렸다.`,
      ask: `{A은} 뭐라고 외쳤나요?`,
    },
    { tell: `{A의} 배 이름은 {w}, {B의} 배 이름은 {x}이다.`, ask: `{A의} 배 이름은 무엇인가요?` },
    {
      tell: `{A의} 마법의 말은 {w}, {B의} 마법의 말은 {x}이다.`,
      ask: `{A의} 마법의 말은 무엇인가요?`,
    },
    {
      tell: `{A은} 쪽지에서 {w이라는} 말을 보았다. {B은} {x이라는} 말을 보았다.`,
      ask: `{A은} 무슨 말을 보았나요?`,
    },
    {
      tell: `{A은} 이 놀이를 {w이라고} 부른다. {B은} {x이라고} 부른다.`,
      ask: `{A은} 이 놀이를 뭐라고 부르나요?`,
    },
  ],
};

export default {
  name: 'copying',
  /** The invented words are the item: a word that a test asks for is never in the training text. */
  scene(rng, lang) {
    const words = [invent(lang, rng), invent(lang, rng)];
    const [A, B] = rng.sample([...children, ...animals, ...elders], 2);
    return { words, A, B, keys: words };
  },
  tell({ words, A, B }, lang, rng, { single }) {
    const { Teller } = languages[lang];
    const [w, x] = words.map((text) => word(text, `"${text}"`));
    const frame = rng.pick(templates[lang]);
    const text = new Teller(rng).say(frame.tell, { A, B, w, x });
    const questions = rng.shuffle([
      { ask: new Teller(rng).say(frame.ask, { A }), answer: words[0] },
      { ask: new Teller(rng).say(frame.ask, { A: B }), answer: words[1] },
    ]);
    return { text, questions: single ? questions.slice(0, 1) : questions };
  },
};
