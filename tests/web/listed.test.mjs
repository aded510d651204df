/* The list of the site's models: what ships is as the schema says, and what is not is named. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { root, useModules } from './modules.mjs';

const modules = useModules();
after(() => modules.close());
const folder = path.join(root, 'examples/tinyworld/models');
const list = JSON.parse(fs.readFileSync(path.join(folder, 'index.json'), 'utf8'));
let listed;
let texts;
before(async () => {
  listed = await modules.load('web/source/listed.ts');
  texts = await modules.load('web/experiment/measure/texts.ts');
});

const lines = (file) =>
  fs
    .readFileSync(path.join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('every model that ships is listed as the schema says, with files that are there', () => {
  assert.equal(list.filter((entry) => entry.default).length, 1);
  assert.equal(new Set(list.map(({ id }) => id)).size, list.length);
  for (const entry of list) {
    assert.equal(listed.faultOf(entry), null, entry.id);
    const sizes = entry.files.map((file) => fs.statSync(path.join(folder, file)).size);
    assert.equal(
      entry.size,
      sizes.reduce((a, b) => a + b),
      entry.id,
    );
  }
  assert.deepEqual(listed.readList(list), list);
});

test('every text and question that a model can be asked is there, and is what the list says', () => {
  for (const { texts: own, questions, documents } of list) {
    assert.equal(documents, 'blank', 'stories by themselves, as they were read in training');
    for (const { file } of own)
      for (const { prompt, answer } of lines(file)) assert.ok(prompt && answer, file);
    for (const skill of questions.skills)
      for (const lang of questions.langs)
        for (const task of lines(`${questions.folder}/${skill}.${lang}.jsonl`))
          assert.deepEqual([task.skill, task.lang], [skill, lang]);
  }
});

test('a field that is wrong, missing or unknown is named, and its entry left out', (t) => {
  const told = [];
  t.mock.method(console, 'error', (sentence) => told.push(sentence));
  const [entry] = list;
  const { name, ...nameless } = entry;
  assert.ok(name);
  const cases = [
    [nameless, 'name'],
    [{ ...entry, size: -1 }, 'size'],
    [{ ...entry, files: [] }, 'files'],
    [{ ...entry, promt_en: 'Once' }, 'promt_en'],
    [{ ...entry, documents: 'pages' }, 'documents'],
    [{ ...entry, texts: [{ ...entry.texts[0], id: 'own' }] }, 'texts'],
    [{ ...entry, questions: { ...entry.questions, skills: ['juggling'] } }, 'questions'],
    [{ ...entry, constructor: 1 }, 'constructor'],
    ['tinyworld', 'entry'],
    [null, 'entry'],
  ];
  for (const [wrong, field] of cases) assert.equal(listed.faultOf(wrong), field);
  assert.deepEqual(listed.readList([cases[0][0], entry]), [entry]);
  assert.deepEqual(told, ['models/index.json: name of entry 1 is not as expected']);
  assert.deepEqual(listed.readList({ list }), []);
});

test('a model has its own texts first, in the reader’s language; one that is on no list has plain English', () => {
  const { suitableText, textsFor } = texts;
  const [entry] = list;
  assert.equal(suitableText(entry, 'ko'), 'world-ko');
  assert.equal(suitableText(entry, 'en'), 'world-en');
  assert.equal(suitableText({ ...entry, texts: undefined }, 'ko'), 'plain-en');
  assert.equal(suitableText(undefined, 'ko'), 'plain-en');
  const general = ['plain-en', 'plain-ko', 'stories-en', 'stories-ko', 'own'];
  assert.deepEqual(textsFor(entry), ['world-en', 'world-ko', ...general]);
  assert.deepEqual(textsFor(undefined), general);
});
