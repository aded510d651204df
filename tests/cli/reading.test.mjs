/* What is read, and how far: pipes, devices, folders and files without end give a sentence, or are
 * read up to a bound; never is there a wait without a word. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, command, folder, golden } from './command.mjs';

const model = golden('tiny_llama');
const sentence = 'The old boat went down the river and it was cold.\n';
const makePipe = (path) => assert.equal(spawnSync('mkfifo', [path]).status, 0);

/* A file that says it is so long, and takes no room on the disk. */
function makeSparse(path, size) {
  const file = openSync(path, 'w');
  ftruncateSync(file, size);
  closeSync(file);
}

/* Refused in one sentence; a wait would end by the time limit, and without a status. */
function refuses(args, expected) {
  const { status, err, signal } = bitloss(args, { timeout: 20_000 });
  assert.equal(signal, null, `${args.join(' ')} waits`);
  assert.equal(status, 1, `${args.join(' ')}: ${err}`);
  assert.match(err, /^bitloss: [^\n]+\n$/, 'one sentence');
  assert.match(err, expected);
}

test('a pipe, a device, a folder and a file of 100 GB are no texts', (t) => {
  const top = folder(t);
  const cases = [
    [join(top, 'pipe'), /pipe is a pipe, into which nobody may ever write, expected a regular/],
    ['/dev/zero', /\/dev\/zero is a device, expected a regular file/],
    [top, /is a directory, expected a regular file/],
    [join(top, 'sparse'), /sparse is 107 GB long, expected at most 1\.0 GB/],
    [join(top, 'none'), /cannot open .*none: No such file or directory/],
  ];
  makePipe(join(top, 'pipe'));
  makeSparse(join(top, 'sparse'), 1e11 + 7e9);
  for (const option of ['--text', '--tasks', '--prompts'])
    for (const [path, expected] of cases)
      refuses(['compare', '--model', model, option, path], expected);
  for (const [path, expected] of cases.slice(0, 2)) refuses(['budget', path], expected);
});

test('a text comes from the standard input, or from a pipe that the shell made', () => {
  const args = ['compare', '--model', model, '--recipes', 'affine:4:32', '--json', '--text'];
  const perplexities = ['-', '/dev/stdin'].map((path) => {
    const { status, out, err } = bitloss([...args, path], { input: sentence });
    assert.equal(status, 0, err);
    return JSON.parse(out).lanes[1].ppl;
  });
  const shell = spawnSync('bash', ['-c', '"$0" "$@" <(printf "%s\\n" "$TEXT")', command, ...args], {
    env: { ...process.env, TEXT: sentence.trimEnd() },
    encoding: 'utf8',
  });
  assert.equal(shell.status, 0, shell.stderr);
  perplexities.push(JSON.parse(shell.stdout).lanes[1].ppl);
  const [first] = perplexities;
  assert.ok(first > 1);
  assert.deepEqual(perplexities, [first, first, first]);
});

test('what is wrong with the standard input is told under that name', () => {
  const ends = [
    ['--text', '', /^bitloss: the standard input is empty, expected a text\n$/],
    [
      '--prompts',
      'a\n\0',
      /^bitloss: the standard input: byte 2 is 0x00, expected text in UTF-8\n$/,
    ],
    ['--tasks', '{}', /^bitloss: the standard input, line 1: field 'id' is missing/],
  ];
  for (const [option, input, expected] of ends) {
    const { status, err } = bitloss(['compare', '--model', model, option, '-'], { input });
    assert.equal(status, 1);
    assert.match(err, expected);
  }
});

test('the standard input is read up to a bound', (t) => {
  const top = folder(t);
  const zeros = openSync('/dev/zero', 'r');
  t.after(() => closeSync(zeros));
  const done = spawnSync(command, ['generate', '--model', model, '--prompt', '-'], {
    stdio: [zeros, 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 20_000,
    cwd: top,
  });
  assert.equal(done.status, 1, done.stderr);
  assert.match(
    done.stderr,
    /^bitloss: the standard input is longer than 16\.0 MB, the most[^\n]+\n$/,
  );
});

test('who waits for the standard input says so, and Ctrl-C ends it', async () => {
  const child = spawn(command, ['compare', '--model', model, '--text', '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (data) => {
    err += data;
    child.kill('SIGINT');
  });
  const signal = await new Promise((done) => child.once('close', (_, name) => done(name)));
  assert.equal(signal, 'SIGINT');
  assert.equal(err, 'bitloss: note: waiting for the standard input; Ctrl-C stops\n');
});

test('a model whose files are pipes, devices or without end is refused', (t) => {
  const top = folder(t);
  const cases = [
    ['config.json', (path) => makePipe(path), /config\.json is not a regular file/],
    ['config.json', (path) => symlinkSync('/dev/zero', path), /config\.json is not a regular file/],
    ['config.json', (path) => makeSparse(path, 1e11), /config\.json is 100 GB long, expected at/],
    ['tokenizer.json', (path) => makeSparse(path, 1e11), /tokenizer\.json is 100 GB long/],
    ['model.safetensors', (path) => makePipe(path), /model\.safetensors is not a regular file/],
    ['model.safetensors', (path) => mkdirSync(path), /model\.safetensors is not a regular file/],
    ['model.safetensors', (path) => makeSparse(path, 1e11), /model\.safetensors: /],
  ];
  for (const [i, [name, make, expected]] of cases.entries()) {
    const own = join(top, String(i));
    cpSync(model, own, { recursive: true });
    rmSync(join(own, name));
    make(join(own, name));
    for (const args of [
      ['inspect', own],
      ['generate', '--model', own, '--prompt', 'The'],
      ['convert', '--hf-path', own, '--out', join(top, 'out')],
    ])
      refuses(args, expected);
    assert.ok(!readdirSync(top).some((found) => found.startsWith('out')), 'nothing is left');
  }
});

test('a training run reads regular files only', (t) => {
  const top = folder(t);
  for (const name of ['config.json', 'tokenizer.json'])
    cpSync(golden('tiny_llama', name), join(top, name));
  writeFileSync(join(top, 'recipe.json'), JSON.stringify({ steps: 2, context: 16 }));
  mkdirSync(join(top, 'texts'));
  const train = (config = 'recipe.json') => [
    'train',
    '--config',
    join(top, config),
    '--data',
    join(top, 'texts'),
    '--out',
    join(top, 'out'),
  ];
  makePipe(join(top, 'texts', 'a.txt'));
  refuses(train(), /a\.txt is a pipe/);
  rmSync(join(top, 'texts', 'a.txt'));
  makeSparse(join(top, 'texts', 'a.txt'), 1e11);
  refuses(train(), /a\.txt is 100 GB long, expected at most 4\.0 GB/);
  makePipe(join(top, 'pipe.json'));
  refuses(train('pipe.json'), /pipe\.json is a pipe/);
  /* The tokens of an earlier run, kept beside the text, are made again where they are no file. */
  writeFileSync(join(top, 'texts', 'a.txt'), 'Ann saw a red boat.</s>'.repeat(60));
  makePipe(join(top, 'texts', 'a.txt.ids'));
  const { status, err, signal } = bitloss(train(), { timeout: 60_000 });
  assert.equal(signal, null);
  assert.equal(status, 0, err);
});

/* ---- side files ----------------------------------------------------------------------------- */

/* The hub's cache: snapshots/REVISION has links to files in blobs/. */
function makeHub(top) {
  const repository = join(top, 'hub', 'models--org--name');
  const snapshot = join(repository, 'snapshots', 'r1');
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(join(repository, 'blobs'));
  for (const name of [
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]) {
    cpSync(golden('tiny_llama', name), join(repository, 'blobs', `of-${name}`));
    symlinkSync(join('..', '..', 'blobs', `of-${name}`), join(snapshot, name));
  }
  return snapshot;
}

test('convert follows the links of the hub, and no others', (t) => {
  const top = folder(t);
  const snapshot = makeHub(top);
  writeFileSync(join(top, 'secret'), 'not for everyone');
  symlinkSync(join(top, 'secret'), join(snapshot, 'merges.txt'));
  symlinkSync('/dev/zero', join(snapshot, 'vocab.json'));
  makePipe(join(snapshot, 'added_tokens.json'));
  symlinkSync(snapshot, join(top, 'link'));
  for (const [i, source] of [snapshot, join(top, 'link')].entries()) {
    const out = join(top, `out${i}`);
    const { status, err, signal } = bitloss(['convert', '--hf-path', source, '--out', out], {
      timeout: 20_000,
    });
    assert.equal(signal, null);
    assert.equal(status, 0, err);
    for (const name of ['tokenizer.json', 'tokenizer_config.json'])
      assert.deepEqual(readFileSync(join(out, name)), readFileSync(golden('tiny_llama', name)));
    for (const name of ['merges.txt', 'vocab.json', 'added_tokens.json'])
      assert.ok(!readdirSync(out).includes(name), name);
    assert.match(
      err,
      /merges\.txt is a link that leads out of the model's folder: it was not copied/,
    );
    assert.match(err, /vocab\.json is a link that leads out/);
    assert.match(err, /added_tokens\.json is not a regular file: it was not copied/);
  }
});

test("a folder of links into the hub's cache is converted whole", (t) => {
  const top = folder(t);
  const snapshot = makeHub(top);
  const blobs = join(snapshot, '..', '..', 'blobs');
  mkdirSync(join(top, 'local'));
  for (const name of readdirSync(snapshot))
    symlinkSync(join(blobs, `of-${name}`), join(top, 'local', name));
  const out = join(top, 'out');
  const { status, err } = bitloss(['convert', '--hf-path', join(top, 'local'), '--out', out]);
  assert.equal(status, 0, err);
  assert.equal(err, '');
  assert.deepEqual(
    readFileSync(join(out, 'tokenizer_config.json')),
    readFileSync(golden('tiny_llama', 'tokenizer_config.json')),
  );
});
