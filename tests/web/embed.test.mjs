/* The ways into a page of somebody else: the script with its tag, the frame, the link; from the page's own
 * origin and another's, with little to load before a reader comes near, and without pushing anything. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { laneText, useBrowser } from './browser.mjs';
import { lesson, usePages } from './foreign.mjs';
import { root } from './modules.mjs';

const SHELL_BYTES = 10 << 10;
const site = useBrowser();
const WORLD = 'model="tinyworld-0.5M" max="12" view="lanes"';
const pages = usePages({
  // As the snippet's style attribute says it, which this policy refuses.
  'kept.css': 'bitloss-playground { display: block; min-height: 560px }',
  'far.css': '#above { height: 6000px }',
  'unit/far.html': lesson(`<p id="above"></p><bitloss-playground ${WORLD}></bitloss-playground>`, {
    css: 'far.css',
  }),
  'unit/kept.html': lesson(
    `<bitloss-playground ${WORLD} reveal="manual"></bitloss-playground><p id="below">Below</p>`,
    { lang: 'ko', css: 'kept.css' },
  ),
  'unit/two.html': lesson(`<bitloss-playground ${WORLD} lanes="affine:4:64"></bitloss-playground>
    <bitloss-lanes model="tinyworld-0.5M" max="12" lanes="affine:2:64"></bitloss-lanes>`),
});

/** A page of another origin, without a policy of its own, unless `policy` says one. */
const others = { url: '', bodies: {} };
let other;
before(async () => {
  other = http.createServer((request, response) => {
    const [body, policy] = others.bodies[request.url] ?? ['', ''];
    if (policy) response.setHeader('Content-Security-Policy', policy);
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><title>Elsewhere</title><body>${body}</body>`);
  });
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  others.url = `http://127.0.0.1:${other.address().port}`;
});
after(() => {
  other.closeAllConnections();
  other.close();
});

/** In a page to come: what its elements tell, what frames say, what moved, what its policy refused. */
function listen() {
  window.heard = [];
  window.said = [];
  window.refused = [];
  window.moved = [];
  for (const name of ['ready', 'result', 'error'])
    addEventListener(`bitloss-${name}`, ({ detail }) => window.heard.push([name, detail]));
  addEventListener('message', ({ data, origin }) => window.said.push({ ...data, origin }));
  document.addEventListener('securitypolicyviolation', (event) =>
    window.refused.push(`${event.effectiveDirective} ${event.blockedURI}`),
  );
  new PerformanceObserver((list) => {
    // What moves inside an element has no node here.
    for (const { sources } of list.getEntries())
      window.moved.push(...sources.flatMap(({ node }) => node?.nodeName ?? []));
  }).observe({ type: 'layout-shift', buffered: true });
}

const open = (url, options = {}) => site.openPage({ url, shipped: true, init: listen, ...options });
const heard = (page, name, n = 1) =>
  page.waitForFunction(
    ([kind, least]) => window.heard.filter(([one]) => one === kind).length >= least,
    [name, n],
  );
const said = async (page, type) => {
  const found = await page.waitForFunction(
    (kind) => window.said.find((message) => message.type === kind),
    type,
  );
  return found.jsonValue();
};

test('far from the reader an element is at most 10 KB, and says what was measured', async () => {
  const loaded = [];
  const page = await open('about:blank');
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await page.goto(`${pages.url}unit/far.html`);
  await page.locator('bitloss-playground table').waitFor({ state: 'attached' });
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))),
  );
  const scripts = loaded.filter((name) => name.endsWith('.js'));
  const inDist = (name) =>
    fs.readFileSync(path.join(root, 'dist', name.replace(/.*\/tools\/bitloss\//, '')));
  const bytes = scripts.reduce((sum, name) => sum + zlib.gzipSync(inDist(name)).length, 0);
  assert.ok(bytes <= SHELL_BYTES, `${bytes} bytes: ${scripts}`);
  assert.ok(scripts.length > 0);
  assert.equal(page.workers().length, 0);
  const [, kilobytes, right] = /affine:4:64 \| [\d.]+ \| (\d+) kB \| ([\d.]+)/.exec(
    fs.readFileSync(path.join(root, 'examples/tinyworld/models/0.5M/README.md'), 'utf8'),
  );
  const row = page.locator('bitloss-playground tbody tr').filter({ hasText: '4 bits' });
  assert.deepEqual(await row.locator('th, td').allTextContents(), [
    '4 bits',
    `${kilobytes} KB`,
    `${right}%`,
  ]);
});

test('what is set before the experiment is there is kept, and nothing is pushed', async () => {
  const page = await open(`${pages.url}unit/kept.html`);
  const element = page.locator('bitloss-playground');
  await element.evaluate((one) => one.setState({ lanes: 'affine:3:64', colour: 'red' }));
  assert.equal(await element.evaluate((one) => one.getState().lanes), 'affine:3:64');
  assert.equal(page.workers().length, 0);
  const place = () => page.locator('#below').evaluate((one) => one.offsetTop);
  const before = await place();
  await page.getByRole('button', { name: '실험 시작' }).press('Enter');
  await laneText(page, 1);
  const state = await element.evaluate((one) => one.getState());
  assert.equal(state.lanes, 'affine:3:64');
  assert.equal(state.lang, 'ko');
  assert.match(await page.locator('.links').textContent(), /colour/);
  assert.equal(await place(), before);
  assert.deepEqual(await page.evaluate(() => window.moved), []);
  assert.deepEqual(await page.evaluate(() => window.refused), []);
});

test('two on one page, one of them a panel’s own tag', async () => {
  const page = await open(`${pages.url}unit/two.html`);
  await heard(page, 'ready', 2);
  await page.locator('bitloss-playground h3 code').getByText('affine:4:64').waitFor();
  await page.locator('bitloss-lanes h3 code').getByText('affine:2:64').waitFor();
  assert.deepEqual(await page.evaluate(() => window.refused), []);
});

test('the script works from another origin, under the policy that is documented for it', async () => {
  const origin = new URL(site.url).origin;
  others.bodies['/tag'] = [
    `<script type="module" src="${site.url}v1/bitloss.js"></script>
    <bitloss-playground ${WORLD}></bitloss-playground>`,
    `default-src 'none'; script-src ${origin} 'wasm-unsafe-eval'; connect-src ${origin}; worker-src blob: ${origin}`,
  ];
  const page = await open(`${others.url}/tag`);
  await laneText(page, 2);
  assert.deepEqual(await page.evaluate(() => window.refused), []);
});

test('a frame tells its height and what happens, and takes settings from its own page', async () => {
  others.bodies['/frame'] = [
    `<iframe src="${site.url}embed/?model=tinyworld-0.5M&max=12&lanes=affine:4:64&view=lanes&lang=ko"
      title="An experiment" width="800" height="560"></iframe>`,
  ];
  const page = await open(`${others.url}/frame`);
  const { height, origin } = await said(page, 'bitloss-height');
  assert.ok(height >= 560);
  assert.equal(origin, new URL(site.url).origin);
  const { detail } = await said(page, 'bitloss-ready');
  assert.deepEqual(detail, {
    model: 'tinyworld-0.5M',
    lanes: 'affine:4:64',
    max: '12',
    lang: 'ko',
  });
  await page
    .locator('iframe')
    .evaluate(
      (frame, to) =>
        frame.contentWindow.postMessage(
          { type: 'bitloss-set', state: { lanes: 'affine:2:64' } },
          to,
        ),
      origin,
    );
  const inner = page.frameLocator('iframe');
  await inner.locator('h3 code').getByText('affine:2:64').waitFor();
  assert.equal(await inner.locator('html').getAttribute('lang'), 'ko');
});

test('a message from another origin than the one named changes nothing, and is answered', async () => {
  others.bodies['/wrong'] = [
    `<iframe src="${site.url}embed/?model=tinyworld-0.5M&max=12&lanes=affine:4:64&view=lanes&origin=https://example.org"
      title="An experiment" width="800" height="560"></iframe>`,
  ];
  const page = await open(`${others.url}/wrong`);
  const inner = page.frameLocator('iframe');
  await inner.locator('h3 code').getByText('affine:4:64').waitFor();
  await page
    .locator('iframe')
    .evaluate((frame) =>
      frame.contentWindow.postMessage(
        { type: 'bitloss-set', state: { lanes: 'affine:2:64' } },
        '*',
      ),
    );
  const { detail } = await said(page, 'bitloss-error');
  assert.equal(detail.code, 'origin');
  assert.match(detail.message, /are refused/);
  const state = await inner.locator('bitloss-playground').evaluate((one) => one.getState());
  assert.equal(state.lanes, 'affine:4:64');
  // Nothing but the height went to a page that was not named.
  const kinds = await page.evaluate(() => [...new Set(window.said.map(({ type }) => type))].sort());
  assert.deepEqual(kinds, ['bitloss-error', 'bitloss-height']);
});

test('a window beside the frame is not heard', async () => {
  const page = await open(
    `${site.url}embed/?model=tinyworld-0.5M&max=12&lanes=affine:4:64&panels=bench&colour=red&lanes=affine:3:64`,
  );
  await page.locator('h3 code').getByText('affine:4:64').waitFor();
  await page.evaluate(() => postMessage({ type: 'bitloss-set', state: { lanes: 'affine:2:64' } }));
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  const state = await page.locator('bitloss-playground').evaluate((one) => one.getState());
  assert.equal(state.lanes, 'affine:4:64');
  const notice = await page.locator('.links').textContent();
  assert.match(notice, /colour/);
  assert.match(notice, /more than once; the first, lanes=affine:4:64, counts/);
});

test('in a frame of another site nothing is installed', async () => {
  others.bodies['/manual'] = [
    `<iframe src="${site.url}embed/?reveal=manual&lang=en" title="An experiment"></iframe>`,
  ];
  const init = () => {
    window.registered = 0;
    ServiceWorkerContainer.prototype.register = async () => void window.registered++;
  };
  const page = await open(`${others.url}/manual`, { serviceWorkers: 'allow', init });
  const inner = page.frameLocator('iframe');
  await inner.getByRole('button', { name: 'Start the experiment' }).waitFor();
  const asked = await inner.locator('html').evaluate(async () => {
    if (document.readyState !== 'complete')
      await new Promise((resolve) => addEventListener('load', resolve));
    await new Promise((resolve) => setTimeout(resolve));
    return window.registered;
  });
  assert.equal(asked, 0);
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
