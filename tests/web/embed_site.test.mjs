/* What the site has for other pages and for later: the page that writes snippets, and the service worker that
 * opens the site without a connection, one version at a time. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { writeServiceWorker } from '../../wasm/finish.mjs';
import { serve } from '../../web/serve.mjs';
import { laneText, until, useBrowser } from './browser.mjs';
import { root } from './modules.mjs';

const site = useBrowser();
const axe = fs.readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const dist = path.join(root, 'dist');

/** A copy of the site, below a folder of its server, that a test may take away or renew. */
const copy = { folder: '', url: '' };
let server;
before(async () => {
  copy.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-site-'));
  fs.cpSync(dist, path.join(copy.folder, 'tools', 'bitloss'), { recursive: true });
  server = await serve(copy.folder);
  copy.url = `${server.url}tools/bitloss/`;
});
after(async () => {
  await server?.close();
  fs.rmSync(copy.folder, { recursive: true, force: true });
});

async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'] });
    return result.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(' ')).slice(0, 4)}`,
    );
  });
}

test('the builder shows what is chosen, and its three snippets say the same', async () => {
  const page = await site.openPage({
    url: `${site.url}embed/builder.html`,
    shipped: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const builder = page.locator('bitloss-builder');
  // The preview beside it has controls of the same names.
  const form = builder.locator('form');
  await builder.locator('bitloss-playground').waitFor();
  await form.getByLabel('Model', { exact: true }).fill('tinyworld-0.5M');
  await form.getByRole('checkbox', { name: '2', exact: true }).check();
  await form.getByRole('checkbox', { name: '8', exact: true }).uncheck();
  await form.getByLabel('What is shown').selectOption('lanes');
  await form.getByLabel('Language of the experiment').selectOption('ko');
  await form.getByLabel('Height in pixels').fill('480');
  await form.getByLabel('Height in pixels').blur();
  await builder.locator('bitloss-playground[height="480"]').waitFor();
  await laneText(page, 2);
  assert.equal(await page.locator('bitloss-lane').count(), 3);
  assert.match(await page.locator('bitloss-panel-lanes h2').textContent(), /나란히/);
  const code = await builder.locator('pre').allTextContents();
  const query = 'model=tinyworld-0.5M&amp;lanes=affine:4:64,affine:2:64';
  assert.ok(code[0].includes(`src="${site.url}v1/bitloss.js"`));
  assert.match(code[0], /view="lanes" lang="ko" height="480"/);
  // Figures of the card, in the language that was chosen.
  assert.match(
    code[0],
    /TinyWorld 0\.5M: .*4비트 315 KB, 문제의 18\.4%를 맞힘; 2비트 176 KB, 문제의 0\.3%를 맞힘/,
  );
  assert.ok(code[1].includes(`src="${site.url}embed/?${query}&amp;view=lanes&amp;lang=ko"`));
  assert.ok(code[2].includes(`href="${site.url}?${query}&amp;lang=ko"`));
  await builder.getByRole('button', { name: 'Copy: Script and tag' }).press('Enter');
  await builder.locator('.told').filter({ hasText: 'Copied: Script and tag' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code[0]);
});

test('axe finds nothing on the builder and in the frame, in either language, wide and narrow', async () => {
  const found = [];
  for (const lang of ['en', 'ko']) {
    for (const name of ['embed/builder.html', 'embed/']) {
      const url = `${site.url}${name}?lang=${lang}&model=tinyworld-0.5M&view=lanes&max=12`;
      const page = await site.openPage({ url, shipped: true, reducedMotion: 'reduce' });
      if (name === 'embed/') await laneText(page, 2);
      else await page.locator('bitloss-panel-stage').waitFor();
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 800 });
        found.push(...(await violations(page)).map((one) => `${name} ${lang} ${width}: ${one}`));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${name} ${lang} is ${wide} px wide at ${width}`);
      }
    }
  }
  assert.deepEqual(found, []);
});

test('the pages name a description for oEmbed, which holds a frame', async () => {
  const page = await site.openPage({ url: `${site.url}embed/builder.html`, shipped: true });
  const link = page.locator('link[type="application/json+oembed"]');
  const oembed = await (await fetch(await link.evaluate((one) => one.href))).json();
  assert.equal(oembed.type, 'rich');
  assert.match(oembed.html, /^<iframe src="[^"]*embed\/" .*height="560"/);
});

/** Resolves once a page's worker has kept so much of that. */
const kept = (page, part) =>
  until(
    page,
    async (wanted) => {
      for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys())
          if (url.includes(wanted)) return true;
      return false;
    },
    part,
  );

test('a site that was visited once opens without a connection, also from a sub-path', async () => {
  const page = await site.openPage({
    url: `${copy.url}?model=tinyworld-0.5M&max=12&panels=bench`,
    shipped: true,
    serviceWorkers: 'allow',
  });
  const text = await laneText(page, 2);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await kept(page, '0.5M/model.safetensors');
  await kept(page, 'models/index.json');
  await page.context().setOffline(true);
  await page.reload();
  assert.equal(await laneText(page, 2), text);
  await page.goto(`${copy.url}embed/builder.html`);
  await page.locator('bitloss-builder h1').waitFor();
});

test('a classifier that was opened once labels reviews without a connection', async () => {
  const page = await site.openPage({
    url: `${copy.url}embed/?view=classify&lang=en`,
    shipped: true,
    whole: true,
    serviceWorkers: 'allow',
  });
  const said = page.locator('li[data-recipe="tensor:2"] b');
  await said.waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  for (const name of ['model.safetensors', 'tokenizer.json', 'held_out.tsv'])
    await kept(page, `classifier/${name}`);
  const before = await said.textContent();
  await page.context().setOffline(true);
  await page.reload();
  await said.waitFor();
  assert.equal(await said.textContent(), before);
});

test('a new version replaces the old one whole, and a half of one is never used', async () => {
  const folder = path.join(copy.folder, 'tools', 'bitloss');
  const source = path.join(root, 'web', 'site', 'service_worker.js');
  const index = path.join(folder, 'embed', 'index.html');
  const page = await site.openPage({
    url: `${copy.url}embed/?reveal=manual`,
    shipped: true,
    serviceWorkers: 'allow',
  });
  await page.evaluate(() => navigator.serviceWorker.ready);
  const mark = () => page.locator('meta[name="mark"]').count();
  const renew = (content) =>
    fs.writeFileSync(
      index,
      fs.readFileSync(index, 'utf8').replace(/<meta charset/, `${content}<meta charset`),
    );

  // The page is there, its list is not: what is installed stays.
  renew('<meta name="mark" content="half">');
  await page.reload();
  assert.equal(await mark(), 0);
  const installed = page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
    const { installing } = registration;
    if (!installing) return 'none';
    await new Promise((resolve) => installing.addEventListener('statechange', resolve));
    return installing.state;
  });
  assert.equal(await installed, 'none');

  writeServiceWorker(folder, source);
  const state = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    while (worker.state === 'installing')
      await new Promise((resolve) =>
        worker.addEventListener('statechange', resolve, { once: true }),
      );
    return worker.state;
  });
  assert.equal(state, 'installed');
  // While a page of the old one is open it stays, whole; a page elsewhere sees the new one begin.
  await page.reload();
  assert.equal(await mark(), 0);
  await page.goto(new URL('/elsewhere', copy.url).href);
  await page.evaluate(async (scope) => {
    const { waiting } = await navigator.serviceWorker.getRegistration(scope);
    while (waiting && waiting.state !== 'activated')
      await new Promise((resolve) =>
        waiting.addEventListener('statechange', resolve, { once: true }),
      );
  }, copy.url);
  await page.goto(`${copy.url}embed/?reveal=manual`);
  assert.equal(await mark(), 1);
  const names = await page.evaluate(() => caches.keys());
  assert.equal(names.filter((name) => !name.endsWith(' kept')).length, 1);
});

test('a file of another version stops a version from being installed', async () => {
  const folder = path.join(copy.folder, 'tools', 'bitloss');
  fs.appendFileSync(path.join(folder, 'icon.svg'), '<!-- of another version -->');
  const page = await site.openPage({ url: `${copy.url}icon.svg`, serviceWorkers: 'allow' });
  const state = await page.evaluate(async (scope) => {
    const { installing } = await navigator.serviceWorker.register(`${scope}service_worker.js`, {
      scope,
    });
    while (installing.state === 'installing')
      await new Promise((resolve) =>
        installing.addEventListener('statechange', resolve, { once: true }),
      );
    return installing.state;
  }, copy.url);
  assert.equal(state, 'redundant');
  assert.deepEqual(await page.evaluate(() => caches.keys()), []);
});

test('a page that was opened as a file says what to do', async () => {
  for (const name of ['index.html', 'embed/index.html', 'embed/builder.html']) {
    const page = await site.openPage({ url: pathToFileURL(path.join(dist, name)).href });
    await page.getByText('A browser runs this page only from a web server').waitFor();
  }
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
