// Answers that need two or three facts at once. Every scene holds several chains of the same
// shape, told in mixed order, so that neither the first nor the last place is a good guess. chain2 and
// chain3 ask for the place at once; steps2 and steps3 ask for the way to it, and get each step's answer.
import { animals, children, colours, containers, kinds, places, thing } from '../world/lexicon.mjs';
import { asAnswer, languages } from '../render/languages.mjs';

const templates = {
  en: {
    inside: [`{^o.full} is in {c.full}.`, `In {c.full} there is {o.a}.`],
    stands: [`{^c.full} is {p}.`, `{^c.full} stands {p}.`, `You can see {c.full} {p}.`],
    holds: [`{A.n} has {o.full}.`, `{A.n} is carrying {o.full}.`, `{^o.full} is in {A.s} hands.`],
    is: [`{A.n} is {p}.`, `{A.n} has gone {p.to}.`, `{A.n} is waiting {p}.`],
    with: [
      `{A.n} is with {B.n}.`,
      `{A.n} is sitting next to {B.n}.`,
      `{A.n} follows {B.n} everywhere.`,
    ],
    whereThing: [`Where is {o.full}?`],
    wherePerson: [`Where is {A.n}?`],
    steps: { inside: ['in ', 'c', ''], holds: ['with ', 'A', ''], with: ['with ', 'B', ''] },
  },
  ko: {
    inside: [`{o.full은} {c.full} 안에 있다.`, `{c.full} 안에 {o.full이} 들어 있다.`],
    stands: [`{c.full은} {p에} 있다.`, `{p에} {c.full이} 놓여 있다.`],
    holds: [`{A은} {o.full을} 가지고 있다.`, `{o.full은} {A의} 손에 있다.`],
    is: [`{A은} {p에} 있다.`, `{A은} {p으로} 갔다.`, `{A은} {p에서} 기다린다.`],
    with: [`{A은} {B과} 함께 있다.`, `{A은} {B} 옆에 앉아 있다.`, `{A은} {B을} 늘 따라다닌다.`],
    whereThing: [`{o.full은} 어디에 있나요?`],
    wherePerson: [`{A은} 어디에 있나요?`],
    steps: { inside: ['', 'c', ' 안'], holds: ['', 'A', '의 손'], with: ['', 'B', ' 옆'] },
  },
};

// The facts that make one chain, from what is asked to the place.
const shapes = {
  2: [
    ({ o, c, p }) => [
      ['inside', { o, c }],
      ['stands', { c, p }],
    ],
    ({ o, A, p }) => [
      ['holds', { A, o }],
      ['is', { A, p }],
    ],
    ({ A, B, p }) => [
      ['with', { A, B }],
      ['is', { A: B, p }],
    ],
  ],
  3: [
    ({ o, c, A, p }) => [
      ['inside', { o, c }],
      ['holds', { A, o: c }],
      ['is', { A, p }],
    ],
    ({ o, A, B, p }) => [
      ['holds', { A, o }],
      ['with', { A, B }],
      ['is', { A: B, p }],
    ],
  ],
};

function cast(rng, count) {
  const people = rng.sample([...children, ...animals], count * 2);
  const inner = rng.sample(kinds, count);
  const outer = rng.sample(containers, count);
  const spots = rng.sample(places, count);
  return spots.map((p, i) => ({
    p,
    A: people[2 * i],
    B: people[2 * i + 1],
    o: thing(inner[i], rng.pick(colours)),
    c: thing(outer[i], rng.pick(colours)),
  }));
}

/** A fact as a sentence. */
export const tellFact = (teller, [kind, roles], lang, rng) =>
  teller.say(rng.pick(templates[lang][kind]), roles);

/** The answer to "Where is …? Step by step.": what each fact of the chain says, the place last. */
function wayTo({ roles, facts }, lang) {
  const steps = facts.slice(0, -1).map(([kind, said]) => {
    const [before, role, after] = templates[lang].steps[kind];
    return before + asAnswer(said[role], lang) + after;
  });
  return [...steps, asAnswer(roles.p, lang)].join(', ');
}

/** `stepwise`: the way to the place is asked for; in training, of about every other chain. */
function chainSkill(hops, stepwise = false) {
  return {
    name: `${stepwise ? 'steps' : 'chain'}${hops}`,
    split: `chain${hops}`,
    scene(rng) {
      const shape = rng.pick(shapes[hops]);
      const chains = cast(rng, hops === 2 || rng.chance(70) ? 3 : 2).map((roles) => ({
        roles,
        facts: shape(roles),
      }));
      const told = rng.shuffle(chains.flatMap((chain) => chain.facts));
      const ids = told.map(([kind, roles]) => `${kind}:${Object.values(roles).map((r) => r.id)}`);
      return { chains, told, keys: [ids.sort().join(';')] };
    },
    tell({ chains, told }, lang, rng, { single }) {
      const { Teller } = languages[lang];
      const teller = new Teller(rng);
      const text = told.map((fact) => tellFact(teller, fact, lang, rng)).join(' ');
      const asked = rng.sample(chains, single ? 1 : chains.length);
      const questions = asked.map(({ roles, facts }) => {
        const subject = facts[0][0] === 'with' ? 'wherePerson' : 'whereThing';
        const ask = new Teller(rng).say(rng.pick(templates[lang][subject]), roles);
        if (!stepwise || (!single && rng.chance(50)))
          return { ask, answer: asAnswer(roles.p, lang) };
        return { ask: `${ask} ${languages[lang].stepwise}`, answer: wayTo({ roles, facts }, lang) };
      });
      return { text, questions };
    },
  };
}

export const chain2 = chainSkill(2);
export const chain3 = chainSkill(3);
export const steps2 = chainSkill(2, true);
export const steps3 = chainSkill(3, true);
