/* Recall: where a thing was put, told a sentence or two before. */
import { children, colours, kinds, places, thing } from '../world/lexicon.mjs';
import { asAnswer, languages } from '../render/languages.mjs';

const templates = {
  en: {
    put: [
      `{A} put {o.a} {p}.`,
      `{A} left {o.a} {p}.`,
      `{A} hid {o.a} {p}.`,
      `There was {o.a} {p}.`,
      `{^o.a} lay {p}[|, forgotten|, in the sun].`,
    ],
    move: [
      `[Then|Later] {A} took {o.full} {q.to}.`,
      `After lunch {A} carried {o.full} from {p.the} {q.to}.`,
      `{A} found {o.full} {p} and moved it {q.to}.`,
    ],
    filler: [
      `It began to rain.`,
      `A dog barked.`,
      `{A} [yawned|sang a little song|looked at the clouds].`,
      `Nobody saw it.`,
    ],
    where: [`Where is {o.full}?`, `Where is {o.full} now?`],
  },
  ko: {
    put: [
      `{A은?} {o.full을} {p에} 두었다.`,
      `{A이} {o.full을} {p에} 놓았다.`,
      `{A은?} {o.full을} {p에} 숨겼다.`,
      `{p에} {o.full이} 있었다.`,
    ],
    move: [
      `[그다음|나중에] {A은} {o.full을} {q으로} 옮겼다.`,
      `점심을 먹고 {A은} {o.full을} {p에서} {q으로} 가져갔다.`,
    ],
    filler: [
      `비가 오기 시작했다.`,
      `개가 짖었다.`,
      `{A은?} [하품을 했다|노래를 불렀다|구름을 보았다].`,
    ],
    where: [`{o.full은} 어디에 있나요?`, `{o.full은} 지금 어디에 있나요?`],
  },
};

/** Things with colours; in some scenes two are of one kind, so that the colour matters. */
export function things(rng, count) {
  const chosen = rng.sample(kinds, count);
  if (count > 1 && rng.chance(40)) chosen[1] = chosen[0];
  const shades = rng.sample(colours, count);
  return rng.shuffle(chosen.map((kind, i) => thing(kind, shades[i])));
}

/** Things put in places by people: what has been put where, as a list of events. */
export function putAway(rng, count) {
  const people = rng.sample(children, 2);
  const spots = rng.sample(places, count);
  return things(rng, count).map((o, i) => ({ kind: 'put', A: rng.pick(people), o, p: spots[i] }));
}

/** A fact in no particular words. */
export const factKey = (event) => `${event.o.id}:${(event.q ?? event.p).id}`;

export function tellPut(teller, event, rng) {
  return teller.say(rng.pick(templates[teller.lang][event.kind]), event);
}

export function askWhere(o, place, lang, rng) {
  const { Teller } = languages[lang];
  const ask = new Teller(rng).say(rng.pick(templates[lang].where), { o });
  return { ask, answer: asAnswer(place, lang) };
}

export default {
  name: 'recall',
  scene(rng) {
    const events = putAway(rng, rng.between(3, 4));
    const at = new Map(events.map((event) => [event.o.id, event.p]));
    for (let moves = rng.below(3); moves > 0; moves--) {
      const { o } = rng.pick(events);
      const q = rng.pick(places.filter((place) => ![...at.values()].includes(place)));
      events.push({ kind: 'move', A: rng.pick(events).A, o, p: at.get(o.id), q });
      at.set(o.id, q);
    }
    return { events, at, keys: [events.map(factKey).sort().join(',')] };
  },
  tell({ events, at }, lang, rng, { single }) {
    const teller = new languages[lang].Teller(rng);
    const sentences = [];
    for (const event of events) {
      sentences.push(tellPut(teller, event, rng));
      if (rng.chance(20)) sentences.push(teller.say(rng.pick(templates[lang].filler), event));
    }
    const all = [...new Set(events.map((event) => event.o))];
    const asked = rng.sample(all, single ? 1 : all.length);
    return {
      text: sentences.join(' '),
      questions: asked.map((o) => askWhere(o, at.get(o.id), lang, rng)),
    };
  },
};
