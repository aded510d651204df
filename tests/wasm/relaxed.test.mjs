/* The build for engines with relaxed SIMD: it has the bits of the other, and is chosen where it is right. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { relaxedSimd } from 'wasm-feature-detect';

/* Node 20 has relaxed SIMD behind a flag and unfinished: its first compiler leaves the summand out, which the
 * loader notices, and its second is wrong for codes of 8 bits. Chromium 156 agrees in all formats. */
const hasIt = await relaxedSimd();
const flags = hasIt ? [] : ['--experimental-wasm-relaxed-simd'];
const rightFlags = hasIt ? [] : [...flags, '--no-liftoff'];

/** What a module, run by a Node of its own, prints. */
const inNode = (nodeFlags, text) =>
  execFileSync(process.execPath, [...nodeFlags, '--input-type=module', '-e', text], {
    cwd: new URL('.', import.meta.url),
    encoding: 'utf8',
  }).trim();

const recipes = ['q4_0', 'q4_1', 'affine:4:32', ...(hasIt ? ['q8_0', 'affine:8:32', 'int8'] : [])];

const logitsOf = (build) => `
  import { createHash } from 'node:crypto';
  import fs from 'node:fs';
  import { Engine } from '../../build/js/engine.js';
  import { expected, filesOf } from './golden.mjs';
  const wasm = fs.readFileSync('../../build/wasm/bitloss-full-${build}.wasm');
  const engine = await Engine.create(wasm);
  for (const recipe of ${JSON.stringify(recipes)}) {
    const model = await engine.load(filesOf('tiny_llama'), { recipe: recipe + '@int8' });
    const hash = createHash('sha1');
    const { ids } = expected('tiny_llama');
    for (const part of [ids, ids.slice(0, 1)]) hash.update(await model.logits(part));
    console.log(recipe, hash.digest('hex'));
    model.free();
  }`;

test('with int8 activations the logits have the same bits as those of the build without', () => {
  const logits = inNode(rightFlags, logitsOf('relaxed'));
  const hashes = new Set(logits.split('\n').map((line) => line.split(' ')[1]));
  assert.equal(hashes.size, recipes.length);
  assert.equal(logits, inNode([], logitsOf('simd128')));
});

const choice = `
  import { relaxedDot } from '../../build/js/relaxed.js';
  console.log(await relaxedDot());`;

test('the build is chosen where the dot product is right, and not where it is missing or wrong', () => {
  assert.equal(inNode(rightFlags, choice), 'true');
  if (!hasIt) assert.equal(inNode([], choice), 'false');
  if (!hasIt) assert.equal(inNode(flags, choice), 'false');
});
