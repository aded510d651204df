/* What is written is there complete or not at all, whatever happens meanwhile, and nothing of
 * anybody else's is replaced. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, command, folder, golden, start } from './command.mjs';
import { makeLarge } from './large.mjs';

const model = golden('tiny_llama');

/* Calls act once the run has begun a file in a temporary directory of its own, while the run is
 * held; returns how it ended. One that is done before it could be held, as on a busy machine, is
 * removed and begun again. */
async function whileWriting(top, name, args, act, tries = 5) {
  const before = new Set(readdirSync(top));
  const isWriting = (found) =>
    found.startsWith(`${name}.partial-`) &&
    !before.has(found) &&
    readdirSync(join(top, found)).length > 0;
  const child = start(args);
  const ended = new Promise((done) =>
    child.once('close', (status, signal) => done({ status, signal })),
  );
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (data) => (err += data));
  let isHeld = false;
  const timer = setInterval(() => {
    if (!readdirSync(top).some(isWriting)) return;
    clearInterval(timer);
    isHeld = true;
    child.kill('SIGSTOP');
    try {
      act(child);
    } finally {
      child.kill('SIGCONT');
    }
  }, 1);
  const end = await ended;
  clearInterval(timer);
  if (isHeld || end.status !== 0 || tries === 1) return { ...end, err };
  rmSync(join(top, name), { recursive: true });
  return whileWriting(top, name, args, act, tries - 1);
}

test('a target that someone else makes meanwhile stays as it is', async (t) => {
  const top = folder(t);
  makeLarge(join(top, 'source'), 1);
  for (const [name, ...more] of [
    ['out.gguf', '--recipe', 'q4_0'],
    ['out', '-q'],
    ['empty', '-q'],
  ]) {
    const path = join(top, name);
    const args = ['convert', '--hf-path', join(top, 'source'), '--out', path, ...more];
    const make = () => (name === 'out.gguf' ? writeFileSync(path, 'mine') : mkdirSync(path));
    const { status, err } = await whileWriting(top, name, args, () => {
      make();
      if (name === 'out') writeFileSync(join(path, 'mine'), 'mine');
    });
    assert.equal(status, 1);
    assert.match(err, /was made by someone else meanwhile: it stays as it is, nothing was written/);
    if (name === 'out.gguf') assert.equal(readFileSync(path, 'utf8'), 'mine');
    else assert.deepEqual(readdirSync(path), name === 'out' ? ['mine'] : []);
    assert.ok(!readdirSync(top).some((found) => found.includes('.partial-')));
  }
});

test('of several conversions to one file one has it, and the others say so', async (t) => {
  const top = folder(t);
  for (const name of ['out.gguf', 'out']) {
    const args = ['convert', '--hf-path', model, '--out', join(top, name)];
    const ends = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = start(args);
        let err = '';
        child.stderr.setEncoding('utf8').on('data', (data) => (err += data));
        const status = await new Promise((done) => child.once('close', done));
        return { status, err };
      }),
    );
    assert.deepEqual(ends.map(({ status }) => status).sort(), [0, 1, 1, 1, 1, 1]);
    for (const { status, err } of ends)
      if (status === 1) assert.match(err, /already exists|made by someone else meanwhile/);
    assert.equal(bitloss(['inspect', join(top, name)]).status, 0);
  }
  assert.deepEqual(readdirSync(top).sort(), ['out', 'out.gguf']);
});

test('what a killed run left is removed by the next, and what a living one is writing is not', async (t) => {
  const top = folder(t);
  makeLarge(join(top, 'source'), 1);
  const args = (source) => ['convert', '--hf-path', source, '--out', join(top, 'out'), '-q'];
  const killed = await whileWriting(top, 'out', args(join(top, 'source')), (child) =>
    child.kill('SIGKILL'),
  );
  assert.equal(killed.signal, 'SIGKILL');
  const [left] = readdirSync(top).filter((found) => found.startsWith('out.partial-'));
  assert.ok(left);
  writeFileSync(join(top, left, 'model.safetensors'), 'x'.repeat(5000));

  /* One that is alive, while which another begins, is done, and has the name. */
  const living = await whileWriting(top, 'out', args(join(top, 'source')), () => {
    assert.ok(!existsSync(join(top, left)));
    const { status, err } = bitloss(args(model));
    assert.equal(status, 0, err);
    assert.match(err, /another run is writing .*out too; the first to be done has it/);
  });
  assert.match(
    living.err,
    /removed .*out\.partial-\w{6}, which a run that was killed had left \([\d.]+ [kM]B\)/,
  );
  assert.equal(living.status, 1);
  assert.deepEqual(readdirSync(top).sort(), ['out', 'source']);
});

test('a directory that only looks like a leftover is named, not removed', (t) => {
  const top = folder(t);
  mkdirSync(join(top, 'out.partial-abc123', 'inner'), { recursive: true });
  mkdirSync(join(top, 'out.partial-notes'));
  writeFileSync(join(top, 'out.partial-abc123', 'letter'), 'mine');
  const { status, err } = bitloss(['convert', '--hf-path', model, '--out', join(top, 'out')]);
  assert.equal(status, 0, err);
  assert.match(
    err,
    /out\.partial-abc123 looks like what a run that was killed had left; it was not/,
  );
  assert.deepEqual(readdirSync(join(top, 'out.partial-abc123')).sort(), ['inner', 'letter']);
  assert.ok(existsSync(join(top, 'out.partial-notes')));
});

test('a file size limit is told, and nothing is left', (t) => {
  const top = folder(t);
  for (const name of ['out', 'out.gguf', 'sub/out']) {
    const done = spawnSync(
      'bash',
      [
        '-c',
        'ulimit -f 20; exec "$0" convert --hf-path "$1" --out "$2"',
        command,
        model,
        join(top, name),
      ],
      { encoding: 'utf8' },
    );
    assert.equal(done.status, 1, `${done.signal}`);
    assert.match(done.stderr, /^bitloss: cannot write .*: File too large\n$/);
    assert.deepEqual(readdirSync(top), []);
  }
});

test('an empty path is refused at once', () => {
  for (const args of [
    ['convert', '--hf-path', model, '--out', '', '-q'],
    ['train', '--config', 'recipe.json', '--data', 'texts', '--out', ''],
  ]) {
    const { status, err } = bitloss(args);
    assert.equal(status, 2);
    assert.match(err, /^bitloss: --(mlx-path|out) is empty, expected (PATH|DIR)\n$/);
  }
});

test('two training runs do not share a folder', async (t) => {
  const top = folder(t);
  for (const name of ['config.json', 'tokenizer.json'])
    writeFileSync(join(top, name), readFileSync(golden('tiny_llama', name)));
  const recipe = { steps: 100000, context: 16, batch_tokens: 64, validate_every: 5 };
  writeFileSync(join(top, 'recipe.json'), JSON.stringify(recipe));
  mkdirSync(join(top, 'texts'));
  writeFileSync(join(top, 'texts', 'a.txt'), 'Ann saw a red boat.</s>'.repeat(60));
  const args = ['train', '--config', join(top, 'recipe.json'), '--data', join(top, 'texts')];
  args.push('--out', join(top, 'out'));
  const child = start(args);
  await new Promise((done) => child.stderr.once('data', done)); /* the line of step 5 */
  for (const more of [[], ['--resume']]) {
    const { status, err } = bitloss([...args, ...more]);
    assert.equal(status, 1);
    assert.match(err, /^bitloss: another run is training in .*out\n$/);
  }
  child.kill('SIGTERM');
  const signal = await new Promise((done) => child.once('close', (_, name) => done(name)));
  assert.equal(signal, 'SIGTERM');
  assert.deepEqual(
    readdirSync(join(top, 'out')).filter((name) => name.includes('partial')),
    [],
  );
  rmSync(join(top, 'out', 'log.csv'));
  assert.equal(bitloss([...args, '--resume', '--steps', '1']).status, 0);
});
