/* Pages of somebody else: they have the site in a folder of theirs, and a policy that lets them run
 * their own scripts and nothing more. */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before } from 'node:test';
import { root } from './modules.mjs';

export const STRICT = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "img-src 'self'",
].join('; ');

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const SITE = '/course/tools/bitloss/';

/** A lesson with this body, and maybe a style sheet, given by its name. */
export function lesson(body, { css = null, lang = 'en' } = {}) {
  const link = css ? `<link rel="stylesheet" href="/course/${css}">` : '';
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>A lesson</title>${link}
    <script type="module" src="${SITE}v1/bitloss.js"></script></head><body>${body}</body></html>`;
}

/** Serves pages by their path below /course/ around a file's tests. The returned object has the
 * address. */
export function usePages(pages) {
  const place = { url: '' };
  let server;
  before(async () => {
    server = http.createServer((request, response) => {
      const { pathname } = new URL(request.url, 'http://localhost');
      response.setHeader('Content-Security-Policy', STRICT);
      response.setHeader(
        'Content-Type',
        TYPES[path.extname(pathname)] ?? 'application/octet-stream',
      );
      const own = pages[pathname.replace('/course/', '')];
      if (own !== undefined) return response.end(own);
      const file = path.join(root, 'dist', decodeURIComponent(pathname).replace(SITE, ''));
      const isThere = pathname.startsWith(SITE) && fs.statSync(file, { throwIfNoEntry: false });
      if (!isThere) return response.writeHead(404).end();
      fs.createReadStream(file).pipe(response);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    place.url = `http://127.0.0.1:${server.address().port}/course/`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return place;
}
