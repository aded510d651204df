/* The server behind `npm start`. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../../web/serve.mjs';

let folder;
let server;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-serve-'));
  const site = path.join(folder, 'site');
  const models = path.join(folder, 'models');
  fs.mkdirSync(path.join(site, 'assets'), { recursive: true });
  fs.mkdirSync(path.join(site, 'models'));
  fs.mkdirSync(path.join(site, 'embed'));
  fs.mkdirSync(models);
  fs.writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  fs.writeFileSync(path.join(site, 'index.html'), '<p>home');
  fs.writeFileSync(path.join(site, 'embed', 'index.html'), '<p>embed');
  fs.writeFileSync(path.join(site, 'assets', 'engine-abc123.wasm'), Buffer.from('0123456789'));
  fs.writeFileSync(path.join(site, 'empty.json'), '');
  fs.writeFileSync(path.join(site, 'models', 'index.json'), '[{"id":"own"}]');
  fs.writeFileSync(path.join(models, 'local.gguf'), 'GGUF');
  fs.symlinkSync(path.join(folder, 'secret.txt'), path.join(site, 'link.txt'));
  server = await serve(site, 0, models);
});

after(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

/** Sends the path exactly as it is written here. */
function get(urlPath, { method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path: urlPath, method, headers };
    const request = http.request(options, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const { statusCode: status, headers: answered } = response;
      resolve({ status, headers: answered, text: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject);
    request.end();
  });
}

test('the page comes with the headers that isolate it', async () => {
  const { status, headers, text } = await get('/');
  assert.equal(status, 200);
  assert.equal(text, '<p>home');
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
  assert.equal(headers['cache-control'], 'no-cache');
  assert.equal((await get('/?model=x#y')).text, '<p>home');
});

test('a file whose name has its hash is kept for good, others are asked for again', async () => {
  const wasm = await get('/assets/engine-abc123.wasm');
  assert.equal(wasm.headers['content-type'], 'application/wasm');
  assert.match(wasm.headers['cache-control'], /immutable/);
  const page = await get('/');
  const again = await get('/', { headers: { 'If-None-Match': page.headers.etag } });
  assert.equal(again.status, 304);
  assert.equal(again.text, '');
});

const ranges = [
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
  ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
  ['bytes=4-2', 416, '', 'bytes */10'],
  ['bytes=-0', 416, '', 'bytes */10'],
  ['bytes=0-1,3-4', 200, '0123456789', undefined],
  ['lines=1-2', 200, '0123456789', undefined],
];
for (const [range, status, text, contentRange] of ranges) {
  test(`the range ${range} gives status ${status}`, async () => {
    const answer = await get('/assets/engine-abc123.wasm', { headers: { Range: range } });
    assert.equal(answer.status, status);
    assert.equal(answer.text, text);
    assert.equal(answer.headers['content-range'], contentRange);
  });
}

test('a range of a file that has changed since gives all of it', async () => {
  const headers = { Range: 'bytes=0-1', 'If-Range': '"old"' };
  assert.equal((await get('/assets/engine-abc123.wasm', { headers })).status, 200);
});

test('HEAD gives the size alone, and nothing else than GET and HEAD is taken', async () => {
  const head = await get('/assets/engine-abc123.wasm', { method: 'HEAD' });
  assert.equal(head.headers['content-length'], '10');
  assert.equal(head.text, '');
  assert.equal((await get('/', { method: 'POST' })).status, 405);
});

test('a folder is its index.html, with a slash at the end', async () => {
  assert.equal((await get('/embed/')).text, '<p>embed');
  const { status, headers } = await get('/embed');
  assert.equal(status, 301);
  assert.equal(headers.location, 'embed/');
  assert.equal((await get('/assets/')).status, 404);
});

const outside = [
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e%2fsecret.txt',
  '/models/../../secret.txt',
  '/models/..%2f..%2fsecret.txt',
  '/link.txt',
  '//etc/passwd',
  '/%00',
  '/%zz',
  '/nothing',
];
for (const urlPath of outside) {
  test(`${urlPath} is not found`, async () => {
    const { status, text } = await get(urlPath);
    assert.equal(status, 404);
    assert.ok(!text.includes('secret'));
  });
}

test('an empty file is served', async () => {
  const { status, text } = await get('/empty.json');
  assert.equal(status, 200);
  assert.equal(text, '');
});

test("models of this machine are listed after the site's own", async () => {
  const list = JSON.parse((await get('/models/index.json')).text);
  assert.deepEqual(
    list.map(({ id }) => id),
    ['own', 'local'],
  );
  assert.equal(list[1].size, 4);
  assert.equal((await get('/models/local.gguf')).text, 'GGUF');
});
