/* A model that is read while it arrives: from a server that holds bytes back, breaks off, goes on from the middle of
 * a file, and remembers what it was asked for. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { lane, laneText, measured, openModel, until, useBrowser, withBench } from './browser.mjs';
import { root, useModules } from './modules.mjs';

const site = useBrowser();
const modules = useModules();
const MB = 2 ** 20;
/** As in web/source/parts.ts. */
const PART = 8 * MB;
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Two parts and a bit. */
const model = path.join(root, 'examples/tinyworld/models/8M');
const names = fs.readdirSync(model).filter((name) => /\.(json|safetensors)$/.test(name));

/** By path: {bytes, etag, ignoresRanges, isChunked, answer}, where `answer` may do otherwise than send the bytes. */
const files = new Map();
/** [path, range] of the requests for what is there, in order. */
let asked = [];
let server;
let url;

before(async () => {
  server = http.createServer((request, response) => {
    const name = request.url;
    const file = files.get(name);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range');
    if (!file) return response.writeHead(404).end();
    asked.push([name, request.headers.range ?? null]);
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const from = range && !file.ignoresRanges ? Number(range[1]) : 0;
    const to = range?.[2] && !file.ignoresRanges ? Number(range[2]) + 1 : file.bytes.length;
    const headers = { ETag: file.etag ?? '"1"' };
    if (!file.isChunked) headers['Content-Length'] = to - from;
    if (range && !file.ignoresRanges)
      headers['Content-Range'] = `bytes ${from}-${to - 1}/${file.bytes.length}`;
    response.writeHead(headers['Content-Range'] ? 206 : 200, headers);
    const send = (start, end = to) => response.write(file.bytes.subarray(start, end));
    if (file.answer) return file.answer({ response, from, to, send });
    send(from);
    return response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await modules.close();
});
beforeEach(() => {
  files.clear();
  for (const name of names)
    files.set(`/m/${name}`, { bytes: fs.readFileSync(path.join(model, name)) });
  asked = [];
});

/** Of the weights, that is. */
const ranges = () =>
  asked.filter(([name]) => /\.safetensors$/.test(name)).map(([, range]) => range);

/* ---- without a page ------------------------------------------------------------------------- */

/** A file of its own bytes, each part different. */
function madeFile(nBytes, seed) {
  const bytes = Buffer.alloc(nBytes);
  for (let at = 0, x = seed; at + 4 <= nBytes; at += 4096) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(x, at);
  }
  return bytes;
}

/** Begins the download of these files; `sizes` may be left to the server. */
async function begin(found, { sizes = true, sum = () => null } = {}) {
  const { signal } = new AbortController();
  const { Meter } = await modules.load('web/source/download.ts');
  const { beginDownload } = await modules.load('web/source/model_download.ts');
  const remote = found.map(([name, bytes]) => ({
    name,
    url: `${url}/${name}`,
    size: sizes ? bytes.length : 0,
    sha256: sum(bytes),
  }));
  for (const [name, bytes, more] of found) files.set(`/${name}`, { bytes, ...more });
  const told = [];
  const meter = new Meter((progress) => told.push(progress), signal);
  const arriving = await beginDownload({ texts: [], weights: remote }, meter, signal);
  return { ...arriving, told };
}

async function bytesOf(source, from = 0, to = source.size) {
  return Buffer.from(await (await source.read(from, to)).arrayBuffer());
}

const rejectsWith = (promise, kind) =>
  assert.rejects(promise, (error) => error.problem?.kind === kind || assert.fail(String(error)));

test('of several files the beginnings come first, and no byte is asked for twice', async () => {
  const a = madeFile(2 * PART + 5000, 1);
  const b = madeFile(PART + 7000, 2);
  const small = madeFile(9, 3);
  const given = [
    ['w-10.safetensors', b],
    ['w-2.safetensors', a],
    ['w-11.safetensors', small],
  ];
  const { files: sources, done } = await begin(given);
  assert.deepEqual(await bytesOf(sources[1], PART - 3, PART + 3), a.subarray(PART - 3, PART + 3));
  await done;
  assert.deepEqual(asked, [
    ['/w-2.safetensors', `bytes=0-${PART - 1}`],
    ['/w-10.safetensors', `bytes=0-${PART - 1}`],
    ['/w-11.safetensors', null],
    ['/w-2.safetensors', `bytes=${PART}-`],
    ['/w-10.safetensors', `bytes=${PART}-`],
  ]);
  for (const [i, [, bytes]] of given.entries()) assert.deepEqual(await bytesOf(sources[i]), bytes);
  assert.deepEqual(await bytesOf(sources[1], 5, 5), Buffer.alloc(0));
});

test('the server tells sizes that no list does, also where it sends in pieces of no announced size', async () => {
  const bytes = madeFile(PART + 4, 4);
  const { files: sources, done } = await begin([['w.gguf', bytes]], { sizes: false });
  assert.equal(sources[0].size, bytes.length);
  await done;
  files.delete('/w.gguf');
  const again = await begin([['v.gguf', bytes, { isChunked: true }]], { sizes: false });
  assert.equal(again.files[0].size, bytes.length);
  assert.deepEqual(await bytesOf(again.files[0]), bytes);
});

/** Sends so many bytes of the file, then breaks off; the next times it sends all. */
function breaksAfter(nBytes) {
  let isBroken = false;
  return ({ response, from, send }) => {
    if (isBroken) {
      send(from);
      return response.end();
    }
    isBroken = true;
    return response.write(files.get('/w.gguf').bytes.subarray(from, nBytes), () =>
      setImmediate(() => response.destroy()),
    );
  };
}

test('a download that breaks off goes on from the last byte that came', async () => {
  const bytes = madeFile(2 * PART, 5);
  const { files: sources, done } = await begin([
    ['w.gguf', bytes, { answer: breaksAfter(PART + 1000) }],
  ]);
  await done;
  assert.deepEqual(await bytesOf(sources[0]), bytes);
  const [first, second, ...more] = ranges().concat(asked.map(([, range]) => range));
  assert.deepEqual([first, more], [null, []]);
  const [, from] = /^bytes=(\d+)-$/.exec(second);
  assert.ok(Number(from) > 0 && Number(from) <= PART + 1000, second);
});

test('from a server that has no ranges it begins anew, and what is here is passed over', async () => {
  const bytes = madeFile(2 * PART, 6);
  const { files: sources, done } = await begin([
    ['w.gguf', bytes, { ignoresRanges: true, answer: breaksAfter(PART + 1000) }],
  ]);
  await done;
  assert.deepEqual(await bytesOf(sources[0]), bytes);
});

test('a file that has changed meanwhile is not joined with what came of the old one', async () => {
  for (const other of [{ etag: '"2"' }, { bytes: madeFile(PART, 7) }]) {
    const bytes = madeFile(2 * PART, 6);
    const { files: sources, done } = await begin([
      [
        'w.gguf',
        bytes,
        {
          answer: ({ response, send }) => {
            send(0, PART + 1000);
            Object.assign(files.get('/w.gguf'), { answer: null, ...other });
            setImmediate(() => response.destroy());
          },
        },
      ],
    ]);
    const last = bytesOf(sources[0]);
    last.catch(() => {});
    await rejectsWith(done, 'changed');
    await rejectsWith(last, 'changed');
  }
});

test('one that breaks off again and again is given up, and who waits for it is told', async (t) => {
  // Node 20 has none, nor has any Node one that knows of lines.
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: true }, configurable: true });
  t.after(() => delete globalThis.navigator);
  const bytes = madeFile(PART, 8);
  const never = ({ response }) => response.destroy();
  const { files: sources, done } = await begin([
    [
      'w.gguf',
      bytes,
      {
        answer: ({ response, send }) => {
          send(0, 1000);
          files.get('/w.gguf').answer = never;
          setImmediate(() => response.destroy());
        },
      },
    ],
  ]);
  await rejectsWith(bytesOf(sources[0]), 'cut');
  await rejectsWith(done, 'cut');
  assert.equal(asked.length, 4, 'the first and three more');
});

/** A worker of this thread, which sums files up as the page's does. */
async function useSummer(t) {
  const { Summer } = await modules.load('web/source/summer.ts');
  const { expose } = await modules.load('node_modules/comlink/dist/esm/comlink.mjs');
  const started = [];
  globalThis.Worker = class {
    constructor() {
      const { port1, port2 } = new MessageChannel();
      expose(new Summer(), port1);
      port2.terminate = () => {
        started.splice(started.indexOf(port2), 1);
        port1.close();
        port2.close();
      };
      started.push(port2);
      // biome-ignore lint/correctness/noConstructorReturn: it stands in for the browser's
      return port2;
    }
  };
  t.after(() => delete globalThis.Worker);
  return started;
}

test('files are held against the sums that the server has of them', async (t) => {
  const workers = await useSummer(t);
  const sum = (bytes) => createHash('sha256').update(bytes).digest('hex');
  const given = [
    ['w-1.safetensors', madeFile(PART + 9000, 10)],
    ['w-2.safetensors', madeFile(2 * PART, 11)],
  ];
  const right = await begin(given, { sum: (bytes) => sum(bytes).toUpperCase() });
  await right.done;
  const wrong = await begin(given, { sum: (bytes) => sum(bytes.subarray(1)) });
  await rejectsWith(wrong.done, 'checksum');
  assert.deepEqual(workers, []);
});

test('the rate is said once a second has gone by, and counts only what came', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { Meter } = await modules.load('web/source/download.ts');
  const told = [];
  const meter = new Meter((progress) => told.push(progress), new AbortController().signal);
  meter.bytesTotal = 10_000_000;
  meter.addKept(4_000_000);
  now = 500;
  meter.add(1_000_000);
  now = 2000;
  meter.add(1_000_000);
  assert.deepEqual(
    told.map(({ rate }) => rate),
    [null, 1_000_000],
  );
  assert.equal(told.at(-1).bytesDone, 6_000_000);
  // What came at first counts no longer.
  for (now = 3000; now <= 12_000; now += 1000) meter.add(100_000);
  assert.equal(told.at(-1).rate, 100_000);
  t.mock.timers.tick(10_000);
  assert.deepEqual([told.at(-1).rate, told.at(-1).isStalled], [null, true]);
  meter.end();
});

/* ---- in a page ------------------------------------------------------------------------------ */

/** A page that may ask the server; the policy of the built page allows https alone. */
const openPage = (options = {}) => site.openPage({ bypassCSP: true, ...options });

async function ask(page) {
  await page.locator('bitloss-source #address').fill(`${url}/m/model.safetensors`);
  await page.getByRole('button', { name: 'Load', exact: true }).click();
}

/** What the lanes write when the same files are dropped. */
async function textsOfDropped() {
  const page = await openPage();
  await openModel(
    page,
    names.map((name) => path.join(model, name)),
  );
  const texts = [await laneText(page, 0), await laneText(page, 1)];
  await page.context().close();
  return texts;
}

test('the engine takes what has come before the last byte has', async () => {
  let goOn = null;
  files.get('/m/model.safetensors').answer = ({ response, send }) => {
    send(0, PART + MB);
    goOn = () => {
      send(PART + MB);
      response.end();
    };
  };
  const page = await openPage();
  await ask(page);
  const bar = await page.locator('bitloss-source progress').elementHandle();
  // The engine takes four megabytes at a time, and two such pieces are in the first part.
  await page.waitForFunction((one) => one.value > 0.2, bar);
  assert.ok((await bar.evaluate((one) => one.value)) < 0.5);
  goOn();
  assert.deepEqual([await laneText(page, 0), await laneText(page, 1)], await textsOfDropped());
  assert.deepEqual(ranges(), [null], 'both lanes read one download');
});

/** What the origin's private files are, of all models. */
const keptFiles = (page) =>
  page.evaluate(async () => {
    const found = [];
    const root = await navigator.storage.getDirectory();
    const visit = async (folder) => {
      for await (const [name, handle] of folder.entries())
        if (handle.kind === 'file') found.push(name);
        else await visit(handle);
    };
    await visit(root);
    return found.sort();
  });

const kept = (page) => page.locator('bitloss-kept');

/** Asks for the model, of which the server holds back what comes after the first part and a bit; resolves once the
 * engine has taken a piece, and so the first part is there. The function returned sends the rest. */
async function askHeldBack(page) {
  const file = files.get('/m/model.safetensors');
  let goOn = null;
  const closed = new Promise((resolve) => {
    file.answer = ({ response, send }) => {
      send(0, PART + MB);
      response.on('close', resolve);
      goOn = () => {
        send(PART + MB);
        response.end();
      };
    };
  });
  await ask(page);
  const bar = await page.locator('bitloss-source progress').elementHandle();
  await page.waitForFunction((one) => one.value > 0.2, bar);
  file.answer = null;
  return { goOn, closed };
}

test('what was opened once opens on the next visit without a request to its server', async () => {
  const page = await openPage();
  await ask(page);
  const texts = [await laneText(page, 0), await laneText(page, 1)];
  assert.deepEqual(ranges(), [null]);
  asked = [];
  await page.goto(site.url + withBench(''));
  const row = kept(page).getByRole('listitem');
  await row.getByText('17.0 MB', { exact: true }).waitFor();
  await row.getByRole('button', { name: /^Open http.*safetensors$/ }).press('Enter');
  assert.deepEqual([await laneText(page, 0), await laneText(page, 1)], texts);
  // What measures reads it too.
  await lane(page, 1).getByRole('button', { name: 'Measure what is lost' }).press('Enter');
  await measured(page, 1);
  assert.deepEqual(asked, []);
});

test('a visit that was left in the middle is gone on with, from the parts that were there', async () => {
  const page = await openPage();
  await askHeldBack(page);
  await page.goto(site.url + withBench(''));
  const row = kept(page).getByRole('listitem');
  await row.getByText(/8\.4\d MB of 17\.0 MB/).waitFor();
  asked = [];
  await row.getByRole('button', { name: /^Go on with / }).press('Enter');
  assert.deepEqual([await laneText(page, 0), await laneText(page, 1)], await textsOfDropped());
  assert.deepEqual(ranges(), [`bytes=${PART}-`]);
});

test('parts of a file that is another one by now are not used', async () => {
  const page = await openPage();
  await askHeldBack(page);
  await page.goto(site.url + withBench(''));
  files.get('/m/model.safetensors').etag = '"2"';
  asked = [];
  await kept(page)
    .getByRole('button', { name: /^Go on with / })
    .press('Enter');
  await laneText(page, 0);
  assert.deepEqual(ranges(), [`bytes=${PART}-`, null]);
});

test('a download that is given up says that what came is kept, and can be gone on with', async () => {
  const page = await openPage();
  const { goOn } = await askHeldBack(page);
  files.get('/m/model.safetensors').answer = ({ response }) => response.destroy();
  server.closeAllConnections();
  assert.ok(goOn);
  const said = await page.locator('bitloss-source [role="alert"]').textContent();
  assert.match(said, /bytes in place of 16,924,352\. What came is kept in this browser: try again/);
  files.get('/m/model.safetensors').answer = null;
  asked = [];
  await kept(page)
    .getByRole('button', { name: /^Go on with / })
    .press('Enter');
  await laneText(page, 0);
  assert.deepEqual(ranges(), [`bytes=${PART}-`]);
});

test('a cancel leaves no file, no worker and no request', async () => {
  const page = await openPage();
  const { closed } = await askHeldBack(page);
  assert.ok((await keptFiles(page)).includes('weights-0-0'));
  const ended = page.workers().map((one) => new Promise((resolve) => one.once('close', resolve)));
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await Promise.all([closed, Promise.race(ended)]);
  await page.locator('bitloss-source .drop').waitFor();
  await until(page, async () => {
    const root = await navigator.storage.getDirectory();
    const models = await root.getDirectoryHandle('bitloss-models');
    for await (const _ of models.keys()) return false;
    return true;
  });
  assert.equal(await kept(page).getByRole('listitem').count(), 0);
});

test('where the browser refuses to keep files the page says so, and goes on in memory', async () => {
  for (const [init, said] of [
    [
      () => {
        navigator.storage.getDirectory = () =>
          Promise.reject(new DOMException('', 'SecurityError'));
      },
      'This browser keeps no files for this page',
    ],
    [() => delete FileSystemFileHandle.prototype.createWritable, 'This browser keeps no files'],
    [
      () => {
        navigator.storage.estimate = async () => ({ quota: 5_000_000, usage: 1_000_000 });
      },
      'This browser offers no more than 4.00 MB for keeping models',
    ],
    [
      () => {
        FileSystemWritableFileStream.prototype.write = async () => {
          throw new DOMException('', 'QuotaExceededError');
        };
      },
      'This browser offers no more than',
    ],
  ]) {
    const page = await openPage({ init });
    const { goOn } = await askHeldBack(page);
    await page.getByRole('status').filter({ hasText: said }).waitFor();
    goOn();
    await laneText(page, 0);
    await page.context().close();
  }
});

test('axe finds nothing in a download and in what is kept, in English and Korean, light and dark, narrow', async () => {
  const page = await openPage();
  await page.evaluate(axe);
  const found = [];
  const judge = async (where) => {
    const ids = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0].target.flat().join(' ')}`);
    });
    found.push(...ids.map((id) => `${where}: ${id}`));
  };
  const each = async (what) => {
    await page.locator('bitloss-site nav select').first().selectOption('en');
    await judge(`${what}, en`);
    await page.locator('bitloss-site nav select').nth(1).selectOption('dark');
    await page.locator('bitloss-site nav select').first().selectOption('ko');
    await page.setViewportSize({ width: 320, height: 800 });
    await judge(`${what}, ko, dark, 320 px`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 320, `${what}: ${width}`);
  };
  await askHeldBack(page);
  await each('download');
  files.get('/m/model.safetensors').answer = ({ response }) => response.destroy();
  server.closeAllConnections();
  await kept(page).getByRole('listitem').waitFor();
  await each('kept');
  assert.deepEqual(found, []);
});

test('what is kept is deleted one by one or all at once, but not from under an open model', async () => {
  const page = await openPage();
  for (const name of names) files.set(`/n/${name}`, files.get(`/m/${name}`));
  await ask(page);
  await laneText(page, 0);
  await page.getByRole('button', { name: 'Another model' }).press('Enter');
  const remove = kept(page).getByRole('button', { name: /^Delete http.*\/m\// });
  await remove.press('Enter');
  await kept(page)
    .getByText(/\/m\/model\.safetensors is open in a page/)
    .waitFor();
  assert.equal(await kept(page).getByRole('listitem').count(), 1);
  await page.locator('bitloss-source #address').fill(`${url}/n/model.safetensors`);
  await page.keyboard.press('Enter');
  await laneText(page, 0);
  await page.getByRole('button', { name: 'Another model' }).press('Enter');
  await kept(page).getByRole('listitem').nth(1).waitFor();
  await remove.press('Enter');
  await remove.waitFor({ state: 'detached' });
  assert.equal(await kept(page).getByRole('listitem').count(), 1);
  assert.equal(await kept(page).locator('h3:focus').count(), 1);
  await page.goto(site.url + withBench(''));
  assert.ok((await keptFiles(page)).includes('weights-0-2'));
  await ask(page);
  await laneText(page, 0);
  await page.goto(site.url + withBench(''));
  await kept(page).getByRole('button', { name: 'Delete all' }).press('Enter');
  await kept(page)
    .getByText(/0 B in all; this browser offers/)
    .waitFor();
  assert.deepEqual(await keptFiles(page), []);
});

test('no error went uncaught', () => {
  assert.deepEqual(site.uncaught, []);
});
