/* bitloss convert for MLX: with the options of `mlx_lm convert` it writes the same weights, to the
 * bit, and the same config.json (tests/golden/make_convert.py). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, readJson, readSafetensors } from './command.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/* A line for each tensor, as make_convert.py has them. */
function digest(path) {
  const { tensors } = readSafetensors(path);
  const lines = [...tensors.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { dtype, shape, bytes }]) => `${name} ${dtype} ${shape} ${sha256(bytes)}\n`);
  return sha256(lines.join(''));
}

const cases = readJson(golden('convert', 'expected.json'));
for (const [name, { model, steps, config, tensors }] of Object.entries(cases)) {
  test(`as mlx_lm convert: ${name}`, (t) => {
    const top = folder(t);
    let source = model === 'narrow' ? golden('convert', model) : golden(model);
    steps.forEach((options, i) => {
      const target = join(top, String(i));
      const done = bitloss(['convert', '--hf-path', source, '--mlx-path', target, ...options]);
      assert.equal(done.status, 0, done.err);
      source = target;
    });
    assert.deepEqual(readJson(join(source, 'config.json')), config);
    assert.equal(digest(join(source, 'model.safetensors')), tensors);
  });
}

test('an affine directory that is converted once more keeps its meaning to mlx_lm', (t) => {
  const top = folder(t);
  const path = join(top, 'null-groups');
  bitloss([
    'convert',
    '--hf-path',
    golden('tiny_llama'),
    '--mlx-path',
    path,
    '-q',
    '--quant-predicate',
    'mixed_3_6',
  ]);
  const again = bitloss(['convert', '--hf-path', path, '--mlx-path', join(top, 'again')]);
  assert.equal(again.status, 0, again.err);
  for (const file of ['config.json', 'model.safetensors'])
    assert.deepEqual(readFileSync(join(top, 'again', file)), readFileSync(join(path, file)), file);
});
