/* The page for everyone: by keyboard alone, with a screen reader, on a telephone, in Korean, with
 * readable colours, without motion. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { chooseBits, golden, lane, laneText, measured, useBrowser } from './browser.mjs';
import { openShipped, settled } from './modules.mjs';

const site = useBrowser();

/** Presses Tab until `isThere`, which gets the focused element's tag, id, name and text, says so. */
async function tabTo(page, isThere) {
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      const host = element?.getRootNode().host;
      return {
        tag: element?.localName,
        id: element?.id,
        name: element?.getAttribute('name'),
        text: element?.textContent.trim(),
        hostIndex:
          host?.localName === 'bitloss-lane' ? [...host.parentElement.children].indexOf(host) : -1,
      };
    });
    if (isThere(focused)) return;
  }
  assert.fail('Tab did not reach it');
}

test('the whole experiment can be done by keyboard', async () => {
  const page = await site.openPage();
  await page.route('**/tiny.gguf', (route) =>
    route.fulfill({ path: path.join(golden, 'tiny_gguf/tiny_llama.gguf') }),
  );
  await tabTo(page, ({ id }) => id === 'address');
  await page.keyboard.type(`${site.url}tiny.gguf`);
  await page.keyboard.press('Enter');
  await laneText(page, 2);

  await tabTo(page, ({ tag }) => tag === 'textarea');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('The wind');
  await page.keyboard.press('Control+Enter');
  await laneText(page, 2);

  const before = await lane(page, 2).locator('.exact').textContent();
  await tabTo(page, ({ name, hostIndex }) => name === 'bits' && hostIndex === 2);
  await page.keyboard.press('ArrowLeft');
  await lane(page, 2)
    .locator('.exact')
    .filter({ hasNotText: before })
    .waitFor({ state: 'attached' });
  assert.equal(await lane(page, 2).locator('h3 code').textContent(), 'affine:3:64');

  await page.locator('bitloss-panel-tensors summary').waitFor();
  await tabTo(page, ({ tag, text }) => tag === 'summary' && /All tensors/.test(text));
  await page.keyboard.press('Enter');
  await page.locator('bitloss-tensor-table tbody tr').first().waitFor();
});

test('the map of errors can be walked with the arrow keys', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  const map = page.locator('bitloss-heatmap').nth(1);
  await map.locator('svg').focus();
  await page.keyboard.press('ArrowDown');
  const output = map.locator('output');
  await output.filter({ hasText: /embed_tokens.*affine:4:64.*SNR/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await output.filter({ hasText: /layers\.1\.self_attn\.q_proj/ }).waitFor();
});

test('nothing grows above a part that the reader jumps to', async () => {
  const page = await openShipped(site, 'sweep');
  const height = () => page.evaluate(() => document.documentElement.scrollHeight);
  const before = await height();
  // Two frames later every panel knows whether it is in sight, and has begun what it does then.
  await page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    window.scrollTo(0, document.documentElement.scrollHeight);
    await frame();
    await frame();
  });
  await page.locator('bitloss-panel-words .measuring').waitFor({ state: 'detached' });
  assert.equal(await height(), before);
});

test('everything that can be used has a name for a screen reader', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  await page.locator('bitloss-panel-tensors summary').press('Enter');
  await page.locator('bitloss-panel-prompt summary').press('Enter');
  for (const summary of await page.locator('bitloss-lane summary').all())
    await summary.press('Enter');
  await page.getByRole('button', { name: 'Another model' }).press('Enter');
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const roles = new Set([
    'button',
    'radio',
    'textbox',
    'spinbutton',
    'combobox',
    'img',
    'image',
    'progressbar',
    'link',
    'radiogroup',
    'group',
    'region',
    'heading',
    'columnheader',
  ]);
  const nameless = nodes.filter(
    ({ ignored, role, name, properties }) =>
      !ignored &&
      (roles.has(role?.value) ||
        properties?.some((p) => p.name === 'focusable' && p.value.value === true)) &&
      !name?.value &&
      !['RootWebArea', 'details', 'Details', 'DisclosureTriangle'].includes(role?.value),
  );
  // <details> is a group without a name of its own; its summary speaks for it.
  const bad = nameless.filter(
    ({ role, properties }) =>
      !(role.value === 'group' && !properties?.some((p) => p.name === 'focusable')),
  );
  assert.deepEqual(
    bad.map(({ role, name }) => [role.value, name?.value]),
    [],
  );
  assert.equal(nodes.filter(({ role, ignored }) => !ignored && role?.value === 'main').length, 1);
});

/** In a page to come: all that its live region shows, as { text, at } in window.announced, from before
 * the page's own script runs. */
function recordAnnouncements() {
  window.announced = [];
  const observer = new MutationObserver(() => {
    const region = document
      .querySelector('bitloss-playground')
      ?.shadowRoot.querySelector('[role="status"][aria-live="polite"]');
    const text = region?.textContent.trim() ?? '';
    if (text !== (window.announced.at(-1)?.text ?? ''))
      window.announced.push({ text, at: performance.now() });
  });
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, options);
    observer.observe(root, { subtree: true, childList: true, characterData: true });
    return root;
  };
}

test('every result is announced, and stays long enough to be heard', async () => {
  const page = await site.openPage({ init: recordAnnouncements, model: 'tiny_llama' });
  const isAnnounced = (pattern) =>
    page.waitForFunction(
      (source) => window.announced.some(({ text }) => new RegExp(source).test(text)),
      pattern.source,
    );
  await isAnnounced(/is open\./);
  for (const letter of ['A', 'B']) {
    await isAnnounced(new RegExp(`Lane ${letter}: .* of the reference, weight error`));
    await isAnnounced(new RegExp(`have written\\..* Lane ${letter} (differs|wrote)`));
    await isAnnounced(new RegExp(`Measured what is lost\\..*Lane ${letter}, `));
  }
  // One lane is quantized again: it alone is told about, also when it came to the same as before.
  const nBefore = await page.evaluate(() => window.announced.length);
  await chooseBits(page, 2, 3);
  await page.waitForFunction((n) => {
    const news = window.announced
      .slice(n)
      .map(({ text }) => text)
      .join(' ');
    return (
      /Lane B: .* weight error/.test(news) &&
      /have written\. Lane B /.test(news) &&
      /is lost\. Lane B, /.test(news) &&
      !news.includes('Lane A')
    );
  }, nBefore);
  const times = await page.evaluate(() => window.announced.map(({ at }) => at));
  for (const [i, at] of times.entries())
    if (i > 0) assert.ok(at - times[i - 1] >= 1400, `${at - times[i - 1]} ms`);
});

for (const lang of ['en', 'ko']) {
  test(`nothing is wider than a screen of 375 px, or of 320, in ${lang}`, async () => {
    const page = await site.openPage({ query: `?lang=${lang}`, width: 375, model: 'tiny_llama' });
    await laneText(page, 2);
    await page.locator('bitloss-panel-tensors summary').press('Enter');
    for (const summary of await page.locator('bitloss-panel-lanes summary').all())
      await summary.press('Enter');
    await page.locator('bitloss-tensor-table tbody tr').first().waitFor();
    for (const width of [375, 320]) {
      await page.setViewportSize({ width, height: 900 });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }
  });
}

/** WCAG 2's contrast ratio of two colours given as [r, g, b] in 0 to 255. */
function contrast(a, b) {
  const luminance = (rgb) => {
    const [r, g, bl] = rgb.map((v) =>
      v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

for (const theme of ['light', 'dark']) {
  test(`text is readable and marks are visible in ${theme}`, async () => {
    const page = await site.openPage({ query: `?theme=${theme}` });
    await page.locator('bitloss-source').waitFor();
    const color = (name) =>
      page.evaluate((property) => {
        const root = document.querySelector('bitloss-playground').shadowRoot;
        const probe = root.querySelector('.root').appendChild(document.createElement('i'));
        probe.style.color = `var(${property})`;
        const rgb = getComputedStyle(probe)
          .color.match(/[\d.]+/g)
          .slice(0, 3)
          .map(Number);
        probe.remove();
        return rgb;
      }, name);
    const lanes = ['reference', 'a', 'b', 'c', 'd', 'e'].map((id) => `--lane-${id}`);
    const texts = [
      ...['--ink', '--muted', '--faint', '--error'].flatMap((ink) => [
        [ink, '--paper'],
        [ink, '--surface'],
      ]),
      ['--error', '--error-wash'],
      ['--ink', '--error-wash'],
      ['--ink', '--notice-wash'],
      ['--ink', '--sunken'],
      ['--paper', '--ink'],
      // A lane's letter, and the chosen segment of its controls.
      ...lanes.map((lane) => ['--surface', lane]),
    ];
    const marks = [
      ['--edge', '--surface'],
      ['--edge', '--paper'],
      ...lanes.map((lane) => [lane, '--track']),
    ];
    for (const [list, least] of [
      [texts, 4.5],
      [marks, 3],
    ]) {
      for (const [front, back] of list) {
        const ratio = contrast(await color(front), await color(back));
        assert.ok(ratio >= least, `${front} on ${back}: ${ratio.toFixed(2)} < ${least}`);
      }
    }
  });
}

test('with reduced motion nothing moves, and text of twice the size fits', async () => {
  const page = await site.openPage({ reducedMotion: 'reduce', shipped: true });
  await chooseBits(page, 2, 3);
  // A document's own list leaves out what moves in its shadow trees.
  const moving = () =>
    page.evaluate(() => {
      const count = (root) =>
        [...root.querySelectorAll('*')].reduce(
          (sum, { shadowRoot }) => sum + (shadowRoot ? count(shadowRoot) : 0),
          root.getAnimations().length,
        );
      return count(document);
    });
  assert.equal(await moving(), 0);
  await settled(page);
  assert.equal(await moving(), 0);
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '200%';
  });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1280);
});

test('the language and the theme change on the spot', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  const text = await lane(page, 0).locator('p.text').textContent();
  await page.getByLabel('Language').selectOption('ko');
  await page.getByRole('button', { name: '실행', exact: true }).waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), 'ko');
  assert.equal(await lane(page, 0).locator('p.text').textContent(), text);
  await page.getByLabel('테마').selectOption('dark');
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(background, 'rgb(19, 20, 22)');
});

test('a browser in Korean gets the page in Korean', async () => {
  const page = await site.openPage({ locale: 'ko-KR' });
  await page.getByRole('heading', { name: '양자화가 잃는 것을 눈으로' }).waitFor();
});

for (const [width, height, lang] of [
  [1280, 800, 'en'],
  [375, 812, 'ko'],
]) {
  test(`nothing in sight moves while a model opens, is measured and its lanes write: ${width} px, ${lang}`, async () => {
    const page = await site.openPage({
      shipped: true,
      query: `?model=tinyworld-0.5M&lang=${lang}&panels=`,
      viewport: { width, height },
      init: () => {
        window.shift = 0;
        window.shifted = [];
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput, sources } of list.getEntries()) {
            if (hadRecentInput) continue;
            window.shift += value;
            const moved = sources.map(
              ({ node }) => node?.parentNode && (node.className || node.nodeName),
            );
            window.shifted.push(`${value.toFixed(3)} ${moved.join(' ')}`);
          }
        }).observe({ type: 'layout-shift', buffered: true });
      },
    });
    const assertStill = async (name) => {
      const { shift, shifted } = await page.evaluate(() => ({
        shift: window.shift,
        shifted: window.shifted,
      }));
      assert.ok(shift < 0.05, `${name}, ${width} px: ${shift.toFixed(3)}: ${shifted.join(', ')}`);
    };
    // As a visitor finds it; what is said aloud comes with the last figure.
    await page
      .locator('bitloss-panel-stage [role=status]:not(:empty)')
      .waitFor({ state: 'attached' });
    await assertStill('the stage');
    await page.goto(`${site.url}?lang=en&panels=bench,words,skills`);
    await measured(page, 2);
    await assertStill('the bench');
  });
}

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
