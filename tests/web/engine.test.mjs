/* One engine for a document: what is fetched, compiled and read again when a lane is given another
 * recipe, and what a browser or a policy that does not let the page compile changes of that. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  chooseBits,
  lane,
  laneText,
  measured,
  modelFiles,
  openModel,
  ready,
  useBrowser,
} from './browser.mjs';
import { useModules } from './modules.mjs';

const site = useBrowser();
const modules = useModules();
after(() => modules.close());

/** Counts what the page asks for and what is compiled in it. */
function counting(page) {
  const counts = { wasm: 0, scripts: 0, all: 0 };
  page.context().on('request', (request) => {
    const url = request.url();
    if (/icon\.svg$/.test(url)) return;
    counts.all++;
    if (/\.wasm$/.test(url)) counts.wasm++;
    if (/\/worker-[^/]*\.js$/.test(url)) counts.scripts++;
  });
  return counts;
}

async function openCounted(init = null) {
  const page = await site.openPage({ query: 'icon.svg', init });
  const counts = counting(page);
  await page.goto(`${site.url}?lanes=affine:8:64,affine:4:64&panels=bench`);
  await openModel(page, modelFiles('tiny_llama'));
  for (const index of [1, 2]) {
    await laneText(page, index);
    await measured(page, index);
  }
  return { page, counts };
}

test('the module is fetched once, for all lanes and for measuring', async () => {
  const { counts } = await openCounted();
  assert.equal(counts.wasm, 1);
});

test('another recipe fetches nothing, and starts no worker', async () => {
  const { page, counts } = await openCounted();
  const before = page.workers().length;
  const { all } = counts;
  for (const bits of [6, 3, 2]) {
    await chooseBits(page, 1, bits);
    await lane(page, 1)
      .locator('header code')
      .filter({ hasText: `affine:${bits}:64` })
      .waitFor();
    await ready(page, 1);
    await laneText(page, 1);
  }
  assert.equal(counts.all, all);
  assert.equal(page.workers().length, before);
});

/** A page that may not compile: what happens under a policy that allows it to workers alone. */
function noCompiling() {
  WebAssembly.compileStreaming = () => Promise.reject(new WebAssembly.CompileError('not here'));
}

/** A browser that copies no modules. */
function noCopies() {
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...more) {
    if (message?.module instanceof WebAssembly.Module)
      throw new DOMException('no modules', 'DataCloneError');
    return post.call(this, message, ...more);
  };
}

for (const [what, init] of [
  ['a page that may not compile', noCompiling],
  ['a browser that copies no modules', noCopies],
])
  test(`${what} leaves it to the workers`, async () => {
    const { page, counts } = await openCounted(init);
    // Three lanes, maybe one that waits, and measuring.
    assert.ok(counts.wasm >= 4, `${counts.wasm}`);
    await chooseBits(page, 1, 3);
    await ready(page, 1);
    assert.ok((await laneText(page, 1)).length > 0);
    assert.equal(await page.locator('[role="alert"]').count(), 0);
  });

// ---- a lane's worker, without one ----

/** Where the scripts under test lie. */
globalThis.location = { origin: new URL(import.meta.url).origin };

/** Lets all that is ready happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const info = { hasTokenizer: true, recipe: '', sizeBytes: 1 };

/** Workers whose calls wait until a test answers them. */
async function fakeLane(recipe = 'affine:4:64', isKept = true) {
  const { LaneRunner } = await modules.load('web/experiment/lane_runner.ts');
  const { PageError } = await modules.load('web/experiment/problem.ts');
  const { Store, newLane } = await modules.load('web/experiment/state.ts');
  const store = new Store({ lanes: [newLane('a', recipe)] });
  const files = [];
  const calls = [];
  let nWorkers = 0;
  const ask = (worker, name, recipeAsked) =>
    new Promise((resolve, reject) => {
      const answer = () =>
        resolve({
          recipe: recipeAsked,
          info: { ...info, recipe: recipeAsked.toLowerCase() },
          tensors: [],
        });
      const fail = (problem) => reject(new PageError(problem));
      calls.push({ worker, name, recipe: recipeAsked, answer, fail, resolve });
    });
  const laneWorker = () => {
    const id = ++nWorkers;
    const worker = {
      isEnded: false,
      keeps: (asked) => isKept && asked === files,
      load: (_, asked) => ask(id, 'load', asked),
      requantize: (asked) => ask(id, 'requantize', asked),
      generate: (_, __, onEvent) => {
        const written = ask(id, 'generate', '');
        calls.at(-1).onEvent = onEvent;
        return written;
      },
      stop: () => {},
      end: () => (worker.isEnded = true),
    };
    workers.push(worker);
    return worker;
  };
  const workers = [];
  const runner = new LaneRunner('a', store, { laneWorker }, async () => null);
  return {
    runner,
    store,
    files,
    workers,
    lane: () => store.state.lanes[0],
    choose: (next) => {
      store.update({ lanes: [{ ...store.state.lanes[0], recipe: next }] });
      void runner.load(files);
    },
    /** The oldest call that waits: "load affine:4:64 in 1". */
    next: async () => {
      await settle();
      const call = calls.shift();
      assert.ok(call, 'nothing was asked');
      const what = `${call.name} ${call.recipe} in ${call.worker}`;
      return { ...call, what };
    },
    isQuiet: async () => {
      await settle();
      return calls.length === 0;
    },
  };
}

/** A lane that has loaded its first recipe. */
async function loaded(isKept = true) {
  const fake = await fakeLane('affine:4:64', isKept);
  void fake.runner.load(fake.files);
  const first = await fake.next();
  assert.equal(first.what, 'load affine:4:64 in 1');
  first.answer();
  await settle();
  assert.equal(fake.lane().progress, null);
  return fake;
}

test('another recipe is made of what the worker keeps', async () => {
  const fake = await loaded();
  fake.choose('affine:3:64');
  assert.equal(fake.lane().progress, 0);
  const call = await fake.next();
  assert.equal(call.what, 'requantize affine:3:64 in 1');
  call.answer();
  await settle();
  assert.equal(fake.lane().figures.recipe, 'affine:3:64');
  assert.equal(fake.lane().progress, null);
});

test('a recipe is spelt as the core spells it once it has been made', async () => {
  const fake = await loaded();
  fake.choose('AFFINE:3:64');
  (await fake.next()).answer();
  await settle();
  assert.equal(fake.lane().recipe, 'affine:3:64');
  assert.equal(fake.lane().figures.recipe, 'affine:3:64');
});

test('where nothing is kept a new worker reads the files, and the old one goes on until then', async () => {
  const fake = await loaded(false);
  fake.choose('affine:3:64');
  const call = await fake.next();
  assert.equal(call.what, 'load affine:3:64 in 2');
  assert.equal(fake.workers[0].isEnded, false);
  call.answer();
  await settle();
  assert.deepEqual(
    fake.workers.map(({ isEnded }) => isEnded),
    [true, false],
  );
});

test('of recipes that come faster than they are made only the last is made', async () => {
  const fake = await loaded();
  for (const bits of [8, 6, 5, 3]) fake.choose(`affine:${bits}:64`);
  const first = await fake.next();
  fake.choose('affine:2:64');
  assert.equal(await fake.isQuiet(), true);
  first.answer();
  const last = await fake.next();
  assert.equal(last.what, 'requantize affine:2:64 in 1');
  assert.equal(fake.lane().progress, 0);
  last.answer();
  assert.equal(await fake.isQuiet(), true);
  assert.equal(fake.lane().figures.recipe, 'affine:2:64');
  assert.equal(fake.lane().progress, null);
});

test('a recipe that is wrong is told, and what the worker keeps stays', async () => {
  const fake = await loaded();
  fake.choose('affine:9:64');
  (await fake.next()).fail({ kind: 'core', code: 'recipe', detail: 'recipe: bits is 9' });
  await settle();
  assert.equal(fake.lane().problem.kind, 'recipe');
  assert.equal(fake.lane().figures.recipe, 'affine:4:64');
  fake.choose('affine:8:64');
  assert.equal((await fake.next()).what, 'requantize affine:8:64 in 1');
});

for (const problem of [{ kind: 'crash', detail: '' }, { kind: 'memory' }])
  test(`${problem.kind} while another recipe is made: a new worker makes it`, async () => {
    const fake = await loaded();
    fake.choose('affine:8:64');
    (await fake.next()).fail(problem);
    const again = await fake.next();
    assert.equal(again.what, 'load affine:8:64 in 2');
    assert.equal(fake.workers[0].isEnded, true);
    again.answer();
    await settle();
    assert.equal(fake.lane().problem, null);
    assert.equal(fake.lane().figures.recipe, 'affine:8:64');
  });

test('speed is timed although the word that a text has ended comes after its last token', async () => {
  const fake = await loaded();
  const sampling = { maxTokens: 1, temperature: 0, seed: 0 };
  fake.runner.answer({ serial: 1, prompt: 'The sea', sampling });
  const written = await fake.next();
  const done = { kind: 'done', text: '', stop: 'length', promptSpeed: null, decodeSpeed: null };
  written.onEvent({ ...done, nTokens: 1, nPrompt: 2 });
  const timed = fake.runner.time('The sea');
  assert.equal(await fake.isQuiet(), true);
  written.resolve();
  assert.equal((await fake.next()).name, 'generate');
  fake.runner.end();
  void timed;
});

test('a worker that died while it waited is not handed out', async (t) => {
  const started = [];
  class FakeWorker extends EventTarget {
    postMessage() {}
    terminate() {}
    constructor() {
      super();
      started.push(this);
    }
  }
  globalThis.Worker = FakeWorker;
  t.after(() => delete globalThis.Worker);
  const { EngineProvider } = await modules.load('web/experiment/engine_provider.ts');
  const engines = new EngineProvider();
  engines.begin(2);
  assert.equal(started.length, 2);
  started[0].dispatchEvent(new MessageEvent('messageerror'));
  const worker = engines.laneWorker();
  assert.equal(started.length, 2);
  const another = engines.laneWorker();
  assert.equal(started.length, 3);
  worker.end();
  another.end();
  engines.end();
});

test('what waits is ended with the last experiment of the document', async (t) => {
  let nRunning = 0;
  globalThis.Worker = class extends EventTarget {
    constructor() {
      super();
      nRunning++;
    }
    postMessage() {}
    terminate() {
      nRunning--;
    }
  };
  t.after(() => delete globalThis.Worker);
  const { EngineProvider } = await modules.load('web/experiment/engine_provider.ts');
  const engines = new EngineProvider();
  engines.begin(3);
  engines.begin(2);
  assert.equal(nRunning, 3);
  engines.end();
  assert.equal(nRunning, 3);
  engines.end();
  assert.equal(nRunning, 0);
  engines.begin(1);
  assert.equal(nRunning, 1);
  engines.end();
});

test('a lane that no panel shows is not made, nor waited for, until one does', async () => {
  const { Lanes } = await modules.load('web/experiment/lanes.ts');
  const { Store, areIdle, lanesFor } = await modules.load('web/experiment/state.ts');
  const { wantsLanes } = await modules.load('web/elements/rows.ts');
  const lanes = lanesFor(['affine:8:64', 'affine:4:64']);
  const model = { files: [], serial: 1 };
  const store = new Store({ lanes, model, request: null, openPanels: [], listed: [] });
  const made = [];
  const laneWorker = () => ({
    keeps: () => false,
    load: async (_, recipe) => {
      made.push(recipe);
      return { recipe, info: { ...info, recipe }, tensors: [] };
    },
    end: () => {},
  });
  const host = { engines: { laneWorker }, openSink: async () => null, settingsChanged: () => {} };
  const all = new Lanes(store, host);
  for (const { id } of store.state.lanes) all.load(id);
  await settle();
  assert.deepEqual(made, ['reference', 'affine:8:64']);
  assert.ok(areIdle(store.state));
  // The stage shows two lanes, every other panel all.
  assert.ok(!wantsLanes(null, store.state) && !wantsLanes('stage', store.state));
  assert.ok(wantsLanes('compare', store.state) && wantsLanes('stage,lanes', store.state));
  assert.ok(wantsLanes(null, { ...store.state, openPanels: ['bench'] }));
  all.wake();
  assert.ok(!areIdle(store.state));
  await settle();
  assert.deepEqual(made, ['reference', 'affine:8:64', 'affine:4:64']);
  assert.ok(areIdle(store.state) && !wantsLanes('compare', store.state));
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
