/* bitloss compare: predictions on a text, prompts, cost, another model as the reference, and the formats in
 * which it is all printed. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  bitloss,
  folder,
  golden,
  json,
  readJson,
  readSafetensors,
  writeSafetensors,
} from './command.mjs';

const model = golden('tiny_llama');
const near = (a, b, tolerance = 1e-9) =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.abs(b), `${a} is not ${b}`);

const write = (t, text, name = 'text.txt') => {
  const path = join(folder(t), name);
  writeFileSync(path, text);
  return path;
};
/* Sentences that differ, so that there is something to predict. */
const sentences = (n, what) =>
  Array.from(
    { length: n },
    (_, i) =>
      `The ${what} number ${i * i} went down to the ${i % 3 ? 'river' : 'sea'} and sat there.`,
  ).join('\n');
const text = sentences(24, 'old boat');
const verdicts =
  /^(no measurable loss|measurable, small|measurable, large|broken|too little to tell)$/;

test('with a text each lane gains the figures of its predictions', (t) => {
  const found = json([
    'compare',
    model,
    '--recipes',
    'affine:8:64,affine:4:64',
    '--text',
    write(t, text),
    '--context',
    '64',
  ]);
  const [reference, eight, four] = found.lanes;
  const [{ n_tokens, n_tokens_scored }] = found.texts;
  assert.equal(
    n_tokens_scored,
    Math.floor(n_tokens / 64) * 31,
    'half of each chunk, less the token that has no next one',
  );
  assert.deepEqual(
    [reference.kl_mean, reference.kl_max, reference.mean_abs_logit_diff, reference.same_top],
    [0, 0, 0, 1],
  );
  assert.equal('verdict' in reference, false);
  for (const lane of [eight, four]) {
    assert.equal(lane.n_tokens_scored, n_tokens_scored);
    near(lane.ln_ratio, Math.log(lane.ppl / reference.ppl), 1e-6);
    assert.ok(lane.ppl_se > 0 && lane.kl_mean_se > 0 && lane.ln_ratio_se > 0);
    assert.ok(
      lane.kl_median <= lane.kl_p90 &&
        lane.kl_p90 <= lane.kl_p95 &&
        lane.kl_p95 <= lane.kl_p99 &&
        lane.kl_p99 <= lane.kl_p999,
    );
    assert.ok(lane.kl_p999 <= lane.kl_max);
    assert.match(lane.verdict, verdicts);
  }
  assert.ok(eight.kl_mean < four.kl_mean && eight.mean_abs_logit_diff < four.mean_abs_logit_diff);
});

test('several texts are measured each and together', (t) => {
  const paths = [write(t, text, 'a.txt'), write(t, sentences(20, 'red cart'), 'b.txt')];
  const run = (list) =>
    json(['compare', model, '--recipes', 'affine:4:64', '--text', list, '--context', '64']);
  const both = run(paths.join());
  const lane = both.lanes[1];
  const each = paths.map((path) => run(path).lanes[1]);
  assert.deepEqual(Object.keys(lane.texts), ['a.txt', 'b.txt']);
  assert.equal('texts' in each[0], false);
  assert.equal(lane.n_tokens_scored, each[0].n_tokens_scored + each[1].n_tokens_scored);
  const mean = (value) =>
    each.reduce((sum, one) => sum + value(one) * one.n_tokens_scored, 0) / lane.n_tokens_scored;
  near(
    Math.log(lane.ppl),
    mean((one) => Math.log(one.ppl)),
  );
  near(
    lane.kl_mean,
    mean((one) => one.kl_mean),
  );
  near(
    lane.same_top,
    mean((one) => one.same_top),
  );
  for (const [i, name] of ['a.txt', 'b.txt'].entries())
    assert.equal(lane.texts[name].kl_mean, each[i].kl_mean);
});

test('--text-tokens takes the start of a text, and threads change nothing', (t) => {
  const path = write(t, text);
  const run = (...rest) =>
    json([
      'compare',
      model,
      '--recipes',
      'affine:4:64',
      '--text',
      path,
      '--context',
      '32',
      ...rest,
    ]);
  const short = run('--text-tokens', '96');
  assert.equal(short.texts[0].n_tokens, 96);
  assert.equal(short.lanes[1].n_tokens_scored, 3 * 15);
  assert.equal(run('--text-tokens', '100000').texts[0].n_tokens, run().texts[0].n_tokens);
  assert.deepEqual(run('--threads', '3').lanes, run('--threads', '1').lanes);
});

/* Tokens of a text, those it begins with among them, as "all but the first of a document is scored" tells
 * them. */
const nTokens = (t, one) =>
  json(['compare', model, '--recipes', 'reference', '--text', write(t, one)]).texts[0].n_tokens;

test('--documents reads each line or paragraph by itself, and every output says so', (t) => {
  const [a, b, c] = [
    sentences(3, 'old boat'),
    sentences(5, 'red cart'),
    'It sat there by the sea.',
  ];
  const path = write(t, `${a}\n\n${b}\n \n\n${c}\n`);
  const run = (...rest) =>
    json(['compare', model, '--recipes', 'affine:4:64', '--text', path, ...rest]);
  const blank = run('--documents', 'blank');
  const sizes = [a, b, c].map((one) => nTokens(t, one));
  const { n_tokens, n_tokens_scored, n_documents, documents } = blank.texts[0];
  assert.equal(n_tokens, sizes[0] + sizes[1] + sizes[2], 'each begins with its own token');
  assert.deepEqual([n_tokens_scored, n_documents, documents], [n_tokens - 3, 3, 'blank']);
  // What the three are alone, weighed by their tokens, is what they are together, in any order.
  const alone = [a, b, c].map(
    (one) =>
      json([
        ...['compare', model, '--recipes', 'affine:4:64', '--text', write(t, one)],
        ...['--documents', 'blank'],
      ]).lanes[1],
  );
  const sum = alone.reduce((total, lane) => total + lane.kl_mean * lane.n_tokens_scored, 0);
  near(blank.lanes[1].kl_mean, sum / n_tokens_scored);
  const lines = run('--documents', 'lines');
  assert.deepEqual([lines.texts[0].n_documents, lines.texts[0].documents], [9, 'lines']);
  assert.equal(run('--documents', 'whole').texts[0].n_documents, 1);
  assert.deepEqual(run().lanes, run('--documents', 'whole').lanes, 'whole by default');
  // The beginning of a text has the documents that it has.
  const start = run('--documents', 'blank', '--text-tokens', String(sizes[0] + 4)).texts[0];
  assert.deepEqual([start.n_documents, start.n_tokens_scored], [2, sizes[0] + 4 - 2]);

  const args = ['compare', model, '--recipes', 'affine:4:64', '--text', path];
  const shows = (format, documents, expected) =>
    assert.match(bitloss([...args, '--format', format, '--documents', documents]).out, expected);
  shows(
    'table',
    'blank',
    /tokens in 3 documents with blank lines between, [\d,]+\s+of them scored/,
  );
  shows(
    'md',
    'lines',
    /tokens in 9 documents, a line each, .*\n- context: .*; each document by itself/,
  );
  shows('md', 'whole', /tokens as one document, .*\n- context: .*; the second half of each scored/);
  const rows = (documents, ...rest) =>
    parseCsv(bitloss([...args, '--format', 'csv', '--documents', documents, ...rest]).out);
  assert.deepEqual(
    rows('blank', '--sensitivity=kind').map((row) => row.documents),
    rows('blank', '--sensitivity=kind').map(() => 'blank'),
  );
  fails(
    [...args.slice(1), '--text-tokens', '1', '--documents', 'lines'],
    /has no document of at least 2/,
  );
});

test("a sensitivity by documents is what each unit's own recipe loses so", (t) => {
  const path = write(t, `${sentences(4, 'old boat')}\n\n${sentences(4, 'red cart')}`);
  const args = ['compare', model, '--text', path, '--documents', 'blank'];
  const { units } = json([...args, '--sensitivity=kind', '--recipes', 'affine:4:64']).sensitivity;
  const unit = units[0];
  const lane = json([...args, '--recipes', unit.recipe]).lanes[1];
  assert.equal(unit.kl_mean, lane.kl_mean);
  assert.equal(unit.n_tokens_scored, lane.n_tokens_scored);
});

test("a model's config says how texts are divided unless --documents does", (t) => {
  const path = join(folder(t), 'divided');
  cpSync(model, path, { recursive: true });
  const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, text_documents: 'lines' }));
  const run = (...rest) =>
    json(['compare', path, '--recipes', 'reference', '--text', write(t, text), ...rest]).texts[0];
  assert.equal(run().documents, 'lines');
  assert.equal(run('--documents', 'whole').documents, 'whole');
});

test('of a single scored token no table says what it cannot know', (t) => {
  const file = write(t, 'a b');
  for (const format of ['table', 'md', 'csv']) {
    const { status, out } = bitloss([
      'compare',
      model,
      '--recipes',
      'affine:4:64',
      '--text',
      file,
      '--context',
      '3',
      '--format',
      format,
    ]);
    assert.equal(status, 0);
    assert.doesNotMatch(out, /\binf|\bnan|not a number|infinite/i);
    if (format !== 'csv') assert.match(out, /1 of them scored[\s\S]* (0|100)%/);
    assert.match(out, /too little to tell|measurable|broken/);
  }
});

test('the bytes of a lane are told apart and add up', () => {
  const { lanes } = json(['compare', model, '--recipes', 'affine:4:64,q4_0']);
  for (const { bytes, size_bytes } of lanes)
    assert.equal(bytes.codes + bytes.scales + bytes.biases + bytes.untouched, size_bytes);
  assert.equal(lanes[0].bytes.untouched, lanes[0].size_bytes);
  const tensors = [...readSafetensors(join(model, 'model.safetensors')).tensors.values()];
  const matrices = tensors
    .filter(({ shape }) => shape.length === 2)
    .reduce((sum, { shape }) => sum + shape[0] * shape[1], 0);
  const vectors = tensors
    .filter(({ shape }) => shape.length === 1)
    .reduce((sum, { shape }) => sum + shape[0], 0);
  /* 4 bits a weight; a float32 scale and a bias for every 64 */
  assert.deepEqual(lanes[1].bytes, {
    codes: matrices / 2,
    scales: matrices / 16,
    biases: matrices / 16,
    untouched: 4 * vectors,
  });
});

test('a model against the one that it was made from loses what the recipe loses', (t) => {
  const args = ['--text', write(t, text), '--context', '64'];
  const made = json(['compare', golden('tiny_llama_mlx4'), '--against', model, ...args]);
  const [, lane] = json(['compare', model, '--recipes', 'affine:4:64', ...args]).lanes;
  assert.equal(made.against, model);
  assert.deepEqual(
    made.lanes.map(({ recipe, name }) => [recipe, name]),
    [
      ['reference', undefined],
      ['reference', 'tiny_llama_mlx4'],
    ],
  );
  const [reference, other] = made.lanes;
  assert.equal(reference.kl_mean, 0);
  assert.equal(other.size_bytes, lane.size_bytes);
  for (const name of ['ppl', 'kl_mean', 'kl_max', 'same_top', 'mean_abs_logit_diff'])
    near(other[name], lane[name], 1e-5);
  assert.deepEqual(
    [other.rmse, other.snr_db],
    [null, null],
    'weights of two files are not compared',
  );
});

test("two models with different vocabularies or tokenizers can't be compared on a text", (t) => {
  const path = write(t, text);
  const against = new URL('../../examples/tinyworld/models/2M', import.meta.url).pathname;
  const sizes = [model, against].map((dir) => readJson(join(dir, 'config.json')).vocab_size);
  const other = join(folder(t), 'other');
  cpSync(model, other, { recursive: true });
  const tokenizer = readJson(join(other, 'tokenizer.json'));
  tokenizer.model.merges = [];
  writeFileSync(join(other, 'tokenizer.json'), JSON.stringify(tokenizer));
  fails(
    [model, '--against', other, '--text', path],
    /text\.txt: the two models cut the text into different tokens/,
  );
  fails(
    [model, '--against', against, '--text', path],
    new RegExp(`vocabulary of ${sizes[0]} tokens, .* one of ${sizes[1]}: only --tasks`),
  );
  assert.equal(
    bitloss(['compare', model, '--against', against]).status,
    0,
    'sizes can be compared',
  );
});

/* ---- prompts ---- */

const prompts = ['The old boat', 'A mill', 'She said that', 'We went to the'];

test('--prompts counts what --prompt shows, from lines or from JSON lines', (t) => {
  const run = (path) =>
    json(['compare', model, '--recipes', 'affine:4:64', '--prompts', path, '-m', '12']).lanes;
  const plain = run(write(t, `${prompts.join('\n')}\n\n`));
  const found = plain[1].prompts;
  assert.deepEqual(
    run(write(t, prompts.map((prompt) => `${JSON.stringify({ id: 1, prompt })}\n`).join(''))),
    plain,
  );
  const firsts = prompts
    .map(
      (prompt) =>
        json(['compare', model, '--recipes', 'affine:4:64', '--prompt', prompt, '-m', '12'])
          .lanes[1].first_difference,
    )
    .filter((at) => at !== null)
    .map((at) => at + 1)
    .sort((a, b) => a - b);
  assert.ok(firsts.length > 0, 'this test needs texts that differ');
  assert.deepEqual([found.n, found.n_differ, found.differ], [4, firsts.length, firsts.length / 4]);
  const half = firsts.length / 2;
  assert.equal(
    found.first_token_median,
    (firsts[Math.ceil(half) - 1] + firsts[Math.floor(half)]) / 2,
  );
  assert.ok(
    found.rank_median >= 2 &&
      found.gap_median > 0 &&
      found.edit_share_mean > 0 &&
      found.edit_share_mean <= 1,
  );
  const reference = plain[0].prompts;
  assert.deepEqual(
    [reference.n_differ, reference.first_token_median, reference.edit_share_mean],
    [0, null, 0],
  );
});

/* ---- formats ---- */

function parseCsv(out) {
  const rows = [...out.matchAll(/("(?:[^"]|"")*"|[^,\n]*)(,|\n)/g)];
  const table = [[]];
  for (const [, cell, end] of rows) {
    table.at(-1).push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === '\n') table.push([]);
  }
  assert.deepEqual(table.pop(), []);
  const [names, ...cells] = table;
  for (const row of cells) assert.equal(row.length, names.length);
  return cells.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}

const flatten = (object, prefix = '') =>
  Object.entries(object).flatMap(([name, value]) =>
    Array.isArray(value)
      ? []
      : value !== null && typeof value === 'object'
        ? flatten(value, `${prefix}${name}.`)
        : [[prefix + name, value]],
  );

test('the speed of writing is timed over at least half a second, with its error', () => {
  const args = [
    'compare',
    model,
    '--recipes',
    'affine:4:64',
    '--prompt',
    'The old boat',
    '-m',
    '8',
  ];
  const start = process.hrtime.bigint();
  const { lanes } = json(args);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  // A few tokens of so small a model take no time at all: it wrote them again and again.
  assert.ok(seconds > 2 * 0.5, `${seconds} s`);
  for (const lane of lanes) {
    assert.ok(lane.tokens_per_second > 0 && lane.tokens_per_second_se > 0);
    assert.ok(lane.tokens_per_second_se < lane.tokens_per_second);
  }
  assert.match(bitloss(args).out, / tok\/s .*\n.* \d+(\.\d+)? ± \d/);
  // One token takes no time of its own.
  const one = json([...args.slice(0, -1), '1']).lanes[0];
  assert.deepEqual([one.tokens_per_second, one.tokens_per_second_se], [0, 0]);
});

test('CSV says what JSON says, a row for each lane', (t) => {
  const args = [
    'compare',
    model,
    '--recipes',
    'affine:4:64,affine:4:64/layers.0=q4_0',
    '--prompt',
    'The "old" boat,',
    '-m',
    '4',
    '--text',
    [write(t, text, 'a.b.txt'), write(t, text.toUpperCase(), 'c.txt')].join(),
    '--context',
    '64',
    '--tasks',
    write(
      t,
      '{"id":"x","skill":"recall","lang":"en","prompt":"The old","answer":"boat"}\n',
      'tasks.jsonl',
    ),
  ];
  const { lanes } = json(args);
  const { status, out } = bitloss([...args, '--format', 'csv']);
  assert.equal(status, 0);
  const rows = parseCsv(out);
  assert.equal(rows.length, lanes.length);
  const timed = /per_second(_se)?$/;
  for (const [i, lane] of lanes.entries()) {
    const figures = flatten(lane);
    for (const [name, value] of figures) {
      if (timed.test(name)) continue;
      if (typeof value === 'number') assert.equal(Number(rows[i][name]), value, name);
      else assert.equal(rows[i][name], value ?? '', name);
    }
    const known = new Set(figures.map(([name]) => name));
    for (const [name, cell] of Object.entries(rows[i]))
      assert.ok(known.has(name) || cell === '', name);
  }
});

test('--format json is --json', () => {
  const args = ['compare', model, '--recipes', 'affine:4:64'];
  assert.equal(bitloss([...args, '--format', 'json']).out, bitloss([...args, '--json']).out);
  assert.equal(bitloss([...args, '--json', '--format', 'json']).status, 0);
});

test('Markdown has the conditions, a row with a verdict for each recipe, and intervals', (t) => {
  const { status, out, err } = bitloss([
    'compare',
    model,
    '--recipes',
    'affine:8:64,affine:2:64',
    '--format',
    'md',
    '--text',
    write(t, text),
    '--context',
    '64',
    '--tasks',
    write(
      t,
      '{"id":"x","skill":"re|call","lang":"en","prompt":"The old","answer":"boat"}\n',
      'tasks.jsonl',
    ),
  ]);
  assert.deepEqual([status, err], [0, '']);
  assert.match(
    out,
    /^- model: \S+tiny\\_llama \(safetensors, f32\), 238,208 weights, 953 kB\n- text: text\.txt: [\d,]+ tokens as one document, [\d,]+ of them scored\n/,
  );
  assert.match(out, /\n- context: chunks of 64 tokens/);
  assert.match(out, /\n- bitloss \d\S+, \d+ threads, kernels: \S+\n/);
  const lines = out.split('\n');
  const heading = lines.findIndex((line) => line.startsWith('| recipe |'));
  const cells = (line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
  const names = cells(lines[heading]);
  assert.deepEqual(names.slice(0, 3).concat(names.slice(-1)), [
    'recipe',
    'size',
    'bits/w',
    'verdict',
  ]);
  assert.match(lines[heading + 1], /^(\|---:?)+\|$/);
  const rows = lines.slice(heading + 2, heading + 5).map(cells);
  assert.deepEqual(
    rows.map(([name]) => name),
    ['reference', 'affine:8:64', 'affine:2:64'],
  );
  for (const row of rows) assert.equal(row.length, names.length);
  for (const row of rows.slice(1)) {
    assert.match(row.at(-1), verdicts);
    assert.match(row[names.indexOf('KL mean')], /^[\d.]+ ± [\d.]+$/);
    assert.match(row[names.indexOf('tasks right')], /^[\d.]+% \[[\d.]+, [\d.]+\]$/);
  }
  assert.match(out, /\n\| re\\\|call \| en \| 1 \|/);
});

test('the table ends in a verdict, and says what the text was', (t) => {
  const path = write(t, text);
  const { status, out, err } = bitloss([
    'compare',
    model,
    '--recipes',
    'affine:2:64',
    '--text',
    path,
    '--context',
    '64',
  ]);
  assert.deepEqual([status, err], [0, '']);
  assert.match(out, /^recipe +size +bits\/w +ratio +RMSE +SNR +verdict\n/);
  const [, verdict] = out.match(/\naffine:2:64 .* dB +(\S.*)\n/);
  assert.match(verdict, verdicts);
  assert.match(
    out,
    /\ntext\.txt: [\d,]+ tokens as one document, [\d,]+ of them scored\nrecipe +perplexity +ln ratio +KL mean +KL 99% +same top +\|logit diff\|\n/,
  );
  const { out: ascii } = bitloss(['compare', model, '--recipes', 'affine:2:64', '--text', path], {
    env: { LANG: 'C' },
  });
  assert.ok(!ascii.includes('±') && ascii.includes(' +- '));
});

test('--cost tells time and bytes by kind of work', () => {
  const { lanes, peak_memory_bytes } = json([
    'compare',
    model,
    '--recipes',
    'affine:4:64',
    '--cost',
  ]);
  const kinds = ['embedding', 'projections', 'attention', 'ffn', 'output', 'other'];
  assert.ok(peak_memory_bytes > lanes[0].size_bytes);
  for (const { cost, size_bytes } of lanes) {
    assert.equal(cost.model_bytes, size_bytes);
    assert.ok(cost.prompt_seconds > 0 && cost.written_seconds > 0 && cost.session_bytes > 0);
    for (const name of ['prompt_work_seconds', 'written_work_seconds', 'work_bytes'])
      assert.deepEqual(Object.keys(cost[name]), kinds);
    const sum = kinds.reduce((total, kind) => total + cost.written_work_seconds[kind], 0);
    assert.ok(sum > 0 && sum <= cost.written_seconds * 1.01);
  }
  const { out } = bitloss(['compare', model, '--recipes', 'affine:4:64', '--cost']);
  assert.match(
    out,
    /\nrecipe +prompt, a token +writing, a token +weights +cache, work space\nreference +[\d.]+ ms +[\d.]+ ms/,
  );
});

test('help names every option, with what a choice may be', () => {
  const { out } = bitloss(['compare', '--help']);
  for (const option of [
    '--text FILES',
    '--context N',
    '--text-tokens N',
    '--tasks FILES',
    '--prompts FILE',
    '--sweep',
    '--against MODEL',
    '--sensitivity [tensor|layer|kind]',
    '--target-bits BITS',
    '--cost',
    '--format table|md|csv|json',
  ])
    assert.ok(out.includes(`  ${option}`), option);
});

/* ---- bad input ---- */

function fails(args, sentence, expected = 1) {
  const { status, out, err } = bitloss(['compare', ...args]);
  assert.deepEqual([status, out], [expected, ''], `${args.join(' ')}: ${err}`);
  assert.match(err, /^bitloss: [^\n]+\n$/, 'one sentence');
  assert.match(err, sentence);
}

test("a text that can't be measured on is refused in a sentence", (t) => {
  const bad = (content, name = 'bad.txt') => [model, '--text', write(t, content, name)];
  fails([model, '--text', '/nonexistent/a.txt'], /cannot open \/nonexistent\/a\.txt: No such file/);
  fails(bad(''), /bad\.txt is empty, expected a text/);
  fails(bad(' \n\n'), /bad\.txt is blank, expected a text/);
  fails(bad('x'), /bad\.txt is a text of \d tokens?, expected at least 3 tokens/);
  fails(
    bad(Buffer.from('caf\xe9 au lait', 'latin1')),
    /bad\.txt: byte 3 is 0xe9, expected text in UTF-8/,
  );
  fails(bad('The old\0boat'), /bad\.txt: byte 7 is 0x00, expected text in UTF-8/);
  fails(
    [...bad('The old boat went out.'), '--context', '128'],
    /is a text of \d+ tokens, expected at least one chunk of 128 tokens/,
  );
  fails(
    [...bad(text), '--text-tokens', '40', '--context', '64'],
    /is a text of 40 tokens, expected at least one chunk of 64/,
  );
  const limit = readJson(join(model, 'config.json')).max_position_embeddings;
  fails(
    [...bad(text), '--context', String(limit + 1)],
    new RegExp(`--context is ${limit + 1}, the model's limit is ${limit}`),
  );
});

test('a file of prompts without a prompt is refused in a sentence', (t) => {
  fails([model, '--prompts', write(t, '')], /text\.txt is empty/);
  fails([model, '--prompts', write(t, '\n\n')], /text\.txt is blank/);
  fails([model, '--prompts', '/nonexistent/p.txt'], /cannot open \/nonexistent\/p\.txt/);
  fails(
    [model, '--prompts', write(t, '{"prompt":"a"}\n\n{"promt":"b"}\n')],
    /line 3: field 'prompt' is missing, expected a text/,
  );
  fails(
    [model, '--prompts', write(t, '{"prompt":""}\n')],
    /line 1: field 'prompt' is "", expected a text that is not empty/,
  );
  fails(
    [model, '--prompts', write(t, '{"prompt":"a"}\nplain\n')],
    /line 2: not valid JSON: at byte 0 of 5 found 'p', expected a value/,
  );
});

test("options that don't go together are usage errors", (t) => {
  const path = write(t, text);
  const refuses = (args, sentence) => fails([model, ...args], sentence, 2);
  refuses(['--format', 'xml'], /--format is 'xml', expected table, md, csv or json/);
  refuses(['--format', 'csv', '--json'], /--json and --format csv can't both hold/);
  refuses(['--sensitivity'], /--sensitivity needs --text FILE/);
  refuses(
    ['--sensitivity=tensors', '--text', path],
    /--sensitivity is 'tensors', expected tensor, layer or kind/,
  );
  refuses(['--sensitivity', '--text', path, '--sweep'], /give one of them/);
  refuses(['--sensitivity', '--text', path, '--against', model], /--against/);
  refuses(
    ['--sensitivity', '--text', path, '--recipes', 'reference'],
    /needs a recipe other than 'reference'/,
  );
  refuses(['--target-bits', '4.5'], /--target-bits needs --sensitivity/);
  refuses(['--documents', 'lines'], /--documents needs --text FILE/);
  refuses(
    ['--documents', 'pages', '--text', path],
    /--documents is 'pages', expected lines, blank or whole/,
  );
  refuses(['--context', '64'], /--context needs --text FILE/);
  refuses(['--text', path, '--context', '2'], /--context is '2', expected a whole number from 3/);
});

test('weights that are not numbers are called so, and nothing is judged by them', (t) => {
  const path = join(folder(t), 'damaged');
  cpSync(model, path, { recursive: true });
  const file = join(path, 'model.safetensors');
  const { tensors } = readSafetensors(file);
  const entry = tensors.get('model.layers.0.mlp.down_proj.weight');
  entry.bytes = Buffer.from(entry.bytes);
  entry.bytes.writeFloatLE(NaN, 40);
  writeFileSync(file, writeSafetensors(tensors));
  const args = [
    'compare',
    path,
    '--recipes',
    'affine:4:64',
    '--text',
    write(t, text),
    '--context',
    '64',
  ];
  const { status, out, err } = bitloss(args);
  assert.equal(status, 0);
  assert.match(err, /down_proj\.weight' has 1 weight that is not finite/);
  assert.match(out, /\naffine:4:64 .* not a number +not a number *\n/);
  assert.match(out, /\nreference +not a number/);
  assert.doesNotMatch(out, /\bnan\b/i);
  assert.doesNotMatch(bitloss([...args, '--format', 'md']).out, /\bnan\b/i);
  const [, lane] = json(args).lanes;
  assert.deepEqual(
    [lane.rmse, lane.kl_mean, lane.same_top, lane.verdict],
    [null, null, null, 'not measured'],
  );
  assert.match(bitloss([...args, '--sweep']).out, /\nNo loss is a number\.\n$/);
});

test('the evaluation texts of the project can be read', () => {
  const dir = new URL('../../examples/evaluation/', import.meta.url).pathname;
  const texts = readdirSync(dir).filter((name) => name.endsWith('.txt'));
  assert.ok(texts.length >= 4);
  const args = [
    'compare',
    model,
    '--recipes',
    'reference',
    '--text',
    texts.map((name) => dir + name).join(),
    '--text-tokens',
    '64',
  ];
  const { lanes } = json(args);
  assert.deepEqual(Object.keys(lanes[0].texts), texts);
});
