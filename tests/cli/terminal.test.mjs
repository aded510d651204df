/* What the command does on a terminal, which `script` (util-linux) plays. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, command, folder, golden, readJson } from './command.mjs';
import { makeLarge } from './large.mjs';

const skip = spawnSync('script', ['--version']).status !== 0 && "util-linux's script is not here";
const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm' };
const quote = (args) => [command, ...args].map((arg) => `'${arg}'`).join(' ');
const play = (args, columns, more = {}) => [
  'script',
  ['-qec', `stty cols ${columns}; ${quote(args)}`, '/dev/null'],
  { env: { ...env, ...more }, encoding: 'utf8' },
];
const onTerminal = (args, columns = 80, more) =>
  spawnSync(...play(args, columns, more)).stdout.replaceAll('\r\n', '\n');
const withoutColor = (text) => text.replace(/\x1b\[[\d;]*m/g, '');

test('colours are there by themselves, unless NO_COLOR or the terminal is against it', {
  skip,
}, () => {
  const args = ['inspect', golden('tiny_llama')];
  const colored = onTerminal(args);
  assert.ok(colored.includes('\x1b[1mtiny_llama\x1b[0m'));
  for (const more of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    assert.equal(onTerminal(args, 80, more), withoutColor(colored));
  }
  assert.equal(onTerminal([...args, '--color', 'always'], 80, { NO_COLOR: '1' }), colored);
});

test('no line is wider than the terminal', { skip }, () => {
  for (const columns of [80, 60, 40]) {
    for (const args of [
      ['--help'],
      ['inspect', golden('tiny_llama_mlx_mixed')],
      ['compare', '--model', golden('tiny_llama3'), '--prompt', 'The old boat', '-m', '24'],
    ]) {
      const text = withoutColor(onTerminal(args, columns));
      const shown = text.split('\nExamples\n')[0]; /* those are for copying: they are not wrapped */
      for (const line of shown.split('\n')) {
        const wide = [...line].filter((c) => /[\uac00-\ud7a3]/.test(c)).length;
        assert.ok([...line].length + wide <= columns || !line.includes(' '), `${columns}: ${line}`);
      }
    }
  }
});

test('generate ends with its speed and memory', { skip }, () => {
  const text = onTerminal([
    'generate',
    '--model',
    golden('tiny_llama'),
    '--prompt',
    'The',
    '-m',
    '4',
  ]);
  assert.match(
    text,
    /\nprompt \d+ tokens, [\d.]+ per second; text 4 tokens, [\d.]+ per second; peak memory [\d.]+ MB\n$/,
  );
});

test('a long conversion shows a bar that fits, and takes it away; Ctrl-C leaves nothing', {
  skip,
}, async (t) => {
  const top = folder(t);
  makeLarge(join(top, 'source'));
  const [file, args, options] = play(
    ['convert', '--hf-path', join(top, 'source'), '--mlx-path', join(top, 'out'), '-q'],
    60,
  );
  const child = spawn(file, args, options);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data) => {
    if (!text.includes('left') && (text + data).includes('left')) child.stdin.write('\x03');
    text += data;
  });
  await new Promise((resolve) => child.on('close', resolve));
  const bars = text.split('\r').filter((line) => line.startsWith('Quantizing'));
  assert.ok(bars.length > 0);
  for (const bar of bars) {
    const line = bar.replace('\x1b[K', '').replace('^C', '');
    assert.match(line, /^Quantizing [━╸─]+ +\d+% .* MB\/s {2}\d.* s left$/);
    assert.ok(line.length < 60, line);
  }
  assert.match(text, /\r\x1b\[K[^\r]*$/, 'erased at the end');
  assert.deepEqual(readdirSync(top), ['source']);
});

/* ---- what a file may bring ---- */

/* U+009B begins a control sequence, U+202E turns the text that follows around. */
const hidden = '\u009b\u202e';
const acts = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/* A model whose folder, name and tokens, but for T, h and e, hold such characters. */
function makeHidden(t) {
  const path = join(folder(t), `model${hidden}`);
  cpSync(golden('tiny_llama3'), path, { recursive: true });
  rmSync(join(path, 'tokenizer_config.json'));
  const tokenizer = readJson(join(path, 'tokenizer.json'));
  const { vocab } = tokenizer.model;
  /* Their UTF-8 in GPT-2's alphabet for bytes. */
  tokenizer.model.vocab = Object.fromEntries(
    Object.entries(vocab).map(([key, id]) => [
      'The'.includes(key) ? key : `\u00c2\u013d\u00e2\u0122\u00ae${key}`,
      id,
    ]),
  );
  tokenizer.model.merges = [];
  tokenizer.added_tokens = [];
  delete tokenizer.post_processor;
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(tokenizer));
  const config = readJson(join(path, 'config.json'));
  writeFileSync(
    join(path, 'config.json'),
    JSON.stringify({ ...config, _name_or_path: `name${hidden}` }),
  );
  return path;
}

test('what files bring never acts on a terminal, and JSON there is what it is elsewhere', {
  skip,
}, (t) => {
  const model = makeHidden(t);
  const top = folder(t);
  const text = join(top, `text${hidden}.txt`);
  const tasks = join(top, 'tasks.jsonl');
  const item = { id: 'a', skill: `s${hidden}`, lang: `l${hidden}`, prompt: 'The', answer: 'a' };
  writeFileSync(text, 'The sea is blue.\n'.repeat(4));
  writeFileSync(tasks, JSON.stringify(item));
  const compare = ['compare', '--model', model, '--recipes', 'affine:4:32', '--text', text];
  compare.push('--tasks', tasks, '--prompt', 'The', '-m', '8', '--threads', '1');
  const speeds = /("[a-z_]*per_second(?:_se)?":\t)[\d.e+-]+/g;
  for (const args of [
    ['inspect', model, '--metadata', '--tensors'],
    ['budget', model],
    ['generate', '--model', model, '--prompt', 'The', '-m', '8'],
    compare,
    [...compare, '--format', 'md'],
    [...compare, '--format', 'csv'],
    ['convert', '--hf-path', model, '--out', join(top, `out${hidden}`)],
    ['inspect', join(top, `none${hidden}`)],
  ]) {
    const shown = withoutColor(onTerminal(args)).replaceAll(/\r(\x1b\[K)?/g, '');
    assert.ok(shown.length > 20, args[0]);
    assert.doesNotMatch(shown, acts, args.join(' '));
    if (args[0] === 'convert' || args.includes('--format') || args[1].includes('none')) continue;
    const onPipe = bitloss([...args, '--json']).out;
    const printed = onTerminal([...args, '--json']);
    const withoutTimes = (json) =>
      json.replace(speeds, '$1X').replace(/("peak_memory_bytes":\t)\d+/, '$1X');
    assert.equal(withoutTimes(printed), withoutTimes(onPipe), args.join(' '));
    assert.doesNotMatch(printed, acts);
    if (args[0] !== 'inspect') continue;
    assert.equal(JSON.parse(printed).model, model);
    assert.equal(JSON.parse(printed).name, `name${hidden}`);
  }
  const written = JSON.parse(
    onTerminal(['generate', '--model', model, '--prompt', 'The', '-m', '8', '--json']),
  );
  assert.ok(written.text.includes(hidden), 'the model writes such characters');
});
