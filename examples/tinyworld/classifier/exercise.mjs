// node examples/tinyworld/classifier/exercise.mjs
// Runs the exercise's command (build/native/bitloss, or $BITLOSS) and writes it with what it prints to exercise.md,
// which the lesson shows.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDER = 'examples/tinyworld/classifier';
const RECIPES = [
  'qint8@int8/*embeddings=f16',
  'qint8@int8',
  'int8@int8',
  'affine:8:128',
  'affine:4:128',
  'affine:3:128',
  'affine:2:128',
  'tensor:3',
  'tensor:2',
].join(',');
const args = [
  ...['compare', '--model', FOLDER, '--labels', `${FOLDER}/held_out.tsv`],
  ...['--recipes', RECIPES, '--cost', '--format', 'md'],
];
const command = process.env.BITLOSS ?? 'build/native/bitloss';
const made = execFileSync(command, args, { cwd: root, encoding: 'utf8' });
const shown = ['bitloss', ...args].map((one) => (one.includes('*') ? `'${one}'` : one)).join(' ');
fs.writeFileSync(new URL('exercise.md', import.meta.url), `    ${shown}\n\n${made}`);
