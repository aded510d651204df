/* The elements in pages of somebody else: under a strict policy, from a folder, with styles that mean no
 * good, two at a time, moved about; what such a page may say to them, and what it hears. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, test } from 'node:test';
import { golden, lane, laneText, measured, useBrowser } from './browser.mjs';
import { lesson, usePages } from './foreign.mjs';
import { useModules } from './modules.mjs';

const site = useBrowser();
const modules = useModules();
after(() => modules.close());

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const HOSTILE = `* { all: unset !important; font-size: 50px !important; line-height: 3 !important;
  letter-spacing: 9px !important; word-spacing: 1em !important; color: lime !important;
  text-transform: uppercase !important; text-align: right !important; direction: rtl !important;
  white-space: nowrap !important; text-indent: 3em !important; cursor: wait !important;
  visibility: visible !important }
html { font-size: 62.5% !important }
:root { --ink: red; --paper: blue; --rem: 40px; --lane-a: red; --radius: 0 }
div, button, input, p, h2, section { padding: 40px !important; border: 9px solid red !important }
bitloss-playground, [part] { background: red !important }`;
const OWN = `body { margin: 0 }
bitloss-playground { --bitloss-ink: rgb(1, 2, 3); --bitloss-paper: rgb(250, 251, 252) }
bitloss-playground::part(stage) { border: 3px solid rgb(4, 5, 6) }
bitloss-playground::part(bits) { outline: 1px solid rgb(11, 0, 0) }
bitloss-playground::part(size) { outline: 1px solid rgb(12, 0, 0) }
bitloss-playground::part(verdict) { outline: 1px solid rgb(13, 0, 0) }
bitloss-playground::part(text) { outline: 1px solid rgb(14, 0, 0) }
bitloss-playground::part(reference) { outline: 1px solid rgb(15, 0, 0) }`;

const WORLD = 'model="tinyworld-0.5M" max="12"';
const pages = usePages({
  'bad.css': HOSTILE,
  'none.css': 'body { margin: 0 }',
  'own.css': OWN,
  'unit/plain.html': lesson('<bitloss-playground panels="words,skills"></bitloss-playground>', {
    lang: 'ko',
  }),
  'unit/clean.html': lesson(
    `<bitloss-playground ${WORLD} lang="en" panels="words,skills"></bitloss-playground>`,
    {
      css: 'none.css',
    },
  ),
  'unit/hostile.html': lesson(
    `<bitloss-playground ${WORLD} lang="en" panels="words,skills"></bitloss-playground>`,
    {
      css: 'bad.css',
    },
  ),
  'unit/own.html': lesson(`<bitloss-playground ${WORLD} view="lanes"></bitloss-playground>`, {
    css: 'own.css',
  }),
  'unit/said.html': lesson(`<bitloss-playground ${WORLD} lanes="affine:3:64" prompt="The cat sat on"
    lang="ko" theme="dark" view="lanes,text" height="420"></bitloss-playground>`),
  'unit/wrong.html':
    lesson(`<bitloss-playground model="tinyworld-0.5M" lanes="affine:4:64,nonsense" max="many"
    theme="pink" view="lanes,piano" loading="never" height="tall"></bitloss-playground>`),
  'unit/two.html':
    lesson(`<bitloss-playground id="one" ${WORLD} lanes="affine:4:64" view="lanes"></bitloss-playground>
    <bitloss-playground id="two" ${WORLD} lanes="affine:2:64" view="lanes" lang="ko"></bitloss-playground>`),
  'unit/later.html': lesson(
    `<div id="first"><bitloss-playground ${WORLD} view="lanes" reveal="manual"><i>A picture</i></bitloss-playground></div><div id="second"></div>`,
  ),
  'unit/below.html': lesson(
    `<p id="above"></p><bitloss-playground ${WORLD} view="lanes"></bitloss-playground>`,
    {
      css: 'below.css',
    },
  ),
  'beside.css': '#row { display: flex } #row p { flex: none; width: 60px }',
  'unit/beside.html': lesson(
    `<div id="row"><p>Beside</p><bitloss-playground ${WORLD} view="lanes"></bitloss-playground></div>`,
    { css: 'beside.css' },
  ),
  'unit/eager.html': lesson(
    `<p id="above"></p><bitloss-playground ${WORLD} view="lanes" loading="eager"></bitloss-playground>`,
    { css: 'below.css' },
  ),
  'below.css': '#above { height: 6000px }',
  'unit/panels.html': lesson(
    `<bitloss-compare ${WORLD}></bitloss-compare><bitloss-budget ${WORLD}></bitloss-budget>`,
  ),
});

/** In a page to come: all that its elements tell, as [name, detail] in window.heard, and what its policy
 * refused. */
function listen() {
  window.heard = [];
  window.refused = [];
  for (const name of ['ready', 'progress', 'result', 'predict', 'error', 'action'])
    addEventListener(`bitloss-${name}`, (event) =>
      window.heard.push([name, event.detail, event.target.id]),
    );
  document.addEventListener('securitypolicyviolation', (event) =>
    window.refused.push(`${event.effectiveDirective} ${event.blockedURI}`),
  );
}

const open = (name, options = {}) =>
  site.openPage({ url: `${pages.url}unit/${name}.html`, shipped: true, init: listen, ...options });

/** Details of the events of a kind, once there are so many. */
async function heard(page, name, n = 1) {
  await page.waitForFunction(
    ([kind, least]) => window.heard.filter(([one]) => one === kind).length >= least,
    [name, n],
  );
  return page.evaluate(
    (kind) => window.heard.filter(([one]) => one === kind).map(([, detail]) => detail),
    name,
  );
}

test('a page with a strict policy has an experiment, and stays as it was', async () => {
  const page = await open('plain');
  const [ready] = await heard(page, 'ready');
  assert.deepEqual(ready, {
    model: 'tinyworld-2M',
    lanes: 'affine:8:64,affine:4:64',
    panels: 'bench,words,skills',
    lang: 'ko',
  });
  const [table] = await heard(page, 'result');
  assert.equal(table.name, 'TinyWorld 2M');
  assert.deepEqual(
    table.lanes.map(({ lane: id, recipe }) => [id, recipe]),
    [
      ['reference', 'reference'],
      ['a', 'affine:8:64'],
      ['b', 'affine:4:64'],
    ],
  );
  const [reference, , four] = table.lanes;
  assert.equal(four.sizeShare, four.sizeBytes / reference.sizeBytes);
  assert.ok(four.klDivergence.value > 0 && four.klDivergence.error > 0);
  assert.ok(four.perplexity.value > reference.perplexity.value);
  assert.equal(reference.text.trim(), (await laneText(page, 0)).trim());
  const progress = await heard(page, 'progress');
  assert.ok(progress.some(({ work }) => work === 'read' || work === 'download'));
  assert.ok(progress.some(({ work }) => work === 'quantize'));
  assert.deepEqual(progress.at(-1), { work: 'idle', fraction: null });
  await page.getByRole('radio', { name: '3', exact: true }).last().press('Space');
  await page.waitForFunction(
    () =>
      document.querySelector('bitloss-playground').getState().lanes === 'affine:8:64,affine:3:64',
  );
  assert.deepEqual(
    await page.evaluate(() => [
      document.title,
      document.documentElement.lang,
      document.documentElement.dataset.theme ?? '',
      location.href.replace(location.origin, ''),
      history.length,
      localStorage.length,
      window.refused,
    ]),
    ['A lesson', 'ko', '', '/course/unit/plain.html', 2, 0, []],
  );
});

/** Of every element inside, by the tags and classes that lead to it: how it looks. */
function looks() {
  const PROPERTIES = [
    'color',
    'background-color',
    'border-top-width',
    'border-radius',
    'cursor',
    'direction',
    'display',
    'font-family',
    'font-size',
    'font-weight',
    'letter-spacing',
    'line-height',
    'list-style-type',
    'margin-top',
    'margin-left',
    'padding-top',
    'padding-left',
    'text-align',
    'text-indent',
    'text-transform',
    'visibility',
    'white-space',
    'word-spacing',
  ];
  const found = {};
  const visit = (node, above) => {
    for (const element of node.children) {
      if (element.localName === 'style') continue;
      const name = `${above}>${[element.localName, ...element.classList].join('.')}`;
      const style = getComputedStyle(element);
      found[name] = PROPERTIES.map((one) => `${one}: ${style.getPropertyValue(one)}`).join('; ');
      visit(element, name);
      if (element.shadowRoot) visit(element.shadowRoot, name);
    }
  };
  visit(document.querySelector('bitloss-playground').shadowRoot, '');
  return found;
}

test('styles of a hostile page change nothing inside', async () => {
  const seen = {};
  for (const name of ['clean', 'hostile']) {
    const page = await open(name);
    await page.locator('#fold-budget').waitFor();
    await heard(page, 'result');
    await measured(page, 2);
    for (const index of [0, 1, 2])
      await lane(page, index)
        .getByText(/tokens\/s|too little/)
        .first()
        .waitFor();
    seen[name] = await page.evaluate(looks);
  }
  const common = Object.keys(seen.clean).filter((key) => key in seen.hostile);
  assert.ok(common.length > 200, String(common.length));
  for (const key of common) assert.equal(seen.hostile[key], seen.clean[key], key);
});

test('colours and parts are the page’s to style, through every shadow root', async () => {
  const page = await open('own');
  await measured(page, 2);
  const styleOf = (locator, property) =>
    locator.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);
  const root = page.locator('bitloss-experiment .root');
  assert.equal(await styleOf(root, 'color'), 'rgb(1, 2, 3)');
  assert.equal(await styleOf(root, 'background-color'), 'rgb(250, 251, 252)');
  assert.equal(await styleOf(root, 'border-top-color'), 'rgb(4, 5, 6)');
  for (const [part, red] of [
    ['bits', 11],
    ['size', 12],
    ['verdict', 13],
    ['text', 14],
    ['reference', 15],
  ]) {
    const inner = page.locator(`bitloss-lane [part="${part}"]`).first();
    assert.equal(await styleOf(inner, 'outline-color'), `rgb(${red}, 0, 0)`, part);
  }
});

test('attributes are a link’s words, properties reflect them, and the state reads back', async () => {
  const page = await open('said');
  await heard(page, 'ready');
  await page.locator('bitloss-panel-text').waitFor();
  assert.equal(await lane(page, 1).locator('h3 code').textContent(), 'affine:3:64');
  assert.equal(await page.locator('bitloss-lane').count(), 2);
  const element = page.locator('bitloss-playground');
  assert.deepEqual(await element.evaluate((one) => one.getState()), {
    model: 'tinyworld-0.5M',
    lanes: 'affine:3:64',
    prompt: 'The cat sat on',
    max: '12',
    lang: 'ko',
    theme: 'dark',
  });
  assert.equal(await page.locator('bitloss-panel-prompt').count(), 0);
  assert.equal(await page.locator('bitloss-panel-text').count(), 1);
  assert.match(await page.locator('bitloss-panel-lanes h2').textContent(), /나란히/);
  const box = await element.evaluate((one) => {
    const root = one.shadowRoot.querySelector('.root');
    return [one.offsetHeight, getComputedStyle(root).colorScheme, root.lang];
  });
  assert.deepEqual(box, [420, 'dark', 'ko']);
  const reflected = await element.evaluate(async (one) => {
    one.view = 'lanes';
    one.lanes = 'affine:2:64';
    await one.updateComplete;
    return [one.getAttribute('view'), one.getAttribute('lanes'), one.height, one.model];
  });
  assert.deepEqual(reflected, ['lanes', 'affine:2:64', '420', 'tinyworld-0.5M']);
});

test('attributes that change later, and a state that is set, are followed', async () => {
  const page = await open('said');
  await heard(page, 'ready');
  const element = page.locator('bitloss-playground');
  await laneText(page, 1);
  await element.evaluate((one) => {
    one.setAttribute('lanes', 'affine:4:64,q8_0');
    one.setAttribute('lang', 'en');
    one.setAttribute('theme', 'light');
    one.setAttribute('view', 'prompt,lanes');
  });
  await laneText(page, 2);
  const recipes = () => page.locator('bitloss-lane h3 code').allTextContents();
  assert.deepEqual((await recipes()).slice(1), ['affine:4:64', 'q8_0']);
  assert.equal(
    await page.locator('bitloss-panel-prompt h2').textContent(),
    'One prompt for all lanes',
  );
  assert.equal(await page.locator('bitloss-panel-text').count(), 0);
  await element.evaluate((one) =>
    one.setState({ lanes: 'affine:6:64', prompt: 'Mia', colour: 'red' }),
  );
  await page.locator('bitloss-lane').nth(2).waitFor({ state: 'detached' });
  assert.deepEqual((await recipes()).slice(1), ['affine:6:64']);
  assert.equal(await page.locator('bitloss-panel-prompt textarea').inputValue(), 'Mia');
  assert.match(
    await page.locator('.links').textContent(),
    /The element’s setting colour is not one of this page’s\./,
  );
  await element.evaluate((one) => one.setAttribute('model', 'tinyworld-2M'));
  const [, second] = await heard(page, 'ready', 2);
  assert.equal(second.model, 'tinyworld-2M');
  // What is set is what can be had again.
  const state = await element.evaluate((one) => one.getState());
  await element.evaluate((one, all) => one.setState(all), state);
  assert.deepEqual(await element.evaluate((one) => one.getState()), state);
});

test('what cannot be used is said in the element and to the page', async () => {
  const page = await open('wrong');
  await heard(page, 'ready');
  await lane(page, 2).locator('[role="alert"]').waitFor();
  const told = await page.locator('.links').textContent();
  for (const sentence of [
    /The element’s max=many cannot be used/,
    /The element’s theme=pink cannot be used, expected auto, light, dark/,
    /The element opens panels that this page does not have: piano\./,
    /The element’s loading=never cannot be used, expected lazy, eager/,
    /The element’s height=tall cannot be used/,
  ])
    assert.match(told, sentence);
  const errors = await heard(page, 'error', 6);
  const ofLane = errors.find(({ code }) => code === 'recipe');
  assert.equal(ofLane.lane, 'b');
  assert.match(ofLane.message, /“nonsense” cannot be used here/);
  assert.equal(errors.filter(({ code }) => code.startsWith('link-')).length, 5);
});

test('two on one page keep to themselves', async () => {
  const page = await open('two');
  await heard(page, 'ready', 2);
  for (const [id, recipe] of [
    ['one', 'affine:4:64'],
    ['two', 'affine:2:64'],
  ])
    await page.locator(`#${id} h3 code`).getByText(recipe).waitFor();
  await page.locator('#one').evaluate((one) => one.setState({ lanes: 'affine:5:64' }));
  await page.locator('#one h3 code').getByText('affine:5:64').waitFor();
  assert.equal(await page.locator('#two').evaluate((one) => one.getState().lanes), 'affine:2:64');
  assert.match(await page.locator('#two h2').first().textContent(), /나란히/);
  assert.match(await page.locator('#one h2').first().textContent(), /Side by side/);

  // One module for both, compiled once: no worker fetches its own.
  const modules = () =>
    performance.getEntriesByType('resource').filter(({ name }) => /\.wasm(\?|$)/.test(name)).length;
  const fetched = await Promise.all(
    [page, ...page.workers()].map((place) => place.evaluate(modules)),
  );
  assert.equal(
    fetched.reduce((sum, n) => sum + n),
    1,
  );

  // What is dropped on one of them is its own, and nothing of the page around.
  await page.evaluate(() => {
    window.dropped = 0;
    for (const name of ['dragover', 'drop']) addEventListener(name, () => window.dropped++);
  });
  await page.locator('#two').evaluate((two) => two.scrollIntoView());
  const { x, y } = await page.locator('#two').boundingBox();
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path.join(golden, 'tiny_llama')], dragOperationsMask: 1 };
  const drag = (type) =>
    session.send('Input.dispatchDragEvent', { type, x: x + 40, y: y + 40, data });
  await drag('dragEnter');
  await drag('dragOver');
  await page.locator('#two bitloss-source[dragging]').waitFor();
  await drag('dragOver');
  await drag('drop');
  await heard(page, 'ready', 3);
  assert.equal(await page.evaluate(() => window.dropped), 0);
});

test('one that waits for the reader shows what the page put there, and begins at a press', async () => {
  const page = await open('later');
  const start = page.getByRole('button', { name: 'Start the experiment' });
  await start.waitFor();
  assert.equal(await page.getByText('A picture').isVisible(), true);
  assert.equal(page.workers().length, 0);
  await start.press('Enter');
  await heard(page, 'ready');
  assert.equal(await page.getByText('A picture').isVisible(), false);
});

test('one that is moved goes on; one that is taken out gives everything back, and comes back', async () => {
  const page = await open('later');
  await page.getByRole('button', { name: 'Start the experiment' }).press('Enter');
  const text = await laneText(page, 2);
  await measured(page, 2);
  const before = page.workers();
  assert.ok(before.length > 0);
  await page.evaluate(() => {
    window.kept = document.querySelector('bitloss-playground');
    document.querySelector('#second').append(window.kept);
  });
  // A move that is none to the experiment: a turn of the page later all is as it was.
  await page.evaluate(() => new Promise((resolve) => setTimeout(() => setTimeout(resolve))));
  assert.deepEqual(page.workers(), before);
  assert.equal(await laneText(page, 2), text);
  assert.equal((await heard(page, 'ready')).length, 1);
  const closed = Promise.all(before.map((worker) => worker.waitForEvent('close')));
  await page.evaluate(() => window.kept.remove());
  await closed;
  assert.equal(page.workers().length, 0);
  await page.evaluate(() => {
    window.kept.setState({ lanes: 'affine:8:64,affine:2:64' });
    document.querySelector('#first').append(window.kept);
  });
  await heard(page, 'ready', 2);
  assert.notEqual(await laneText(page, 2), text);
  assert.equal(await lane(page, 2).locator('h3 code').textContent(), 'affine:2:64');
});

test('one far below begins when the reader comes near, and had its place before', async () => {
  const page = await open('below');
  await page.locator('bitloss-playground .root').waitFor();
  const height = await page.locator('bitloss-playground').evaluate((one) => one.offsetHeight);
  assert.equal(height, 560);
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))),
  );
  assert.deepEqual(await page.evaluate(() => window.heard), []);
  assert.equal(page.workers().length, 0);
  await page.evaluate(() => window.scrollTo(0, 5500));
  await heard(page, 'ready');
  // Another, as far below, does not wait.
  await heard(await open('eager'), 'ready');
});

test('what a learner guessed reaches the page, what panels say to each other does not', async () => {
  const page = await open('own');
  await heard(page, 'ready');
  await page.locator('bitloss-panel-lanes').evaluate((panel) => {
    const detail = { type: 'predict', guess: 4, truth: 3 };
    panel.dispatchEvent(
      new CustomEvent('bitloss-action', { detail, bubbles: true, composed: true }),
    );
  });
  assert.deepEqual(await heard(page, 'predict'), [{ guess: 4, truth: 3 }]);
  assert.ok(!(await page.evaluate(() => window.heard.some(([name]) => name === 'action'))));
});

test('every panel is an element of its own', async () => {
  const { PANELS } = await modules.load('web/panels/index.ts');
  const page = await open('panels');
  const defined = await page.evaluate(
    (ids) => ids.filter((id) => customElements.get(`bitloss-${id}`)),
    PANELS.map(({ id }) => id),
  );
  assert.equal(defined.length, PANELS.length);
  await heard(page, 'ready', 2);
  await page.locator('bitloss-compare bitloss-panel-compare').waitFor();
  await page.locator('bitloss-budget bitloss-panel-budget').waitFor();
  assert.equal(await page.locator('bitloss-panel-lanes').count(), 0);
  assert.match(await page.locator('bitloss-budget h2').first().textContent(), /How much memory/);
});

test('axe finds nothing in the elements, whatever they show', async () => {
  const found = [];
  for (const [name, ready] of [
    ['clean', '#fold-budget'],
    ['said', 'bitloss-panel-text'],
    ['wrong', 'bitloss-lane [role="alert"]'],
    ['later', 'button'],
    ['panels', 'bitloss-panel-budget .needs > li'],
  ]) {
    const page = await open(name, { reducedMotion: 'reduce' });
    await page.locator(ready).first().waitFor();
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const elements = [...document.querySelectorAll('body > *, #first > *')].filter(
        ({ localName }) => localName.startsWith('bitloss-'),
      );
      const result = await window.axe.run({ include: elements }, { resultTypes: ['violations'] });
      return result.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(' '))}`,
      );
    });
    found.push(...violations.map((one) => `${name}: ${one}`));
  }
  assert.deepEqual(found, []);
});

test('beside other things an element takes the room that is left', async () => {
  const page = await open('beside', { width: 375 });
  await heard(page, 'ready');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
