/* `npm start`: builds what has changed and serves dist/ on this machine. The tests in a real browser
 * use the same server. */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { POLICY } from './policy.mjs';
import { SetupError, isProgram, main, root } from '../wasm/toolchain.mjs';
import { compressed, encodingFor } from './compress.mjs';

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
  'Content-Security-Policy': POLICY,
  // Cross-origin isolation, which shared memory and precise timers need.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  // Models of this machine are the reader's own: pages of other sites get nothing of them.
  'Cross-Origin-Resource-Policy': 'same-site',
  'X-Content-Type-Options': 'nosniff',
};

/** A request's head may be this long: links that were written before long prompts went after `#`. */
const MAX_HEAD_BYTES = 64 << 10;

/** A request's Host, or an Origin's, without its port; '' where it is no such thing. */
function hostName(text) {
  const [, name] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?$/i.exec(text ?? '') ?? [];
  return (name ?? '').toLowerCase();
}

/** Is this one of the names that the server goes by? A name that someone else's DNS points at this
 * machine is none. Where every interface is served, any address is one, but still no other name. */
function isOwnName(name, host) {
  if (['localhost', '127.0.0.1', '[::1]', inUrl(host)].includes(name)) return true;
  return EVERY_INTERFACE.includes(host) && /^(\[.+\]|[\d.]+)$/.test(name);
}

const EVERY_INTERFACE = ['0.0.0.0', '::'];

/** A host as a URL has it. */
function inUrl(host) {
  return host?.includes(':') ? `[${host.toLowerCase()}]` : host?.toLowerCase();
}

/** Who asks: the Origin to allow, '' for the page itself, or null for what is to be refused. */
function visitor({ headers }, host) {
  if (!isOwnName(hostName(headers.host), host)) return null;
  const { origin } = headers;
  if (origin === undefined) return '';
  const [, rest] = /^https?:\/\/(.+)$/i.exec(origin) ?? [];
  return isOwnName(hostName(rest), host) ? origin : null;
}

/** A URL's path as a file's; null where it is none. */
function decoded(urlPath) {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    return null;
  }
}

/** A file inside `folder`, or null: nothing outside it can be named, also not through a link. */
function resolveInside(folder, name) {
  if (name === null || name.includes('\0')) return null;
  const inside = (file) => file === folder || file.startsWith(folder + path.sep);
  const file = path.join(folder, name);
  if (!inside(path.resolve(file))) return null;
  try {
    const real = fs.realpathSync(file);
    if (!inside(real)) return null;
    return name.endsWith('/') && !fs.statSync(real).isDirectory() ? null : real;
  } catch {
    return null;
  }
}

/** The site's list of models with those that lie in a folder of this machine after them. */
function listModels(folder, modelFolder) {
  const listed = JSON.parse(fs.readFileSync(path.join(folder, 'models', 'index.json'), 'utf8'));
  const found = modelFiles(modelFolder).map((file) => {
    const name = path.basename(file, '.gguf');
    const { size } = fs.statSync(path.join(modelFolder, file));
    return { id: name, name, files: [file], size, note_en: '', note_ko: '' };
  });
  return [...listed, ...found];
}

/** What is listed of a folder of models, and so all that is served of it. */
function modelFiles(modelFolder) {
  const isModel = (name) => name.endsWith('.gguf') && resolveInside(modelFolder, name) !== null;
  return fs.readdirSync(modelFolder).filter(isModel).sort();
}

/** The file behind a URL's path; null where there is none. */
function findFile({ folder, modelFolder }, urlPath) {
  const name = decoded(urlPath);
  const file = resolveInside(folder, name);
  if (file || !modelFolder || !name?.startsWith('/models/')) return file;
  const model = name.slice('/models/'.length);
  return modelFiles(modelFolder).includes(model) ? resolveInside(modelFolder, model) : null;
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

async function answer(site, request, response) {
  const origin = visitor(request, site.host);
  if (origin === null) return refuse(response, 403, 'Not for pages of other sites, or other names');
  response.setHeader('Vary', 'Origin');
  if (origin) response.setHeader('Access-Control-Allow-Origin', origin);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'Only GET and HEAD');
  }
  const [, urlPath, query] = /^([^?#]*)([^#]*)/s.exec(request.url);
  if (site.modelFolder && urlPath === '/models/index.json') {
    const type = TYPES['.json'];
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-cache', ...HEADERS });
    return response.end(JSON.stringify(listModels(site.folder, site.modelFolder)));
  }
  let file = findFile(site, urlPath);
  if (file && fs.statSync(file).isDirectory()) {
    if (!urlPath.endsWith('/')) {
      const name = encodeURIComponent(path.basename(file));
      response.writeHead(301, { Location: `${name}/${query}`, ...HEADERS });
      return response.end();
    }
    file = resolveInside(site.folder, `${decoded(urlPath)}index.html`);
  }
  const stat = file ? fs.statSync(file) : null;
  if (!stat?.isFile()) return refuse(response, 404, 'Not found');
  return sendFile(site.folder, file, stat, request, response);
}

/** Sends a file, or a range of it, or a word that it has not changed. What compresses well is sent
 * compressed, unless a range is asked for. */
async function sendFile(folder, file, stat, request, response) {
  const type = TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
  const encoding = encodingFor(type, stat.size, request.headers);
  const version = `${stat.size.toString(36)}-${Math.trunc(stat.mtimeMs).toString(36)}`;
  const etag = `"${version}${encoding ? `-${encoding}` : ''}"`;
  // The bundler puts a hash of its content into the name of everything in assets/.
  const hashed = path.relative(folder, file).startsWith(`assets${path.sep}`);
  const headers = {
    'Content-Type': type,
    'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    Vary: 'Origin, Accept-Encoding',
    ETag: etag,
    ...(encoding ? { 'Content-Encoding': encoding } : { 'Accept-Ranges': 'bytes' }),
    ...HEADERS,
  };
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim());
  if (known?.includes(etag)) {
    response.writeHead(304, headers);
    return response.end();
  }
  if (encoding) {
    const bytes = await compressed(file, version, encoding);
    response.writeHead(200, { ...headers, 'Content-Length': bytes.length });
    return response.end(request.method === 'HEAD' ? undefined : bytes);
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
 * Serves a folder on this machine only, or where `host` says; models in modelFolder are listed after
 * its own. Port 0 takes a free one. Resolves to { url, port, close } once it listens.
 */
export async function serve(folder, port = 0, modelFolder = null, host = null) {
  const site = {
    folder: fs.realpathSync(folder),
    modelFolder: modelFolder && fs.existsSync(modelFolder) ? fs.realpathSync(modelFolder) : null,
    host,
  };
  const server = http.createServer({ maxHeaderSize: MAX_HEAD_BYTES }, (request, response) => {
    answer(site, request, response).catch(() => {
      // The visitor went away, or the file changed while it was sent.
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'The file could not be read');
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host ?? '127.0.0.1', resolve);
  });
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  const taken = server.address().port;
  const name = host === null || EVERY_INTERFACE.includes(host) ? 'localhost' : inUrl(host);
  return { url: `http://${name}:${taken}/`, port: taken, close };
}

/** The host to listen on: `npm start -- --host NAME`; null is this machine only. */
function askedHost(args) {
  if (args.length === 0) return null;
  const [option, name, ...others] = args;
  if (option !== '--host' || !name || others.length > 0)
    throw new SetupError(`expected nothing, or --host NAME, found '${args.join(' ')}'`);
  return name;
}

async function start() {
  const asked = process.env.PORT;
  const port = Number(asked ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new SetupError(`PORT is '${asked}', expected a number from 0 to 65535`);
  }
  const host = askedHost(process.argv.slice(2));
  const { makeAll, siteDir } = await import('../wasm/make.mjs');
  await makeAll();
  const models = path.join(root, '.cache', 'models');
  let server;
  try {
    server = await serve(siteDir, port, models, host);
  } catch (error) {
    if (['ENOTFOUND', 'EADDRNOTAVAIL', 'EAI_AGAIN'].includes(error.code))
      throw new SetupError(`--host is '${host}', expected a name or an address of this machine`);
    if (error.code !== 'EADDRINUSE') throw error;
    if (asked) throw new SetupError(`Port ${port} is in use: choose another with PORT=…`);
    server = await serve(siteDir, 0, models, host);
  }
  console.log(`bitloss is at ${server.url} (Ctrl-C ends it)`);
}

if (isProgram(import.meta.url)) await main(start);
