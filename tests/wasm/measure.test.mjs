/* What the engine measures is what the command measures, and what the definitions say. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../build/js/engine.js';
import * as measure from '../../build/js/measure.js';
import { makeNative } from '../../wasm/make.mjs';
import { bitlossError, eventsOf, file, filesOf } from './golden.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const worldDir = path.join(root, 'examples/tinyworld/models/0.5M');
const textFile = path.join(root, 'examples/evaluation/stories.en.txt');
const worldFiles = fs
  .readdirSync(worldDir)
  .filter((name) => /\.(json|safetensors)$/.test(name))
  .map((name) => file(name, fs.readFileSync(path.join(worldDir, name))));

let engine;
let tiny;
let world;
/** The beginning of a text, in TinyWorld's tokens. */
let ids;
/** The command, as tests/cli runs it. */
let json;
before(async () => {
  if (!process.env.BITLOSS) await makeNative();
  ({ json } = await import('../cli/command.mjs'));
  engine = await Engine.create();
  tiny = await engine.load(filesOf('tiny_llama'));
  world = await engine.load(worldFiles);
  ids = measure.tokenizeText(world, fs.readFileSync(textFile, 'utf8')).ids.subarray(0, 1536);
});

const close = (a, b, tolerance, what) =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${what}: ${a}, not ${b}`);

/* ---- weights ------------------------------------------------------------------------------- */

for (const recipe of [
  'affine:4:32',
  'q8_0',
  'mxfp4',
  'mixed_3_6',
  'affine:2:32/embed_tokens=q8_0',
]) {
  test(`a variant under ${recipe} is the model loaded under it`, async () => {
    const variant = measure.makeVariant(tiny, recipe);
    const loaded = await engine.load(filesOf('tiny_llama'), { recipe });
    assert.deepEqual(variant.info, loaded.info);
    assert.deepEqual(variant.tensors(), loaded.tensors());
    const prompt = tiny.tokenize('The old boat');
    assert.deepEqual(await variant.logits(prompt), await loaded.logits(prompt));
    const split = measure.byteSplit(variant);
    const sum = split.codes + split.scales + split.biases + split.untouched;
    assert.equal(sum, variant.info.sizeBytes);
    variant.free();
    loaded.free();
  });
}

test('the reference outlives its variants', async () => {
  const prompt = tiny.tokenize('The old boat');
  const was = await tiny.logits(prompt);
  measure.makeVariant(tiny, 'affine:2:32').free();
  assert.deepEqual(await tiny.logits(prompt), was);
});

test('the detail of a tensor is that of its decoded rows', () => {
  const group = 32;
  const variant = measure.makeVariant(tiny, `affine:3:${group}`);
  const index = variant.tensors().findIndex(({ converted }) => converted);
  const { nRows, nCols, error } = variant.tensors()[index];
  const w = tiny.decodeRows(index, 0, nRows);
  const q = variant.decodeRows(index, 0, nRows);
  const rmse = (from, to) => {
    let squares = 0;
    for (let i = from; i < to; i++) squares += (q[i] - w[i]) ** 2;
    return Math.sqrt(squares / (to - from));
  };
  const detail = measure.weightDetail(tiny, variant, index);
  assert.deepEqual(detail.error, error);
  let dot = 0;
  let own = 0;
  let other = 0;
  w.forEach((x, i) => {
    dot += x * q[i];
    own += x * x;
    other += q[i] * q[i];
  });
  close(detail.error.cosine, dot / Math.sqrt(own * other), 1e-9, 'cosine');
  assert.equal(detail.groupsPerRow, nCols / group);
  assert.equal(detail.rowRmse.length, nRows);
  detail.rowRmse.forEach((x, row) => close(x, rmse(row * nCols, (row + 1) * nCols), 1e-7, 'row'));
  assert.equal(detail.groupRmse.length, (nRows * nCols) / group);
  detail.groupRmse.forEach((x, g) => close(x, rmse(g * group, (g + 1) * group), 1e-7, 'group'));

  const sorted = [...w].sort((a, b) => a - b);
  assert.equal(detail.low, sorted[0]);
  assert.equal(detail.high, sorted.at(-1));
  const total = (list) => list.reduce((sum, n) => sum + n, 0);
  assert.equal(detail.codes.length, 8);
  for (const list of [detail.originals, detail.converted, detail.codes])
    assert.equal(total(list), nRows * nCols);
  const mean = total([...w]) / w.length;
  const deviation = Math.sqrt(total([...w].map((x) => (x - mean) ** 2)) / w.length);
  const far = w.filter((x) => Math.abs(x - mean) > 4 * deviation).length;
  close(detail.outliers, far / w.length, 1e-12, 'outliers');
  variant.free();
});

test('a weight that is not a number is named, and figures of its model are none', async () => {
  const name = 'model.layers.0.mlp.down_proj.weight';
  const files = filesOf('tiny_llama');
  const at = files.findIndex((entry) => entry.name === 'model.safetensors');
  const bytes = Buffer.from(await files[at].blob.arrayBuffer());
  const headerSize = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerSize));
  const start = 8 + headerSize + header[name].data_offsets[0];
  bytes.fill(0xff, start, start + 4);
  const sound = await engine.load(filesOf('tiny_llama'));
  files[at] = file('model.safetensors', bytes);
  const broken = await engine.load(files);
  const [note] = broken.info.notes.filter(({ kind }) => kind === 'not-finite');
  assert.equal(note.subject, name);
  assert.equal(note.count, 1);
  assert.throws(
    () => measure.makeVariant(broken, 'affine:4:32'),
    bitlossError(
      'input',
      /^tensor 'model\.layers\.0\.mlp\.down_proj\.weight' has 1 weight that is/,
    ),
  );

  const text = Int32Array.from({ length: 8 }, (_, i) => i + 3);
  const [ofVariant] = await measure.measureText(sound, [broken], text);
  assert.deepEqual([ofVariant.stats.ppl.value, ofVariant.stats.klMean.value], [null, null]);
  assert.equal(ofVariant.stats.loss, 'broken');
  const [ofReference] = await measure.measureText(broken, [sound], text);
  assert.deepEqual([ofReference.stats.refPpl.value, ofReference.stats.klMean.value], [null, null]);
  assert.equal(ofReference.stats.loss, 'not measured');
  sound.free();
  broken.free();
});

/* ---- predictions on a text ----------------------------------------------------------------- */

/** The command's names for figures. */
const figures = [
  ['ppl', (s) => s.ppl.value],
  ['ppl_se', (s) => s.ppl.error],
  ['ln_ratio', (s) => s.lnRatio.value],
  ['ln_ratio_se', (s) => s.lnRatio.error],
  ['correlation', (s) => s.correlation],
  ['kl_mean', (s) => s.klMean.value],
  ['kl_mean_se', (s) => s.klMean.error],
  ['kl_median', (s) => s.klMedian],
  ['kl_p90', (s) => s.kl90],
  ['kl_p95', (s) => s.kl95],
  ['kl_p99', (s) => s.kl99],
  ['kl_p999', (s) => s.kl999],
  ['kl_max', (s) => s.klMax],
  ['delta_p_mean', (s) => s.deltaP.value],
  ['delta_p_rms', (s) => s.deltaPRms.value],
  ['same_top', (s) => s.sameTop.value],
  ['mean_abs_logit_diff', (s) => s.logitDiff.value],
  ['n_tokens_scored', (s) => s.n],
];

test('the figures of a text are those of the command', async () => {
  const recipes = ['affine:3:32', 'mxfp8'];
  const args = ['compare', '--model', worldDir, '--recipes', recipes.join(','), '--text', textFile];
  args.push('--documents', 'whole');
  const { lanes } = json([...args, '--text-tokens', String(ids.length)]);
  const variants = recipes.map((recipe) => measure.makeVariant(world, recipe));
  const results = await measure.measureText(world, variants, ids);
  results.forEach(({ stats, tokens }, i) => {
    const lane = lanes.find(({ recipe }) => recipe === recipes[i]);
    // Floats are summed in another order on another machine.
    for (const [name, value] of figures) close(value(stats), lane[name], 2e-5, name);
    close(stats.refPpl.value, lanes[0].ppl, 2e-5, 'ppl of the reference');
    assert.equal(tokens.index.length, stats.n);
  });
  for (const variant of variants) variant.free();
});

test('by documents, too, the figures of a text are those of the command', async () => {
  const text = fs.readFileSync(textFile, 'utf8');
  const variant = measure.makeVariant(world, 'affine:3:32');
  for (const documents of ['blank', 'lines']) {
    // Chunks of 48 cut some documents up, and leave others whole.
    for (const nContext of [0, 48]) {
      const args = ['compare', '--model', worldDir, '--recipes', 'affine:3:32', '--text', textFile];
      args.push('--documents', documents, ...(nContext ? ['--context', String(nContext)] : []));
      const { lanes, texts } = json(args);
      const { ids: all, ends } = measure.tokenizeText(world, text, documents);
      assert.deepEqual([all.length, ends.length], [texts[0].n_tokens, texts[0].n_documents]);
      const [{ stats, tokens }] = await measure.measureText(world, [variant], all, {
        nContext,
        ends,
      });
      for (const [name, value] of figures) close(value(stats), lanes[1][name], 2e-5, name);
      assert.deepEqual(
        [...tokens.index],
        [...tokens.index].sort((a, b) => a - b),
      );
      assert.ok(!ends.slice(0, -1).some((end) => tokens.index.includes(end)), 'none sees another');
    }
  }
  variant.free();
});

test('documents that give nothing to predict are refused, or passed over', async () => {
  const one = Int32Array.from([5, 6, 7, 8]);
  const run = (ends, options = {}) =>
    measure.measureText(world, [world], one, { ends, ...options });
  await assert.rejects(
    run([1, 2, 3, 4]),
    bitlossError('argument', /no document of the text has 2 tokens/),
  );
  const chunked = { nContext: 3 };
  const [{ tokens }] = await run([1, 2, 4], chunked);
  assert.deepEqual([...tokens.index], [3]);
  await assert.rejects(run([3, 2, 4]), bitlossError('argument', /ends\[1\] is 2/));
  await assert.rejects(run([2, 5]), bitlossError('argument', /ends\[1\] is 5/));
});

test('the numbers of each token are those of the logits', async () => {
  const nContext = 24;
  const first = 5;
  const text = ids.subarray(0, 2 * nContext);
  const variant = measure.makeVariant(world, 'affine:3:32');
  const [{ stats, tokens }] = await measure.measureText(world, [variant], text, {
    nContext,
    first,
  });
  const { vocabSize } = world.info;
  const logProbabilities = (row) => {
    const max = Math.max(...row);
    const ln = Math.log(row.reduce((sum, x) => sum + Math.exp(x - max), 0));
    return Array.from(row, (x) => x - max - ln);
  };
  let at = 0;
  for (let chunk = 0; chunk < 2; chunk++) {
    const part = [...text.subarray(chunk * nContext, (chunk + 1) * nContext)];
    const logits = [await world.logits(part), await variant.logits(part)];
    for (let i = first; i < nContext; i++, at++) {
      const [ref, own] = logits.map((rows) => rows.subarray((i - 1) * vocabSize, i * vocabSize));
      const [p, q] = [logProbabilities(ref), logProbabilities(own)];
      assert.equal(tokens.index[at], chunk * nContext + i);
      close(tokens.logP[at], q[part[i]], 1e-5, 'ln p');
      close(tokens.refLogP[at], p[part[i]], 1e-5, 'ln p of the reference');
      close(
        tokens.kl[at],
        p.reduce((sum, x, k) => sum + Math.exp(x) * (x - q[k]), 0),
        1e-5,
        'KL',
      );
      const distance = ref.reduce((sum, x, k) => sum + Math.abs(x - own[k]), 0) / vocabSize;
      close(tokens.logitDiff[at], distance, 1e-5, 'logits');
      const isSame = ref.indexOf(Math.max(...ref)) === own.indexOf(Math.max(...own));
      assert.equal(tokens.isSameTop[at], Number(isSame));
    }
  }
  assert.equal(tokens.index.length, at);
  assert.equal(stats.n, at);
  const mean = tokens.logP.reduce((sum, x) => sum + x, 0) / at;
  close(stats.ppl.value, Math.exp(-mean), 1e-6, 'perplexity');
  variant.free();
});

test('chunk by chunk the scores are those of one run, whatever else is measured', async () => {
  const variants = ['affine:3:32', 'q8_0'].map((recipe) => measure.makeVariant(world, recipe));
  const models = [...variants, world];
  const options = { nContext: 200 };
  const together = await measure.measureText(world, models, ids, options);
  const { core } = world;
  const n = core.call('bw_text_n_scored', world.address, ids.length, 0, 0, options.nContext, 0);
  for (const [i, model] of models.entries()) {
    const alone = await measure.measureText(world, [model], ids, options);
    assert.deepEqual(alone[0], together[i]);
    core.withBytes(4 * (1 + ids.length) + 24 * n, (scores) => {
      const [handle, tokens] = [scores + 24 * n, scores + 24 * n + 4];
      core.setInts(handle, [model.address]);
      core.setInts(tokens, ids);
      const text = [tokens, ids.length, 0, 0, options.nContext, 0];
      core.check(core.call('bw_text_run', world.address, handle, 1, ...text, 0, 0, scores));
      const words = core.ints(scores, 6 * n);
      const values = new Float32Array(words.buffer);
      assert.deepEqual(
        together[i].tokens.index,
        words.filter((_, k) => k % 6 === 0),
      );
      assert.deepEqual(
        together[i].tokens.kl,
        values.filter((_, k) => k % 6 === 3),
      );
    });
  }
  // The reference has lost nothing against itself.
  const { stats } = together[2];
  assert.deepEqual([stats.klMean.value, stats.lnRatio.value, stats.sameTop.value], [0, 0, 1]);
  assert.equal(stats.loss, 'none');
  for (const variant of variants) variant.free();
});

test('progress is told, and a stop is seen after the chunk that runs', async () => {
  const fractions = [];
  await measure.measureText(
    world,
    [world],
    ids,
    { nContext: 512 },
    {
      onFraction: (fraction) => fractions.push(fraction),
    },
  );
  assert.deepEqual(fractions, [1 / 3, 2 / 3, 1]);
  const stopping = new AbortController();
  const seen = [];
  const run = measure.measureText(
    world,
    [world],
    ids,
    { nContext: 512 },
    {
      signal: stopping.signal,
      onFraction: (fraction) => seen.push(fraction) && stopping.abort(),
    },
  );
  await assert.rejects(run, bitlossError('cancelled', /stopped/));
  assert.deepEqual(seen, [1 / 3]);
});

test('texts that cannot be measured are refused', async () => {
  const refuse = (text, options, code, sentence) =>
    assert.rejects(
      measure.measureText(world, [world], Int32Array.from(text), options),
      bitlossError(code, sentence),
    );
  await refuse([], {}, 'argument', /text has 0 tokens/);
  await refuse([5], {}, 'argument', /text has 1 tokens/);
  await refuse([5, 6, 7, 1 << 24], {}, 'argument', /16777216/);
  await refuse([...ids], { nContext: 1 << 20 }, 'argument', /1048576/);
  await refuse([...ids], { nContext: 64, first: 64 }, 'argument', /64/);
  await assert.rejects(
    measure.measureText(world, [tiny], Int32Array.from([5, 6, 7, 8])),
    bitlossError('argument', /vocabular/),
  );
});

test('a divided text is cut into pieces that give it back, and each document has its own tokens', () => {
  const text = '\ufeff\n \nMina has\n2 balls.\r\n\n\n미나는 🙂\n\na\n \n';
  const expected = {
    blank: ['\ufeff', 'Mina has\n2 balls.', '미나는 🙂', 'a'],
    lines: ['\ufeff', 'Mina has', '2 balls.', '미나는 🙂', 'a'],
  };
  for (const model of [world, tiny]) {
    for (const [documents, parts] of Object.entries(expected)) {
      const { ids: own, pieces, ends } = measure.tokenizeText(model, text, documents);
      assert.equal(pieces.join(''), text);
      assert.deepEqual(
        ends.map((end, i) => [...own.slice(i > 0 ? ends[i - 1] : 0, end)]),
        parts.map((part) => model.tokenize(part)),
      );
    }
  }
  assert.deepEqual(measure.tokenizeText(world, ' \n', 'lines').ends, []);
  assert.throws(
    () => measure.tokenizeText(world, 'a', 'pages'),
    bitlossError('argument', /documents is 'pages'/),
  );
});

test('a text is cut into pieces that give it back', () => {
  for (const text of ['Mina has 2 balls.', '미나는 공이 🙂 두 개', '', ' a\n\n b']) {
    for (const model of [world, tiny]) {
      const { ids: own, pieces } = measure.tokenizeText(model, text);
      assert.equal(own.length, pieces.length);
      assert.equal(pieces.join(''), text);
      assert.deepEqual([...own], model.tokenize(text));
    }
  }
});

/* ---- tasks --------------------------------------------------------------------------------- */

test('a task is right when greedy generation gives its answer', async () => {
  const prompts = [
    'Q: What does the snorfle eat?\nA:',
    'Mina had a',
    'Q: 2 + 2 =',
    'Tom went to the',
  ];
  const tasks = [];
  for (const [i, prompt] of prompts.entries()) {
    const text = (await eventsOf(world.generate(prompt, { maxTokens: 8 }))).at(-1).text;
    const answer = text.split('\n')[0].trim() || 'nothing';
    const common = { skill: 's', lang: 'en', prompt };
    tasks.push({ ...common, id: `wrong-${i}`, answer: 'zzz' });
    tasks.push({ ...common, id: `right-${i}`, answer });
  }
  const fractions = [];
  const isRight = await measure.answerTasks(world, tasks, { onFraction: (f) => fractions.push(f) });
  for (const [i, { id, prompt, answer }] of tasks.entries()) {
    const maxTokens = world.tokenize(answer, { addSpecial: false }).length + 8;
    const { text } = (await eventsOf(world.generate(prompt, { maxTokens }))).at(-1);
    assert.equal(isRight[i], text.split('\n')[0].trim() === answer, id);
  }
  assert.ok(isRight.includes(true) && isRight.includes(false));
  assert.equal(fractions.at(-1), 1);
  assert.deepEqual(await measure.answerTasks(world, []), []);
  const long = { ...tasks[0], prompt: 'ball '.repeat(5000) };
  await assert.rejects(measure.answerTasks(world, [long]), bitlossError('argument', /wrong-0/));
});

test('a share has the interval of Wilson', () => {
  const [k, n, z] = [37, 120, 1.959963984540054];
  const p = k / n;
  const middle = p + (z * z) / (2 * n);
  const reach = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const share = measure.shareOf(engine, k, n);
  close(share.value, p, 1e-15, 'share');
  close(share.low, (middle - reach) / (1 + (z * z) / n), 1e-12, 'low');
  close(share.high, (middle + reach) / (1 + (z * z) / n), 1e-12, 'high');
  assert.deepEqual(measure.shareOf(engine, 0, 0), { value: 0, low: 0, high: 1 });
});

test('two models on the same tasks are compared exactly', () => {
  const first = [...Array(12).fill(true), ...Array(3).fill(false), ...Array(45).fill(true)];
  const second = [...Array(12).fill(false), ...Array(3).fill(true), ...Array(45).fill(true)];
  const paired = measure.comparePaired(engine, first, second);
  assert.deepEqual([paired.n, paired.nGained, paired.nLost], [60, 3, 12]);
  let tail = 0;
  for (let k = 0, ways = 1; k <= 3; ways *= (15 - k) / (k + 1), k++) tail += ways;
  close(paired.p, (2 * tail) / 2 ** 15, 1e-12, 'p');
  close(paired.difference.value, -9 / 60, 1e-12, 'difference');
  assert.ok(paired.difference.low < -9 / 60 && paired.difference.high > -9 / 60);
  assert.equal(paired.verdict, 'worse');
  assert.equal(measure.comparePaired(engine, [true, false], [true, true]).verdict, 'unclear');
  const alike = Array.from({ length: 1000 }, (_, i) => i % 2 === 0);
  assert.equal(measure.comparePaired(engine, alike, alike).verdict, 'same');
  assert.throws(() => measure.comparePaired(engine, [true], []), bitlossError('argument', /1.*0/));
});

/* ---- sensitivity, sweeps, cost, budget ------------------------------------------------------- */

test('the units of a model hold all of its matrices', () => {
  const matrices = tiny.tensors().filter(({ nRows }) => nRows > 1);
  const weights = matrices.reduce((sum, { nRows, nCols }) => sum + nRows * nCols, 0);
  for (const by of ['tensor', 'layer', 'kind']) {
    const units = measure.listUnits(tiny, by);
    assert.equal(
      units.reduce((sum, { nParams }) => sum + nParams, 0),
      weights,
      by,
    );
    for (const { pattern } of units) {
      // The pattern is a rule of a recipe that leaves the others alone.
      const text = `reference/${pattern}=affine:4:32`;
      assert.equal(engine.parseRecipe(text).text, text);
    }
  }
  assert.equal(measure.listUnits(tiny, 'tensor').length, matrices.length);
  assert.deepEqual(
    measure
      .listUnits(tiny, 'layer')
      .map(({ layer }) => layer)
      .filter((layer) => layer >= 0),
    Array.from({ length: tiny.info.nLayers }, (_, i) => i),
  );
});

test('a mixture spends its bits where the loss is', async () => {
  const units = measure.listUnits(world, 'tensor');
  const smallest = units.reduce((a, b) => (b.nParams < a.nParams ? b : a));
  const kl = units.map((unit) => (unit === smallest ? 1 : 1e-6));
  const formats = ['affine:2:64', 'affine:4:64', 'affine:8:64'];
  const mix = measure.makeMix(world, units, kl, 'affine:4:64', formats, 4.5);
  assert.ok(mix.bitsPerWeight <= 4.5 && mix.bitsPerWeight > 2.5, mix.bitsPerWeight);
  const variant = measure.makeVariant(world, mix.recipe);
  const formatOf = (pattern) => variant.tensors().find(({ name }) => name.includes(pattern)).format;
  assert.equal(formatOf(smallest.pattern), 'affine:8:64');
  variant.free();
  assert.throws(
    () => measure.makeMix(world, units, kl, 'affine:4:64', ['nonsense'], 4.5),
    bitlossError('recipe', /nonsense/),
  );
  assert.throws(
    () => measure.makeMix(world, units, [], 'affine:4:64', formats, 4.5),
    bitlossError('argument', /0 divergences/),
  );
});

test('the front holds what no other point beats', () => {
  const sizes = [4, 2, 3, 1, 4, 2];
  const losses = [1, 3, 2, null, 2, 3];
  const isBeaten = (i) =>
    sizes.some(
      (size, k) =>
        losses[k] !== null &&
        size <= sizes[i] &&
        losses[k] <= losses[i] &&
        (size < sizes[i] || losses[k] < losses[i]),
    );
  const expected = sizes.map((_, i) => losses[i] !== null && !isBeaten(i));
  assert.deepEqual(measure.paretoFront(engine, sizes, losses), expected);
  assert.deepEqual(measure.paretoFront(engine, [], []), []);
});

test('the cost of a model is told by kind of work', async () => {
  const cost = await measure.measureCost(world);
  assert.ok(cost.promptSeconds > 0 && cost.writtenSeconds > 0);
  assert.deepEqual([cost.nPrompt, cost.nWritten], [128, 32]);
  for (const [work, seconds] of [
    [cost.promptWork, cost.promptSeconds],
    [cost.writtenWork, cost.writtenSeconds],
  ]) {
    assert.ok(['attention', 'ffn', 'output'].every((kind) => work[kind] > 0));
    const sum = Object.values(work).reduce((total, x) => total + x, 0);
    assert.ok(sum > 0.3 * seconds && sum <= 1.01 * seconds, `${sum} of ${seconds}`);
  }
  assert.equal(cost.modelBytes, world.info.sizeBytes);
});

test('the budget of a config is what the model takes once it is loaded', async () => {
  const config = fs.readFileSync(path.join(worldDir, 'config.json'), 'utf8');
  for (const recipe of ['', 'affine:4:64', 'q8_0']) {
    const budget = measure.budgetOf(engine, config, { recipe });
    const model = await engine.load(worldFiles, { recipe: recipe || 'reference' });
    assert.equal(budget.weightBytes, model.info.sizeBytes, recipe);
    assert.equal(budget.nParams, model.info.nParams);
    model.free();
  }
  const large = measure.budgetOf(engine, measure.budgetConfig(engine, '7B'), {
    dtype: 'f16',
    nContext: 4096,
  });
  assert.equal(large.weightBytes, 2 * large.nParams);
  assert.ok(large.nParams > 6e9 && large.nParams < 8e9);
  assert.throws(() => measure.budgetConfig(engine, 'huge'), bitlossError('argument', /huge/));
  assert.throws(() => measure.budgetOf(engine, '{'), bitlossError('input', /JSON/));
});
