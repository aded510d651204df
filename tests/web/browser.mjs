/* What the page's tests share: the site on a port of its own, a real browser that can reach nothing
 * else, and the page's parts by name. */
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';
import { serve } from '../../web/serve.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const golden = path.join(root, 'tests/golden');

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The questions that the stage shows, by their ids in its source. */
const SHOWN = new Set(
  fs
    .readFileSync(path.join(root, 'web/panels/stage/questions.ts'), 'utf8')
    .match(/(?<=: ')\w+-(en|ko)-[^']+(?=')/g),
);

/** Fewer of a shipped model's stories and questions: enough for every figure to be there and for a loss
 * to be seen, in a tenth of the time. */
export function someLines(name) {
  const folder = name === 'held_out.tsv' ? 'classifier' : 'tests';
  const file = path.join(root, 'examples/tinyworld', folder, name);
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  const isStory = name.startsWith('stories.');
  const kept = lines.filter((line, i) =>
    isStory ? i < 8 : i % 40 === 0 || (folder === 'tests' && SHOWN.has(JSON.parse(line).id)),
  );
  return `${kept.join('\n')}\n`;
}

/** The files of a model in tests/golden: those of a folder, or one file. */
export function modelFiles(name) {
  const place = path.join(golden, name);
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs.readdirSync(place).map((file) => path.join(place, file));
}

/** What the real library made of a golden model: its prompt, the ids and the text of its answer. */
export function expectedText(name) {
  return JSON.parse(fs.readFileSync(path.join(golden, name, 'expected.json'), 'utf8'));
}

/** Starts the server and the browser around a file's tests. The returned object opens pages. */
export function useBrowser() {
  const site = {
    url: '',
    /** Addresses outside this machine that a page asked for. */
    strays: [],
    /** Errors that no code of the page caught. */
    uncaught: [],
    openPage,
  };
  let server;
  let browser;
  /** Of the test that runs: a page left open would go on measuring under the tests that follow. */
  let contexts = [];

  before(async () => {
    server = await serve(path.join(root, 'dist'));
    site.url = server.url;
    browser = await chromium.launch({ executablePath: findBrowser(), args: FLAGS });
  });
  afterEach(async () => {
    const done = contexts;
    contexts = [];
    await Promise.all(done.map((context) => context.close()));
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page of its own, as a first visit. `model` is a name in tests/golden to open at once;
   * `shipped` leaves the page's own list of models as it is, with some of their stories and questions, or
   * all where `whole` is said: where figures are the test's matter; `init` runs before its scripts; `url`
   * is another page than the site's; `keep` leaves it open for the tests that follow. Unless the
   * query says which panels are open, the bench is, which most tests are about. The site's service
   * worker would answer in place of a test's routes: only a test of its own asks for it. */
  async function openPage({
    query = '',
    model = null,
    shipped = false,
    whole = false,
    width = 1280,
    init = null,
    url = null,
    keep = false,
    ...options
  } = {}) {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      locale: 'en-US',
      serviceWorkers: 'block',
      ...options,
    });
    if (!keep) contexts.push(context);
    const page = await context.newPage();
    // Of no use to a page that works: only a busy machine comes near it.
    page.setDefaultTimeout(60_000);
    if (init) await page.addInitScript(init);
    page.on('pageerror', (error) => site.uncaught.push(error.message));
    await context.route('**/*', (route) => {
      const { hostname, protocol } = new URL(route.request().url());
      if (protocol === 'file:' || hostname === 'localhost' || hostname === '127.0.0.1')
        return route.continue();
      site.strays.push(route.request().url());
      return route.abort();
    });
    // The models that ship would open by themselves; a test opens what it is about.
    if (shipped && !whole)
      await context.route(/\/tests\/[^/]*\.jsonl$|\/held_out\.tsv$/, (route) => {
        const { pathname } = new URL(route.request().url());
        const headers = { 'access-control-allow-origin': '*' };
        return route.fulfill({ body: someLines(path.basename(pathname)), headers });
      });
    if (!shipped) await page.route('**/models/index.json', (route) => route.fulfill({ json: [] }));
    await page.goto(url ?? site.url + withBench(query));
    if (model) await openModel(page, modelFiles(model));
    return page;
  }
  return site;
}

/** The query with the bench open, unless it says itself which panels are. */
export function withBench(query) {
  if (/[?&#]panels=/.test(query) || !/^(\?|#|$)/.test(query)) return query;
  const at = query.indexOf('#') < 0 ? query.length : query.indexOf('#');
  const settings = query.slice(0, at);
  return `${settings || '?'}${settings.length > 1 ? '&' : ''}panels=bench,words,skills${query.slice(at)}`;
}

export async function openModel(page, files) {
  await page.locator('bitloss-source input#files').setInputFiles(files);
}

/** Resolves once an async function, called in the page again and again, resolves to true: playwright's own
 * waitForFunction takes the promise for the truth. */
export async function until(page, isSo, argument) {
  const end = Date.now() + 60_000;
  while (!(await page.evaluate(isSo, argument)))
    if (Date.now() > end) throw new Error(`not so after a minute: ${isSo}, ${argument}`);
}

/** A lane's card: 0 is the reference. */
export const lane = (page, index) => page.locator('bitloss-lane').nth(index);

/** Resolves once a lane is the model that its controls say. */
export async function ready(page, index) {
  await lane(page, index).locator('.figures:not([data-stale])').waitFor();
}

/** Resolves once a lane has written its text. */
export async function laneText(page, index) {
  const text = lane(page, index).locator('p.text[aria-busy="false"]');
  await text.waitFor();
  return text.evaluate((element) => element.textContent);
}

/** Resolves once what a lane lost has been measured. */
export async function measured(page, index) {
  await lane(page, index).locator('.chip').filter({ hasNotText: 'not measured' }).waitFor();
}

/** A query with the prompt and length of a golden model's expected answer. */
export function queryFor(name, more = '') {
  const { prompt, max_tokens: maxTokens } = expectedText(name);
  return `?prompt=${encodeURIComponent(prompt)}&max=${maxTokens}${more}`;
}

export async function chooseBits(page, index, bits) {
  await lane(page, index)
    .getByRole('radio', { name: String(bits), exact: true })
    .press('Space');
}
