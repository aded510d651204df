/* Facts: what the world holds of its creatures, from often told to rarely. */
import { facts, heldOutForm, tiers } from '../world/creatures.mjs';
import { languages } from '../render/languages.mjs';

const openings = {
  en: ['From the book of small beasts. ', 'Did you know? ', '', '', ''],
  ko: ['작은 동물의 책에서. ', '알고 있나요? ', '', ''],
};

function say(template, fact, lang, rng) {
  return new languages[lang].Teller(rng).say(template, { c: fact.creature, v: fact.value });
}

function question(fact, form, lang, rng) {
  return {
    ask: say(fact.relation[lang].ask[form], fact, lang, rng),
    answer: fact.value[lang],
  };
}

/**
 * Facts drawn from a deck in which each is as often as its tier says; when the deck is empty, it
 * is filled again. `seen` counts how often each fact has been told or asked, by its id.
 */
export class FactDeck {
  constructor(rng) {
    this.rng = rng;
    this.cards = [];
    this.seen = new Map(facts.map((fact) => [fact.id, 0]));
  }

  draw() {
    if (this.cards.length === 0) {
      this.cards = this.rng.shuffle(facts.flatMap((fact) => Array(tiers[fact.tier]).fill(fact)));
    }
    const fact = this.cards.pop();
    this.seen.set(fact.id, this.seen.get(fact.id) + 1);
    return fact;
  }
}

export default {
  name: 'facts',
  /** For training: some facts, either told, or asked from memory in a form that is not held out. */
  train(deck, lang, rng) {
    const drawn = Array.from({ length: rng.between(2, 4) }, () => deck.draw());
    if (rng.chance(50)) {
      const told = drawn.map((fact) => say(rng.pick(fact.relation[lang].say), fact, lang, rng));
      return { text: rng.pick(openings[lang]) + told.join(' '), questions: [] };
    }
    const questions = drawn.map((fact) => {
      const count = fact.relation[lang].ask.length;
      const form = (heldOutForm(fact, lang) + rng.between(1, count - 1)) % count;
      return question(fact, form, lang, rng);
    });
    return { text: '', questions };
  },
  /** For the test: every fact once, in its held-out form; the id says how rare it is. */
  test(lang) {
    return facts.map((fact) => ({
      id: `${fact.id}/tier${tiers[fact.tier]}`,
      ...question(fact, heldOutForm(fact, lang), lang, null),
    }));
  },
};
