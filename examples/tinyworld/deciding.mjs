// node examples/tinyworld/deciding.mjs [MODEL]
// The questions that the page's stage shows, by the rule in web/panels/stage/questions.ts: of each kind, among
// the first 200 of its file that the model gets right as it is stored, in the order in which they break as
// bits go (by the width from which on all answers are wrong, equals as in the file), the one a quarter of the
// way along. Prints language, kind, id, and right or wrong at each width. Asks with the page's own engine,
// which `npm run build` makes, and takes some minutes.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { QueuedMeasurer } from '../../build/js/measurer.js';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const model = process.argv[2] ?? path('models/2M');
const recipes = ['reference', ...[8, 6, 5, 4, 3, 2].map((bits) => `affine:${bits}:64`)];
const kinds = ['long_recall', 'counting', 'addition', 'facts', 'copying', 'steps2'];
const N_ASKED = 200;

const measurer = new QueuedMeasurer();
const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
const files = names.map(async (name) => ({ name, blob: await fs.openAsBlob(`${model}/${name}`) }));
await measurer.open(await Promise.all(files), () => {});

/** From how far along the recipes on is every answer wrong? Their number when the last is right. */
const breaksAt = (answers) => answers.lastIndexOf(true) + 1;

for (const lang of ['en', 'ko']) {
  for (const kind of kinds) {
    const lines = fs
      .readFileSync(path(`tests/${kind}.${lang}.jsonl`), 'utf8')
      .trim()
      .split('\n');
    const tasks = lines.slice(0, N_ASKED).map((line) => JSON.parse(line));
    const byRecipe = [];
    for (const recipe of recipes) byRecipe.push(await measurer.tasks(recipe, tasks, () => {}));
    const known = tasks
      .map(({ id }, i) => ({ id, answers: byRecipe.map((right) => right[i]) }))
      .filter(({ answers }) => answers[0])
      .sort((a, b) => breaksAt(a.answers) - breaksAt(b.answers));
    const { id, answers } = known[Math.floor(known.length / 4)];
    console.log(lang, kind, id, answers.map((isRight) => (isRight ? '✓' : '✗')).join(' '));
  }
}
