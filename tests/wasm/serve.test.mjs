/* The server behind `npm start`. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { serve } from '../../web/serve.mjs';

const script = 'export const answer = 42;\n'.repeat(200);

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
  fs.writeFileSync(path.join(site, 'assets', 'main-1.js'), script);
  fs.writeFileSync(path.join(site, 'weights.gguf'), script);
  fs.writeFileSync(path.join(site, 'models', 'index.json'), '[{"id":"own"}]');
  fs.writeFileSync(path.join(models, 'local.gguf'), 'GGUF');
  fs.writeFileSync(path.join(models, '100% #1?.gguf'), 'GGUF');
  fs.writeFileSync(path.join(models, 'notes.txt'), 'secret');
  fs.mkdirSync(path.join(models, 'fetch-1'));
  fs.writeFileSync(path.join(models, 'fetch-1', 'half.gguf'), 'secret');
  fs.symlinkSync(path.join(folder, 'secret.txt'), path.join(models, 'linked.gguf'));
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
      const bytes = Buffer.concat(chunks);
      resolve({ status, headers: answered, bytes, text: bytes.toString() });
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
  assert.equal((await get('/embed?lang=ko')).headers.location, 'embed/?lang=ko');
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
  '/index.html%00.txt',
  '/%zz',
  '/%c0%ae%c0%ae/secret.txt',
  '/%252e%252e/secret.txt',
  '/..%5csecret.txt',
  '/index.html/',
  'http://localhost/secret.txt',
  `/${'a'.repeat(5000)}`,
  `/${'a/'.repeat(5000)}`,
  '/models/notes.txt',
  '/models/fetch-1/half.gguf',
  '/models/fetch-1/',
  '/models/linked.gguf',
  '/models//local.gguf',
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

test("models of this machine are listed after the site's own, and nothing else there is served", async () => {
  const list = JSON.parse((await get('/models/index.json')).text);
  assert.deepEqual(
    list.map(({ id }) => id),
    ['own', '100% #1?', 'local'],
  );
  assert.equal(list[2].size, 4);
  assert.equal((await get('/models/local.gguf')).text, 'GGUF');
  assert.equal((await get(`/models/${encodeURIComponent(list[1].files[0])}`)).text, 'GGUF');
});

test('a head too long for any link is refused, one of a long old link is not', async () => {
  assert.equal((await get(`/?prompt=${'%EA%B0%95'.repeat(3000)}`)).status, 200);
  assert.equal((await get(`/?prompt=${'a'.repeat(100_000)}`)).status, 431);
});

const names = [
  ['localhost', 200],
  ['LOCALHOST:8080', 200],
  ['127.0.0.1:1', 200],
  ['[::1]:8080', 200],
  ['rebound.example:8080', 403],
  ['localhost.rebound.example', 403],
  ['127.0.0.1.rebound.example', 403],
  ['localhost@rebound.example', 403],
  ['192.168.0.7:8080', 403],
  ['localhost:', 403],
];
for (const [host, status] of names) {
  test(`a request to '${host}' gives status ${status}`, async () => {
    for (const urlPath of ['/', '/models/local.gguf', '/models/index.json'])
      assert.equal((await get(urlPath, { headers: { Host: host } })).status, status);
  });
}

test('pages of other sites get nothing, pages of this machine may read', async () => {
  const from = (Origin) => get('/models/local.gguf', { headers: { Origin } });
  for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'null', '']) {
    const { status, headers, text } = await from(origin);
    assert.equal(status, 403, origin);
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.ok(!text.includes('GGUF'));
  }
  for (const origin of ['http://localhost:3000', 'http://127.0.0.1:4000', 'http://[::1]']) {
    const { status, headers } = await from(origin);
    assert.equal(status, 200);
    assert.equal(headers['access-control-allow-origin'], origin);
    assert.match(headers.vary, /Origin/);
  }
  const { headers } = await get('/models/local.gguf');
  assert.equal(headers['access-control-allow-origin'], undefined);
  assert.equal(headers['cross-origin-resource-policy'], 'same-site');
});

test('the name that the server was started with is one of its own', async () => {
  const other = await serve(path.join(folder, 'site'), 0, null, '127.0.0.2');
  const ask = (Host) =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.2', port: other.port, path: '/', headers: { Host } };
      http.get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
  assert.equal(other.url, `http://127.0.0.2:${other.port}/`);
  assert.equal(await ask(`127.0.0.2:${other.port}`), 200);
  assert.equal(await ask('rebound.example'), 403);
  await other.close();
  const any = await serve(path.join(folder, 'site'), 0, null, '0.0.0.0');
  const status = (Host) =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: any.port, path: '/', headers: { Host } };
      http.get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
  assert.equal(await status('192.168.0.7:8080'), 200);
  assert.equal(await status('rebound.example'), 403);
  await any.close();
});

const encodings = [
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['*', 'br'],
  ['identity', undefined],
  ['br;q=0, gzip;q=0', undefined],
];
for (const [accepted, encoding] of encodings) {
  test(`text is sent ${encoding ?? 'as it is'} to who accepts ${accepted}`, async () => {
    const headers = { 'Accept-Encoding': accepted };
    const answer = await get('/assets/main-1.js', { headers });
    const decode = { br: zlib.brotliDecompressSync, gzip: zlib.gunzipSync }[encoding];
    assert.equal(answer.headers['content-encoding'], encoding);
    assert.equal((decode ? decode(answer.bytes) : answer.bytes).toString(), script);
    assert.equal(Number(answer.headers['content-length']), answer.bytes.length);
    assert.match(answer.headers.vary, /Accept-Encoding/);
    if (encoding) assert.ok(answer.bytes.length < script.length / 10);
    // The size and the name of a version belong to what is sent.
    const head = await get('/assets/main-1.js', { headers, method: 'HEAD' });
    assert.equal(head.headers['content-length'], answer.headers['content-length']);
    assert.equal(head.headers.etag, answer.headers.etag);
    const again = { ...headers, 'If-None-Match': answer.headers.etag };
    assert.equal((await get('/assets/main-1.js', { headers: again })).status, 304);
  });
}

test('each way of sending has an ETag of its own, and a changed file is compressed anew', async () => {
  const tags = new Set();
  for (const encoding of ['br', 'gzip', 'identity']) {
    const answer = await get('/assets/main-1.js', { headers: { 'Accept-Encoding': encoding } });
    tags.add(answer.headers.etag);
  }
  assert.equal(tags.size, 3);
  const file = path.join(folder, 'site', 'changing.txt');
  for (const text of ['one '.repeat(1000), 'other '.repeat(1000)]) {
    fs.writeFileSync(file, text);
    const { bytes } = await get('/changing.txt', { headers: { 'Accept-Encoding': 'br' } });
    assert.equal(zlib.brotliDecompressSync(bytes).toString(), text);
  }
});

test('a range is one of the file as it is, and weights are not compressed', async () => {
  const headers = { 'Accept-Encoding': 'br', Range: 'bytes=7-11' };
  const part = await get('/assets/main-1.js', { headers });
  assert.equal(part.status, 206);
  assert.equal(part.text, 'const');
  assert.equal(part.headers['content-encoding'], undefined);
  assert.equal(part.headers['content-range'], `bytes 7-11/${script.length}`);
  const weights = await get('/weights.gguf', { headers: { 'Accept-Encoding': 'br' } });
  assert.equal(weights.headers['content-encoding'], undefined);
  assert.equal(weights.text, script);
});
