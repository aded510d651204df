// node examples/tinyworld/score.mjs MODEL
// The tables of a model card: how a model does on the held-out tests as it is stored and at 8, 6, 5, 4, 3
// and 2 bits in groups of 64 and 32, in Markdown. $BITLOSS names the command, else build/native/bitloss.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const command = process.env.BITLOSS ?? path('../../build/native/bitloss');
const [model, ...rest] = process.argv.slice(2);
if (!model || rest.length > 0) {
  console.error('usage: node examples/tinyworld/score.mjs MODEL');
  process.exit(2);
}

const recipes = [64, 32].flatMap((group) =>
  [8, 6, 5, 4, 3, 2].map((bits) => `affine:${bits}:${group}`),
);
const tests = fs
  .readdirSync(path('tests'))
  .sort()
  .map((file) => path(`tests/${file}`));

/** Runs every test under every recipe; the progress bar goes to the terminal. */
function compare() {
  const args = [
    'compare',
    '--model',
    model,
    '--recipes',
    recipes.join(),
    '--tasks',
    tests.join(),
    '--json',
  ];
  const done = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (done.error) throw new Error(`cannot run ${command}: ${done.error.message}`);
  if (done.status !== 0) process.exit(done.status ?? 1);
  return JSON.parse(done.stdout).lanes;
}

const percent = (share) => (100 * share).toFixed(1);
const points = (share) => (share > 0 ? '+' : '') + percent(share);
const interval = ({ low, high }, print = percent) => `[${print(low)}, ${print(high)}]`;
const shortName = (recipe) => recipe.replace(/^affine:/, '');

function printTable(headings, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  console.log([headings, headings.map(() => '---'), ...rows].map(line).join('\n'));
}

/** Right answers in %, a row for each skill and language; the reference with its 95% interval. */
function printSkills([reference, ...lanes]) {
  const rows = Object.entries(reference.tasks).map(([group, share]) => [
    ...group.split('/'),
    share.n,
    `${percent(share.accuracy)} ${interval(share)}`,
    ...lanes.map((lane) => percent(lane.tasks[group].accuracy)),
  ]);
  printTable(
    ['skill', 'language', 'items', 'reference', ...lanes.map(({ recipe }) => shortName(recipe))],
    rows,
  );
}

/** The mean over the skills of a language, each counted the same. */
function meanOver(lane, language) {
  const shares = Object.entries(lane.tasks).filter(([group]) => group.endsWith(`/${language}`));
  return shares.reduce((sum, [, { accuracy }]) => sum + accuracy, 0) / shares.length;
}

/** A row for each recipe: size, mean accuracy, and the difference to the reference over all items. */
function printRecipes(lanes) {
  const languages = [...new Set(Object.keys(lanes[0].tasks).map((group) => group.split('/')[1]))];
  const rows = lanes.map((lane) => {
    const paired = lane.against_reference;
    return [
      lane.recipe,
      lane.bits_per_weight.toFixed(2),
      `${(lane.size_bytes / 1000).toFixed(0)} kB`,
      ...languages.map((language) => percent(meanOver(lane, language))),
      paired ? `${points(paired.difference)} ${interval(paired, points)}` : '',
      paired?.verdict ?? '',
    ];
  });
  printTable(
    [
      'recipe',
      'bits per weight',
      'size',
      ...languages.map((name) => `${name}, %`),
      'all items, points',
      '',
    ],
    rows,
  );
}

const lanes = compare();
printSkills(lanes);
console.log();
printRecipes(lanes);
