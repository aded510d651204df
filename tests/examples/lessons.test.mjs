/* The lessons' rows and words: complete in both languages, with figures that stand where they are said to, and
 * elements that the registry has. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { LESSONS, ROWS } from '../../examples/lessons/claims.mjs';
import { pages, WORDS } from '../../examples/lessons/render.mjs';
import { root, useModules } from '../web/modules.mjs';

const modules = useModules();
after(() => modules.close());

/** The paths to all that a table of words says, and what is there: a text, a list's length or a function. */
function shape(words, at = '') {
  if (typeof words === 'object')
    return Object.entries(words).flatMap(([name, value]) => shape(value, `${at}.${name}`));
  assert.ok(words.length > 0, at);
  return [`${at} ${typeof words}`];
}

test('both languages say the same things, and nothing is without words or without a row', () => {
  assert.deepEqual(shape(WORDS.ko), shape(WORDS.en));
  assert.deepEqual(Object.keys(WORDS.en.rows).sort(), ROWS.map(({ id }) => id).sort());
  assert.deepEqual(
    Object.keys(WORDS.en.lessons),
    LESSONS.map(({ id }) => id),
  );
  for (const { id, choices, claim, missing, answer } of ROWS) {
    const words = WORDS.en.rows[id];
    assert.deepEqual(Object.keys(words.choices ?? {}), choices ?? [], id);
    assert.equal(Boolean(words.question && words.unit && words.limit), answer !== undefined, id);
    assert.equal(Boolean(words.needs), missing === true, id);
    assert.equal(Boolean(words.says), claim !== undefined, id);
  }
});

test('the twelve claims are there once each', () => {
  const claims = ROWS.flatMap(({ claim }) => claim ?? []).sort((one, other) => one - other);
  assert.deepEqual(claims, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test('every figure stands in the line of the file that it names, and both languages quote it', () => {
  for (const { id, figures } of ROWS) {
    for (const [name, [figure, file, line]] of Object.entries(figures)) {
      assert.ok(line.includes(figure), `${id}: ${line} has ${figure}`);
      const source = fs.readFileSync(path.join(root, file), 'utf8');
      assert.ok(source.includes(line), `${id}: ${file} has ${line}`);
      for (const [lang, { rows }] of Object.entries(WORDS))
        assert.ok(
          `${rows[id].measured} ${rows[id].limit}`.includes(`{${name}}`),
          `${id} quotes ${name} in ${lang}`,
        );
    }
  }
});

test('every element is one that there is, with attributes and values that it takes', async () => {
  const { PANEL_IDS } = await modules.load('web/panels/ids.ts');
  const { SETTINGS, LAYOUT } = await modules.load('web/elements/words.ts');
  const { readLink } = await modules.load('web/elements/link.ts');
  const listed = JSON.parse(
    fs.readFileSync(path.join(root, 'examples/tinyworld/models/index.json'), 'utf8'),
  );
  for (const { tag, attributes } of ROWS.flatMap(({ experiments }) => experiments ?? [])) {
    const panel = tag.replace('bitloss-', '');
    assert.ok(panel === 'playground' || PANEL_IDS.includes(panel), tag);
    const names = Object.keys(attributes);
    assert.deepEqual(
      names.filter((name) => ![...SETTINGS, ...LAYOUT].includes(name)),
      [],
    );
    for (const id of attributes.view?.split(',') ?? []) assert.ok(PANEL_IDS.includes(id), id);
    const settings = Object.entries(attributes).filter(([name]) => SETTINGS.includes(name));
    assert.deepEqual(readLink(`?${new URLSearchParams(settings)}`, 'en').problems, []);
    const model = listed.find(({ id }) => id === attributes.model);
    assert.ok(model || !attributes.model, attributes.model);
    if (attributes.text) assert.ok(model.texts.some(({ id }) => id === attributes.text));
  }
});

test('an answer comes from tables of the lanes that its experiments have, and not before', async () => {
  const { ANSWERS } = await modules.load('examples/lessons/answers.ts');
  const estimate = (value) => ({ value, error: 0 });
  const tableFor = ({ attributes }, index) => ({
    lanes: ['reference', ...(attributes.lanes ?? '').split(',')].map((recipe, lane) => ({
      recipe,
      sizeBytes: 100 - 10 * lane,
      weightError: lane / 10,
      tokensPerSecond: estimate(10 * (lane + 1)),
      klDivergence: estimate(4 / (index + 1)),
      answers: { share: 0.9 - lane / 10 },
    })),
  });
  const lane = (recipe, verdict, difference) => ({ recipe, verdict, difference });
  const labelledLanes = [
    lane('reference', null, null),
    lane('qint8@int8/*embeddings=f16', 'none', 0),
    lane('affine:4:128', 'unclear', -0.01),
    lane('affine:3:128', 'small', -0.02),
    lane('affine:2:128', 'broken', -0.3),
  ];
  const found = {};
  for (const { id, answer, experiments, range, choices } of ROWS) {
    if (!answer) continue;
    const tables = experiments.map(tableFor);
    const labelled = experiments.map(() => ({ lanes: labelledLanes }));
    const none = experiments.map(() => null);
    const { truth } = ANSWERS[answer](tables, labelled);
    if (answer !== 'memory') assert.equal(ANSWERS[answer](none, none), null, id);
    assert.ok(choices ? choices.includes(truth) : Number.isFinite(truth) && range, id);
    found[id] = typeof truth === 'number' ? Number(truth.toFixed(4)) : truth;
  }
  assert.deepEqual(found, {
    memory: 3.9375,
    size: 88.8889,
    speed: 'four',
    language: 'english',
    small: 2,
    exercise: 'eight',
    accuracy: 10,
    groups: 300,
    deploy: 'three',
  });
  const [, ...unhurt] = labelledLanes.map((one) => ({ ...one, verdict: 'none' }));
  assert.deepEqual(ANSWERS.deploy([], [{ lanes: unhurt }]), { truth: 'none' });
  assert.deepEqual(ANSWERS.deploy([], [{ lanes: labelledLanes }]).figure, 2);
});

test('no page has an inline style or script, and every link within the lessons leads somewhere', () => {
  const all = pages();
  const ids = (html) => [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  for (const [name, html] of Object.entries(all)) {
    assert.doesNotMatch(html, / style=| on\w+=|<style|<script(?![^>]* src=)/, name);
    assert.equal(new Set(ids(html)).size, ids(html).length, name);
    for (const [, target] of html.matchAll(/<a href="([^"]+)"/g)) {
      if (target.startsWith('../')) continue;
      const [file, place] = target.replace('./', '').split('#');
      const page = all[file || (target.startsWith('./') ? 'index.html' : name)];
      assert.ok(page, `${name}: ${target}`);
      assert.ok(!place || ids(page).includes(place), `${name}: ${target}`);
    }
  }
});
