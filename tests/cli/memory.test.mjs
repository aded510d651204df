/* Every command under an allocator that fails at the n-th call, and under one that fails from there
 * on. Either the command does all that it does otherwise, or it ends with a sentence that speaks of
 * memory, having printed nothing and left nothing behind. failing_malloc.c is the allocator. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { bitloss, command, golden, readJson } from './command.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const top = mkdtempSync(join(tmpdir(), 'bitloss-memory-'));
after(() => rmSync(top, { recursive: true, force: true }));

/* Allocations that are made to fail, of each command; all of them where there are no more. */
const tries = 70;

/* The allocator, or why it can't be had: it needs glibc, and a command without a sanitizer. */
function build() {
  const library = join(top, 'failing_malloc.so');
  const made = spawnSync(
    'cc',
    ['-shared', '-fPIC', '-O1', join(here, 'failing_malloc.c'), '-o', library],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) return { skip: 'no allocator can be put before the system’s here' };
  const libraries = spawnSync('ldd', [command], { encoding: 'utf8' });
  if (!/libc\.so\.6/.test(libraries.stdout ?? '') || /lib[at]san/.test(libraries.stdout))
    return { skip: 'the command has an allocator of its own' };
  return { library };
}
const { skip, library } = build();

/* Everything in a folder, by its path there. */
function contents(folder, prefix = '') {
  const found = new Map();
  for (const name of readdirSync(join(folder, prefix))) {
    const path = join(prefix, name);
    const isFolder = statSync(join(folder, path)).isDirectory();
    found.set(path, isFolder ? 'a folder' : readFileSync(join(folder, path), 'latin1'));
    if (isFolder) for (const [inner, bytes] of contents(folder, path)) found.set(inner, bytes);
  }
  return found;
}

/* The command, stopped before it begins; run(n, later) lets one go on in a fresh folder. */
function hold(name, args, prepare) {
  const folder = join(top, name);
  mkdirSync(folder);
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', LD_PRELOAD: library },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
  });
  const answers = createInterface({ input: child.stdio[4] })[Symbol.asyncIterator]();
  const read = (file) => readFileSync(join(folder, file), 'utf8');
  return {
    async run(n, later = false) {
      rmSync(join(folder, 'here'), { recursive: true, force: true });
      mkdirSync(join(folder, 'here'));
      prepare?.(join(folder, 'here'));
      child.stdio[3].write(`${n} ${later ? 1 : 0} ${join(folder, 'here')}\n`);
      const { value, done } = await answers.next();
      assert.ok(!done, 'the command could not be held');
      const [status, calls] = value.split(' ').map(Number);
      const files = contents(join(folder, 'here'));
      return { status, calls, out: read('out'), err: read('err'), files };
    },
    end: () => child.stdio[3].end(),
  };
}

/* Of output that tells times: all but the digits and the padding. */
const withoutTimes = (text) => text.replace(/[-+]?\d[\d.,e+-]*/g, '0').replace(/ +/g, ' ');

/* Tokens that a training run keeps beside its texts carry the texts' time, and may stay; its log
 * tells how long it took. */
const without = (files, end) => new Map([...files].filter(([path]) => !path.endsWith(end)));
const withoutKept = (files) => without(files, '.txt.ids');
const timeless = (files) => without(withoutKept(files), 'log.csv');

async function starveHeld(held, name, args, { timed = false, streams = false, prepare }) {
  const shown = timed ? withoutTimes : (text) => text;
  const good = await held.run(0);
  assert.equal(good.status, 0, good.err);
  const start = join(top, `${name}-start`);
  mkdirSync(start);
  prepare?.(start);
  const before = contents(start);
  const n_tries = Math.min(tries, good.calls);
  for (let i = 0; i < n_tries; i++) {
    const n = 1 + Math.floor((i * good.calls) / n_tries);
    const { status, out, err, files } = await held.run(n, i % 3 === 2);
    const where = `${args.join(' ')}: allocation ${n} of ${good.calls}`;
    assert.ok(status >= 0, `${where}: signal ${-status}`);
    if (status === 0) {
      assert.equal(shown(out), shown(good.out), where);
      assert.deepEqual(timeless(files), timeless(good.files), where);
      continue;
    }
    const sentence = err.trimEnd().split('\n').at(-1);
    assert.match(sentence, /^bitloss: .*memory/, where);
    assert.ok(streams ? good.out.startsWith(out.trimEnd()) : out === '', `${where}: ${out}`);
    assert.deepEqual(withoutKept(files), withoutKept(before), where);
  }
}

/* A held command that is not ended keeps this file from ending. */
async function starve(name, args, options = {}) {
  const held = hold(name, args, options.prepare);
  try {
    await starveHeld(held, name, args, options);
  } finally {
    held.end();
  }
}

const model = golden('tiny_llama3');
const gguf = golden('tiny_gguf', 'tiny_llama_bias.gguf');
const one = ['--threads', '1'];

/* A model whose tokenizer is made of vocab.json and merges.txt. */
const vocab = join(top, 'vocab');
cpSync(golden('tiny_llama3'), vocab, { recursive: true });
const { model: bpe } = readJson(join(vocab, 'tokenizer.json'));
rmSync(join(vocab, 'tokenizer.json'));
writeFileSync(join(vocab, 'vocab.json'), JSON.stringify(bpe.vocab));
writeFileSync(
  join(vocab, 'merges.txt'),
  bpe.merges.map((pair) => `${[pair].flat().join(' ')}\n`).join(''),
);
const settings = join(vocab, 'tokenizer_config.json');
writeFileSync(
  settings,
  JSON.stringify({ ...readJson(settings), tokenizer_class: 'GPT2Tokenizer' }),
);

test('inspect, budget and help', { skip }, async () => {
  await starve('inspect', ['inspect', model]);
  await starve('inspect-json', ['inspect', golden('tiny_llama_sharded'), '--json']);
  await starve('inspect-gguf', ['inspect', gguf, '--metadata', '--tensors']);
  await starve('inspect-torch', ['inspect', golden('tiny_llama_bnb')]);
  await starve('inspect-vocab', ['inspect', vocab]);
  await starve('budget', ['budget', model]);
  await starve('budget-json', ['budget', '7B', '--json']);
  await starve('help', ['help', 'recipe']);
});

test('convert', { skip }, async () => {
  const convert = (name, from, out, ...rest) =>
    starve(name, ['convert', '--hf-path', from, '--out', out, ...rest, ...one], {
      timed: rest.includes('--json'),
    });
  await convert('mlx', model, 'a/b/out', '-q', '--q-group-size', '32');
  await convert('mixed', model, 'out', '-q', '--quant-predicate', 'mixed_3_6', '--json');
  await convert('gguf', model, 'out.gguf', '--recipe', 'q8_0');
  await convert('from-gguf', gguf, 'out', '-d');
  await convert('nf4', model, 'out', '--to', 'torch', '--recipe', 'nf4');
  await convert('int8', model, 'out', '--to', 'torch', '--recipe', 'int8/v_proj=bf16');
  await convert('from-int4', golden('tiny_llama_torchao_int4'), 'out', '-d');
  await convert('from-nf4', golden('tiny_llama_bnb_double'), 'out', '-d');
});

test('generate', { skip }, async () => {
  const args = ['generate', '--model', model, '--prompt', 'The sea', '-m', '3', ...one];
  await starve('generate', args, { streams: true });
  await starve('generate-vocab', args.with(2, vocab), { streams: true });
  await starve('generate-json', [...args, '--json', '--temp', '1', '--recipe', 'affine:4:32'], {
    timed: true,
  });
});

test('compare', { skip }, async () => {
  const text = join(top, 'text.txt');
  const tasks = join(top, 'tasks.jsonl');
  const prompts = join(top, 'prompts.jsonl');
  const item = { skill: 'sea', lang: 'en', prompt: 'The sea is' };
  writeFileSync(text, 'The sea is blue.\n'.repeat(6));
  writeFileSync(
    tasks,
    [
      { ...item, id: 'a', answer: 'blue' },
      { ...item, id: 'b', answer: 0, choices: ['blue', 'red'] },
    ]
      .map((task) => JSON.stringify(task))
      .join('\n'),
  );
  writeFileSync(prompts, '{"prompt":"The sea"}\n{"prompt":"A cat"}\n');
  /* One token: a longer text is timed for half a second, by as many writings as fit into it. */
  const ways = {
    prompt: ['--prompt', 'The sea', '-m', '1'],
    text: ['--text', `${text},${text}`],
    tasks: ['--tasks', tasks],
    prompts: ['--prompts', prompts, '-m', '3'],
    cost: ['--cost', '--prompt', 'The sea', '-m', '1'],
    against: ['--against', model, '--text', text],
    sweep: ['--sweep', '--text', text],
    sensitivity: ['--text', text, '--sensitivity', 'kind', '--target-bits', '8'],
    layers: ['--layers', 'The sea'],
  };
  const formats = ['table', 'md', 'csv', 'json'];
  for (const [i, [name, way]] of Object.entries(ways).entries()) {
    /* Two formats for each way, so that each format has each kind of part. */
    for (const format of [formats[i % 4], formats[(i + 1 + Math.floor(i / 4)) % 4]]) {
      const args = ['compare', '--model', model, '--recipes', 'affine:4:32', '--format', format];
      await starve(`${name}-${format}`, [...args, ...way, ...one], {
        timed: name === 'prompt' || name === 'cost',
        streams: name === 'sweep' && format === 'table',
      });
    }
  }
});

test('train', { skip }, async () => {
  const config = readJson(golden('tiny_llama', 'config.json'));
  Object.assign(config, { hidden_size: 32, intermediate_size: 48, num_hidden_layers: 1 });
  const recipe = {
    context: 24,
    batch_tokens: 24,
    sequences_at_once: 1,
    steps: 1,
    validate_every: 1,
  };
  const prepare = (folder) => {
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    cpSync(golden('tiny_llama', 'tokenizer.json'), join(folder, 'tokenizer.json'));
    writeFileSync(join(folder, 'recipe.json'), JSON.stringify(recipe));
    mkdirSync(join(folder, 'texts'));
    for (const name of ['a', 'b'])
      writeFileSync(join(folder, 'texts', `${name}.txt`), 'Ann saw a red boat.</s>'.repeat(4));
  };
  const args = ['train', '--config', 'recipe.json', '--data', 'texts', '--out', 'out', ...one];
  await starve('train', args, { timed: true, prepare });
});

test('the allocator does what it says', { skip }, async () => {
  const held = hold('honest', ['inspect', model], undefined);
  const good = await held.run(0);
  assert.equal(good.out, bitloss(['inspect', model]).out);
  assert.ok(good.calls > 100);
  assert.equal((await held.run(good.calls)).calls, good.calls);
  assert.notEqual((await held.run(1, true)).status, 0);
  held.end();
});
