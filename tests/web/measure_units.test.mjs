/* Measuring without a page: when lanes are measured on a text, and how questions and words are put
 * together. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fakeWorker, ids, model, settle } from './fake_measuring.mjs';
import { useModules } from './modules.mjs';

const modules = useModules();
const load = (file) => modules.load(`web/${file}`);

after(() => modules.close());

/* ---- lanes on a text ------------------------------------------------------------------------ */

const SMALL = 4_000_000;
const LARGE = 90_000_000;

/** A page's state with a reference and two lanes that have written. */
async function openLanes(sizeBytes) {
  const { Store, lanesFor } = await load('experiment/state.ts');
  const { MeasureClient } = await load('experiment/measure/client.ts');
  const { TextMeasuring } = await load('experiment/measure/text_measuring.ts');
  const fake = await fakeWorker(load);
  const client = new MeasureClient(fake.start);
  client.use(model(1));
  const ready = (lane, recipe = lane.recipe) => ({
    ...lane,
    recipe,
    isAsleep: false,
    figures: { recipe, info: { recipe, hasTokenizer: true, sizeBytes } },
    run: { serial: 1, stop: 'length' },
  });
  const store = new Store({
    model: model(1),
    lanes: lanesFor(['affine:8:64', 'affine:4:64']).map((lane) => ready(lane)),
    request: { serial: 1 },
    text: { id: 'plain-en', serial: 1, content: 'a text', documents: 'whole', problem: null },
    isWholeText: false,
  });
  const texts = new TextMeasuring(store, client);
  const lane = (id) => store.state.lanes.find((one) => one.id === id);
  const setLane = (id, patch) =>
    store.update({
      lanes: store.state.lanes.map((one) => (one.id === id ? { ...one, ...patch(one) } : one)),
    });
  const tokenized = {
    ids: Int32Array.from({ length: 40 }, (_, i) => i),
    pieces: Array(40).fill('x'),
  };
  return { store, texts, fake, lane, setLane, ready, tokenized };
}

const result = (ppl) => ({ stats: { ppl: { value: ppl, error: 1 }, loss: 'none' }, tokens: {} });

test('lanes of a small model are measured by themselves, together, once all are idle', async () => {
  const { store, fake, lane, setLane, tokenized } = await openLanes(SMALL);
  setLane('b', () => ({ progress: 0.5 }));
  await settle();
  assert.deepEqual(fake.log, []);
  setLane('b', () => ({ progress: null }));
  await fake.answer('open');
  await fake.answer('tokenize', tokenized);
  assert.deepEqual(fake.log.slice(2), ['text affine:8:64', 'text affine:4:64']);
  await fake.answer('text', result(10));
  await fake.answer('text', result(11));
  assert.deepEqual(
    [lane('a'), lane('b')].map(({ text }) => [text.value.ppl.value, text.isFresh, text.progress]),
    [
      [10, true, null],
      [11, true, null],
    ],
  );
  assert.equal(store.state.lanes[0].text.value, null);
});

test('of a recipe that is changed again and again only the latest is measured to the end', async () => {
  const { fake, lane, setLane, ready, tokenized } = await openLanes(SMALL);
  setLane('a', () => ({}));
  await fake.answer('open');
  await fake.answer('tokenize', tokenized);
  setLane('b', (one) => ready(one, 'affine:3:64'));
  await settle();
  setLane('b', (one) => ready(one, 'affine:2:64'));
  await settle();
  assert.equal(lane('b').text.isFresh, false);
  // The other lane, which was stopped with it, is measured all the same.
  for (let n = 0; n < 3 && fake.calls.length > 0; n++) {
    const call = fake.calls.find(({ name }) => name === 'text');
    await fake.answer('text', result(call.args[0] === 'affine:2:64' ? 20 : 10));
  }
  assert.equal(lane('a').text.value.ppl.value, 10);
  assert.equal(lane('b').text.value.ppl.value, 20);
  assert.ok(lane('b').text.isFresh);
});

test('a larger model waits for the reader, and can be stopped', async () => {
  const { texts, fake, lane, setLane, tokenized } = await openLanes(LARGE);
  setLane('a', () => ({}));
  await settle();
  assert.deepEqual(fake.log, []);
  texts.start('b');
  await fake.answer('open');
  await fake.answer('tokenize', tokenized);
  assert.deepEqual(fake.log.slice(2), ['text affine:4:64']);
  fake.calls[0].args[3](0.25);
  assert.equal(lane('b').text.progress, 0.25);
  texts.stop('b');
  await settle();
  assert.deepEqual(
    [lane('b').text.progress, lane('b').text.problem, lane('b').text.value],
    [null, null, null],
  );
  assert.equal(fake.log.at(-1), 'stop');
  texts.start('b');
  await fake.answer('text', result(12));
  assert.equal(lane('b').text.value.ppl.value, 12);
  assert.equal(lane('a').text.value, null);
});

test('a text of a few tokens is refused in the lane, with how many are needed', async () => {
  const { fake, lane, setLane } = await openLanes(SMALL);
  setLane('a', () => ({}));
  await fake.answer('open');
  await fake.answer('tokenize', { ids: ids(1, 2, 3), pieces: ['a', 'b', 'c'] });
  assert.deepEqual(lane('a').text.problem, { kind: 'text-short', nTokens: 3, nNeeded: 16 });
  assert.equal(lane('a').text.progress, null);
});

test('without a text, figures do not pass for what is asked now', async () => {
  const { store, fake, lane, setLane, tokenized } = await openLanes(SMALL);
  setLane('a', () => ({}));
  await fake.answer('open');
  await fake.answer('tokenize', tokenized);
  await fake.answer('text', result(10));
  await fake.answer('text', result(11));
  assert.ok(lane('a').text.isFresh);
  store.update({ text: { id: 'own', serial: 2, content: null, problem: { kind: 'text-empty' } } });
  assert.deepEqual([lane('a').text.isFresh, lane('a').text.progress], [false, null]);
});

/* ---- questions ------------------------------------------------------------------------------ */

const questions = (skill, lang, n) =>
  Array.from({ length: n }, (_, i) => ({
    id: `${skill}-${lang}-${i}`,
    skill,
    lang,
    prompt: '',
    answer: '',
  }));

test('the beginning and the rest of a text keep its documents apart', async () => {
  const { beginning, rest } = await load('experiment/measure/texts.ts');
  const all = Int32Array.from({ length: 40 }, (_, i) => i);
  const ends = [5, 5, 20, 33, 40];
  const plain = ({ ids: part, ends: own }) => [part[0], part.length, own];
  assert.deepEqual(plain(beginning({ ids: all, ends }, 25)), [0, 25, [5, 5, 20, 25]]);
  assert.deepEqual(plain(beginning({ ids: all, ends }, 20)), [0, 20, [5, 5, 20]]);
  assert.deepEqual(plain(beginning({ ids: all, ends }, Infinity)), [0, 40, ends]);
  // One that has begun is left out: it would be read as if it began there.
  assert.deepEqual(plain(rest({ ids: all, ends }, 21)), [33, 7, [7]]);
  assert.deepEqual(plain(rest({ ids: all, ends }, 20)), [20, 20, [13, 20]]);
  assert.deepEqual(plain(rest({ ids: all }, 21)), [21, 19, undefined]);
});

test('any beginning of the questions has equally many of each kind, spread over its file', async () => {
  const { interleave, nQuestionsFor } = await load('experiment/measure/questions.ts');
  const list = interleave([questions('a', 'en', 200), questions('b', 'en', 288)]);
  assert.equal(new Set(list.map(({ id }) => id)).size, 488);
  assert.equal(nQuestionsFor(list, 40), 80);
  assert.equal(nQuestionsFor(list, Infinity), 488);
  const numbers = list
    .slice(0, 80)
    .filter(({ skill }) => skill === 'b')
    .map(({ id }) => Number(id.split('-')[2]));
  assert.equal(numbers.length, 40);
  // Of each eighth of the file's 288 questions an eighth of the forty, one more or less.
  for (let eighth = 0; eighth < 8; eighth++) {
    const n = numbers.filter((number) => Math.floor(number / 36) === eighth).length;
    assert.ok(n >= 4 && n <= 6, `${n} in eighth ${eighth}`);
  }
});

test('scores are counted by skill, by language, and over all', async () => {
  const { score } = await load('experiment/measure/skill_measuring.ts');
  const list = [...questions('a', 'en', 2), ...questions('a', 'ko', 2), ...questions('b', 'en', 2)];
  const session = {
    share: async (nRight, n) => ({ value: nRight / n, low: 0, high: 1 }),
    paired: async (first, second) => ({
      n: first.length,
      first: first.join(),
      second: second.join(),
    }),
  };
  const scores = await score(
    session,
    list,
    [true, false, true, true, false, false],
    [true, true, false, true, true, false],
  );
  const value = (key) => scores.get(key).share.value;
  assert.deepEqual(
    [value('a/en'), value('a/ko'), value('a/all'), value('b/en'), value('all/all')],
    [0.5, 1, 0.75, 0, 0.5],
  );
  assert.equal(scores.get('b/ko'), undefined);
  assert.deepEqual(scores.get('a/ko').paired, { n: 2, first: 'false,true', second: 'true,true' });
  // Fewer answers of the reference than of the lane: nothing to compare.
  const alone = await score(session, list, [true, true], null);
  assert.equal(alone.get('all/all').paired, null);
});

test('answers of an earlier recipe are old as soon as the lane has another, and say nothing of it', async () => {
  const { NOT_MEASURED } = await load('experiment/state.ts');
  const { SkillMeasuring } = await load('experiment/measure/skill_measuring.ts');
  const { lossOf } = await load('experiment/measure/verdict.ts');
  const { store, setLane, lane, ready } = await openLanes(LARGE);
  store.update({
    model: { serial: 1, files: [], address: { kind: 'listed', id: 'tinyworld-0.5M' } },
    questions: [],
    nQuestions: 40,
    openPanels: [],
  });
  new SkillMeasuring(store, { session: () => ({ stop: async () => {} }) });
  setLane('b', () => ({}));
  const value = new Map([['all/all', { n: 100, share: { value: 0 }, paired: { loss: 'broken' } }]]);
  setLane('b', (one) => ({ skills: { ...one.skills, value, isFresh: true } }));
  assert.equal(lossOf(lane('b')), 'broken');
  setLane('b', (one) => ready(one, 'affine:8:32'));
  assert.equal(lane('b').skills.isFresh, false);
  const text = { ...NOT_MEASURED, value: { loss: 'none' }, isFresh: true };
  assert.equal(lossOf({ ...lane('b'), text }), 'none');
});

test('the verdict on a lane is the worse of two, and what says nothing gives way', async () => {
  const { worstLoss } = await load('experiment/measure/verdict.ts');
  assert.equal(worstLoss('none', 'large'), 'large');
  assert.equal(worstLoss('broken', 'small'), 'broken');
  assert.equal(worstLoss('unclear', 'none'), 'none');
  assert.equal(worstLoss('small', 'unclear'), 'small');
  assert.equal(worstLoss('not measured', 'unclear'), 'unclear');
  assert.equal(worstLoss('none', 'not measured'), 'none');
});

/* ---- words ---------------------------------------------------------------------------------- */

const scores = (rows) => ({
  index: Int32Array.from(rows.map(([index]) => index)),
  logP: Float32Array.from(rows.map(([, p]) => Math.log(p))),
  refLogP: Float32Array.from(rows.map(([, , refP]) => Math.log(refP))),
  kl: Float32Array.from(rows.map(([, , , kl]) => kl)),
  logitDiff: Float32Array.from(rows.map(() => 0)),
  isSameTop: Int32Array.from(rows.map(([, , , , same]) => same)),
});

test('tokens that only together make a character are one word, and their text is the text', async () => {
  const { toWords } = await load('panels/words/words.ts');
  const words = toWords(
    ['The', ' ', '', '강', '.', ' not', ' read'],
    scores([
      [1, 0.5, 0.5, 0, 1],
      [2, 0.5, 0.25, 0.125, 1],
      [3, 0.5, 1, 0.25, 0],
      [4, 1, 1, 0, 1],
    ]),
  );
  assert.equal(words.map(({ text }) => text).join(''), 'The 강.');
  assert.deepEqual(
    words.map(({ nTokens }) => nTokens),
    [1, 3, 1],
  );
  assert.equal(words[0].suffered, null);
  const { p, refP, kl, isSameTop } = words[1].suffered;
  assert.ok(Math.abs(p - 0.125) < 1e-6 && Math.abs(refP - 0.125) < 1e-6);
  assert.deepEqual([kl, isSameTop], [0.375, false]);
});

test('a space that carries the first byte of a syllable belongs to the word, other spaces stand alone', async () => {
  const { toWords } = await load('panels/words/words.ts');
  const rows = Array.from({ length: 7 }, (_, i) => [i + 1, 0.5, 0.5, 0, 1]);
  const words = toWords(['나', ' ', '서', ' ', ' ', 'a', ' ', ''], scores(rows));
  assert.deepEqual(
    words.map(({ text }) => text),
    ['나', ' 서', ' ', ' ', 'a', ' '],
  );
});

test('a token has the colour of its step, and one that became likelier has none', async () => {
  const { levelOf, summarize } = await load('panels/words/words.ts');
  const at = (p, refP, kl) => ({ p, refP, kl, isSameTop: true });
  assert.deepEqual(
    [0, 0.01, 0.04, 0.05, 0.2, 1, 9, NaN].map((kl) => levelOf(at(1, 1, kl), 'kl')),
    [0, 1, 1, 2, 3, 4, 4, 4],
  );
  assert.deepEqual(
    [
      [0.5, 0.5],
      [0.25, 0.5],
      [0.5, 0.25],
      [0, 1],
    ].map(([p, refP]) => levelOf(at(p, refP, 0), 'probability')),
    [0, 3, -1, 4],
  );
  const word = (text, kl, isSameTop) => ({
    text,
    nTokens: 1,
    suffered: { p: 1, refP: 1, kl, isSameTop },
  });
  const summary = summarize(
    [
      { text: 'x', nTokens: 1, suffered: null },
      word('a', 0, true),
      word('b', 0.5, false),
      word('c', 2, false),
    ],
    'kl',
  );
  assert.deepEqual([summary.nTokens, summary.nColoured, summary.nChanged], [3, 2, 2]);
  assert.deepEqual(
    summary.worst.map(({ text }) => text),
    ['c', 'b'],
  );
});

test('a value has as many decimals as its interval can vouch for', async () => {
  const { Format } = await load('format.ts');
  const format = new Format('en');
  assert.equal(format.upTo(12.3456, 0.21), '12.35');
  assert.equal(format.upTo(0.012345, 0.00042), '0.01235');
  assert.equal(format.upTo(1234.5, 37), '1,235');
  assert.equal(format.upTo(0.5, 0), '0.500');
  assert.equal(format.upTo(3.2e9, 1e6), '3.20e+9');
  assert.equal(format.upTo(1.234e-8, 3.1e-10), '1.23e-8');
});

test('lanes that have answered more and fewer questions are compared over the same ones', async () => {
  const { SkillMeasuring } = await load('experiment/measure/skill_measuring.ts');
  const { store, setLane, lane, ready } = await openLanes(LARGE);
  const list = Array.from(
    { length: 60 },
    (_, i) => questions('recall', i % 2 ? 'en' : 'ko', 60)[i],
  );
  store.update({
    model: { serial: 1, files: [], address: { kind: 'listed', id: 'tinyworld-0.5M' } },
    listed: [
      {
        id: 'tinyworld-0.5M',
        questions: { folder: '', skills: Array(13).fill('recall'), langs: ['en', 'ko'] },
      },
    ],
    questions: list,
    nQuestions: Infinity,
    openPanels: [],
  });
  // Every second answer of lane b is wrong; the first four calls are answered, the others wait.
  const asked = [];
  const session = {
    stop: async () => {},
    tasks: (recipe, batch) => {
      asked.push(recipe);
      if (asked.length > 4) return new Promise(() => {});
      return Promise.resolve(batch.map((_, k) => recipe !== 'affine:4:64' || k % 2 === 0));
    },
    share: async (nRight, n) => ({ value: nRight / n }),
    paired: async (first, second) => ({ n: first.length, other: second.length, loss: 'none' }),
  };
  const skills = new SkillMeasuring(store, { session: () => session });
  const n = (id) => lane(id).skills.value?.get('all/all')?.n ?? null;
  setLane('a', () => ({}));
  await settle();
  assert.deepEqual(asked, []);
  skills.start(Infinity);
  for (let k = 0; k < 6; k++) await settle();
  // All have answered 52, the reference the last 8 too.
  assert.deepEqual(asked, ['reference', 'affine:8:64', 'affine:4:64', 'reference', 'affine:8:64']);
  assert.deepEqual(['reference', 'a', 'b'].map(n), [52, 52, 52]);
  assert.equal(lane('b').skills.value.get('all/all').share.value, 0.5);
  assert.equal(lane('b').skills.value.get('all/all').paired.n, 52);
  // A lane that has not been asked takes nothing from the others.
  skills.stop();
  setLane('b', (one) => ready(one, 'affine:2:64'));
  for (let k = 0; k < 6; k++) await settle();
  assert.equal(lane('b').skills.isFresh, false);
  assert.deepEqual(['reference', 'a'].map(n), [52, 52]);
  assert.equal(asked.length, 5);
});

test('a speed is that of at least half a second in at least four pieces, with its standard error', async () => {
  const { isEnough, nextLength, speedOf } = await load('experiment/measure/speed.ts');
  const pieces = (ms) => ms.map((one) => ({ nTokens: 10, ms: one }));
  assert.equal(speedOf(pieces([100, 100, 100])), null);
  assert.equal(speedOf(pieces([100, 100, 100, 100])), null);
  assert.equal(isEnough(pieces([400, 400, 400])), false);
  assert.deepEqual(speedOf(pieces([125, 125, 125, 125])), { value: 80, error: 0 });
  // 40 tokens in 0.5 s, 10 - 0.08 ms = 2, 0, 0 and -2: the squares' sum is 8, over 4 * 3, and the root
  // of that over the mean of 125 ms.
  const { value, error } = speedOf(pieces([100, 125, 125, 150]));
  assert.ok(Math.abs(value - 80) < 1e-9);
  assert.ok(Math.abs(error - (1000 * Math.sqrt(8 / 12)) / 125) < 1e-9);
  // Pieces are about a tenth of a second long, and of sensible length.
  assert.deepEqual(
    [undefined, { nTokens: 15, ms: 100 }, { nTokens: 15, ms: 5 }, { nTokens: 7, ms: 900 }].map(
      nextLength,
    ),
    [16, 15, 64, 8],
  );
});
