/* What the command does on a terminal, which `script` (util-linux) plays. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { command, folder, golden } from './command.mjs';
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
