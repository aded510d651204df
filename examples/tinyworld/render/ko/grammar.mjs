/* Korean: particles by the last syllable, counters, and a template's words put in. */
import { expand } from '../template.mjs';

// Whether the reading of a decimal digit ends in a consonant, and whether that is ㄹ:
// 영 일 이 삼 사 오 육 칠 팔 구. A number that ends in 0 above 0 ends in 십.
const digitFinals = [21, 8, 0, 16, 0, 0, 1, 8, 8, 0];
const rieul = 8;

/** The final consonant of a text's last syllable or digit, by its place in Unicode; 0 for none. */
export function finalConsonant(text) {
  for (let i = text.length - 1; i >= 0; i--) {
    const code = text.charCodeAt(i);
    if (code >= 0xac00 && code <= 0xd7a3) return (code - 0xac00) % 28;
    if (code >= 0x30 && code <= 0x39) return digitFinals[code - 0x30];
  }
  throw new Error(`no syllable to attach a particle to: ${text}`);
}

// Written form in templates: [after a consonant, after a vowel].
const pairs = {
  은: ['은', '는'],
  이: ['이', '가'],
  을: ['을', '를'],
  과: ['과', '와'],
  이나: ['이나', '나'],
  이라: ['이라', '라'],
  이라는: ['이라는', '라는'],
  이라고: ['이라고', '라고'],
  이었다: ['이었다', '였다'],
  이다: ['이다', '다'],
  아: ['아', '야'],
  이야: ['이야', '야'],
};

/** A noun with its particle, in the form that its last sound asks for: 을 or 를, 으로 or 로. */
export function attach(noun, particle) {
  const final = finalConsonant(noun);
  if (particle.startsWith('으로')) {
    const short = final === 0 || final === rieul;
    return noun + (short ? particle.slice(1) : particle);
  }
  const pair = pairs[particle];
  return noun + (pair ? pair[final === 0 ? 1 : 0] : particle);
}

/** "컵, 열쇠와 북" */
export function list(items) {
  if (items.length < 2) return items.join('');
  return `${items
    .slice(0, -2)
    .map((item) => `${item}, `)
    .join('')}${attach(items.at(-2), '과')} ${items.at(-1)}`;
}

/**
 * Tells sentences in Korean, plain past narrative. A slot's particle follows its role: {A은} {o을}
 * {p으로}. A trailing "?" lets the topic be left out when the sentence before had the same one.
 * Forms: {A.intro} first mention, {A.kind} 여우; {o.full} always with its colour, {o.kind} without.
 */
export class Korean {
  constructor(rng) {
    this.rng = rng;
    this.topic = null;
    this.described = new Set();
    this.lang = 'ko';
  }

  say(template, roles = {}) {
    const before = this.topic;
    this.topic = null;
    const text = expand(template, this.rng, (slot) => {
      const entry = roles[slot.role];
      if (entry === undefined) throw new Error(`no role ${slot.role} in: ${template}`);
      const isTopic = slot.particle === '은' || slot.particle === '이';
      if (isTopic) this.topic = entry.id;
      if (slot.optional && before === entry.id && this.rng.chance(60)) return '';
      const noun = this.fill(entry, slot.form);
      return slot.particle ? attach(noun, slot.particle) : noun;
    });
    return text.replace(/ {2,}/g, ' ').trim();
  }

  fill(entry, form) {
    switch (entry.type) {
      case 'child':
      case 'animal':
        if (form === 'kind') return entry.speciesKo ?? '아이';
        if (form !== 'intro') return entry.ko;
        return `${attach(entry.ko, '이라는')} ${entry.speciesKo ?? '아이'}`;
      case 'thing': {
        const short = form === '' && this.described.has(entry.id) && this.rng.chance(60);
        this.described.add(entry.id);
        return form === 'kind' || short ? entry.kind.ko : `${entry.colour.ko} ${entry.kind.ko}`;
      }
      default:
        return entry.ko ?? String(entry);
    }
  }
}
