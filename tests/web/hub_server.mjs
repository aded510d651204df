/* A local server that behaves like huggingface.co, and one that behaves like the hosts that it sends
 * downloads to: the list of a repository's files, redirects, ranges, headers and which of them a page may
 * read, access by token, and on request one fault for each path. What it does is what the hub's own clients
 * (huggingface_hub, huggingface.js) expect of it. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before } from 'node:test';
import { root } from './modules.mjs';

const HUB = 'https://huggingface.co';
/** What the hub lets pages read besides what every page may read: Retry-After is not among it. */
const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash';
const ALLOWED = 'Authorization, Range, If-Range, If-None-Match';
const isLarge = (name) => /\.(safetensors|gguf|bin)$/.test(name);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const BAD_TOKEN = 'Invalid credentials in Authorization header';

/** Starts both servers on ports of their own. */
export async function startHub() {
  const repositories = new Map();
  const faults = new Map();
  const held = new Map();
  /** Who waits for one that stalls. */
  const waiting = new Map();
  const hub = {
    /** Of the hub, and of the host that large files come from, without a slash. */
    url: '',
    cdn: '',
    /** Every request so far: { host: 'hub' or 'cdn', method, path, headers }. */
    asked: [],
    /** Milliseconds that each answer waits. */
    latency: 0,
    /** Does the list of files answer? Mirrors may have none. */
    hasApi: true,

    /** A repository. A file is bytes, or { size, head } of which all but the beginning are zeros.
     * `gated` is the token that alone opens it. */
    put(name, files, { gated = null, revisions = ['main'] } = {}) {
      const commit = createHash('sha1').update(name).digest('hex');
      repositories.set(name, {
        name,
        files: new Map(Object.entries(files)),
        commit,
        gated,
        revisions,
      });
      return commit;
    },

    /** What becomes of requests for a file, "owner/name/folder/file", or of the list, "owner/name": one of
     * { status, headers, code, message }, { html }, { loop }, { stallAfter }, { cutAfter }, { says } in
     * bytes, { ignoresRanges }; null for none. */
    fault: (file, fault) => faults.set(file, fault),

    /** Resolves once a file stalls that has not yet been asked for. */
    stalled: (file) => new Promise((resolve) => waiting.set(file, resolve)),

    /** Sends the rest of a file that stalls. */
    release(file) {
      held.get(file)?.();
      held.delete(file);
    },

    async close() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };

  /* ---- answers ------------------------------------------------------------------------------ */

  function fail(response, status, code, message, headers = {}) {
    const named = code === null ? {} : { 'X-Error-Code': code };
    const told = message === null ? {} : { 'X-Error-Message': message };
    response.writeHead(status, {
      'Content-Type': 'application/json',
      ...named,
      ...told,
      ...headers,
    });
    response.end(JSON.stringify({ error: message ?? '' }));
  }

  /** Does the fault end it here? */
  function failed(response, fault, request) {
    if (fault?.status) {
      const { status, code = null, message = null, headers } = fault;
      fail(response, status, code, message, headers);
    } else if (fault?.html) {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end('<!DOCTYPE html><html><title>Sign in</title></html>');
    } else if (fault?.loop) {
      response.writeHead(302, { Location: request.url });
      response.end();
    } else return false;
    return true;
  }

  /** What a token may not see: an answer, or null. */
  function refusal(repository, { authorization }) {
    const token = authorization?.replace(/^Bearer /, '');
    if (token !== undefined && !/^hf_\w+$/.test(token)) return [401, null, BAD_TOKEN];
    if (!repository) return [token ? 404 : 401, 'RepoNotFound', 'Repository not found'];
    if (repository.gated === null || repository.gated === token) return null;
    const about = `Access to model ${repository.name} is restricted`;
    return token
      ? [403, 'GatedRepo', `${about} and you are not in the authorized list.`]
      : [401, 'GatedRepo', `${about}. You must be authenticated to access it.`];
  }

  const hasRevision = ({ revisions, commit }, revision) =>
    revision === commit || revisions.includes(revision);

  function list(response, repository, revision, withBlobs) {
    const { name, commit, files, gated } = repository;
    if (!hasRevision(repository, revision))
      return fail(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    const siblings = [...files].map(([rfilename, file]) => {
      if (!withBlobs) return { rfilename };
      const size = sizeOf(file);
      const blobId = createHash('sha1').update(rfilename).digest('hex');
      if (!isLarge(rfilename)) return { rfilename, size, blobId };
      return { rfilename, size, blobId, lfs: { sha256: hashOf(file), size, pointerSize: 134 } };
    });
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(
      JSON.stringify({
        _id: '0',
        id: name,
        modelId: name,
        sha: commit,
        private: false,
        gated: gated === null ? false : 'manual',
        disabled: false,
        siblings,
      }),
    );
  }

  /** Small files are the hub's own, at another path; for large ones it sends to the other host. */
  function resolve(response, repository, revision, file) {
    const { name, commit, files } = repository;
    response.setHeader('X-Repo-Commit', commit);
    if (!hasRevision(repository, revision))
      return fail(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    const content = files.get(file);
    if (content === undefined) return fail(response, 404, 'EntryNotFound', 'Entry not found');
    const encoded = file.split('/').map(encodeURIComponent).join('/');
    if (isLarge(file)) {
      response.writeHead(302, {
        Location: `${hub.cdn}/${name}/${encoded}?X-Signature=secret`,
        'X-Linked-Size': sizeOf(content),
        'X-Linked-ETag': `"${hashOf(content)}"`,
        'Accept-Ranges': 'bytes',
      });
    } else {
      response.writeHead(307, {
        Location: `/api/resolve-cache/models/${name}/${commit}/${encoded}`,
      });
    }
    response.end();
  }

  /** The bytes that are asked for. */
  function send(request, response, file, content, fault) {
    const size = sizeOf(content);
    const etag = `"${hashOf(content)}"`;
    response.setHeader('ETag', etag);
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Content-Type', /\.json$/.test(file) ? 'application/json' : 'text/plain');
    const isSame = (request.headers['if-range'] ?? etag) === etag;
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
    let [from, to] = [0, size - 1];
    if (range && isSame && !fault?.ignoresRanges) {
      const [, first, last] = range;
      from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
      to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
      if (from >= size || from > to) {
        response.writeHead(416, { 'Content-Range': `bytes */${size}` });
        return response.end();
      }
      response.statusCode = 206;
      response.setHeader('Content-Range', `bytes ${from}-${to}/${size}`);
    }
    response.setHeader('Content-Length', fault?.says ?? to - from + 1);
    if (request.method === 'HEAD') return response.end();
    const stopAt = Math.min(to + 1, fault?.stallAfter ?? Infinity, fault?.cutAfter ?? Infinity);
    const rest = () => pump(response, content, Math.max(from, stopAt), to + 1, true);
    if (fault?.cutAfter !== undefined)
      return pump(response, content, from, stopAt, false, () => response.socket.end());
    if (fault?.stallAfter === undefined) return pump(response, content, from, to + 1, true);
    held.set(file, rest);
    response.flushHeaders();
    pump(response, content, from, stopAt, false, () => waiting.get(file)?.());
  }

  /* ---- requests ----------------------------------------------------------------------------- */

  function onHub(request, response) {
    const { pathname, searchParams } = new URL(request.url, hub.url);
    const parts = pathname.slice(1).split('/').map(decodeURIComponent);
    const isApi = parts[0] === 'api';
    const isCached = isApi && parts[1] === 'resolve-cache';
    const own = isCached ? parts.slice(3) : isApi ? parts.slice(2) : parts;
    const found = [own.slice(0, 2).join('/'), own[0]].find((name) => repositories.has(name));
    const name = found ?? own.slice(0, 2).join('/');
    const repository = repositories.get(name);
    const rest = own.slice(name.split('/').length);
    if (isApi && !isCached) {
      if (!hub.hasApi) return fail(response, 404, null, null);
      if (failed(response, faults.get(name), request)) return;
      const [verb = 'revision', revision = 'main'] = rest;
      // Who is refused the files still sees which there are.
      const refused = refusal(repository && { ...repository, gated: null }, request.headers);
      if (refused) return fail(response, ...refused);
      if (verb !== 'revision') return fail(response, 404, null, null);
      return list(response, repository, revision, searchParams.get('blobs') === 'true');
    }
    const file = rest.slice(isCached ? 1 : 2).join('/');
    const fault = faults.get(`${name}/${file}`);
    if (failed(response, fault, request)) return;
    const refused = refusal(repository, request.headers);
    if (refused) return fail(response, ...refused);
    if (isCached)
      return send(request, response, `${name}/${file}`, repository.files.get(file), fault);
    if (rest[0] !== 'resolve') return fail(response, 404, null, null);
    resolve(response, repository, rest[1], file);
  }

  function onCdn(request, response) {
    const { pathname, searchParams } = new URL(request.url, hub.cdn);
    // What is below open/ needs no signature: it is any server that lets pages read its files.
    const isOpen = pathname.startsWith('/open/');
    const full = decodeURIComponent(pathname.slice(isOpen ? '/open/'.length : 1));
    const name = [...repositories.keys()].find((one) => full.startsWith(`${one}/`));
    const content = repositories.get(name)?.files.get(full.slice(name?.length + 1));
    if (!isOpen && searchParams.get('X-Signature') !== 'secret')
      return response.writeHead(403).end();
    if (content === undefined) return response.writeHead(404).end();
    send(request, response, full, content, faults.get(full));
  }

  function serverOf(host, answer) {
    return http.createServer((request, response) => {
      const { method, url, headers } = request;
      hub.asked.push({ host, method, path: url, headers });
      // After a redirect to another host a page's requests are nobody's.
      const origin = host === 'hub' ? (headers.origin ?? HUB) : '*';
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Vary', 'Origin');
      response.setHeader('Access-Control-Expose-Headers', EXPOSED);
      setTimeout(() => {
        if (method !== 'OPTIONS') return answer(request, response);
        response.writeHead(204, {
          'Access-Control-Allow-Methods': 'GET, HEAD',
          // A download's host has no use for a token.
          'Access-Control-Allow-Headers': host === 'hub' ? ALLOWED : 'Range, If-Range',
          'Access-Control-Max-Age': '86400',
        });
        response.end();
      }, hub.latency);
    });
  }

  const servers = [serverOf('hub', onHub), serverOf('cdn', onCdn)];
  const urls = await Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve) =>
          server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)),
        ),
    ),
  );
  [hub.url, hub.cdn] = urls;
  return hub;
}

/* ---- contents ------------------------------------------------------------------------------- */

const sizeOf = (content) => content.size ?? content.length;
/** Of made-up content there is none that could be checked in time. */
const hashOf = (content) => sha256(content.head ?? content);

const CHUNK = 1 << 16;

/** Writes content[from, to), as fast as it is taken. */
function pump(response, content, from, to, ends, done = () => {}) {
  const head = content.head ?? content;
  const piece = (start, end) => {
    if (end <= head.length) return head.subarray(start, end);
    const bytes = Buffer.alloc(end - start);
    if (start < head.length) head.copy(bytes, 0, start);
    return bytes;
  };
  let at = from;
  const next = () => {
    while (at < to) {
      const start = at;
      at = Math.min(at + CHUNK, to);
      if (!response.write(piece(start, at))) return response.once('drain', next);
    }
    if (ends) response.end();
    else done();
  };
  next();
}

/** The files of a folder in tests/golden, or of any other, by their names. */
export function filesIn(folder) {
  const names = fs
    .readdirSync(folder)
    .filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(folder, name))]));
}

/* ---- a page that takes it for the hub -------------------------------------------------------- */

/** Starts a hub around a file's tests. */
export function useHub() {
  const place = {};
  before(async () => Object.assign(place, { hub: await startHub() }));
  after(() => place.hub?.close());
  return place;
}

/** A page whose scripts have this server's address where they have the hub's. */
export async function openPageOn(hub, site, options = {}) {
  const { query = '', ...others } = options;
  const page = await site.openPage({ query: 'icon.svg', bypassCSP: true, ...others });
  await page.context().route('**/assets/*.js', (route) => {
    const { pathname } = new URL(route.request().url());
    const body = fs.readFileSync(path.join(root, 'dist', pathname), 'utf8');
    if (!body.includes(HUB)) return route.fallback();
    return route.fulfill({ contentType: 'text/javascript', body: body.replaceAll(HUB, hub.url) });
  });
  await page.route('**/models/index.json', (route) => route.fulfill({ json: [] }));
  await page.goto(`${site.url}?panels=bench${query}`);
  return page;
}
