/* bitloss compare --tasks. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson } from './command.mjs';

// The one golden model that ends its text by itself: what mlx_lm's model writes is the right answer.
const model = golden('tiny_llama3');
const expected = readJson(golden('tiny_llama3', 'expected.json'));

const task = (id, skill, lang, answer, more) => ({
  id,
  skill,
  lang,
  prompt: expected.prompt,
  answer,
  ...more,
});
const items = [
  task('a1', 'recall', 'en', expected.greedy_text),
  task('a2', 'recall', 'en', 'yes', { choices: ['no', 'yes'] }),
  task('a3', 'recall', 'ko', '방앗간'),
  task('a4', 'order', 'en', expected.greedy_text),
  task('s1', 'stories', 'en', 'Two lines.\nNo right answer.'),
];
const write = (t, lines, name = 'tasks.jsonl') => {
  const path = join(folder(t), name);
  writeFileSync(
    path,
    lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
  return path;
};

test('each lane gains its accuracy by skill and language', (t) => {
  const found = json(['compare', model, '--recipes', 'affine:2:32', '--tasks', write(t, items)]);
  assert.equal(found.stories_left_out, 1);
  assert.equal('prompt' in found, false);
  const [reference, lane] = found.lanes;
  assert.deepEqual(Object.keys(reference.tasks), ['recall/en', 'recall/ko', 'order/en']);
  const { accuracy, low, high, n } = reference.tasks['recall/en'];
  assert.deepEqual([accuracy, n], [0.5, 2]);
  // Wilson's interval for 1 of 2, from scipy 1.15.3
  assert.ok(
    Math.abs(low - 0.09453120573423074) < 1e-12 && Math.abs(high - 0.9054687942657693) < 1e-12,
  );
  assert.deepEqual([reference.tasks['recall/ko'].accuracy, reference.tasks['recall/ko'].n], [0, 1]);
  assert.deepEqual([reference.all_tasks.accuracy, reference.all_tasks.n], [0.5, 4]);
  assert.equal('against_reference' in reference, false);
  assert.equal('text' in reference, false);
  const { n_lost, n_gained, difference } = lane.against_reference;
  assert.equal(difference, lane.all_tasks.accuracy - reference.all_tasks.accuracy);
  assert.equal(n_gained - n_lost, 4 * difference);
  assert.equal(lane.against_reference.verdict, 'too few tasks to tell');
});

test('files come together, blank lines count for nothing, and threads change nothing', (t) => {
  const whole = write(t, items);
  const parts = [write(t, [items[0], '', items[1]]), write(t, items.slice(2), 'b.jsonl')].join(',');
  const run = (tasks, ...rest) =>
    json(['compare', model, '--recipes', 'affine:4:32', '--tasks', tasks, ...rest]).lanes;
  assert.deepEqual(run(parts), run(whole));
  assert.deepEqual(run(whole, '--threads', '3'), run(whole, '--threads', '1'));
});

test("where the answer is a number, the likeliest choice is the model's", (t) => {
  /* whatever a text goes on with makes it less likely */
  const [short, long] = [expected.greedy_text, `${expected.greedy_text} qzxj`];
  const choice = (id, answer, choices) => task(id, 'choose', 'en', answer, { choices });
  const path = write(t, [
    choice('c1', 0, [short, long]),
    choice('c2', 1, [short, long]),
    choice('c3', 2, [long, long, short]),
    items[3],
  ]);
  const [reference, lane] = json([
    'compare',
    model,
    '--recipes',
    'affine:8:32',
    '--tasks',
    path,
  ]).lanes;
  assert.equal(reference.tasks['choose/en'].n, 3);
  assert.equal(reference.tasks['choose/en'].accuracy, 2 / 3);
  assert.deepEqual([reference.all_tasks.n, reference.tasks['order/en'].accuracy], [4, 1]);
  assert.equal(
    lane.against_reference.n_gained - lane.against_reference.n_lost,
    4 * lane.against_reference.difference,
  );
});

test('a prompt and tasks can be asked for together', (t) => {
  const args = [
    'compare',
    model,
    '--recipes',
    'affine:4:32',
    '--tasks',
    write(t, items),
    '--prompt',
    expected.prompt,
    '-m',
    '24',
  ];
  const [reference] = json(args).lanes;
  assert.equal(reference.text, expected.greedy_text);
  assert.equal(reference.all_tasks.accuracy, 0.5);
  assert.match(bitloss(args).out, /differs at/);
});

test('the table has a row for each skill, and says how sure it is', (t) => {
  const { status, out, err } = bitloss([
    'compare',
    model,
    '--recipes',
    'affine:4:32',
    '--tasks',
    write(t, items),
  ]);
  assert.equal(status, 0);
  assert.equal(err, '');
  assert.doesNotMatch(out, /differs at|tok\/s/);
  assert.match(
    out,
    /\nreference\nskill +en +n +ko +n\nrecall +50\.0% \[ 9\.5, 90\.5\] +2 +0\.0% \[ 0\.0, 79\.3\] +1\n/,
  );
  assert.match(out, /\nin all: 50\.0% \[15\.0, 85\.0\], n = 4\n/);
  assert.match(out, /\nvs reference: \d lost, \d gained, .* p = .*: too few tasks to tell\n/);
  assert.match(out, /\nLeft out: stories \(1\), which have no one right answer\.\n$/);
});

test('a bad line is named with its file, line and field', (t) => {
  const fails = (lines, sentence) => {
    const { status, out, err } = bitloss(['compare', model, '--tasks', write(t, lines)]);
    assert.deepEqual([status, out], [1, '']);
    assert.match(err, /^bitloss: [^\n]+\n$/, 'one sentence');
    assert.match(err, sentence);
  };
  const [good] = items;
  const without = (field) => ({ ...good, id: 'b', [field]: undefined });
  for (const field of ['id', 'skill', 'lang', 'prompt', 'answer']) {
    fails(
      [good, '', without(field)],
      new RegExp(`tasks\\.jsonl, line 3: field '${field}' is missing, expected a text`),
    );
  }
  fails([{ ...good, answer: 7 }], /line 1: field 'answer' is 7, expected a text that is not empty/);
  fails(
    [{ ...good, prompt: '' }],
    /line 1: field 'prompt' is "", expected a text that is not empty/,
  );
  fails(
    [{ ...good, answer: ' yes' }],
    /field 'answer' is " yes", expected one line without white space around it/,
  );
  fails([{ ...good, answer: 'a\nb' }], /field 'answer' is "a\\nb", expected one line/);
  fails(
    [{ ...good, answer: 'a\0b' }],
    /line 1: not valid JSON: at byte .*, expected text without NUL characters/,
  );
  fails([{ ...good, id: 3, prompt: 'a\\u0000b' }], /line 1: field 'id' is 3, expected a text/);
  fails(
    [{ ...good, choices: ['x'] }],
    /field 'choices' is \["x"\], expected a list of texts that has the answer/,
  );
  fails([{ ...good, choices: 'x' }], /field 'choices' is "x"/);
  const choices = ['no', 'yes'];
  fails(
    [good, { ...good, id: 'b', choices, answer: 2 }],
    /line 2: field 'answer' is 2, expected the index of one of the 2 choices, from 0 to 1/,
  );
  fails([{ ...good, choices, answer: -1 }], /field 'answer' is -1, expected the index/);
  fails([{ ...good, choices, answer: 0.5 }], /field 'answer' is 0.5, expected the index/);
  fails(
    [{ ...good, choices: ['no'], answer: 0 }],
    /field 'choices' is \["no"\], expected a list of at least two texts/,
  );
  fails(
    [{ ...good, choices: ['no', ''], answer: 0 }],
    /field 'choices' is \["no",""\], expected a list of at least two texts that are not empty/,
  );
  fails([{ ...good, choices: 'no', answer: 0 }], /field 'choices' is "no", expected a list/);
  fails([good, '{"id": '], /line 2: not valid JSON, or cut off: at byte 6 of 6 found the end/);
  fails([good, '[1]'], /line 2: the text is not a JSON object/);
  fails(
    [good, JSON.stringify(good) + JSON.stringify(good)],
    /line 2: not valid JSON: at byte \d+ of \d+ found/,
  );
  fails([good, good], /task 'a1' is there twice/);
  fails([items[4]], /no task with one right answer/);
  fails([''], /no task with one right answer/);
  fails(
    [{ ...good, prompt: 'boat '.repeat(3000) }],
    /task a1: its prompt is \d+ tokens long, the model's context holds \d+/,
  );
});

test('a file that is not there, or no name', () => {
  const { status, err } = bitloss(['compare', model, '--tasks', '/nonexistent/x.jsonl']);
  assert.equal(status, 1);
  assert.match(err, /^bitloss: cannot open \/nonexistent\/x\.jsonl: No such file/);
  assert.equal(bitloss(['compare', model, '--tasks', 'a.jsonl,'], {}).status, 1);
});

test('compare without a prompt and without tasks only quantizes and measures', () => {
  const { status, out } = bitloss(['compare', model, '--recipes', 'all']);
  assert.equal(status, 0);
  assert.match(out, /^recipe +size +bits\/w +ratio +RMSE +SNR +verdict\n/);
  assert.match(out, /\nq4_k .* nothing was quantized\n/, 'rows of 128');
  assert.match(out, /\nq4_0 .* dB *\n/, 'and no verdict on the others');
  for (const recipe of [
    'affine:4:64',
    'q4_k_m',
    'mxfp4',
    'int8',
    'nf4_double',
    'mixed_3_6:64',
    'channel:8',
  ])
    assert.match(out, new RegExp(`^${recipe} +\\d`, 'm'), recipe);
});
