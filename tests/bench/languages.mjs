// Whom calibration protects: codes chosen on English alone, on Korean alone and on both, judged by what is lost in
// each language. Needs the native build.
//
//   node tests/bench/languages.mjs [--model DIR] [--formats affine:4:64,affine:3:64] [--chain +imatrix+gptq+polish]
//                                  [--seeds 4] [--tokens 65536] [--judged 12000] [--threads 1]
//
// For every seed the generator of TinyWorld's training text writes --tokens in English, as many in Korean, and as
// many with half of each, and a model is calibrated on each. They are judged on stories under a seed of their own,
// --judged tokens in each language, read one by one (documents) and joined, and on the held-out tests. Prints
// Markdown: means over the seeds with 95% intervals of Student's t, and what one language alone does in place of
// both, as paired differences of the logarithms of the KL divergence.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run, workFolder } from './command.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const tinyworld = path.join(root, 'examples/tinyworld');
const command = process.env.BITLOSS ?? path.join(root, 'build/native/bitloss');
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: path.join(tinyworld, 'models/2M') },
    formats: { type: 'string', default: 'affine:4:64,affine:3:64' },
    chain: { type: 'string', default: '+imatrix+gptq+polish' },
    seeds: { type: 'string', default: '4' },
    tokens: { type: 'string', default: '65536' },
    judged: { type: 'string', default: '12000' },
    threads: { type: 'string', default: '1' },
  },
});
const formats = values.formats.split(',');
const nSeeds = Number(values.seeds);
const LANGS = ['en', 'ko'];
const CALIBRATED = { English: ['en'], Korean: ['ko'], both: [] };
const READ = { documents: 'blank', joined: 'whole' };
/** Of Student's t, 97.5%, for 1 to 9 degrees of freedom. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

const folder = workFolder('languages');

function generate(name, args) {
  const text = run(process.execPath, [path.join(tinyworld, 'calibration.mjs'), ...args]);
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

/** Stories with blank lines between them, and none within. */
function judge(lang) {
  const args = ['--skill', 'stories', '--stage', '2', '--seed', 'languages-judge'];
  const file = generate(`${lang}.txt`, [...args, '--lang', lang, '--tokens', values.judged]);
  const stories = fs.readFileSync(file, 'utf8').split('<|end|>');
  const whole = stories.map((story) => story.trim().replace(/\n\s*\n/g, '\n')).filter(Boolean);
  fs.writeFileSync(file, `${whole.join('\n\n')}\n`);
  return file;
}

const texts = LANGS.map(judge).join();
const skills = ['recall', 'long_recall', 'facts', 'counting', 'addition', 'steps2'];
const tasks = skills.flatMap((skill) =>
  LANGS.map((lang) => path.join(tinyworld, 'tests', `${skill}.${lang}.jsonl`)),
);

/** The figures of each lane: { documents: {en, ko}, joined: {en, ko}, right: {en, ko} }. */
function measure(recipes, more) {
  const lanes = Object.entries(READ).map(([name, documents], i) => {
    const args = ['compare', '--model', values.model, '--recipes', recipes.join(), ...more];
    args.push('--text', texts, '--documents', documents, '--threads', values.threads, '--json');
    if (i === 0) args.push('--tasks', tasks.join());
    return [name, JSON.parse(run(command, args)).lanes];
  });
  return lanes[0][1].map((_, i) => {
    const figures = {};
    for (const [name, of] of lanes)
      figures[name] = LANGS.map((lang) => of[i].texts[`${lang}.txt`].kl_mean);
    const asked = Object.entries(lanes[0][1][i].tasks);
    figures.right = LANGS.map((lang) => {
      const own = asked.filter(([name]) => name.endsWith(`/${lang}`)).map(([, task]) => task);
      const total = own.reduce((sum, { n }) => sum + n, 0);
      return own.reduce((sum, { n, accuracy }) => sum + n * accuracy, 0) / total;
    });
    return figures;
  });
}

/** Mean, and half of the 95% interval. */
function estimate(all) {
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  const square = all.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const half = T[all.length - 2] * Math.sqrt(square / (all.length - 1) / all.length);
  return { mean, half };
}

const [reference, ...rounded] = measure(formats, []);
const found = {};
for (let seed = 1; seed <= nSeeds; seed++)
  for (const [name, lang] of Object.entries(CALIBRATED)) {
    const args = ['--tokens', values.tokens, '--seed', `languages-${seed}`];
    if (lang.length > 0) args.push('--lang', ...lang);
    const file = generate('calibration.txt', args);
    const recipes = formats.map((format) => format + values.chain);
    const lanes = measure(recipes, ['--calibrate', file, '--calibration-tokens', values.tokens]);
    for (const [i, format] of formats.entries())
      ((found[format] ??= {})[name] ??= []).push(lanes[i + 1]);
    process.stderr.write(`seed ${seed}, ${name}\n`);
  }

const KINDS = ['documents', 'joined', 'right'];
const cell = ({ mean, half }, kind) =>
  kind === 'right'
    ? `${(100 * mean).toFixed(1)} ± ${(100 * half).toFixed(1)}%`
    : `${mean.toPrecision(3)} ± ${half.toPrecision(1)}`;
const plain = (x, kind) => (kind === 'right' ? `${(100 * x).toFixed(1)}%` : x.toPrecision(3));
const head = ['', ...KINDS.flatMap((kind) => LANGS.map((lang) => `${kind}, ${lang}`))];
for (const [i, format] of formats.entries()) {
  const of = (name, kind, lang) => found[format][name].map((lane) => lane[kind][lang]);
  const each = (cellOf) => KINDS.flatMap((kind) => LANGS.map((_, lang) => cellOf(kind, lang)));
  console.log(`\n\`${format}${values.chain}\`, ${nSeeds} seeds\n`);
  console.log(`| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |`);
  const line = (name, cells) => console.log(`| ${[name, ...cells].join(' | ')} |`);
  line(
    'the original',
    each((kind, lang) => (kind === 'right' ? plain(reference.right[lang], kind) : '')),
  );
  line(
    'rounded',
    each((kind, lang) => plain(rounded[i][kind][lang], kind)),
  );
  for (const name of Object.keys(CALIBRATED))
    line(
      name,
      each((kind, lang) => cell(estimate(of(name, kind, lang)), kind)),
    );
  console.log();
  for (const name of ['English', 'Korean'])
    for (const kind of ['documents', 'joined'])
      for (const [lang, tag] of LANGS.entries()) {
        const both = of('both', kind, lang);
        const { mean, half } = estimate(
          of(name, kind, lang).map((x, seed) => Math.log(x / both[seed])),
        );
        const percent = (x) => `${(100 * Math.expm1(x)).toFixed(1)}%`;
        const doubt = Math.abs(mean) > half ? 'beyond doubt' : 'may be chance';
        console.log(
          `- ${name} alone in place of both, KL in ${tag}, ${kind}: ${percent(mean)} [${percent(mean - half)}, ${percent(mean + half)}], ${doubt}`,
        );
      }
}
