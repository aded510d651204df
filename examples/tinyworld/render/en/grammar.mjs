/* English: articles, numbers, pronouns, and a template's words put in. */
import { expand } from '../template.mjs';

/** The noun with "a" or "an". */
export const withArticle = (noun) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** "a cup, a key and a drum" */
export function list(items) {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** A number of things: "1 apple", "3 apples". */
export const quantity = (n, kind) => `${n} ${n === 1 ? kind.en : kind.plural}`;

const pronouns = {
  m: { he: 'he', him: 'him', his: 'his', self: 'himself' },
  f: { he: 'she', him: 'her', his: 'her', self: 'herself' },
};
const capitalize = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Tells sentences in English. It remembers who was spoken of, so that "he" and "she" are used only
 * where one person can be meant: the one of that gender named last, in this sentence or the one
 * before, with no other of the same gender beside them.
 *
 * Forms of a slot. People: {A} subject, {A.him} object (name or pronoun); {A.n} name; {A.s} name's;
 * {A.he} {A.his} {A.self} always a pronoun; {A.intro} first mention; {A.kind} "girl", "fox".
 * Things: {o} the red ball, later the ball; {o.a}; {o.full}; {o.bare} red ball; {o.kind} ball.
 * Places: {p} in the barn; {p.the}; {p.to}; {p.by}. Words: as they are, or {x.a} with an article.
 */
export class English {
  constructor(rng) {
    this.rng = rng;
    this.meant = { m: null, f: null };
    this.now = [];
    this.before = [];
    this.described = new Set();
    this.lang = 'en';
  }

  say(template, roles = {}) {
    this.before = this.now;
    this.now = [];
    const text = expand(template, this.rng, (slot) => {
      const entry = roles[slot.role];
      if (entry === undefined) throw new Error(`no role ${slot.role} in: ${template}`);
      const filled = this.fill(entry, slot.form);
      return slot.capital ? capitalize(filled) : filled;
    });
    return capitalize(text)
      .replace(/\b(said|asked|cried|thought|shouted) (he|she)\b/g, '$2 $1')
      .replace(/(?<=[.!?] )[a-z]|^"[a-z]/g, (c) => c.toUpperCase());
  }

  fill(entry, form) {
    switch (entry.type) {
      case 'child':
      case 'animal':
      case 'elder':
        return this.person(entry, form);
      case 'thing':
        return this.thing(entry, form);
      case 'place':
        if (form === 'the') return `the ${entry.en}`;
        if (form === 'by') return `by the ${entry.en}`;
        return form === 'to' ? `to the ${entry.en}` : `${entry.prep} the ${entry.en}`;
      case 'kind':
        if (form === 'a') return withArticle(entry.en);
        return form === 'many' ? entry.plural : entry.en;
      case 'word':
        return form === 'a' ? withArticle(entry.en) : entry.en;
      default:
        return String(entry);
    }
  }

  person(who, form) {
    const words = pronouns[who.gender];
    if (form === 'kind') return who.species ?? (who.gender === 'f' ? 'girl' : 'boy');
    if (form === 'he' || form === 'his' || form === 'self') return words[form];
    const known =
      this.meant[who.gender] === who.id &&
      (this.now.includes(who.id) || this.before.includes(who.id));
    if (known && (form === '' || form === 'him') && this.rng.chance(75)) {
      this.now.push(who.id);
      return form === 'him' ? words.him : words.he;
    }
    this.name(who);
    if (form === 's') return `${who.en}'s`;
    if (form !== 'intro' || who.type === 'elder') return who.en;
    if (who.type === 'animal') return `${withArticle(who.species)} named ${who.en}`;
    return this.rng.chance(50)
      ? `a ${who.gender === 'f' ? 'girl' : 'boy'} named ${who.en}`
      : who.en;
  }

  name(who) {
    const rival = this.meant[who.gender];
    const beside =
      rival !== who.id && (rival === 'several' ? this.now.length > 0 : this.now.includes(rival));
    this.meant[who.gender] = beside ? 'several' : who.id;
    this.now.push(who.id);
  }

  thing(what, form) {
    const bare = `${what.colour.en} ${what.kind.en}`;
    if (form === 'kind') return what.kind.en;
    const short = form === '' && this.described.has(what.id) && this.rng.chance(60);
    this.described.add(what.id);
    if (form === 'bare') return bare;
    if (form === 'a') return withArticle(bare);
    return short ? `the ${what.kind.en}` : `the ${bare}`;
  }
}
