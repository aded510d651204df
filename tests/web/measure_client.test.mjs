/* The page's side of the measuring worker, without a page: whose turn it is, what gives way, what is stopped
 * and what goes on, what is kept and shared. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ids, model, nothing, openClient, settle } from './fake_measuring.mjs';
import { useModules } from './modules.mjs';

const modules = useModules();
const load = (file) => modules.load(`web/${file}`);

after(() => modules.close());

test('the worker is started by the first call, and opens the model once', async () => {
  const { client, fake } = await openClient(load);
  await settle();
  assert.equal(fake.nStarted, 0);
  const session = client.session();
  const [first, second] = [session.bytes('a'), session.bytes('b')];
  await fake.answer('open');
  await fake.answer('bytes', 1);
  await fake.answer('bytes', 2);
  assert.deepEqual([await first, await second], [1, 2]);
  assert.deepEqual(fake.log, ['open', 'bytes a', 'bytes b']);
  assert.equal(fake.nStarted, 1);
});

test('calls are made one after another, urgent ones first', async () => {
  const { client, fake } = await openClient(load);
  const [later, urgent] = [client.session(), client.session({ isUrgent: true })];
  const all = [later.bytes('a'), later.bytes('b'), urgent.bytes('now')];
  await fake.answer('open');
  await fake.answer('bytes', 0);
  assert.deepEqual(fake.log, ['open', 'bytes now', 'bytes a']);
  await fake.answer('bytes', 0);
  await fake.answer('bytes', 0);
  await Promise.all(all);
  assert.equal(fake.log.at(-1), 'bytes b');
});

test('what is urgent goes first although it came while the model was opened for another', async () => {
  const { client, fake, isCancelled } = await openClient(load);
  const [later, dropped] = [client.session(), client.session()];
  const same = ids(1, 2, 3);
  const gone = dropped.text('gone', same, {}, nothing);
  const slow = later.text('slow', same, {}, nothing);
  await settle();
  await dropped.stop();
  await assert.rejects(gone, isCancelled);
  const now = client.session({ isUrgent: true }).bytes('now');
  await fake.answer('open');
  await fake.answer('bytes', 1);
  await fake.answer('text', 'measured');
  assert.deepEqual([await now, await slow], [1, 'measured']);
  assert.deepEqual(fake.log, ['open', 'bytes now', 'text slow']);
});

test('a text that is not urgent any more gives way to what is', async () => {
  const { client, fake, isCancelled } = await openClient(load);
  const [later, first, second] = [false, true, true].map((isUrgent) =>
    client.session({ isUrgent }),
  );
  const slow = later.text('slow', ids(1), {}, nothing);
  await fake.answer('open');
  const joined = first.text('slow', ids(1), {}, nothing);
  const now = second.bytes('now');
  await settle();
  assert.deepEqual(fake.log, ['open', 'text slow']);
  await first.stop();
  await assert.rejects(joined, isCancelled);
  await fake.answer('bytes', 1);
  await fake.answer('text', 'measured');
  assert.deepEqual([await now, await slow], [1, 'measured']);
  assert.deepEqual(fake.log, ['open', 'text slow', 'stop', 'bytes now', 'text slow']);
});

test('a session that stops ends its own calls and no others', async () => {
  const { client, fake, isCancelled } = await openClient(load);
  const [mine, yours] = [client.session(), client.session()];
  const [running, waiting, other] = [
    mine.bytes('running'),
    mine.bytes('waiting'),
    yours.bytes('other'),
  ];
  await fake.answer('open');
  await mine.stop();
  await assert.rejects(running, isCancelled);
  await assert.rejects(waiting, isCancelled);
  await fake.answer('bytes', 'kept');
  assert.equal(await other, 'kept');
  assert.deepEqual(fake.log, ['open', 'bytes running', 'stop', 'bytes other']);
});

test('texts of the same tokens go together, and one that was stopped does not take the others along', async () => {
  const { client, fake, isCancelled } = await openClient(load);
  const sessions = [client.session(), client.session(), client.session()];
  const same = ids(1, 2, 3);
  const [a, b, c] = ['a', 'b', 'c'].map((recipe, i) =>
    sessions[i].text(recipe, i === 2 ? ids(9) : same, {}, nothing),
  );
  await fake.answer('open');
  await settle();
  assert.deepEqual(fake.log.slice(1), ['text a', 'text b']);
  await sessions[0].stop();
  await assert.rejects(a, isCancelled);
  await fake.answer('text', 'of b');
  assert.equal(await b, 'of b');
  await fake.answer('text', 'of c');
  assert.equal(await c, 'of c');
});

test('a stop that comes too late for its own call does not end the one after it', async () => {
  const { PageError } = await load('experiment/problem.ts');
  const { client, fake } = await openClient(load);
  const text = client.session().text('a', ids(1), {}, nothing);
  await fake.answer('open');
  await settle();
  fake.calls.pop().reject(new PageError({ kind: 'core', code: 'cancelled', detail: '' }));
  await fake.answer('text', 'of a');
  assert.equal(await text, 'of a');
  assert.deepEqual(fake.log.slice(1), ['text a', 'text a']);
});

test('a text that was measured is not measured again, unless the recipe, the tokens or the cut differ', async () => {
  const { client, fake } = await openClient(load);
  const session = client.session();
  const first = session.text('a', ids(1, 2), {}, nothing);
  await fake.answer('open');
  await fake.answer('text', 'result');
  await first;
  assert.equal(await client.session().text('a', ids(1, 2), {}, nothing), 'result');
  for (const others of [
    ['b', ids(1, 2), {}],
    ['a', ids(2, 1), {}],
    ['a', ids(1, 2), { first: 1 }],
    ['a', ids(1, 2), { ends: [2] }],
    ['a', ids(1, 2), { ends: [1, 2] }],
  ]) {
    const other = session.text(...others, nothing);
    await fake.answer('text', 'another');
    assert.equal(await other, 'another');
  }
});

test('another model ends the worker and all that was asked of it', async () => {
  const { client, fake, isCancelled } = await openClient(load);
  const session = client.session();
  const [running, waiting] = [session.bytes('a'), session.bytes('b')];
  await fake.answer('open');
  client.use(model(2));
  await assert.rejects(running, isCancelled);
  await assert.rejects(waiting, isCancelled);
  const next = session.bytes('a');
  await fake.answer('open');
  await fake.answer('bytes', 'of 2');
  assert.equal(await next, 'of 2');
  assert.deepEqual([fake.nStarted, fake.nEnded], [2, 1]);
});

test('after a crash the next call gets a new worker', async () => {
  const { client, fake } = await openClient(load);
  const { PageError } = await load('experiment/problem.ts');
  const session = client.session();
  const [first, second] = [session.bytes('a'), session.bytes('b')];
  const crashed = assert.rejects(first, (error) => error.problem.kind === 'measure-crash');
  await fake.answer('open');
  await fake.answer('bytes', new PageError({ kind: 'measure-crash', detail: 'out of bounds' }));
  await crashed;
  await fake.answer('open');
  await fake.answer('bytes', 'fine');
  assert.equal(await second, 'fine');
  assert.deepEqual([fake.nStarted, fake.nEnded], [2, 1]);
});

test('sums are done at once, also while something long is measured', async () => {
  const { client, fake } = await openClient(load);
  const long = client.session().cost('a', nothing);
  await fake.answer('open');
  const share = client.session().share(1, 2);
  await fake.answer('share', { value: 0.5 });
  assert.deepEqual(await share, { value: 0.5 });
  await fake.answer('cost', 'done');
  await long;
});

test('a call that is not urgent gives way to one that is, and is made again', async () => {
  const { client, fake } = await openClient(load);
  const [later, urgent] = [client.session(), client.session({ isUrgent: true })];
  const long = later.cost('long', nothing);
  const after = later.bytes('after');
  await fake.answer('open');
  const now = [urgent.bytes('now'), urgent.bytes('also')];
  await fake.answer('bytes', 1);
  await fake.answer('bytes', 2);
  assert.deepEqual(await Promise.all(now), [1, 2]);
  await fake.answer('cost', 'all of it');
  assert.equal(await long, 'all of it');
  await fake.answer('bytes', 3);
  assert.equal(await after, 3);
  const made = fake.log.filter((line) => line !== 'stop');
  assert.deepEqual(made, [
    'open',
    'cost long',
    'bytes now',
    'bytes also',
    'cost long',
    'bytes after',
  ]);
});

test('what is urgent does not stop what is urgent too', async () => {
  const { client, fake } = await openClient(load);
  const [one, other] = [client.session({ isUrgent: true }), client.session({ isUrgent: true })];
  const first = one.cost('first', nothing);
  await fake.answer('open');
  const second = other.bytes('second');
  await fake.answer('cost', 1);
  await fake.answer('bytes', 2);
  assert.deepEqual([await first, await second], [1, 2]);
  assert.deepEqual(fake.log, ['open', 'cost first', 'bytes second']);
});

test('questions are asked a few at a time, and those that were answered are not asked again', async () => {
  const { client, fake, isCancelled } = await openClient(load);
  const [later, urgent] = [client.session(), client.session({ isUrgent: true })];
  const tasks = Array.from({ length: 10 }, (_, i) => ({ id: `q${i}` }));
  const told = [];
  const all = later.tasks('a', tasks, (fraction) => told.push(fraction));
  const asked = () => fake.calls.find(({ name }) => name === 'tasks').args[1].map(({ id }) => id);
  await fake.answer('open');
  assert.deepEqual(asked(), ['q0', 'q1', 'q2', 'q3']);
  await fake.answer('tasks', [true, false, false, true]);
  assert.deepEqual(asked(), ['q4', 'q5', 'q6', 'q7']);
  const now = urgent.bytes('now');
  await fake.answer('bytes', 1);
  await now;
  assert.deepEqual(asked(), ['q4', 'q5', 'q6', 'q7']);
  await fake.answer('tasks', [false, false, true, true]);
  assert.deepEqual(asked(), ['q8', 'q9']);
  await fake.answer('tasks', [true, false]);
  assert.deepEqual((await all).map(Number).join(''), '1001001110');
  assert.deepEqual(told, [0.4, 0.8, 1]);
  const stopped = later.tasks('b', tasks, nothing);
  await fake.answer('tasks', [true, true, true, true]);
  await later.stop();
  await assert.rejects(stopped, isCancelled);
  assert.equal(fake.calls.length, 0);
});

test('a text that is being measured is not measured beside that, and is urgent as soon as one wants it so', async () => {
  const { client, fake, isCancelled } = await openClient(load);
  const [stage, lane] = [client.session(), client.session({ isUrgent: true })];
  const told = [];
  const [other, first] = [
    stage.text('other', ids(1), {}, nothing),
    stage.text('same', ids(1, 2), {}, nothing),
  ];
  await fake.answer('open');
  const second = lane.text('same', ids(1, 2), {}, (fraction) => told.push(fraction));
  await settle();
  fake.calls[0].args[3](0.5);
  assert.deepEqual(told, [0.5]);
  // One of them wants it no longer.
  await stage.stop();
  await assert.rejects(first, isCancelled);
  await assert.rejects(other, isCancelled);
  await fake.answer('text', 'result');
  assert.equal(await second, 'result');
  assert.equal(await stage.text('same', ids(1, 2), {}, nothing), 'result');
  const made = fake.log.filter((line) => line !== 'stop');
  assert.deepEqual(made, ['open', 'text other', 'text same']);
});

test('a text that nobody wants any more is stopped, and measured anew when it is wanted again', async () => {
  const { client, fake, isCancelled } = await openClient(load);
  const sessions = [client.session(), client.session()];
  const both = sessions.map((session) => session.text('a', ids(1), {}, nothing));
  await fake.answer('open');
  for (const session of sessions) await session.stop();
  for (const one of both) await assert.rejects(one, isCancelled);
  const again = sessions[0].text('a', ids(1), {}, nothing);
  await fake.answer('text', 'result');
  assert.equal(await again, 'result');
  assert.deepEqual(fake.log, ['open', 'text a', 'stop', 'text a']);
});

test('an urgent text does not take along those that are not', async () => {
  const { client, fake } = await openClient(load);
  const [later, urgent] = [client.session(), client.session({ isUrgent: true })];
  const others = ['b', 'c'].map((recipe) => later.text(recipe, ids(1), {}, nothing));
  const now = urgent.text('a', ids(1), {}, nothing);
  await fake.answer('open');
  assert.deepEqual(fake.log, ['open', 'text a']);
  await fake.answer('text', 1);
  await now;
  assert.deepEqual(fake.log.slice(2), ['text b', 'text c']);
  await fake.answer('text', 2);
  await fake.answer('text', 3);
  await Promise.all(others);
});

test('where the full module cannot be had, what needs it fails and all else goes on', async () => {
  const { PageError } = await load('experiment/problem.ts');
  const { client, fake } = await openClient(load);
  const isMissing = (error) => error.problem.kind === 'browser';
  const missing = () => new PageError({ kind: 'browser', detail: 'not fetched' });
  const session = client.session();
  const looked = assert.rejects(session.layers('a', 'The sea', nothing), isMissing);
  await settle();
  const share = session.share(1, 2);
  await fake.answer('open', missing());
  await looked;
  const bytes = session.bytes('a');
  await fake.answer('open');
  await fake.answer('bytes', 1);
  await fake.answer('share', 0.5);
  assert.deepEqual([await bytes, await share], [1, 0.5]);
  assert.deepEqual([fake.nStarted, fake.nFull], [2, 1]);
  // Asked again, it may be there; but not for another model.
  const again = session.layers('a', 'The sea', nothing);
  await fake.answer('open');
  await fake.answer('layers', 'looked');
  assert.equal(await again, 'looked');
  client.use(model(2));
  const other = session.bytes('a');
  await fake.answer('open', missing());
  await fake.answer('open');
  await fake.answer('bytes', 2);
  assert.equal(await other, 2);
  assert.deepEqual([fake.nStarted, fake.nFull, fake.calls.length], [5, 3, 0]);
});

test('a worker on the full module comes with the first call that needs it, and stays', async () => {
  const { client, fake } = await openClient(load);
  const [later, urgent] = [client.session(), client.session({ isUrgent: true })];
  const slow = later.text('slow', ids(1), {}, nothing);
  await fake.answer('open');
  const share = later.share(1, 2);
  await settle();
  assert.deepEqual([fake.nStarted, fake.nFull], [1, 0]);
  const looked = urgent.layers('affine:4:64', 'The sea', nothing);
  await fake.answer('open');
  await fake.answer('layers', 'looked');
  assert.equal(await looked, 'looked');
  assert.deepEqual([fake.nStarted, fake.nFull, fake.nEnded], [2, 1, 1]);
  // What gave way, and what was being answered at once, is asked of the new one.
  await fake.answer('share', 0.5);
  await fake.answer('text', 'measured');
  assert.deepEqual([await share, await slow], [0.5, 'measured']);
  client.use(model(2));
  const next = later.bytes('a');
  await fake.answer('open');
  await fake.answer('bytes', 1);
  await next;
  assert.deepEqual([fake.nStarted, fake.nFull], [3, 2]);
});
