// What methods regain of what rounding loses, on text that no choice was made on. Needs the native build.
//
//   node tests/bench/methods.mjs [--model DIR] [--formats affine:4:64,affine:3:64,affine:2:64,q4_k] [--tokens 20000]
//                                [--seed fresh-1] [--skills] [--learned +dwq,+best2] [--learn-steps 1000]
//                                [--calibrate FILE --calibration-tokens N] [NAME=DIR …]
//
// The text is stories of TinyWorld's generator under a seed of their own, --tokens in English and as many in
// Korean; methods are calibrated on what lies beside the model. Prints Markdown: for every format rounding and
// the chains of methods, then each NAME=DIR, a model that another tool has made of the same one: KL divergence
// from the original with the stories read one after another (joined) and one by one (documents), each in both
// languages, and as a share of rounding's. --skills adds the share of right answers on the held-out tests.
// --learned adds chains that learn, each converted once, with the processor's seconds that this took.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run, workFolder } from './command.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const tinyworld = path.join(root, 'examples/tinyworld');
const command = process.env.BITLOSS ?? path.join(root, 'build/native/bitloss');
const { values, positionals: peers } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: path.join(tinyworld, 'models/2M') },
    formats: { type: 'string', default: 'affine:4:64,affine:3:64,affine:2:64,q4_k' },
    tokens: { type: 'string', default: '20000' },
    seed: { type: 'string', default: 'fresh-1' },
    skills: { type: 'boolean', default: false },
    chains: { type: 'string', default: '+search,+imatrix,+gptq,+search+gptq,+best' },
    learned: { type: 'string', default: '' },
    'learn-steps': { type: 'string', default: '1000' },
    calibrate: { type: 'string' },
    'calibration-tokens': { type: 'string', default: '65536' },
  },
});
const chains = ['', ...values.chains.split(',').filter(Boolean)];
const learned = values.learned.split(',').filter(Boolean);
const calibration = ['--calibration-tokens', values['calibration-tokens']];
if (values.calibrate) calibration.push('--calibrate', values.calibrate);

const folder = workFolder('methods');

/** Stories with blank lines between them, and none within. */
function writeStories(lang) {
  const args = [
    path.join(tinyworld, 'calibration.mjs'),
    ...['--skill', 'stories', '--stage', '2', '--seed', values.seed],
    ...['--lang', lang, '--tokens', values.tokens],
  ];
  const stories = run(process.execPath, args)
    .split('<|end|>')
    .map((story) => story.trim().replace(/\n\s*\n/g, '\n'))
    .filter(Boolean);
  const file = path.join(folder, `${lang}.txt`);
  fs.writeFileSync(file, `${stories.join('\n\n')}\n`);
  return file;
}

const texts = ['en', 'ko'].map(writeStories).join();
const tests = fs.readdirSync(path.join(tinyworld, 'tests')).sort();
const tasks = values.skills
  ? ['--tasks', tests.map((name) => path.join(tinyworld, 'tests', name)).join()]
  : [];

/** A model that a recipe makes, and the processor's seconds that making it took. */
function convert(recipe) {
  const out = path.join(folder, recipe.startsWith('affine') ? recipe : `${recipe}.gguf`);
  const args = ['convert', '--hf-path', values.model, '--out', out, '--recipe', recipe, '--json'];
  args.push('--learn-steps', values['learn-steps'], ...calibration);
  const timed = 'TIMEFORMAT=%U; { time "$@" >/dev/null; } 2>&1';
  const lines = run('bash', ['-c', timed, 'bash', command, ...args])
    .trim()
    .split('\n');
  return { out, seconds: Number(lines.at(-1)) };
}

/** The lanes of a comparison but the reference's, read in both ways. */
function measure(args) {
  const lanes = ['whole', 'blank'].map((documents, i) => {
    const more = i === 0 ? tasks : [];
    const all = ['compare', ...args, '--text', texts, '--documents', documents, '--json', ...more];
    return JSON.parse(run(command, all)).lanes;
  });
  return lanes[0].slice(1).map((joined, i) => ({ joined, documents: lanes[1][i + 1] }));
}

const kl = (lane, lang) => (lang ? lane.texts[`${lang}.txt`].kl_mean : lane.kl_mean);
const figure = (x) => x.toPrecision(3);

function row(name, { joined, documents }, rounding) {
  const cells = [joined, documents].flatMap((lane, i) => {
    const share = kl(lane) / kl(i === 0 ? rounding.joined : rounding.documents);
    return [
      `${figure(kl(lane))} ± ${figure(lane.kl_mean_se)}`,
      share.toFixed(2),
      figure(kl(lane, 'en')),
      figure(kl(lane, 'ko')),
    ];
  });
  const right = values.skills ? [`${(100 * (joined.accuracy ?? Number.NaN)).toFixed(1)}%`] : [];
  console.log(`| ${[name, joined.bits_per_weight.toFixed(2), ...cells, ...right].join(' | ')} |`);
}

const against = (out) => {
  const args = ['--model', out, '--against', values.model, '--recipes', 'reference'];
  return measure(args)[0];
};

const headings = ['', 'bits', 'KL, joined', 'of rounding', 'en', 'ko'];
headings.push('KL, documents', 'of rounding', 'en', 'ko', ...(values.skills ? ['right'] : []));
console.log(`| ${headings.join(' | ')} |\n| ${headings.map(() => '---').join(' | ')} |`);
let first;
for (const format of values.formats.split(',')) {
  const recipes = chains.map((chain) => format + chain).join();
  const lanes = measure(['--model', values.model, '--recipes', recipes, ...calibration]);
  first ??= lanes[0];
  for (const lane of lanes) row(`\`${lane.joined.recipe}\``, lane, lanes[0]);
  for (const chain of learned) {
    const { out, seconds } = convert(format + chain);
    row(`\`${format}${chain}\` (${seconds.toFixed(0)} s)`, against(out), lanes[0]);
  }
}
for (const peer of peers) {
  const [name, dir] = peer.split('=');
  row(name, against(dir), first);
}
