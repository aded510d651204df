/* Keeps one version of the site, so that it opens without a connection: the pages and scripts when it is
 * installed, models, questions and texts once they were opened. wasm/finish.mjs puts before it
 * `BUILT = { version, core, kept }`, paths with the SHA-256 of their content.
 *
 * A version is kept whole or not at all, and its files are served from nowhere else while it is in use; the
 * next one takes over, as browsers do it, when no page of the one before is open any more: nothing that a
 * reader has open is loaded anew under their hands. */
const SCOPE = self.registration.scope;
const PREFIX = `bitloss ${SCOPE} `;
const CORE = `${PREFIX}${BUILT.version}`;
const KEPT = `${PREFIX}kept`;
const LIST = 'models/index.json';
/** Files that are fetched at a time. */
const N_AT_ONCE = 6;

const addressOf = (path) => new URL(path.replace(/(^|\/)index\.html$/, '$1'), SCOPE).href;
/** Of something kept: another version's content is another entry. */
const keyOf = (path) => `${new URL(path, SCOPE).href}?${BUILT.kept[path]}`;

/** A response's content as one that can be kept; throws where it is not what this version is made of. */
async function checked(response, hash) {
  if (!response.ok) throw new Error(`${response.url}: status ${response.status}`);
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== hash) throw new Error(`${response.url}: not of this version`);
  const headers = new Headers(response.headers);
  // They are about the bytes on their way.
  for (const name of ['Content-Encoding', 'Content-Length']) headers.delete(name);
  return new Response(bytes, { headers });
}

async function install() {
  await caches.delete(CORE);
  const cache = await caches.open(CORE);
  const waiting = Object.entries(BUILT.core);
  const fill = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [path, hash] = next;
      const address = addressOf(path);
      await cache.put(address, await checked(await fetch(address, { cache: 'no-cache' }), hash));
    }
  };
  try {
    await Promise.all(Array.from({ length: N_AT_ONCE }, fill));
  } catch (error) {
    await caches.delete(CORE);
    throw error;
  }
}

/** What only earlier versions had goes. */
async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CORE && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  const cache = await caches.open(KEPT);
  const keys = new Set([addressOf(LIST), ...Object.keys(BUILT.kept).map(keyOf)]);
  for (const { url } of await cache.keys()) if (!keys.has(url)) await cache.delete(url);
}

async function keep(path, response) {
  const cache = await caches.open(KEPT);
  await cache.put(keyOf(path), await checked(response, BUILT.kept[path]));
}

async function fromCore(path, request) {
  const cache = await caches.open(CORE);
  return (await cache.match(addressOf(path))) ?? fetch(request);
}

async function fromKept(path, event) {
  const cache = await caches.open(KEPT);
  const before = await cache.match(keyOf(path));
  if (before) return before;
  const response = await fetch(event.request);
  // What cannot be kept, as where there is no room, can still be used.
  event.waitUntil(keep(path, response.clone()).catch(() => {}));
  return response;
}

/** The list of models is the server's: there may be models of the reader's own in it. */
async function list(request) {
  const cache = await caches.open(KEPT);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(addressOf(LIST), response.clone());
    return response;
  } catch (error) {
    const before = await cache.match(addressOf(LIST));
    if (before) return before;
    throw error;
  }
}

function pathOf(address) {
  const { origin, pathname } = new URL(address);
  const url = origin + pathname;
  if (!url.startsWith(SCOPE)) return null;
  const path = decodeURIComponent(url.slice(SCOPE.length));
  return path === '' || path.endsWith('/') ? `${path}index.html` : path;
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));

self.addEventListener('fetch', (event) => {
  const { method, url, headers } = event.request;
  const path = method === 'GET' && !headers.has('Range') ? pathOf(url) : null;
  if (path === null) return;
  if (Object.hasOwn(BUILT.core, path)) event.respondWith(fromCore(path, event.request));
  else if (Object.hasOwn(BUILT.kept, path)) event.respondWith(fromKept(path, event));
  else if (path === LIST) event.respondWith(list(event.request));
});

self.addEventListener('message', (event) => {
  const { type, addresses } = event.data ?? {};
  if (type !== 'bitloss-keep') return;
  // What a page had opened before this worker was there; the browser may still have it.
  for (const address of addresses) {
    const path = pathOf(address);
    const again = () => fetch(address, { cache: 'force-cache' });
    if (path === LIST) event.waitUntil(list(address).catch(() => {}));
    else if (Object.hasOwn(BUILT.kept, path ?? ''))
      event.waitUntil(
        again()
          .then((response) => keep(path, response))
          .catch(() => {}),
      );
  }
});
