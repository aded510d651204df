// node examples/tinyworld/loss.mjs MODEL…
// How far the predictions of each model move from its own reference's under every kind of recipe, on the
// held-out stories in both languages, as a Markdown table for each. $BITLOSS names the command, else
// build/native/bitloss.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const command = process.env.BITLOSS ?? path('../../build/native/bitloss');
const models = process.argv.slice(2);
if (models.length === 0) {
  console.error('usage: node examples/tinyworld/loss.mjs MODEL…');
  process.exit(2);
}

const languages = ['en', 'ko'];
const textTokens = 8192;
const affine = [8, 6, 5, 4, 3, 2].map((bits) => `affine:${bits}:64`);
const recipes = [
  ...affine,
  ...['affine:4:32', 'affine:4:128', 'affine:8:64@int8', 'affine:4:64@int8'],
  ...['mxfp8', 'nvfp4', 'mxfp4', 'q8_0', 'q6_k', 'q5_k', 'q4_k', 'q4_0', 'q3_k', 'q2_k', 'q4_k_m'],
  ...['int8', 'int4:64', 'qint8', 'nf4', 'channel:8', 'channel:4', 'tensor:8', 'tensor:4'],
];

/** The stories of a language, a blank line between two: what is to be continued, and how it went on. */
function writeStories(folder, language) {
  const lines = fs
    .readFileSync(path(`tests/stories.${language}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  const stories = lines
    .map((line) => JSON.parse(line))
    .map(({ prompt, answer }) => `${prompt} ${answer}`);
  const file = nodePath.join(folder, `${language}.txt`);
  fs.writeFileSync(file, stories.join('\n\n'));
  return file;
}

function compare(model, texts) {
  const settings = [
    '--recipes',
    recipes.join(),
    '--text',
    texts.join(),
    '--documents',
    'blank',
    '--text-tokens',
    String(textTokens),
  ];
  const args = ['compare', '--model', model, ...settings, '--json'];
  const done = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (done.error) throw new Error(`cannot run ${command}: ${done.error.message}`);
  if (done.status !== 0) process.exit(done.status ?? 1);
  return JSON.parse(done.stdout);
}

const row = (cells) => `| ${cells.join(' | ')} |`;
const figure = (x) => (x < 0.1 ? x.toPrecision(2) : x.toFixed(2));

function print(model, { texts, lanes: [reference, ...lanes] }) {
  const tokens = texts
    .map(
      ({ n_tokens_scored: n, n_documents: stories }, i) => `${n} of ${stories} in ${languages[i]}`,
    )
    .join(', ');
  const perplexity = languages
    .map((language) => reference.texts[`${language}.txt`])
    .map(({ ppl, ppl_se: error }) => `${ppl.toFixed(3)} ± ${error.toFixed(3)}`)
    .join(' and ');
  console.log(
    `${nodePath.basename(model)}: perplexity ${perplexity} at full precision; tokens scored of stories: ${tokens}.\n`,
  );
  const headings = [
    'recipe',
    'bits per weight',
    'KL English',
    'KL Korean',
    'perplexity English',
    'same top English',
    'verdict',
  ];
  console.log(row(headings));
  console.log(row(headings.map((_, i) => (i === 0 || i === headings.length - 1 ? '---' : '---:'))));
  for (const lane of lanes) {
    const [en, ko] = languages.map((language) => lane.texts[`${language}.txt`]);
    if (lane.bits_per_weight === reference.bits_per_weight) continue; // its groups do not fit the model's rows
    const change = 100 * (Math.exp(en.ln_ratio) - 1);
    console.log(
      row([
        lane.recipe,
        lane.bits_per_weight.toFixed(2),
        `${figure(en.kl_mean)} ± ${figure(en.kl_mean_se)}`,
        `${figure(ko.kl_mean)} ± ${figure(ko.kl_mean_se)}`,
        `${change < 0 ? '' : '+'}${change.toFixed(1)}%`,
        `${(100 * en.same_top).toFixed(1)}%`,
        lane.verdict,
      ]),
    );
  }
  console.log();
}

const folder = fs.mkdtempSync(nodePath.join(os.tmpdir(), 'tinyworld-'));
try {
  const texts = languages.map((language) => writeStories(folder, language));
  for (const model of models) print(model, compare(model, texts));
} finally {
  fs.rmSync(folder, { recursive: true });
}
