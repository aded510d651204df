/* How the page notices that a worker has died, without a worker: the locks and the time are the
 * tests' own. What a real browser does with them is in errors.test.mjs. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { useModules } from './modules.mjs';

const modules = useModules();
after(() => modules.close());

/** A worker that answers nothing by itself. */
function silentWorker() {
  const worker = new EventTarget();
  worker.asked = [];
  worker.postMessage = (message) => worker.asked.push(message);
  worker.say = (data) => worker.dispatchEvent(new MessageEvent('message', { data }));
  return worker;
}

/** Locks that all are held by someone else, until `free()`. */
function useLocks(t) {
  const locks = { asked: [] };
  const request = (name, { signal }, callback) =>
    new Promise((resolve, reject) => {
      locks.asked.push(name);
      locks.free = () => resolve(callback());
      signal.addEventListener('abort', () => {
        locks.free = () => {};
        reject(signal.reason);
      });
    });
  Object.defineProperty(globalThis, 'navigator', {
    value: { locks: { request } },
    configurable: true,
  });
  t.after(() => delete globalThis.navigator);
  return locks;
}

async function watch(worker) {
  const { watchLife } = await modules.load('wasm/watch_life.ts');
  const { PING } = await modules.load('wasm/life.ts');
  const seen = { nDeaths: 0, PING };
  seen.end = watchLife(worker, () => seen.nDeaths++);
  return seen;
}

/** Lets minutes go by, second by second: a timer that is set meanwhile counts from then. */
function pass(t, minutes) {
  for (let second = 0; second < 60 * minutes; second++) t.mock.timers.tick(1000);
}

test('the lock of a worker is free when it has died', async (t) => {
  const locks = useLocks(t);
  const worker = silentWorker();
  const seen = await watch(worker);
  worker.say({ heldLock: 'its own' });
  assert.deepEqual(locks.asked, ['its own']);
  assert.equal(seen.nDeaths, 0);
  locks.free();
  assert.equal(seen.nDeaths, 1);
});

test('a worker with a lock is not asked, however long it is at work', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  useLocks(t);
  const worker = silentWorker();
  const seen = await watch(worker);
  worker.say({ heldLock: 'its own' });
  pass(t, 60);
  assert.deepEqual(worker.asked, []);
  assert.equal(seen.nDeaths, 0);
  seen.end();
});

test('a worker that is ended on purpose has not died', async (t) => {
  const locks = useLocks(t);
  const worker = silentWorker();
  const seen = await watch(worker);
  worker.say({ heldLock: 'its own' });
  seen.end();
  locks.free();
  assert.equal(seen.nDeaths, 0);
});

test('without locks a worker that answers no more has died', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const seen = await watch(silentWorker());
  pass(t, 1);
  assert.equal(seen.nDeaths, 0);
  pass(t, 1);
  assert.equal(seen.nDeaths, 1);
  pass(t, 60);
  assert.equal(seen.nDeaths, 1);
});

test('without locks a worker that answers lives, and one that is ended is asked no more', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const worker = silentWorker();
  const seen = await watch(worker);
  for (let minute = 0; minute < 5; minute++) {
    pass(t, 1);
    worker.say(seen.PING);
  }
  assert.equal(seen.nDeaths, 0);
  assert.ok(worker.asked.length > 0 && worker.asked.every((message) => message === seen.PING));
  seen.end();
  const { length } = worker.asked;
  pass(t, 60);
  assert.equal(worker.asked.length, length);
  assert.equal(seen.nDeaths, 0);
});
