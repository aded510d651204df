/* bitloss beside llama.cpp, natively, on the same GGUF files: tokens per second of a prompt of 128
 * tokens and of 48 written ones, with ratios, for one thread and all cores.
 *
 *   node tests/bench/bench_run.mjs --peers FOLDER [--rounds N] FILE.gguf[=RECIPE] …
 *
 * FOLDER has node-llama-cpp in its node_modules. RECIPE is what bitloss does to the file, such as
 * q4_0@int8: llama.cpp always rounds activations. The two take turns, so that what else the machine
 * does falls on both; each figure is the median of the turns. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { peers: { type: 'string' }, rounds: { type: 'string', default: '5' } },
});
if (!values.peers || positionals.length === 0)
  throw new Error('usage: bench_run.mjs --peers FOLDER [--rounds N] FILE.gguf[=RECIPE] …');

const prompt = Array.from({ length: 128 }, (_, i) => 300 + ((i * 37) % 2000));
const program = path.join(import.meta.dirname, '..', '..', 'build', 'native', 'bench_run');
const require = createRequire(path.join(path.resolve(values.peers), 'node_modules', 'x.js'));
const { getLlama } = await import(pathToFileURL(require.resolve('node-llama-cpp')).href);
const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });

function ours(file, recipe, threads) {
  const args = [file, recipe, String(threads), '128', '48', '3'];
  const text = execFileSync(program, args, { encoding: 'utf8' });
  const [prefill, decode] = [...text.matchAll(/(?:prefill|decode) ([\d.]+)/g)].map((m) => +m[1]);
  return { prefill, decode };
}

async function theirs(file, threads) {
  const model = await llama.loadModel({ modelPath: path.resolve(file) });
  const context = await model.createContext({ contextSize: 1024, threads, batchSize: 512 });
  const options = { temperature: 0, yieldEogToken: true };
  const times = [performance.now()];
  for await (const _ of context.getSequence().evaluate(prompt, options)) {
    times.push(performance.now());
    if (times.length > 50) break;
  }
  await context.dispose();
  await model.dispose();
  return { prefill: 128e3 / (times[1] - times[0]), decode: 48e3 / (times[49] - times[1]) };
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

console.log(
  '| file | threads | | bitloss | llama.cpp | ratio |\n| --- | --- | --- | --- | --- | --- |',
);
for (const positional of positionals) {
  const [file, recipe = 'reference'] = positional.split('=');
  for (const threads of [1, os.availableParallelism()]) {
    const turns = [];
    for (let i = 0; i < Number(values.rounds); i++)
      turns.push([ours(file, recipe, threads), await theirs(file, threads)]);
    for (const what of ['prefill', 'decode']) {
      const [a, b] = [0, 1].map((who) => median(turns.map((turn) => turn[who][what])));
      const cells = [`${path.basename(file)} ${recipe}`, threads, what, a.toFixed(1), b.toFixed(1)];
      console.log(`| ${cells.join(' | ')} | ${(a / b).toFixed(2)} |`);
    }
  }
}
process.exit(0);
