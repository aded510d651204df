/* Tokenizers of files that came before tokenizer.json, through the engine: the ids of transformers
 * (tests/golden/make_vocab.py). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../build/js/engine.js';
import { Starter } from '../../build/js/starter.js';
import { bitlossError, file, filesOf, readGolden } from './golden.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const first = fs.readFileSync(path.join(root, 'build/wasm/bitloss-simd128.wasm'));
/** Those whose settings name their class; of the others the model's own config decides. */
const kinds = fs
  .readdirSync(path.join(root, 'tests/golden/vocab'))
  .filter(
    (kind) => JSON.parse(readGolden(`vocab/${kind}`, 'tokenizer_config.json')).tokenizer_class,
  );

/** A model whose tokenizer is that folder's; the rows of its embedding do not matter. */
const modelWith = (kind, changed = {}) => {
  const own = filesOf(path.join('vocab', kind));
  const model = filesOf('tiny_llama').filter(({ name }) => !name.startsWith('tokenizer'));
  const named = (name) => Object.hasOwn(changed, name);
  const kept = [...model, ...own].filter(({ name }) => !named(name));
  return [...kept, ...Object.entries(changed).map(([name, text]) => file(name, text))];
};
const expected = (kind) => JSON.parse(readGolden(path.join('vocab', kind), 'expected.json'));

let engine;
before(async () => {
  engine = await Engine.create();
});

test('each kind of files gives the ids of transformers', async () => {
  assert.ok(kinds.length >= 8);
  for (const kind of kinds) {
    const model = await engine.load(modelWith(kind));
    const cases = expected(kind);
    assert.ok(cases.length >= 10);
    for (const { text, ids } of cases) assert.deepEqual(model.tokenize(text), ids, kind);
    assert.ok(!model.info.notes.some((note) => note.kind === 'no-vocab'), kind);
    model.free();
  }
});

test('a tokenizer.json comes first, and its model needs none of the files', async () => {
  const own = filesOf('tiny_llama');
  const model = await engine.load([...own, file('vocab.txt', 'a\nb\n[UNK]\n')]);
  const alone = await engine.load(own);
  assert.deepEqual(model.tokenize('One boat'), alone.tokenize('One boat'));
  model.free();
  alone.free();
});

test('files of a kind that is not known leave the model without a tokenizer, and that is told', async () => {
  const config = { 'tokenizer_config.json': '{"tokenizer_class": "BartTokenizer"}' };
  const model = await engine.load(modelWith('gpt2', config));
  assert.equal(model.info.hasTokenizer, false);
  const note = model.info.notes.find(({ kind }) => kind === 'no-vocab');
  assert.match(note.message, /the model has no tokenizer: .*BartTokenizer/);
  model.free();
  // Nothing of them is left for the next.
  const next = await engine.load(modelWith('bert'));
  const [, , { text, ids }] = expected('bert');
  assert.deepEqual(next.tokenize(text), ids);
  next.free();
});

test('what is wrong with the files is said', async () => {
  await assert.rejects(
    engine.load(modelWith('gpt2', { 'vocab.json': '[]' })),
    bitlossError('input', /vocab\.json/),
  );
});

test('the first module leaves them to the full one, which makes the tokenizer', async () => {
  const small = await Engine.create(first);
  await assert.rejects(small.load(modelWith('bert')), { code: 'elsewhere' });
  const starter = new Starter(
    async () => first,
    () => {},
  );
  const model = await starter.load(modelWith('bert'), {}, (made) => made);
  const [, , { text, ids }] = expected('bert');
  assert.deepEqual(model.tokenize(text), ids);
  model.free();
});
