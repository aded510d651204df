// node examples/tinyworld/generate.mjs --out DIR --tokens N [--stage 1|2|…|8] [--seed S] [--shards K] [--tests]
// Writes training text and, with --tests, the held-out test sets. README.md describes both.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Encoder } from './bpe.mjs';
import { drawScene, endToken, splitOf, writeDocument } from './documents.mjs';
import { koreanPerMille, stages } from './mixture.mjs';
import { FactDeck } from './skills/facts.mjs';
import { allTestSets } from './tests.mjs';
import { Random } from './world/random.mjs';

/** The endless stream of a stage's training documents for a seed: { text, skill, split, lang, keys, decks }. */
export function* documents(seed, stage = 2) {
  const rng = new Random(`train/${seed}`);
  const decks = {
    en: new FactDeck(new Random(`deck/en/${seed}`)),
    ko: new FactDeck(new Random(`deck/ko/${seed}`)),
  };
  const plan = stages[stage].values();
  let [left, mixture] = plan.next().value;
  for (;;) {
    if (left-- === 0) [left, mixture] = plan.next().value;
    const skill = rng.weighted(mixture);
    const lang = rng.below(1000) < koreanPerMille ? 'ko' : 'en';
    if (skill.train) {
      yield {
        text: writeDocument(skill.train(decks[lang], lang, rng), lang),
        skill: skill.name,
        lang,
        keys: [],
        decks,
      };
      continue;
    }
    const scene = drawScene(skill, lang, rng, false);
    const told = skill.tell(scene, lang, rng, { single: false });
    yield {
      text: writeDocument(told, lang),
      skill: skill.name,
      split: splitOf(skill),
      lang,
      keys: scene.keys,
      decks,
    };
  }
}

export function loadEncoder() {
  return new Encoder(
    JSON.parse(fs.readFileSync(new URL('tokenizer.json', import.meta.url), 'utf8')),
  );
}

/** Writes about `tokens` tokens as `shards` files and a manifest of what is in them. */
function writeTraining({ out, tokens, stage, seed, shards }, encoder) {
  fs.mkdirSync(out, { recursive: true });
  const stream = documents(seed, stage);
  const made = {};
  let [total, bytes, count, last] = [0, 0, 0, null];
  for (let shard = 0; shard < shards; shard++) {
    const file = fs.openSync(
      path.join(out, `stage${stage}-${String(shard).padStart(3, '0')}.txt`),
      'w',
    );
    const until = Math.floor((tokens * (shard + 1)) / shards);
    let buffer = [];
    const flush = () => {
      bytes += fs.writeSync(file, buffer.join(''));
      buffer = [];
    };
    while (total < until) {
      last = stream.next().value;
      const size = encoder.count(last.text) + 1;
      const row = ((made[last.lang] ??= {})[last.skill] ??= { documents: 0, tokens: 0 });
      row.documents++;
      row.tokens += size;
      total += size;
      count++;
      buffer.push(last.text, endToken);
      if (buffer.length > 2000) flush();
    }
    flush();
    fs.closeSync(file);
  }
  const seen = (deck) => Object.fromEntries(deck.seen);
  const facts = last && { en: seen(last.decks.en), ko: seen(last.decks.ko) };
  const manifest = { stage, seed, tokens: total, bytes, documents: count, made, facts };
  fs.writeFileSync(path.join(out, `stage${stage}.json`), `${JSON.stringify(manifest, null, 1)}\n`);
  return manifest;
}

function writeTests(folder, encoder) {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, items] of allTestSets(encoder)) {
    fs.writeFileSync(
      path.join(folder, name),
      items.map((item) => `${JSON.stringify(item)}\n`).join(''),
    );
  }
}

/** A whole positive number from the command line, or an error that names the option. */
function wholeNumber(text, option) {
  if (!/^[1-9]\d{0,11}$/.test(text))
    throw new Error(`--${option} ${text}: a whole number above 0 is needed`);
  return Number(text);
}

function main() {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      tokens: { type: 'string' },
      stage: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      shards: { type: 'string', default: '1' },
      tests: { type: 'boolean', default: false },
    },
  });
  if (!values.out || !(values.tokens || values.tests))
    throw new Error(
      'usage: generate.mjs --out DIR (--tokens N [--stage 1|2|…|8] [--seed S] [--shards K])  (--tests)',
    );
  const encoder = loadEncoder();
  if (values.tests) writeTests(path.join(values.out, 'tests'), encoder);
  if (!values.tokens) return;
  const tokens = wholeNumber(values.tokens, 'tokens');
  const shards = wholeNumber(values.shards, 'shards');
  if (!stages[values.stage])
    throw new Error(
      `--stage ${values.stage}: there are the stages ${Object.keys(stages).join(', ')}`,
    );
  const { out, stage, seed } = values;
  const made = writeTraining({ out, tokens, stage, seed, shards }, encoder);
  console.log(`${made.tokens} tokens, ${made.bytes} bytes, ${made.documents} documents`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
