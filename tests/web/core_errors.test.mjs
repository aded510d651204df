/* The core's errors in Korean: is there a sentence for every one that the page may be given, and does it say
 * what the English one says? */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Engine } from '../../build/js/engine.js';
import { SENTENCES as OF_FILES } from '../../build/js/files.js';
import { root, useModules } from './modules.mjs';

const modules = useModules();
let korean;
let engine;
before(async () => {
  korean = await modules.load('web/i18n/core_errors/index.ts');
  engine = await Engine.create();
});
after(() => modules.close());

/** Adjacent string literals of C as one text; null where there is anything else. */
function literal(source) {
  const text = source.trim();
  if (!/^(?:"(?:\\.|[^"\\])*"\s*)+$/.test(text)) return null;
  return [...text.matchAll(/"((?:\\.|[^"\\])*)"/g)]
    .map(([, part]) => part.replace(/\\(.)/g, '$1'))
    .join('');
}

/** The arguments of a call whose '(' is before `at`. */
function argumentsAt(source, at) {
  const found = [''];
  for (let depth = 1, inText = false; ; at++) {
    const c = source[at];
    if (inText && c === '\\') found[found.length - 1] += source[at++];
    else if (c === '"') inText = !inText;
    if (!inText) {
      if ('([{'.includes(c)) depth++;
      if (')]}'.includes(c) && --depth === 0) return found;
      if (c === ',' && depth === 1) {
        found.push('');
        continue;
      }
    }
    found[found.length - 1] += source[at];
  }
}

/** Every bl_fail in what the modules are made of: where it stands, and its arguments. */
function failures() {
  const folders = [
    'base',
    'format',
    'text',
    'chat',
    'quant',
    'quant/methods',
    'kernel',
    'model',
    'measure',
    'train',
  ].map((name) => `core/${name}`);
  const found = [];
  for (const folder of [...folders, 'wasm', 'wasm/without_methods'])
    for (const name of fs.readdirSync(path.join(root, folder))) {
      if (!/\.[ch]$/.test(name) || /^error\.[ch]$/.test(name)) continue;
      const source = fs
        .readFileSync(path.join(root, folder, name), 'utf8')
        .replace(/\/\*.*?\*\//gs, '')
        .replace(/^#define (?:.*\\\n)*.*$/gm, '');
      for (const { index, 0: call } of source.matchAll(/\b(?:bl_fail|BL_STOP)\s*\(/g)) {
        const args = argumentsAt(source, index + call.length);
        // BL_STOP is bl_fail of a machine that renders a chat template.
        found.push({ name, source, args: call.startsWith('BL_STOP') ? ['', ...args] : args });
      }
    }
  return found;
}

/** The format of each. */
function formats() {
  const found = new Set();
  for (const { name, source, args } of failures()) {
    const format = args[2].trim();
    const named = source.matchAll(
      new RegExp(`\\b${format.replace(/\W/g, '\\$&')}\\[\\] =([^;]*);`, 'g'),
    );
    const texts =
      literal(format) === null ? [...named].map(([, text]) => literal(text)) : [literal(format)];
    assert.ok(texts.length > 0 && texts.every((text) => text), `${name}: ${format} is no literal`);
    for (const text of texts) found.add(text);
  }
  found.add('out of memory: %llu bytes could not be allocated');
  return [...found];
}

test('there is a Korean sentence for every error, with each of its fields once', () => {
  const all = [...formats(), ...Object.values(OF_FILES)];
  assert.ok(all.length > 290);
  // Words that only English grammar needs: a plural, a verb, and what stands between two of them.
  const grammar = {
    "tensor '%' has % weight% not finite, the first of them % at %": 1,
    "tensor '%' has a weight of % at %, more than %% holds: % of its weights % lost, and %": 1,
  };
  for (const format of all) {
    assert.doesNotMatch(format, /%%/);
    const { key } = korean.keyOf(format);
    const sentence = korean.SENTENCES[key];
    assert.ok(sentence, `no Korean for: ${key}`);
    assert.match(sentence, /[가-힣]/, key);
    const named = [...sentence.matchAll(/\{(\d)\}/g)].map(([, n]) => Number(n)).sort();
    const n = key.split('%').length - 1;
    assert.equal(new Set(named).size, named.length, `${key}: a field stands twice`);
    assert.ok(
      named.every((field) => field >= 1 && field <= n),
      key,
    );
    assert.equal(named.length, n - (grammar[key] ?? 0), `${key}: ${sentence}`);
  }
});

/** What a choice of literals among the arguments of a bl_fail puts into its sentence. */
function chosenWords() {
  const found = new Set();
  for (const { args } of failures())
    for (const arg of args) {
      const isChoice = arg.replace(/"(?:\\.|[^"\\])*"/g, '').includes('?');
      for (const [, text] of isChoice ? arg.matchAll(/[?:]\s*"((?:\\.|[^"\\])*)"/g) : [])
        if (/[a-z]/.test(text)) found.add(text);
    }
  return [...found];
}

test('there is a Korean word for every one that the core chooses for a sentence', () => {
  const words = chosenWords();
  for (const one of ['too long', 'floats', ', or cut off']) assert.ok(words.includes(one), one);
  // Names of the files' own.
  const names = ['merges', 'vocab', 'longrope', 'dynamic', 'relu', 'silu'];
  const format = '%s: tokenizer.ggml.tokens is %s';
  const said = (word) => korean.inKorean({ format, fields: ['a', word] });
  for (const one of words.filter((word) => !names.includes(word)))
    assert.ok(!said(one).includes(one), `no Korean for: ${one}`);
  assert.equal(said('empty'), 'a: tokenizer.ggml.tokens가 올바르지 않습니다: 비어 있음.');
});

test('what the reader or a file wrote is not translated', () => {
  const said = (format, ...fields) => korean.inKorean({ format, fields });
  const recipe = (...fields) =>
    said("recipe '%s': format is '%s', perhaps %s was meant", ...fields);
  assert.equal(
    recipe('constructor', 'constructor', 'toString'),
    "레시피 'constructor': 'constructor' 형식은 없습니다. 비슷한 형식: toString.",
  );
  assert.equal(
    recipe('empty', 'bits', 'nf4 or affine'),
    "레시피 'empty': 'bits' 형식은 없습니다. 비슷한 형식: nf4 또는 affine.",
  );
  const many = 'cats or dogs and 2 more';
  assert.equal(said('%.128s: the file is empty', many), `${many}: 파일이 비어 있습니다.`);
});

test('no Korean sentence is left over from an error that is gone', () => {
  const said = new Set(
    [...formats(), ...Object.values(OF_FILES)].map((one) => korean.keyOf(one).key),
  );
  assert.deepEqual(
    Object.keys(korean.SENTENCES).filter((key) => !said.has(key)),
    [],
  );
});

/** Loads what cannot be loaded. */
async function refused(files, options) {
  const given = Object.entries(files).map(([name, text]) => ({ name, blob: new Blob([text]) }));
  const { message, said } = await engine.load(given, options).then(assert.fail, (error) => error);
  return { message, said, korean: said && korean.inKorean(said) };
}

const CONFIG = { model_type: 'llama', hidden_size: 64, num_attention_heads: 4 };
const WEIGHTS = Buffer.from('\x02\0\0\0\0\0\0\0{}', 'latin1');

test('what the core refuses is said with the same names and numbers in both languages', async () => {
  const file = (config) => ({ 'config.json': config, 'model.safetensors': WEIGHTS });
  const wrong = await refused(file(JSON.stringify({ ...CONFIG, model_type: 'mamba' })));
  assert.match(wrong.message, /^config\.json: field 'model_type' is 'mamba', expected llama/);
  assert.match(
    wrong.korean,
    /^config\.json: 'model_type' 필드의 값이 'mamba'입니다\. 지원하는 모델은 llama, .* 또는 [a-z\d_]+입니다\.$/,
  );
  const text = await refused(file(JSON.stringify({ ...CONFIG, hidden_size: 'many' })));
  assert.match(text.message, /field 'hidden_size' is a string, expected a whole number/);
  assert.equal(
    text.korean,
    "config.json: 'hidden_size' 필드의 값이 문자열입니다. 정수여야 합니다.",
  );
  const json = await refused(file('{"model_type": }'));
  assert.match(json.message, /not valid JSON: at byte 15 of 16 found '}'/);
  assert.match(
    json.korean,
    /^config\.json: 올바른 JSON이 아닙니다: 16바이트 가운데 15번째 바이트에 있는 것: '}'/,
  );
  const page = await refused(file('<!doctype html><p>not here'));
  assert.equal(page.korean, 'config.json: JSON이어야 하는데 다음과 같습니다: 웹 페이지.');
  const none = await refused({ 'notes.txt': 'hello there, this is text' });
  assert.match(none.korean, /^notes\.txt: 모델이 아니라 다음과 같습니다: 텍스트 파일\./);
  const recipe = await refused(file(JSON.stringify(CONFIG)), { recipe: 'afine:4:64' });
  assert.match(recipe.message, /perhaps affine was meant/);
  assert.equal(recipe.korean, "레시피 'afine:4:64': 'afine' 형식은 없습니다. 비슷한 형식: affine.");
});

test('a sentence within a sentence is in Korean, too', () => {
  assert.equal(
    korean.inKorean({
      format: '%s: bitloss can convert the model, but not run it',
      fields: ["config.json: field 'hidden_act' is 'gelu', expected silu"],
    }),
    "config.json: 'hidden_act' 필드의 값이 'gelu'입니다. silu여야 합니다. 이 모델은 변환할 수는 있지만 실행할 수는 없습니다.",
  );
});

test('a field that holds what parts fields makes no other sentence', async () => {
  const name = 'mam\x1fba';
  const files = {
    'config.json': JSON.stringify({ ...CONFIG, model_type: name }),
    'model.safetensors': WEIGHTS,
  };
  const { message, korean: said } = await refused(files);
  assert.match(message, /'mam\?ba'/);
  assert.equal(said, null);
  const format = "%.128s: field '%s' is '%.64s', expected silu";
  assert.equal(
    korean.inKorean({ format, fields: ['a', 'hidden_act', 'b\tc'] }),
    "a: 'hidden_act' 필드의 값이 'b?c'입니다. silu여야 합니다.",
  );
});
