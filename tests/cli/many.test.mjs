/* Files with very many small things: the time for each stays the same, however many there are. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { command, folder, golden, writeSafetensors } from './command.mjs';

const many = 100_000;
/* Letters, since numbers in names are not told apart: aaaa, aaab … */
const word = (i) =>
  [17576, 676, 26, 1].map((n) => String.fromCharCode(97 + (Math.floor(i / n) % 26))).join('');

/* Runs it, and returns what it printed and the seconds that the processor spent on it, which other
 * work on the machine does not lengthen much. */
function timed(args, status = 0) {
  const done = spawnSync('bash', ['-c', 'TIMEFORMAT=%U; time "$0" "$@"', command, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(done.status, status, done.stderr.slice(0, 1000));
  return { out: done.stdout, err: done.stderr, seconds: +done.stderr.trim().split('\n').at(-1) };
}

/* A second is what is promised; the rest is for slow machines. By looking through all that came
 * before, each of these takes over ten. */
const enough = 4;
const soon = ({ seconds }, what) => assert.ok(seconds < enough, `${what}: ${seconds} s`);

const zeros = (n) => Buffer.alloc(n);
const f32 = (...shape) => ({
  dtype: 'F32',
  shape,
  bytes: zeros(4 * shape.reduce((a, b) => a * b)),
});
const u8 = (...shape) => ({ dtype: 'U8', shape, bytes: zeros(shape.reduce((a, b) => a * b)) });

test('inspect of 100,000 different tensors', (t) => {
  const path = join(folder(t), 'model.safetensors');
  const tensors = Array.from({ length: many }, (_, i) => [`m.${word(i)}.weight`, f32(1, 2)]);
  writeFileSync(path, writeSafetensors(new Map(tensors)));
  const table = timed(['inspect', path]);
  assert.match(table.out, /100000 tensors of 100000 kinds/);
  soon(table, 'the table');
  const json = timed(['inspect', path, '--json']);
  assert.equal(JSON.parse(json.out).tensors.length, many);
  soon(json, 'JSON');
});

test('inspect of a quantized model with settings for every layer', (t) => {
  const top = folder(t);
  const folders = { mlx: [], bitsandbytes: [] };
  const quantization = { group_size: 32, bits: 4 };
  for (let i = 0; i < many / 5; i++) {
    const name = `m.${word(i)}`;
    folders.mlx.push([`${name}.weight`, { dtype: 'U32', shape: [1, 4], bytes: zeros(16) }]);
    folders.mlx.push([`${name}.scales`, f32(1, 1)], [`${name}.biases`, f32(1, 1)]);
    folders.bitsandbytes.push([`${name}.weight`, u8(16, 1)], [`${name}.weight.absmax`, f32(1)]);
    folders.bitsandbytes.push([`${name}.weight.quant_state.bitsandbytes__nf4`, u8(1)]);
    quantization[name] = { group_size: 32, bits: 4 };
  }
  const configs = {
    mlx: { model_type: 'llama', quantization },
    bitsandbytes: { model_type: 'llama', quantization_config: { quant_method: 'bitsandbytes' } },
  };
  for (const [name, tensors] of Object.entries(folders)) {
    const own = join(top, name);
    mkdirSync(own);
    writeFileSync(join(own, 'model.safetensors'), writeSafetensors(new Map(tensors)));
    writeFileSync(join(own, 'config.json'), JSON.stringify(configs[name]));
    soon(timed(['inspect', own, '--json']), name);
  }
  assert.match(timed(['inspect', join(top, 'mlx')]).out, /stored as +affine:4:32/);
});

test('tasks of 100,000 different skills are read', (t) => {
  const path = join(folder(t), 'tasks.jsonl');
  const tasks = Array.from({ length: many }, (_, i) =>
    JSON.stringify({ id: `${i}`, skill: `s${i}`, lang: `l${i % 100}`, prompt: 'a', answer: 'b' }),
  );
  writeFileSync(path, `${tasks.join('\n')}\n{}\n`);
  /* The last line is wrong, so that nothing is asked of the model. */
  const read = timed(['compare', '--model', golden('tiny_llama'), '--tasks', path], 1);
  assert.match(read.err, /tasks\.jsonl, line 100001: field 'id' is missing/);
  soon(read, 'reading');
});

test('what each of 400 skills in 100 languages came to is shown in every format', (t) => {
  const path = join(folder(t), 'tasks.jsonl');
  const tasks = Array.from({ length: 400 }, (_, i) =>
    JSON.stringify({ id: `${i}`, skill: `s${i}`, lang: `l${i % 100}`, prompt: 'a', answer: 'b' }),
  );
  writeFileSync(path, tasks.join('\n'));
  const compare = ['compare', '--model', golden('tiny_llama'), '--recipes', 'affine:4:32'];
  for (const format of ['table', 'md', 'csv', 'json']) {
    const { out } = timed([...compare, '--tasks', path, '--format', format]);
    assert.match(out, /s399/);
  }
});
