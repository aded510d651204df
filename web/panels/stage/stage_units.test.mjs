/* The stage's rules, without a page: where the stops are, what "breaks" means, how the sentence is put
 * together, and in what order the stops are measured. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { root, useModules } from '../../../tests/web/modules.mjs';

const modules = useModules();
const load = (file) => modules.load(`web/${file}`);
const stage = (file) => load(`panels/stage/${file}.ts`);

after(() => modules.close());

const text = (sameTop, loss = 'large') => ({ sameTop: { value: sameTop, error: 0.01 }, loss });
const answers = (verdict, value, low, high) => ({
  share: { value: 0.9, low: 0.8, high: 0.95 },
  paired: { verdict, difference: { value, low, high } },
  kinds: new Map(),
});
const point = (width, more) => ({ width, text: null, answers: null, shown: new Map(), ...more });

test('the stops are the full model and six widths, and a recipe is one of them or none', async () => {
  const { WIDTHS, recipeFor, widthOf, nearestWidth, placeOf } = await stage('widths');
  assert.deepEqual(WIDTHS.map(recipeFor), [
    'reference',
    ...[8, 6, 5, 4, 3, 2].map((bits) => `affine:${bits}:64`),
  ]);
  assert.deepEqual(
    WIDTHS.map(placeOf).map((place) => Math.round(6 * place)),
    [0, 1, 2, 3, 4, 5, 6],
  );
  assert.equal(widthOf('affine:4:64'), 4);
  assert.equal(widthOf('affine:4:32'), null);
  assert.equal(nearestWidth(4.6), 5);
});

test('it breaks where ten of a hundred answers are lost beyond doubt, at the first such width', async () => {
  const { breaksAt, isBroken } = await stage('findings');
  const small = point(4, { answers: answers('worse', -0.04, -0.07, -0.01) });
  const unsure = point(4, { answers: answers('unclear', -0.12, -0.25, 0.01) });
  const large = point(3, { answers: answers('worse', -0.1, -0.18, -0.03) });
  const gone = point(2, { answers: answers('worse', -0.9, -0.95, -0.8) });
  assert.deepEqual(
    [small, unsure, large, gone].map((one) => isBroken(one, true)),
    [false, false, true, true],
  );
  assert.equal(breaksAt([gone, small, large], true), 3);
  assert.equal(breaksAt([small], true), null);
  // Not while a width before it is still unknown.
  assert.equal(breaksAt([point(8), large], true), undefined);
});

test('a model without questions breaks where the text says broken', async () => {
  const { breaksAt } = await stage('findings');
  const points = [point(3, { text: text(0.6) }), point(2, { text: text(0.2, 'broken') })];
  assert.equal(breaksAt(points, false), 2);
});

async function sentenceOf(lang, more) {
  const { sentence } = await stage('sentence');
  const { stageWords } = await stage('words');
  const { Format } = await load('format.ts');
  const words = stageWords[lang];
  const parts = sentence(words, new Format(lang), words.bits('4'), 0.282, more);
  return {
    all: parts.map((part) => part.text).join(''),
    worse: parts
      .filter(({ isWorse }) => isWorse)
      .map((part) => part.text)
      .join(''),
  };
}

test('the sentence counts out of a hundred, and marks only what is worse beyond doubt', async () => {
  const worse = { text: text(0.848), answers: answers('worse', -0.03, -0.062, -0.011) };
  assert.deepEqual(await sentenceOf('en', worse), {
    all: '4 bits: 28% of the size. Of 100 tokens the prediction changes at 15, and of 100 questions it gets 3 more wrong (1 to 6).',
    worse: 'of 100 questions it gets 3 more wrong (1 to 6).',
  });
  assert.deepEqual(await sentenceOf('ko', worse), {
    all: '4비트: 크기 28%. 토큰 100개 중 15개에서 예측이 바뀌고, 질문 100개 중 3개를 더 틀립니다(1~6개).',
    worse: '질문 100개 중 3개를 더 틀립니다(1~6개).',
  });
  const unclear = { text: text(0.998), answers: answers('unclear', -0.01, -0.032, 0.012) };
  assert.deepEqual(await sentenceOf('en', unclear), {
    all: '4 bits: 28% of the size. Of 100 tokens the prediction changes at fewer than one, and of 100 questions it gets at most 4 more wrong, maybe none.',
    worse: '',
  });
  assert.deepEqual(await sentenceOf('en', { text: text(0.848), answers: null }), {
    all: '4 bits: 28% of the size. Of 100 tokens the prediction changes at 15.',
    worse: '',
  });
  const nan = await sentenceOf('en', { text: text(null, 'broken'), answers: null });
  assert.match(nan.worse, /no numbers/);
});

test('the shown questions are in the files, one of each kind, and come apart for the reader', async () => {
  const { KINDS, SHOWN } = await stage('questions');
  const { partsOf } = await load('experiment/measure/questions.ts');
  for (const lang of ['en', 'ko']) {
    for (const kind of KINDS) {
      const file = path.join(root, `examples/tinyworld/tests/${kind}.${lang}.jsonl`);
      const tasks = fs.readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);
      const task = tasks.find(({ id }) => id === SHOWN[lang][kind]);
      assert.ok(task, `${kind}.${lang}`);
      const { story, question } = partsOf(task);
      assert.match(question, /\?/);
      assert.doesNotMatch(question, /\n|^Q:|A:$|답:$/);
      assert.ok(task.prompt.startsWith(story));
    }
  }
});

/** A client whose answers are right except at 2 bits; it notes what was asked. */
function fakeClient(log) {
  const session = {
    stop: async () => {},
    tokenize: async () => ({ ids: new Int32Array(64), pieces: [] }),
    text: async (recipe) => {
      log.push(`text ${recipe}`);
      return { stats: text(0.9) };
    },
    tasks: async (recipe, tasks) => {
      log.push(`${tasks[0].id.startsWith('shown') ? 'shown' : 'tasks'} ${recipe} ${tasks.length}`);
      return tasks.map(() => recipe !== 'affine:2:64');
    },
    written: async (recipe, { id }) => {
      log.push(`written ${recipe} ${id}`);
      return `not ${id}`;
    },
    share: async (nRight, n) => ({ value: nRight / n, low: 0, high: 1 }),
    paired: async (first, second) => {
      const lost = first.filter((isRight, i) => isRight && !second[i]).length;
      const value = -lost / first.length;
      return {
        verdict: lost > 0 ? 'worse' : 'same',
        difference: { value, low: value, high: value },
      };
    },
  };
  return { session: () => session };
}

test('the wanted stop is measured first, the reference once, and every stop before the second round', async () => {
  const { StageMeasuring } = await stage('measuring');
  const { KINDS, ROUNDS } = await stage('questions');
  const log = [];
  let measuring;
  const done = new Promise((resolve) => {
    measuring = new StageMeasuring(fakeClient(log), () => {
      const { answers: found } = measuring.point(4);
      const n = found ? [...found.kinds.values()].reduce((sum, one) => sum + one.n, 0) : 0;
      if (n === ROUNDS[1]) resolve();
    });
  });
  const task = (i, name = 'q') => ({
    id: `${name}${i}`,
    skill: KINDS[i % KINDS.length],
    lang: 'en',
    prompt: '',
    answer: '',
  });
  const asked = Array.from({ length: ROUNDS[1] }, (_, i) => task(i));
  const shown = KINDS.map((_, i) => task(i, 'shown'));
  measuring.use({
    key: 'a',
    text: 'x',
    documents: 'whole',
    isTogether: false,
    questions: { asked, shown },
  });
  measuring.want([2, 4, 16]);
  await done;
  assert.equal(log[0], 'text affine:2:64');
  const nAsked = (recipe) =>
    log
      .filter((line) => line.startsWith(`tasks ${recipe} `))
      .reduce((sum, line) => sum + Number(line.split(' ')[2]), 0);
  for (const recipe of ['reference', 'affine:2:64', 'affine:4:64'])
    assert.equal(nAsked(recipe), ROUNDS[1], recipe);
  // After the questions that are shown, which all stops are asked before any round.
  const isRound = (line) => line.startsWith('tasks');
  const rounds = log.filter(isRound);
  assert.equal(log.slice(0, log.findIndex(isRound)).length, 5);
  const first = (recipe) => rounds.findIndex((line) => line.startsWith(`tasks ${recipe} `));
  assert.ok(
    first('reference') < first('affine:2:64') && first('affine:2:64') < first('affine:4:64'),
  );
  assert.equal(measuring.point(2).answers.paired.difference.value, -1);
  assert.equal(measuring.point(4).answers.paired.verdict, 'same');
  assert.deepEqual(
    [...measuring.point(2).shown.values()],
    shown.map(() => false),
  );

  // What was written is asked for once, when somebody wants to see it.
  assert.equal(measuring.written(2, shown[1]), null);
  await Promise.all([measuring.write(2, shown[1]), measuring.write(2, shown[1])]);
  assert.equal(measuring.written(2, shown[1]), 'not shown1');
  await measuring.write(2, shown[1]);
  assert.deepEqual(
    log.filter((line) => line.startsWith('written')),
    ['written affine:2:64 shown1'],
  );
});

test('of fewer questions than the stage would ask all are asked, and it comes to an end', async () => {
  const { StageMeasuring } = await stage('measuring');
  const { KINDS } = await stage('questions');
  const task = (i) => ({ id: `q${i}`, skill: KINDS[i % KINDS.length], lang: 'en' });
  for (const n of [0, 5]) {
    const log = [];
    const asked = Array.from({ length: n }, (_, i) => task(i));
    const measuring = await new Promise((resolve, reject) => {
      // It would otherwise hold up this very test, and no clock of it would run.
      let nSteps = 0;
      const one = new StageMeasuring(fakeClient(log), () => {
        if (++nSteps > 100) reject(new Error('it goes round in circles'));
        if (one.isComplete(4) && one.progress(4) === 1) resolve(one);
      });
      one.use({
        key: 'a',
        text: 'x',
        documents: 'whole',
        isTogether: false,
        questions: { asked, shown: [] },
      });
      one.want([4, 16]);
    });
    assert.equal(measuring.point(4).answers?.paired.verdict, n > 0 ? 'same' : undefined);
    const asks = log.filter((line) => line.startsWith('tasks affine:4:64'));
    assert.equal(
      asks.reduce((sum, line) => sum + Number(line.split(' ')[2]), 0),
      n,
    );
  }
});

test('texts are read one by one, unless running the reference for each would cost much', async () => {
  const { StageMeasuring } = await stage('measuring');
  for (const isTogether of [false, true]) {
    let nPending = 0;
    let most = 0;
    const { session } = fakeClient([]);
    const read = session().text;
    const slow = {
      ...session(),
      text: async (recipe) => {
        most = Math.max(most, ++nPending);
        await new Promise(setImmediate);
        nPending--;
        return read(recipe);
      },
    };
    await new Promise((resolve) => {
      const measuring = new StageMeasuring({ session: () => slow }, () => {
        if ([8, 4, 3].every((width) => measuring.isComplete(width))) resolve();
      });
      const subject = { key: 'a', text: 'x', documents: 'whole', isTogether, questions: null };
      measuring.use(subject);
      measuring.want([8, 4, 3]);
    });
    assert.equal(most, isTogether ? 2 : 1);
  }
});
