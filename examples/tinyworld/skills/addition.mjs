/* Addition: things that are given, found and put together, and how many there are then. */
import { children, elders, fruits } from '../world/lexicon.mjs';
import { quantity } from '../render/en/grammar.mjs';
import { languages } from '../render/languages.mjs';

const templates = {
  en: {
    given: [
      `{A.n} has {x}. {C} gives {A.him} {y} more. {z}`,
      `{A.n} had {x} in a bag. On the way home {A.he} found {y} more. {z}`,
      `There were {x} in {A.s} basket. {A} put in {y} more. {z}`,
    ],
    both: [
      `{A.n} has {x}. {B.n} has {k}. {z} They put everything together.`,
      `{A.n} picked {x} and {B.n} picked {k}. {z}`,
    ],
    noise: ['', '', `{^B.n} is {n} years old.`, `It is {n} o'clock.`, `{^B.n} has {n} hats.`],
    howMany: [`How many {f.many} does {A.n} have now?`],
    together: [`How many {f.many} do they have together?`],
    bare: [`What is {a} + {b}?`, `{a} + {b} = ?`, `How much is {a} plus {b}?`],
  },
  ko: {
    given: [
      `{A에게} {x} 있다. {C이} {y} 더 주었다. {z}`,
      `{A은} 가방에 {x} 있었다. 집에 오는 길에 {y} 더 주웠다. {z}`,
    ],
    both: [`{A에게} {x} 있다. {B에게} {k} 있다. {z} 둘은 모두 한데 모았다.`],
    noise: ['', '', `{B은} {n}살이다.`, `지금은 {n}시이다.`, `{B에게는} 모자가 {n}개 있다.`],
    howMany: [`{A에게} {f이} 모두 몇 개 있나요?`],
    together: [`둘에게 {f이} 모두 몇 개 있나요?`],
    bare: [`{a} 더하기 {b}은 얼마인가요?`, `{a} + {b} = ?`],
  },
};

export default {
  name: 'addition',
  /** Sums from 1 to 20, each as likely as the others. */
  scene(rng) {
    const sum = rng.between(1, 20);
    const a = rng.between(0, sum);
    const b = sum - a;
    const form =
      a === 0 || b === 0
        ? 'bare'
        : rng.weighted([
            ['bare', 25],
            ['given', 45],
            ['both', 30],
          ]);
    const [A, B] = rng.sample(children, 2);
    const [C, f] = [rng.pick(elders), rng.pick(fruits)];
    const n = rng.between(1, 12);
    const who = form === 'bare' ? '' : form === 'both' ? [A.id, B.id].sort() : A.id;
    return {
      form,
      a,
      b,
      sum,
      A,
      B,
      C,
      f,
      n,
      keys: [form === 'bare' ? `${a}+${b}` : `${a}+${b}/${f.id}/${who}`],
    };
  },
  tell(scene, lang, rng) {
    const { form, a, b, f } = scene;
    const words = templates[lang];
    const teller = new languages[lang].Teller(rng);
    const answer = String(scene.sum);
    const count = (n) => (lang === 'en' ? quantity(n, f) : `${teller.say('{f이}', { f })} ${n}개`);
    const roles = { ...scene, x: count(a), k: count(b), y: lang === 'en' ? b : `${b}개` };
    if (form === 'bare')
      return { text: '', questions: [{ ask: teller.say(rng.pick(words.bare), roles), answer }] };
    roles.z = new languages[lang].Teller(rng).say(rng.pick(words.noise), scene);
    const text = teller.say(rng.pick(words[form]), roles).replace(/ {2,}/g, ' ').trim();
    const question = form === 'both' ? words.together : words.howMany;
    return { text, questions: [{ ask: teller.say(rng.pick(question), roles), answer }] };
  },
};
