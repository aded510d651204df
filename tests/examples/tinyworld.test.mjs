// TinyWorld's data generator: that its answers are right, its tests are held out, its text is clean.
// Answers are worked out again here from the English text alone, with none of the generator's code.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { test } from 'node:test';
import { documents, loadEncoder } from '../../examples/tinyworld/generate.mjs';
import { endToken, isTestKey } from '../../examples/tinyworld/documents.mjs';
import { skills } from '../../examples/tinyworld/mixture.mjs';
import { Korean, attach } from '../../examples/tinyworld/render/ko/grammar.mjs';
import { languages } from '../../examples/tinyworld/render/languages.mjs';
import { allTestSets } from '../../examples/tinyworld/tests.mjs';
import { facts, heldOutForm, tiers } from '../../examples/tinyworld/world/creatures.mjs';
import { Random } from '../../examples/tinyworld/world/random.mjs';

const folder = new URL('../../examples/tinyworld/', import.meta.url);
const encoder = loadEncoder();
const committed = new Map(
  fs.readdirSync(new URL('tests/', folder)).map((name) => [
    name,
    fs
      .readFileSync(new URL(`tests/${name}`, folder), 'utf8')
      .trimEnd()
      .split('\n'),
  ]),
);
const setOf = (skill, lang) =>
  committed.get(`${skill}.${lang}.jsonl`).map((line) => JSON.parse(line));
const context = (prompt) => prompt.split('\n\n')[0];
const question = (prompt) => prompt.split('\n').at(-2);

function train(seed, tokens, stage = 3) {
  const out = [];
  const stream = documents(seed, stage);
  for (let total = 0; total < tokens; ) {
    const document = stream.next().value;
    document.tokens = encoder.count(document.text) + 1;
    total += document.tokens;
    out.push(document);
  }
  return out;
}
const sample = train('test', 2_000_000);

test('the same seed gives the same documents, another seed gives others', () => {
  const texts = (seed) => train(seed, 50_000).map((document) => document.text);
  assert.deepEqual(texts('a'), texts('a'));
  assert.notDeepEqual(texts('a'), texts('b'));
});

// The hashes are of the files that they were trained on.
test('the text that models read is made again byte for byte', () => {
  const read = {
    '1/1': '0cd2480737007c31f30efd38f3bc39935f3cac9ecdfde8ccfeb475a5680008bb',
    '2/2': '862b8edabea11a0be3bac6608939f315fe6b06bbd580b5faf7769bf84b67d92c',
    '3/3': '11fea2b0a9556be6384d4c6ff98f43f2f833af7467cf443c4843c88f72fa6949',
    '3/4': '1643751b7e12658d637c266843a3dfb87c97d9c4c3eaa0404ab05d39519ca0df',
    '3/9': 'f4883aa915b2575489aa5c2a8ea467566a1e7bd6ad62b62fd32f77e6e352b35e',
    '4/5': '8c7928781fabe89024f7a0fd19e404a25990f7af18f80bc95b146041a4fa6ffc',
    '5/6': '4085a3434a6c19a9a3038faba79581e2b01a750724ffd9e285de70659ba6b634',
    '6/7': 'fd6a3923ed3a518edd46d4bcab97f3a3a8373fa3c1609e52fe0f40c0b76868f0',
    '6/8': 'b75ce488d1f95ebc0374bc6c84036009a16599c4091781f65eeb6e3da44b0627',
    '7/10': '16816ce22146715fe29351debcadbeb1fd1194b3f1825d953250ffb2cdbc3903',
    '7/11': 'd08673440e20961fdb7eeab739b1cfba1dd4183ca0708b15f6860b022d8d322e',
    '7/15': '18f332f0a426e0968a9077b3fd0616865fa26afac163d6f17e618a29abc188f3',
    '8/14': '3f531102f046a4ee6ea994e0e318960e3f0c120aa423e89895c839346d82c5eb',
  };
  for (const [of, hash] of Object.entries(read)) {
    const [stage, seed] = of.split('/');
    let text = Buffer.alloc(0);
    for (const stream = documents(seed, stage); text.length < 1_000_000; ) {
      const some = Array.from({ length: 500 }, () => stream.next().value.text + endToken);
      text = Buffer.concat([text, Buffer.from(some.join(''))]);
    }
    assert.equal(
      createHash('sha256').update(text.subarray(0, 1_000_000)).digest('hex'),
      hash,
      `stage ${stage}, seed ${seed}`,
    );
  }
});

// FNV-1a with MurmurHash3's finalizer, and sfc32, in integers of any size.
function wideHash(text) {
  const low = (n) => n & 0xffffffffn;
  let h = 0x811c9dc5n;
  for (const c of text) h = low((h ^ BigInt(c.charCodeAt(0))) * 0x01000193n);
  h = low((h ^ (h >> 16n)) * 0x85ebca6bn);
  h = low((h ^ (h >> 13n)) * 0xc2b2ae35n);
  return h ^ (h >> 16n);
}

function* wideRandom(seed) {
  const low = (n) => n & 0xffffffffn;
  let [a, b, c, counter] = [
    wideHash(`${seed}/a`),
    wideHash(`${seed}/b`),
    wideHash(`${seed}/c`),
    1n,
  ];
  for (let i = 0; ; i++) {
    const sum = low(a + b + counter++);
    a = b ^ (b >> 9n);
    b = low(c * 9n);
    c = low(((c << 21n) | (c >> 11n)) + sum);
    if (i >= 12) yield sum;
  }
}

test('random numbers are those of sfc32 in exact arithmetic', () => {
  const rng = new Random('bitloss/1');
  const wide = wideRandom('bitloss/1');
  for (let i = 0; i < 1000; i++) assert.equal(BigInt(rng.next()), wide.next().value);
});

test('the committed test sets are what the generator writes', () => {
  for (const [name, items] of allTestSets(encoder)) {
    assert.deepEqual(
      committed.get(name),
      items.map((item) => JSON.stringify(item)),
      name,
    );
  }
});

test('every skill has at least 200 different items in each language', () => {
  for (const { name } of skills) {
    for (const lang of ['en', 'ko']) {
      const items = setOf(name, lang);
      assert.ok(items.length >= 200, `${name} ${lang}: ${items.length}`);
      assert.equal(
        new Set(items.map((item) => `${item.prompt} ${item.answer}`)).size,
        items.length,
        `${name} ${lang}`,
      );
      assert.equal(new Set(items.map((item) => item.id)).size, items.length, `${name} ${lang}`);
      for (const item of items) {
        assert.ok(
          item.skill === name &&
            item.lang === lang &&
            item.answer === item.answer.trim() &&
            item.answer,
        );
        if (name === 'stories') continue;
        assert.ok(item.prompt.endsWith(`\n${languages[lang].answer}`));
        assert.ok(!item.answer.includes('\n'));
        if (item.choices) assert.ok(item.choices.includes(item.answer), item.id);
      }
    }
  }
});

test('no scene of the tests is in the training text', () => {
  const leaping = [5, 6, 7, 8].flatMap((stage) => train('test', 300_000, stage));
  assert.ok(leaping.some(({ skill, split }) => skill === 'chain_leaps' && split === 'chain2'));
  assert.ok(leaping.some(({ skill, split }) => skill === 'pairs' && split === 'order'));
  assert.ok(leaping.some(({ skill, split }) => skill === 'comparisons' && split === 'order'));
  for (const { split, keys } of [...sample, ...leaping])
    for (const key of keys) assert.equal(isTestKey(split, key), false, key);
  const told = new Set(sample.map((document) => context(document.text)));
  for (const lines of committed.values()) {
    for (const { skill, prompt } of lines.map((line) => JSON.parse(line))) {
      if (skill !== 'facts' && skill !== 'stories') assert.ok(!told.has(context(prompt)), prompt);
    }
  }
});

test('no invented word that a test asks for is in the training text', () => {
  const words = new Set(sample.flatMap(({ text }) => text.match(/\p{L}+/gu)));
  for (const lang of ['en', 'ko'])
    for (const { answer } of setOf('copying', lang)) assert.ok(!words.has(answer), answer);
});

test('a fact is never asked in training the way the test asks it', () => {
  const asked = new Set(
    sample.filter((d) => d.skill === 'facts').flatMap((d) => d.text.split('\n')),
  );
  for (const lang of ['en', 'ko'])
    for (const { prompt } of setOf('facts', lang)) assert.ok(!asked.has(question(prompt)), prompt);
  for (const fact of facts) assert.ok(heldOutForm(fact, 'en') < fact.relation.en.ask.length);
});

test('each fact is seen as often as its tier says, to one round of the deck', () => {
  const { decks } = sample.at(-1);
  const perRound = facts.reduce((sum, fact) => sum + tiers[fact.tier], 0);
  const total = [...decks.en.seen.values()].reduce((sum, n) => sum + n, 0);
  const rounds = Math.floor(total / perRound);
  for (const fact of facts) {
    const seen = decks.en.seen.get(fact.id);
    const weight = tiers[fact.tier];
    assert.ok(seen >= rounds * weight && seen <= (rounds + 1) * weight, `${fact.id}: ${seen}`);
  }
});

const place = String.raw`((?:in|at|on|by) the \w+|to the \w+)`;
const spot = (text) => text.replace(/^\w+ the /, '');

/** Where each thing is after all that the text tells, by the last sentence that says where it went. */
function thingsAt(text) {
  const at = new Map();
  const says = new RegExp(
    `(?:put|left|hid|was) an? (\\w+ \\w+) ${place}|^An? (\\w+ \\w+) lay ${place}|(?:took|carried) the (\\w+ \\w+) (?:from the \\w+ )?${place}|found the (\\w+ \\w+) .* moved it ${place}`,
  );
  for (const sentence of text.split(/(?<=\.) /)) {
    const hit = says.exec(sentence)?.slice(1).filter(Boolean);
    if (hit) at.set(hit[0], spot(hit[1]));
  }
  return at;
}

test('where things are follows from the text', () => {
  for (const skill of ['recall', 'long_recall']) {
    for (const { prompt, answer } of setOf(skill, 'en')) {
      const text = skill === 'recall' ? context(prompt) : context(prompt).split('\n')[0];
      const asked = /the (\w+ \w+)(?: now)?\?/.exec(question(prompt))[1];
      assert.equal(thingsAt(text).get(asked), spot(answer), prompt);
    }
  }
});

test('the fact of a long recall is at least 150 tokens before its question', () => {
  for (const lang of ['en', 'ko']) {
    for (const { prompt } of setOf('long_recall', lang)) {
      const between = context(prompt).split('\n').slice(1).join('\n');
      assert.ok(encoder.count(between) >= 150, prompt);
    }
  }
});

test('a chain leads to its answer in as many steps as its name says', () => {
  const one = (text, ...patterns) => patterns.map((p) => p.exec(text)).find(Boolean);
  for (const [skill, hops, said] of [
    ['chain2', 2, false],
    ['chain3', 3, false],
    ['steps2', 2, true],
    ['steps3', 3, true],
  ]) {
    for (const { prompt, answer } of setOf(skill, 'en')) {
      const next = new Map();
      for (const sentence of context(prompt).split(/(?<=\.) /)) {
        const s = sentence.replace(/^(The|In) /, (w) => w.toLowerCase()).replace(/\.$/, '');
        const inside = one(s, /^the (\w+ \w+) is in the (\w+ \w+)$/);
        const holds = one(
          s,
          /^the (?<what>\w+ \w+) is in (?<who>\w+)'s hands$/,
          /^(?<who>\w+) (?:has|is carrying) the (?<what>\w+ \w+)$/,
        );
        const has = one(s, /^in the (\w+ \w+) there is an? (\w+ \w+)$/);
        const follows = one(
          s,
          /^(\w+) (?:is with|is sitting next to|follows) (\w+)(?: everywhere)?$/,
        );
        const stands = one(
          s,
          /^(?:the )?(\w+(?: \w+)?) (?:is|stands|has gone|is waiting) ((?:in|at|on|by|to) the \w+)$/,
          /^you can see the (\w+ \w+) ((?:in|at|on|by) the \w+)$/i,
        );
        if (has) next.set(has[2], has[1]);
        else if (holds) next.set(holds.groups.what, holds.groups.who);
        else if (inside) next.set(inside[1], inside[2]);
        else if (follows) next.set(follows[1], follows[2]);
        else next.set(stands[1].replace(/ is$/, ''), spot(stands[2]));
      }
      let at = /Where is (?:the )?(.+)\?/.exec(question(prompt))[1];
      let steps = 0;
      const path = [];
      for (; next.has(at); steps++) path.push((at = next.get(at)));
      assert.equal(at, spot(answer.split(', ').at(-1)), prompt);
      assert.equal(steps, hops, prompt);
      assert.deepEqual(
        answer
          .split(', ')
          .slice(0, -1)
          .map((step) => step.replace(/^(in|with) (the )?/, '')),
        said ? path.slice(0, -1) : [],
        prompt,
      );
    }
  }
});

test('cards lead to what is said of them in the end', () => {
  for (const { text } of [
    ...train('cards', 50_000, 4),
    ...train('cards', 200_000, 5).filter(({ skill }) => skill === 'leaps'),
  ]) {
    const pairs = [...text.matchAll(/([^.?:]+): ([^.]+)\./g)].map(([, from, to]) => [
      from.trim(),
      to,
    ]);
    const asked = /\?([^?]+)$/.exec(text)[1].match(/: /g).length;
    const next = new Map(pairs.slice(0, -asked));
    assert.ok(next.size === pairs.length - asked && asked > 0, text);
    const once = /(Again|다시)\?/.test(text);
    for (const [from, to] of pairs.slice(-asked))
      assert.equal(once ? next.get(from) : next.get(next.get(from)), to, text);
  }
});

test('sums are the sum of what the text adds', () => {
  for (const lang of ['en', 'ko']) {
    for (const { prompt, answer } of setOf('addition', lang)) {
      const text = prompt.replace(
        /It is \d+|is \d+ years|has \d+ hats?|지금은 \d+시|은 \d+살|는 \d+살|모자가 \d+개/g,
        '',
      );
      const [a, b, ...rest] = text.match(/\d+/g).map(Number);
      assert.equal(rest.length, 0, prompt);
      assert.equal(a + b, Number(answer), prompt);
      assert.ok(a + b <= 20);
    }
  }
});

test('counts are the count of what the text names', () => {
  const past = {
    clap: 'clapped',
    jump: 'jumped',
    sneeze: 'sneezed',
    whistle: 'whistled',
    wink: 'winked',
  };
  const singular = (many) =>
    ({ cherries: 'cherry', peaches: 'peach' })[many] ?? many.replace(/s$/, '');
  for (const { prompt, answer } of setOf('counting', 'en')) {
    const deed = /did (\w+) (\w+)\?/.exec(question(prompt));
    const listed = /How many (\w+) (?:were|did)/.exec(question(prompt));
    const what =
      listed && listed[1] !== 'times'
        ? `\\ban? ${singular(listed[1])}\\b`
        : `${deed[1]} ${past[deed[2]]}`;
    assert.equal(
      (context(prompt).match(new RegExp(what, 'g')) ?? []).length,
      Number(answer),
      prompt,
    );
  }
});

const more = ['taller', 'older', 'faster', 'heavier', 'louder'];
const less = ['shorter', 'younger', 'slower', 'lighter', 'quieter'];

test('an order follows from its comparisons', () => {
  for (const { prompt, answer } of setOf('order', 'en')) {
    const above = new Map();
    for (const [, a, way, b] of context(prompt).matchAll(
      /(\w+) (?:is|came) (?:a bit |home )?(\w+)(?: than)? (\w+)\./g,
    )) {
      if (more.includes(way) || way === 'before') above.set(a, b);
      else if (less.includes(way) || way === 'after') above.set(b, a);
      else assert.fail(way);
    }
    const below = new Set(above.values());
    const ranking = [[...above.keys()].find((name) => !below.has(name))];
    while (above.has(ranking.at(-1))) ranking.push(above.get(ranking.at(-1)));
    const ask = question(prompt);
    const pair = / (\w+), (\w+) or (\w+)\?/.exec(ask);
    const low =
      /shortest|youngest|slowest|lightest|quietest|last/.test(ask) ||
      (pair && less.includes(pair[1]));
    const among = pair ? ranking.filter((name) => name === pair[2] || name === pair[3]) : ranking;
    assert.equal(low ? among.at(-1) : among[0], answer, prompt);
  }
});

test('who of two is more so follows from the comparisons of a training text', () => {
  const asked = { pairs: 0, comparisons: 0 };
  for (const { text, skill, lang } of train('pairs', 200_000, 8)) {
    if (lang !== 'en' || !(skill in asked)) continue;
    const above = [...context(text).matchAll(/(\w+) is (?:a bit )?(\w+) than (\w+)\./g)].map(
      ([, a, way, b]) =>
        more.includes(way) ? [a, b, more.indexOf(way)] : [b, a, less.indexOf(way)],
    );
    const isAbove = (a, b, scale) =>
      above.some(
        ([up, down, of]) => up === a && of === scale && (down === b || isAbove(down, b, scale)),
      );
    for (const [, way, a, b, answer] of text.matchAll(
      /Who is (\w+), (\w+) or (\w+)\?\nA: (\w+)/g,
    )) {
      const [upper, lower] = more.includes(way)
        ? [answer, answer === a ? b : a]
        : [answer === a ? b : a, answer];
      assert.ok(isAbove(upper, lower, Math.max(more.indexOf(way), less.indexOf(way))), text);
      asked[skill]++;
    }
  }
  assert.ok(asked.pairs > 300 && asked.comparisons > 600, JSON.stringify(asked));
});

test('what a reviewer likes follows from the words, negated or not', () => {
  const good = ['good', 'lovely', 'exciting', 'wonderful', 'pleasant'];
  const happy = /went back twice|did not want to leave|smiled all the way|friends to go\b/;
  for (const { prompt, answer } of setOf('sentiment', 'en')) {
    const what = /like (the [\w ]+)\?/.exec(question(prompt))[1];
    const clause = new RegExp(`${what} (?:was|were) (not |never )?(\\w+)`, 'i').exec(
      context(prompt).replace(/^[^"]*/, ''),
    );
    const liked = clause ? good.includes(clause[2]) !== Boolean(clause[1]) : happy.test(prompt);
    assert.equal(liked ? 'yes' : 'no', answer, prompt);
  }
});

test('a copied word stands in the text beside the one who is asked about', () => {
  for (const lang of ['en', 'ko']) {
    for (const { prompt, answer } of setOf('copying', lang)) {
      assert.equal(context(prompt).split(answer).length, 2, prompt);
    }
  }
});

test('a format answer holds the things of the text in the form asked for', () => {
  for (const { prompt, answer } of setOf('format', 'en')) {
    const things = [...context(prompt).matchAll(/\ban? (\w+)/g)].map((hit) => hit[1]);
    const ask = question(prompt);
    const right = /capital/.test(ask)
      ? things.join(', ').toUpperCase()
      : /backwards/.test(ask)
        ? [...things].reverse().join(', ')
        : /commas/.test(ask)
          ? things.join(', ')
          : /dashes/.test(ask)
            ? things.join(' - ')
            : /plus/.test(ask)
              ? things.join(' + ')
              : /brackets/.test(ask)
                ? `[${things.join('] [')}]`
                : /Number/.test(ask)
                  ? things.map((thing, i) => `${i + 1}. ${thing}`).join(' ')
                  : /exclamation/.test(ask)
                    ? `${things.join('! ')}!`
                    : /twice/.test(ask)
                      ? `${things[0]} ${things[0]}`
                      : /first/.test(ask)
                        ? things[0]
                        : things.at(-1);
    assert.equal(answer, right, prompt);
  }
});

test('answers of a test are balanced', () => {
  const most = {
    sentiment: 0.5,
    counting: 0.13,
    addition: 0.07,
    order: 0.08,
    recall: 0.06,
    long_recall: 0.06,
    chain2: 0.06,
    chain3: 0.06,
  };
  for (const [skill, share] of Object.entries(most)) {
    for (const lang of ['en', 'ko']) {
      const items = setOf(skill, lang);
      const counts = new Map();
      for (const { answer } of items) counts.set(answer, (counts.get(answer) ?? 0) + 1);
      for (const [answer, count] of counts)
        assert.ok(count <= items.length * share, `${skill} ${lang}: ${answer}`);
    }
  }
});

test('Korean particles follow the last sound', () => {
  const cases = [
    ['공', '을', '공을'],
    ['모자', '을', '모자를'],
    ['연필', '으로', '연필로'],
    ['집', '으로', '집으로'],
    ['학교', '으로', '학교로'],
    ['7', '은', '7은'],
    ['2', '은', '2는'],
    ['10', '이', '10이'],
    ['"뽀르"', '이라고', '"뽀르"라고'],
    ['곰', '과', '곰과'],
    ['여우', '과', '여우와'],
  ];
  for (const [noun, particle, right] of cases) assert.equal(attach(noun, particle), right);
  // 를, 와, 는 go with a vowel; 을, 과, 은 with a consonant: seen in the decomposed form.
  const final = (syllable) => syllable.normalize('NFD').length === 3;
  for (const { text, lang } of sample) {
    if (lang !== 'ko') continue;
    for (const [word, before, particle] of text.matchAll(/([가-힣])(를|을)(?![가-힣])/g)) {
      assert.equal(final(before), particle === '을', `${word} in ${text}`);
    }
    for (const [word, before] of text.matchAll(/([가-힣])으로(?![가-힣])/g)) {
      assert.ok(final(before) && !before.normalize('NFD').endsWith('\u11af'), `${word} in ${text}`);
    }
  }
  assert.equal(
    new Korean(new Random('x')).say('{A은?} 웃었다.', { A: { type: 'child', id: 'x', ko: '곰' } }),
    '곰은 웃었다.',
  );
});

test('Korean is about a tenth of the tokens, and nearly every document fits 512 tokens', () => {
  const total = sample.reduce((sum, d) => sum + d.tokens, 0);
  const korean = sample.filter((d) => d.lang === 'ko').reduce((sum, d) => sum + d.tokens, 0);
  assert.ok(korean / total > 0.09 && korean / total < 0.11, `${korean / total}`);
  assert.ok(sample.filter((d) => d.tokens > 512).length < sample.length / 1000);
  for (const skill of skills)
    assert.ok(
      sample.some((d) => d.skill === skill.name && d.lang === 'ko'),
      skill.name,
    );
});

test('no text has leftovers of a template, wrong articles or stray spaces', () => {
  for (const { text, lang } of sample) {
    assert.ok(!/undefined|\[object|[{}]|\^|NaN/.test(text), text);
    assert.ok(!/ {2}| \n|^\s| [.,!]|(?<!=) \?/.test(text), text);
    assert.ok(!/\b[Aa] [aeiou]|\b[Aa]n [bcdfgjklmnpqrstvwxyz]/.test(text), text);
    assert.ok(!text.includes(endToken), text);
    assert.ok(text.endsWith('\n'));
    if (lang === 'en') assert.ok(!/[가-힣]/.test(text), text);
    else assert.ok(!/[a-z]/.test(text), text);
  }
});

test('sentences begin with a capital letter', () => {
  for (const { text, lang, skill } of sample) {
    if (lang === 'en' && skill === 'stories')
      assert.ok(!/(?:^|\n|[a-z][.!?] )[a-z]/.test(text.split('\n\n')[0]), text);
  }
});

test('the vocabulary is small, invented words aside', () => {
  const count = (lang, pattern) => {
    const told = sample.filter(
      (d) => d.lang === lang && !['copying', 'practice', 'relay'].includes(d.skill),
    );
    return new Set(told.flatMap((d) => d.text.toLowerCase().match(pattern) ?? [])).size;
  };
  const english = count('en', /[a-z']+/g);
  assert.ok(english > 1200 && english < 2500, `${english}`);
  assert.ok(count('ko', /[가-힣]+/g) < 4000);
});

test('the tokenizer gives the ids that the tokenizers library gives', () => {
  const golden = JSON.parse(
    fs.readFileSync(new URL('tinyworld_ids.json', import.meta.url), 'utf8'),
  );
  for (const { text, ids } of golden) assert.deepEqual(encoder.encode(text), ids, text);
});

test('tokenizer.json has 2048 entries, with the end token first', () => {
  const { model, added_tokens: added } = JSON.parse(
    fs.readFileSync(new URL('tokenizer.json', folder), 'utf8'),
  );
  assert.deepEqual(
    Object.values(model.vocab).sort((a, b) => a - b),
    Array.from({ length: 2048 }, (_, id) => id),
  );
  assert.equal(model.vocab[endToken], 0);
  assert.deepEqual(
    added.map((token) => token.content),
    [endToken],
  );
});

test("the page's list and the models' own configs say alike how texts are divided, and all is there", () => {
  const models = new URL('models/', folder);
  const list = JSON.parse(fs.readFileSync(new URL('index.json', models), 'utf8'));
  assert.equal(list.length, 3);
  for (const { id, documents: by, files, size } of list) {
    const config = files.find((name) => name.endsWith('config.json'));
    const own = JSON.parse(fs.readFileSync(new URL(config, models), 'utf8'));
    assert.equal(by, 'blank', id);
    assert.equal(own.text_documents, by, id);
    const total = files.reduce((sum, name) => sum + fs.statSync(new URL(name, models)).size, 0);
    assert.equal(total, size, id);
  }
});

test('the test sets are small enough to keep in the repository', () => {
  const bytes = [...committed.values()]
    .flat()
    .reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  assert.ok(bytes < 2.05e6, `${bytes}`);
});
