/* A stand-in for the measuring worker, whose answers the tests give by hand. `load` is that of the test's
 * modules. */
import assert from 'node:assert/strict';

/** Lets all that is ready happen. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** What the real worker answers at once, and a stop does not end. */
const SUMS = ['share', 'paired', 'paretoFront', 'budgetConfig', 'budget'];

/** A worker whose calls wait until a test answers them; as the real one, it ends what waits on stop. */
export async function fakeWorker(load) {
  const { PageError } = await load('experiment/problem.ts');
  const fake = { calls: [], log: [], nStarted: 0, nFull: 0, nEnded: 0 };
  const cancelled = () => new PageError({ kind: 'core', code: 'cancelled', detail: '' });
  const end = (isMeant) => {
    const [ended, others] = [fake.calls.filter(isMeant), fake.calls.filter((one) => !isMeant(one))];
    fake.calls.splice(0, Infinity, ...others);
    ended.forEach(({ reject }) => reject(cancelled()));
  };
  const measurer = new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === 'then') return undefined;
        if (name === 'stop')
          return async () => {
            fake.log.push('stop');
            end(({ name: asked }) => !SUMS.includes(asked));
          };
        return (...args) => {
          fake.log.push(typeof args[0] === 'string' ? `${name} ${args[0]}` : name);
          return new Promise((resolve, reject) => fake.calls.push({ name, args, resolve, reject }));
        };
      },
    },
  );
  fake.start = async (isFull) => {
    fake.nStarted++;
    fake.nFull += Number(isFull);
    const endAll = () => {
      fake.nEnded++;
      end(() => true);
    };
    return { measurer, end: endAll };
  };
  /** Answers the calls of a name, oldest first. */
  fake.answer = async (name, value) => {
    await settle();
    const at = fake.calls.findIndex((call) => call.name === name);
    assert.notEqual(at, -1, `${name} was not called: ${fake.log.join(', ')}`);
    const [call] = fake.calls.splice(at, 1);
    if (value instanceof Error) call.reject(value);
    else call.resolve(value);
    await settle();
  };
  return fake;
}

export const model = (serial) => ({
  serial,
  address: { kind: 'listed', id: 'tinyworld-2M' },
  files: [],
});

/** The page's side of it, with a model open. */
export async function openClient(load) {
  const { MeasureClient, isCancelled } = await load('experiment/measure/client.ts');
  const fake = await fakeWorker(load);
  const client = new MeasureClient(fake.start);
  client.use(model(1));
  return { client, fake, isCancelled };
}

export const ids = (...values) => Int32Array.from(values);
export const nothing = () => {};
