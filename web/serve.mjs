/* `npm start`: builds what has changed and serves dist/ on this machine. The tests in a real browser
 * use the same server. */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SetupError, isProgram, main, root } from '../wasm/toolchain.mjs';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.gguf': 'application/octet-stream',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const HEADERS = {
  // Cross-origin isolation, which shared memory and precise timers need.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  // Everything here is public: other sites may embed it.
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
  'X-Content-Type-Options': 'nosniff',
};

/** A URL's path as a file inside `folder`, or null: nothing outside it can be named, also not
 * through a link. */
function resolveInside(folder, urlPath) {
  let decoded;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (decoded.includes('\0')) return null;
  const inside = (file) => file === folder || file.startsWith(folder + path.sep);
  const file = path.join(folder, decoded);
  if (!inside(path.resolve(file))) return null;
  try {
    const real = fs.realpathSync(file);
    return inside(real) ? real : null;
  } catch {
    return null;
  }
}

/** The site's list of models with those that lie in a folder of this machine after them. */
function listModels(folder, modelFolder) {
  const listed = JSON.parse(fs.readFileSync(path.join(folder, 'models', 'index.json'), 'utf8'));
  const names = fs.readdirSync(modelFolder).filter((name) => name.endsWith('.gguf'));
  const found = names.sort().map((file) => {
    const name = path.basename(file, '.gguf');
    const { size } = fs.statSync(path.join(modelFolder, file));
    return { id: name, name, files: [file], size, note_en: '', note_ko: '' };
  });
  return [...listed, ...found];
}

/** The bytes that a Range header asks for: { start, end } inclusive; null for all of them, or
 * 'invalid' when there are none such. Several ranges at once are answered with all. */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [first, last] = [match[1], match[2]].map((text) => (text === '' ? null : Number(text)));
  const start = first ?? Math.max(0, size - last);
  const end = first === null || last === null ? size - 1 : Math.min(last, size - 1);
  return start <= end ? { start, end } : 'invalid';
}

function refuse(response, status, text) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...HEADERS });
  response.end(`${text}\n`);
}

async function answer({ folder, modelFolder }, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'Only GET and HEAD');
  }
  const urlPath = request.url.replace(/[?#].*$/s, '');
  let file = resolveInside(folder, urlPath);
  if (modelFolder && urlPath === '/models/index.json') {
    const type = TYPES['.json'];
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-cache', ...HEADERS });
    return response.end(JSON.stringify(listModels(folder, modelFolder)));
  }
  if (!file && modelFolder && urlPath.startsWith('/models/')) {
    file = resolveInside(modelFolder, urlPath.slice('/models'.length));
  }
  if (file && fs.statSync(file).isDirectory()) {
    if (!urlPath.endsWith('/')) {
      response.writeHead(301, { Location: `${path.basename(file)}/`, ...HEADERS });
      return response.end();
    }
    file = resolveInside(folder, `${urlPath}index.html`);
  }
  const stat = file ? fs.statSync(file) : null;
  if (!stat?.isFile()) return refuse(response, 404, 'Not found');

  const etag = `"${stat.size.toString(36)}-${Math.trunc(stat.mtimeMs).toString(36)}"`;
  // The bundler puts a hash of its content into the name of everything in assets/.
  const hashed = path.relative(folder, file).startsWith(`assets${path.sep}`);
  const headers = {
    'Content-Type': TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream',
    'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Accept-Ranges': 'bytes',
    ETag: etag,
    ...HEADERS,
  };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers);
    return response.end();
  }
  const ifRange = request.headers['if-range'];
  const wanted = ifRange && ifRange !== etag ? null : parseRange(request.headers.range, stat.size);
  if (wanted === 'invalid') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${stat.size}` });
    return response.end();
  }
  const { start, end } = wanted ?? { start: 0, end: stat.size - 1 };
  if (wanted) headers['Content-Range'] = `bytes ${start}-${end}/${stat.size}`;
  response.writeHead(wanted ? 206 : 200, { ...headers, 'Content-Length': end - start + 1 });
  if (request.method === 'HEAD' || stat.size === 0) return response.end();
  return pipeline(fs.createReadStream(file, { start, end }), response);
}

/**
 * Serves a folder on this machine only; models in modelFolder are listed after its own. Port 0 takes
 * a free one. Resolves to { url, port, close } once it listens.
 */
export async function serve(folder, port = 0, modelFolder = null) {
  const folders = {
    folder: fs.realpathSync(folder),
    modelFolder: modelFolder && fs.existsSync(modelFolder) ? fs.realpathSync(modelFolder) : null,
  };
  const server = http.createServer((request, response) => {
    answer(folders, request, response).catch(() => {
      // The visitor went away, or the file changed while it was sent.
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'The file could not be read');
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  const taken = server.address().port;
  return { url: `http://localhost:${taken}/`, port: taken, close };
}

async function start() {
  const asked = process.env.PORT;
  const port = Number(asked ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new SetupError(`PORT is '${asked}', expected a number from 0 to 65535`);
  }
  const { makeAll, siteDir } = await import('../wasm/make.mjs');
  await makeAll();
  const models = path.join(root, '.cache', 'models');
  let server;
  try {
    server = await serve(siteDir, port, models);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    if (asked) throw new SetupError(`Port ${port} is in use: choose another with PORT=…`);
    server = await serve(siteDir, 0, models);
  }
  console.log(`bitloss is at ${server.url} (Ctrl-C ends it)`);
}

if (isProgram(import.meta.url)) await main(start);
