/* Builds everything: the native command, the wasm module, the engine for Node and the site in dist/.
 * A part whose inputs have not changed is left alone, which takes milliseconds to see. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { writeLessons } from '../examples/lessons/render.mjs';
import { buildModules, wasmModules } from './build.mjs';
import { cjsonSource } from './cjson.mjs';
import { writeOembed, writeServiceWorker } from './finish.mjs';
import { ensureNodeModules, ensureSystem } from './setup.mjs';
import {
  buildDir,
  findProgram,
  isProgram,
  main,
  ninjaProgress,
  root,
  run,
  runQuietly,
  SetupError,
  step,
  writeIfChanged,
} from './toolchain.mjs';

export const siteDir = path.join(root, 'dist');
/** The models that ship: folders, and index.json, which is the page's list. */
const modelsDir = path.join(root, 'examples', 'tinyworld', 'models');
/** What the page measures with: TinyWorld's questions, and texts. */
const testsDir = path.join(root, 'examples', 'tinyworld', 'tests');
const textsDir = path.join(root, 'examples', 'evaluation');
/** A classifier and its held-out texts: what of their folder the page needs. */
const classifierDir = path.join(root, 'examples', 'tinyworld', 'classifier');
const classifierFiles = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'model.safetensors',
  'held_out.tsv',
];
const lessonsDir = path.join(root, 'examples', 'lessons');
export const nativeCommand = path.join(buildDir, 'native', 'bitloss');

/** Path, time and size of every file below these paths, as one hash. */
function fingerprint(inputs) {
  const hash = createHash('sha1');
  const visit = (file) => {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      for (const name of fs.readdirSync(file).sort()) visit(path.join(file, name));
    } else {
      hash.update(`${file} ${stat?.mtimeMs} ${stat?.size}\n`);
    }
  };
  for (const input of inputs) visit(path.resolve(root, input));
  return hash.digest('hex');
}

/** Runs `build` unless its inputs are as they were when it last succeeded. */
async function part(name, inputs, outputs, build) {
  const stamp = path.join(buildDir, 'stamps', name);
  const now = fingerprint(inputs);
  const before = fs.existsSync(stamp) ? fs.readFileSync(stamp, 'utf8') : null;
  if (before === now && outputs.every((file) => fs.existsSync(file))) return;
  // A build that is cut off must not pass for the one before it.
  fs.rmSync(stamp, { force: true });
  await step(`Building ${name}`, build);
  writeIfChanged(stamp, now);
}

/** Configures and builds a preset of CMakePresets.json; only warnings and errors are printed. */
export async function cmakeBuild(preset, configureArgs = [], targets = []) {
  await runQuietly('cmake', ['--preset', preset, ...configureArgs]);
  // Not through cmake --build, which would not tell ninja when it is stopped.
  const ninja = findProgram('ninja', 'ninja-build');
  const args = ['-C', path.join('build', preset), ...targets];
  await runQuietly(ninja, args, { progress: ninjaProgress });
}

const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const scripts = ['package-lock.json', 'tsconfig.json', 'wasm'];

export const makeNative = () =>
  part('native', ['core', 'CMakeLists.txt', 'CMakePresets.json'], [nativeCommand], () =>
    cmakeBuild('native', [], ['bitloss']),
  );

export const makeWasm = () => part('wasm', ['core', 'wasm'], wasmModules, buildModules);

export const makeEngine = () =>
  part('engine', scripts, [path.join(buildDir, 'js', 'engine.js')], () =>
    run(bin('tsc'), ['-p', 'wasm/tsconfig.json']),
  );

/** The notices of the packages that only workers bundle, which the bundler's list leaves out. */
function workerNotices(listed) {
  const read = (...names) => fs.readFileSync(path.join(root, ...names), 'utf8');
  const { dependencies } = JSON.parse(read('package.json'));
  const missing = Object.keys(dependencies).filter((name) => !listed.includes(`## ${name} - `));
  return missing.map((name) => {
    const { version, license } = JSON.parse(read('node_modules', name, 'package.json'));
    const folder = path.join(root, 'node_modules', name);
    const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? `\n${read('node_modules', name, file).trim()}\n` : '';
    return `\n## ${name} - ${version} (${license})\n${text}`;
  });
}

/** Where the site will be, from SITE: only what other sites are told of it (oEmbed) needs to know. */
function askedSite() {
  const site = process.env.SITE ?? './';
  if (site !== './' && !(/^https?:\/\//.test(site) && URL.canParse(site) && site.endsWith('/')))
    throw new SetupError(
      `SITE is '${site}', expected an address such as https://example.org/bitloss/`,
    );
  return site;
}

/** Adds to the bundler's list of notices what it leaves out: workers' packages, and the module's. */
async function addNotices() {
  const file = path.join(siteDir, 'licenses.md');
  const header = fs.readFileSync(path.join(await cjsonSource(), 'cJSON.h'), 'utf8');
  const notice = header.slice(header.indexOf('/*') + 2, header.indexOf('*/'));
  const lines = notice.split('\n').map((line) => line.trim());
  fs.appendFileSync(
    file,
    workerNotices(fs.readFileSync(file, 'utf8')).join('') +
      `\n## cJSON (in the WebAssembly module)\n\n${lines.join('\n').trim()}\n\n` +
      "## Emscripten's C library (in the WebAssembly module)\n\n" +
      'Parts of musl (MIT license, https://musl.libc.org), of Emscripten (MIT license, ' +
      'https://emscripten.org) and of compiler-rt (Apache License 2.0 with LLVM exceptions, ' +
      'https://llvm.org).\n',
  );
}

export async function makeSite() {
  const site = askedSite();
  await part(
    'site',
    [...scripts, 'web', ...wasmModules, modelsDir, classifierDir, testsDir, textsDir, lessonsDir],
    [path.join(siteDir, 'index.html')],
    async () => {
      run(bin('tsc'), ['-p', 'tsconfig.json']);
      run(bin('vite'), ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn']);
      await addNotices();
      fs.cpSync(modelsDir, path.join(siteDir, 'models'), { recursive: true });
      for (const name of classifierFiles)
        fs.cpSync(path.join(classifierDir, name), path.join(siteDir, 'models/classifier', name));
      fs.cpSync(testsDir, path.join(siteDir, 'tests'), { recursive: true });
      fs.cpSync(textsDir, path.join(siteDir, 'texts'), { recursive: true });
      writeLessons(path.join(siteDir, 'lessons'));
      writeServiceWorker(siteDir, path.join(root, 'web', 'site', 'service_worker.js'));
    },
  );
  writeOembed(siteDir, site);
}

export async function makeAll() {
  await ensureSystem();
  await ensureNodeModules();
  await makeNative();
  await makeWasm();
  await makeEngine();
  await makeSite();
}

if (isProgram(import.meta.url)) await main(makeAll);
