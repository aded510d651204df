/* `npm run test:browsers`: a learner's first steps in Firefox and in WebKit, where they are installed: the site,
 * the tag in a page of another origin, the frame. What is missing is named, and fails nothing. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { makeSite, makeWasm } from '../wasm/make.mjs';
import { findProgram, isProgram, main, root } from '../wasm/toolchain.mjs';
import { serve } from '../web/serve.mjs';

const STEP_MS = 120_000;

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Tries until something listens there. */
async function connected(port) {
  const until = Date.now() + STEP_MS;
  for (;;) {
    const socket = net.connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return socket;
    if (Date.now() > until) throw new Error(`nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The first of some programs that is installed; null where none is. */
function installed(...names) {
  const folders = [...process.env.PATH.split(path.delimiter), ...webkitFolders()];
  const files = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find((file) => fs.existsSync(file)) ?? null;
}

function webkitFolders() {
  const libraries = path.join(
    '/usr/lib',
    `${os.arch() === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
  );
  if (!fs.existsSync(libraries)) return [];
  const names = fs.readdirSync(libraries).filter((name) => name.startsWith('webkit2gtk-'));
  return names.sort().map((name) => path.join(libraries, name));
}

function start(program, args, environment = {}) {
  const child = spawn(program, args, {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...environment },
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  return async () => {
    try {
      // The group that it leads: what it started ends with it.
      process.kill(-child.pid);
    } catch {
      return;
    }
    await gone;
  };
}

/** Firefox by its own protocol: a length, a colon, and [type, id, …] as JSON. */
async function startFirefox() {
  const port = await freePort();
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-firefox-'));
  fs.writeFileSync(path.join(profile, 'user.js'), `user_pref("marionette.port", ${port});\n`);
  const args = ['--headless', '--no-remote', '--marionette', '--profile', profile];
  const end = start(installed('firefox', 'firefox-esr'), args);
  const socket = await connected(port);
  const waiting = new Map();
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const colon = bytes.indexOf(':');
      const size = Number(bytes.subarray(0, Math.max(0, colon)).toString());
      if (colon < 0 || bytes.length < colon + 1 + size) return;
      const message = JSON.parse(bytes.subarray(colon + 1, colon + 1 + size).toString());
      bytes = bytes.subarray(colon + 1 + size);
      if (!Array.isArray(message)) continue;
      const [, id, error, result] = message;
      waiting.get(id)?.(error, result);
    }
  });
  let last = 0;
  const ask = (command, parameters = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, (error, result) =>
        error ? reject(new Error(error.message)) : resolve(result),
      );
      const text = JSON.stringify([0, id, command, parameters]);
      socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
  const { capabilities } = await ask('WebDriver:NewSession', {});
  await ask('WebDriver:SetTimeouts', { script: STEP_MS, pageLoad: STEP_MS });
  return {
    name: `Firefox ${capabilities.browserVersion}`,
    go: (url) => ask('WebDriver:Navigate', { url }),
    call: async (script, args) =>
      (await ask('WebDriver:ExecuteAsyncScript', { script, args })).value,
    close: async () => {
      socket.destroy();
      await end();
      fs.rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** WebKit by its driver (WebDriver over HTTP), on a screen of its own where there is none. */
async function startWebKit() {
  const port = await freePort();
  const driver = installed('WebKitWebDriver');
  const args = [`--port=${port}`];
  const screen = process.env.DISPLAY ? null : findProgram('xvfb-run');
  // A program that is not allowed to make spaces of its own is no test of the page.
  const environment = { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' };
  const end = screen
    ? start(screen, ['-a', driver, ...args], environment)
    : start(driver, args, environment);
  (await connected(port)).destroy();
  const ask = async (method, where, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${where}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const options = { binary: installed('MiniBrowser'), args: ['--automation'] };
  const { sessionId, capabilities } = await ask('POST', '/session', {
    capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
  });
  const session = `/session/${sessionId}`;
  await ask('POST', `${session}/timeouts`, { script: STEP_MS, pageLoad: STEP_MS });
  return {
    name: `WebKit (${capabilities.browserName} ${capabilities.browserVersion})`,
    go: (url) => ask('POST', `${session}/url`, { url }),
    call: (script, args) => ask('POST', `${session}/execute/async`, { script, args }),
    close: async () => {
      await ask('DELETE', session).catch(() => {});
      await end();
    },
  };
}

const BROWSERS = [
  {
    name: 'Firefox',
    start: startFirefox,
    needs: [['firefox', 'firefox-esr', 'apt-get install firefox-esr']],
  },
  {
    name: 'WebKit',
    start: startWebKit,
    needs: [
      ['WebKitWebDriver', 'apt-get install webkit2gtk-driver'],
      ['MiniBrowser', 'apt-get install libwebkit2gtk-4.1-0 (it has MiniBrowser)'],
      ...(process.env.DISPLAY ? [] : [['xvfb-run', 'apt-get install xvfb']]),
    ],
  },
];

/** In the page: an expression, looked at until it is something, and then handed back. */
const untilScript = (expression) => `const done = arguments[arguments.length - 1];
  const look = () => {
    let found = null;
    try { found = ${expression}; } catch (error) { found = null; }
    if (found) done(found); else setTimeout(look, 50);
  };
  look();`;

/** Through shadow roots, the first element that a selector finds. */
const DEEP = `(() => { const find = (root, selector) => {
    const own = root.querySelector(selector);
    if (own) return own;
    for (const one of root.querySelectorAll('*')) {
      const inner = one.shadowRoot && find(one.shadowRoot, selector);
      if (inner) return inner;
    }
    return null;
  }; return find(document, SELECTOR); })()`;
const deep = (selector) => DEEP.replace('SELECTOR', JSON.stringify(selector));

const WORLD = 'model=tinyworld-0.5M&max=12&lanes=affine:4:64&view=lanes';
const STEPS = [
  {
    name: 'the site opens a model and a lane writes',
    url: ({ site }) => `${site}?model=tinyworld-0.5M&max=12&lanes=affine:4:64&panels=bench`,
    until: `${deep('p.text[aria-busy="false"]')}?.textContent.trim()`,
  },
  {
    name: 'the tag in a page of another origin has its table of results',
    url: ({ other }) => `${other}/tag`,
    until: 'window.result && JSON.stringify(window.result.lanes.map(({ recipe }) => recipe))',
    expected: '["reference","affine:4:64"]',
  },
  {
    name: 'the frame tells its height and that a model is open',
    url: ({ other }) => `${other}/frame`,
    until: 'window.ready && window.height >= 560 && window.ready.model',
    expected: 'tinyworld-0.5M',
  },
  {
    name: 'the builder shows three snippets',
    url: ({ site }) => `${site}embed/builder.html`,
    until: `${deep('pre')}?.getRootNode().querySelectorAll('pre').length`,
    expected: 3,
  },
];

const pagesOf = (site) => ({
  '/tag': `<script>addEventListener('bitloss-result', ({ detail }) => (window.result = detail))</script>
    <script type="module" src="${site}v1/bitloss.js"></script>
    <bitloss-playground model="tinyworld-0.5M" max="12" lanes="affine:4:64" view="lanes"></bitloss-playground>`,
  '/frame': `<script>addEventListener('message', ({ data }) => {
      if (data.type === 'bitloss-height') window.height = data.height;
      if (data.type === 'bitloss-ready') window.ready = data.detail;
    })</script><iframe src="${site}embed/?${WORLD}" title="An experiment" width="800" height="560"></iframe>`,
});

async function runSteps(browser, places) {
  let nFailed = 0;
  for (const { name, url, until, expected } of STEPS) {
    try {
      await browser.go(url(places));
      const found = await browser.call(untilScript(until), []);
      if (expected !== undefined && found !== expected)
        throw new Error(`found ${found}, expected ${expected}`);
      console.log(`  ok: ${name}`);
    } catch (error) {
      nFailed++;
      console.log(`  FAILED: ${name}: ${error.message}`);
    }
  }
  return nFailed;
}

async function testBrowsers() {
  await makeWasm();
  await makeSite();
  const site = await serve(path.join(root, 'dist'));
  const pages = pagesOf(site.url);
  const other = http.createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><html lang="en"><title>A lesson</title>${pages[request.url] ?? ''}`,
    );
  });
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  const places = { site: site.url, other: `http://127.0.0.1:${other.address().port}` };
  let nFailed = 0;
  for (const { name, start: open, needs } of BROWSERS) {
    const missing = needs.filter((names) => installed(...names.slice(0, -1)) === null);
    if (missing.length > 0) {
      const how = missing.map((names) => `${names[0]} (${names.at(-1)})`).join(', ');
      console.log(`${name}: not tested, missing: ${how}`);
      continue;
    }
    const browser = await open();
    console.log(browser.name);
    nFailed += await runSteps(browser, places).finally(browser.close);
  }
  other.closeAllConnections();
  other.close();
  await site.close();
  if (nFailed > 0) process.exitCode = 1;
}

if (isProgram(import.meta.url)) await main(testBrowsers);
