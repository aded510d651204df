/* A story in the making: who is there, where, what they hold, and what has happened. */
import {
  animals,
  children,
  colours,
  elders,
  feelings,
  kinds,
  places,
  thing,
  word,
} from './lexicon.mjs';

const times = [word('morning', '아침'), word('afternoon', '오후'), word('evening', '저녁')];
const weathers = ['windy', 'rainy', 'sunny', 'snowy', 'foggy', 'quiet'];
const homes =
  'garden,barn,library,bakery,mill,forest,school,market,harbour,station,farm,hill,bridge,lake,river,well,tower'.split(
    ',',
  );
const quirkCount = 24;
const asideCount = 32;

/**
 * A story as it happens: plots call `tell` to make something happen, which is logged, and the
 * state (where things are, who has them, how people feel) changes with it. Questions are asked of
 * the log and the state, so each has one right answer. No language is involved.
 */
export class Story {
  /** `reserved`: ids of kinds of things that the plot must not use (they matter elsewhere). */
  constructor(rng, { reserved = [] } = {}) {
    this.rng = rng;
    this.events = [];
    this.questions = [];
    this.at = new Map();
    this.holder = new Map();
    this.mood = new Map();
    this.time = rng.pick(times);
    this.weather = rng.pick(weathers);
    this.kinds = rng.shuffle(kinds.filter((kind) => !reserved.includes(kind.id)));
    this.people = rng.shuffle([...children, ...animals]);
    this.elders = rng.shuffle(elders);
    this.places = rng.shuffle(places);
    this.choices = [];
  }

  /** Someone not yet in the story. */
  person() {
    return this.people.pop();
  }

  elder() {
    return this.elders.pop();
  }

  place(...allowed) {
    const at = this.places.findIndex((p) => allowed.length === 0 || allowed.includes(p.id));
    return this.places.splice(at, 1)[0];
  }

  /** A place to live near. */
  home() {
    return this.place(...homes);
  }

  thing() {
    return thing(this.kinds.pop(), this.rng.pick(colours));
  }

  /** Chooses how the plot goes on; the choice is part of the story's identity. */
  choose(list) {
    const chosen = this.rng.pick(list);
    this.choices.push(chosen.id ?? chosen);
    return chosen;
  }

  tell(kind, roles = {}) {
    this.events.push({ kind, roles });
  }

  /** A new paragraph begins, now and then with something that has nothing to do with it. */
  pause() {
    this.tell('pause');
    if (this.rng.chance(25)) this.tell(`aside.${this.rng.below(asideCount)}`);
  }

  put(what, place) {
    this.at.set(what.id, place);
    this.holder.delete(what.id);
  }

  give(what, who) {
    this.holder.set(what.id, who);
    this.at.delete(what.id);
  }

  feel(who, feeling) {
    this.mood.set(who.id, feelings[feeling]);
    this.tell('feel', { A: who, f: feelings[feeling] });
  }

  ask(kind, roles, answer) {
    this.questions.push({ kind, roles, answer });
  }

  open(hero, place) {
    this.tell(`open.${this.weather}`, { t: this.time });
    this.tell('meet', { A: hero, p: place });
    if (this.rng.chance(55)) {
      this.quirk = this.rng.below(quirkCount);
      this.tell(`quirk.${this.quirk}`, { A: hero });
    }
    this.hero = hero;
  }

  close() {
    if (this.quirk !== undefined && this.rng.chance(75))
      this.tell(`coda.${this.quirk}`, { A: this.hero });
    else this.tell('end', { A: this.hero });
    const mood = this.mood.get(this.hero.id);
    if (mood) this.ask('mood', { A: this.hero }, mood);
  }

  /** What makes this story this story, whatever the words: people, things, places, turns taken. */
  key() {
    const seen = new Set(
      this.events.flatMap((event) => Object.values(event.roles).map((r) => r.id ?? r)),
    );
    return `${[...seen].sort().join(',')}/${this.choices.join(',')}`;
  }
}
