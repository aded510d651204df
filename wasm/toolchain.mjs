/* What the builds need from the machine, found or installed. Uses nothing beyond Node itself, so
 * that it can run before node_modules is there. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const buildDir = path.join(root, 'build');
const depsDir = path.join(buildDir, 'deps');

/** A failure that the user can act on: printed as it is, without a stack. */
export class SetupError extends Error {}

/** Runs a command to its end with its output on this terminal; throws when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error)
    throw new SetupError(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) {
    const ending = result.signal ? `signal ${result.signal}` : `status ${result.status}`;
    throw new SetupError(`${command} ${args.join(' ')}: ended with ${ending}`);
  }
}

/** The path of a program, or null. */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      const file = path.join(folder, name);
      try {
        fs.accessSync(file, fs.constants.X_OK);
        return file;
      } catch {
        // Not in this folder.
      }
    }
  }
  return null;
}

/** Chromium or Chrome, for the tests in a real browser; null when there is none. */
export function findBrowser() {
  const applications = [
    process.env.BITLOSS_BROWSER,
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return (
    applications.find((file) => file && fs.existsSync(file)) ??
    findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
  );
}

const exists = (...files) => files.some((file) => fs.existsSync(file));

/** Is this emcc Debian's, which is built for several LLVMs and defaults to an old one? */
const isDebianEmscripten = () => exists('/usr/share/emscripten/.emscripten');

const hasApt = () => Boolean(findProgram('apt-get'));
/** Debian's Emscripten takes its LLVM from other packages; any other brings its own. */
const bringsLlvm = () => !hasApt() || (findProgram('emcc') && !isDebianEmscripten());
const cjsonFile = () => path.join(depsDir, 'cjson', 'cJSON.c');

/* Each need: the Debian packages that meet it, and whether it is met. */
const needs = {
  build: [
    { packages: ['cmake'], met: () => findProgram('cmake') },
    { packages: ['ninja-build'], met: () => findProgram('ninja') },
    {
      packages: ['gcc', 'libc6-dev'],
      met: () => findProgram('cc', 'gcc', 'clang'),
    },
    {
      packages: ['libcjson-dev'],
      met: () =>
        !hasApt() || exists('/usr/include/cjson/cJSON.h', '/usr/local/include/cjson/cJSON.h'),
    },
    { packages: ['emscripten'], met: () => findProgram('emcc') },
    { packages: ['clang-19'], met: () => bringsLlvm() || findProgram('clang-19') },
    { packages: ['lld-19'], met: () => bringsLlvm() || findProgram('wasm-ld-19') },
    { packages: ['llvm-19'], met: () => bringsLlvm() || findProgram('llvm-ar-19') },
    {
      packages: ['dpkg-dev'],
      met: () => !hasApt() || exists(cjsonFile()) || findProgram('dpkg-source'),
    },
  ],
  test: [
    { packages: ['chromium'], met: findBrowser },
    {
      packages: ['fonts-noto-cjk'],
      met: () => !hasApt() || exists('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'),
    },
  ],
};

/**
 * Installs what is missing for the builds, and with `forTests` for the tests too. Where there is no
 * apt it names what is missing and how to get it, and stops.
 */
export function ensureSystem({ forTests = false } = {}) {
  const wanted = forTests ? [...needs.build, ...needs.test] : needs.build;
  const packages = wanted.filter((need) => !need.met()).flatMap((need) => need.packages);
  if (packages.length === 0) return;
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  const install = [...asRoot, 'apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  if (!hasApt()) {
    const hint =
      process.platform === 'darwin'
        ? 'brew install cmake ninja emscripten cjson; brew install --cask chromium'
        : 'install cmake, ninja, cJSON, Chromium and the Emscripten SDK (https://emscripten.org)';
    throw new SetupError(
      `Missing: ${packages.join(', ')} (as Debian calls them). To go on: ${hint}`,
    );
  }
  if (asRoot.length > 0 && !findProgram('sudo')) {
    throw new SetupError(`Missing packages. As root, run: ${install.join(' ')}`);
  }
  console.log(`Installing ${packages.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run(...split([...asRoot, 'apt-get', 'update', '-qq']), { env });
  run(...split(install), { env });
}

const split = ([command, ...args]) => [command, args];

/** Installs node_modules when it is missing or older than what package-lock.json asks for. */
export function ensureNodeModules() {
  const stamp = path.join(root, 'node_modules', '.package-lock.json');
  const lock = path.join(root, 'package-lock.json');
  if (exists(stamp) && sameVersions(lock, stamp)) return;
  run('npm', ['ci', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' });
}

/** Does the installed tree have the lock file's version of every package that is not optional? */
function sameVersions(lockFile, installedFile) {
  const versions = (file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  const installed = versions(installedFile);
  return Object.entries(versions(lockFile)).every(
    ([name, wanted]) =>
      name === '' || wanted.optional || installed[name]?.version === wanted.version,
  );
}

/* ---- Emscripten --------------------------------------------------------------------------- */

/** The compiler and the environment it runs in: { emcc, env }. */
export function emscripten() {
  const emcc = findProgram('emcc');
  if (!emcc) throw new SetupError('emcc is missing: install Emscripten');
  const env = { ...process.env };
  if (isDebianEmscripten()) {
    // Debian's default LLVM 14 has an unfinished set of SIMD intrinsics.
    const config = fs
      .readFileSync('/usr/share/emscripten/.emscripten', 'utf8')
      .replace(/^(LLVM|CLANG)_ADD_VERSION *=.*$/gm, "$1_ADD_VERSION = '19'")
      .replace(/^NODE_JS *=.*$/m, `NODE_JS = '${process.execPath}'`);
    env.EM_CONFIG = path.join(depsDir, 'emscripten.config');
    writeIfChanged(env.EM_CONFIG, config);
    // Debian's Node packages, which any other Node does not look for.
    env.NODE_PATH = '/usr/share/nodejs';
  }
  return { emcc, env };
}

/** Writes a file unless it already has this text, so that its time says when it last changed. */
export function writeIfChanged(file, text) {
  if (exists(file) && fs.readFileSync(file, 'utf8') === text) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

/* ---- cJSON's source, for the wasm builds --------------------------------------------------- */

/* The release that is used where there is no Debian source package; CMakeLists.txt names the same. */
const cjsonRelease = {
  url: 'https://raw.githubusercontent.com/DaveGamble/cJSON/v1.7.19/',
  files: {
    'cJSON.c': '298581a04a36c0165da4b0aade235c23088cb2faa58651d720ea2f3706ed0b0d',
    'cJSON.h': '25b0145150d500498e4d209cec69c18c42cf818bffcc54690be3b895a2a16dee',
  },
};

/** The folder with cJSON.c and cJSON.h, fetched on first use. */
export async function cjsonSource() {
  const folder = path.dirname(cjsonFile());
  if (exists(cjsonFile())) return folder;
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-cjson-'));
  try {
    if (!(hasApt() && cjsonFromDebian(scratch))) await cjsonFromRelease(scratch);
    fs.mkdirSync(folder, { recursive: true });
    for (const file of ['cJSON.h', 'cJSON.c']) {
      fs.copyFileSync(path.join(scratch, file), path.join(folder, file));
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Debian's source package with its security fixes, unpacked in `scratch`. The machine's own source
 * list is left alone: apt is given one made from it that asks for sources. False when it has none.
 */
function cjsonFromDebian(scratch) {
  const folders = ['parts', 'lists/partial', 'cache/archives/partial'];
  for (const folder of folders) fs.mkdirSync(path.join(scratch, folder), { recursive: true });
  const lists = ['sources.list', 'sources.list.d/debian.sources', 'sources.list.d/ubuntu.sources'];
  for (const list of lists) {
    const file = path.join('/etc/apt', list);
    if (!exists(file)) continue;
    const text = fs
      .readFileSync(file, 'utf8')
      .replace(/^Types:.*$/gm, 'Types: deb-src')
      .replace(/^deb(-src)? /gm, 'deb-src ');
    fs.writeFileSync(path.join(scratch, 'parts', path.basename(list)), text);
  }
  const options = [
    'Dir::Etc::sourcelist=/dev/null',
    `Dir::Etc::sourceparts=${path.join(scratch, 'parts')}`,
    `Dir::State::lists=${path.join(scratch, 'lists')}`,
    `Dir::Cache=${path.join(scratch, 'cache')}`,
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((option) => ['-o', option]);
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', ...options, ...args], {
      cwd: scratch,
      stdio: ['ignore', 'ignore', 'inherit'],
    }).status === 0;
  if (!apt('update') || !apt('source', 'cjson')) return false;
  const unpacked = fs
    .readdirSync(scratch)
    .find((name) => exists(path.join(scratch, name, 'cJSON.c')));
  if (!unpacked) return false;
  for (const file of ['cJSON.c', 'cJSON.h']) {
    fs.copyFileSync(path.join(scratch, unpacked, file), path.join(scratch, file));
  }
  return true;
}

/** The two files of the pinned release, checked against their hashes. */
async function cjsonFromRelease(scratch) {
  for (const [file, hash] of Object.entries(cjsonRelease.files)) {
    const url = cjsonRelease.url + file;
    const response = await fetch(url).catch((error) => {
      throw new SetupError(
        `cJSON's source is needed: ${url} could not be fetched (${error.message})`,
      );
    });
    if (!response.ok)
      throw new SetupError(`cJSON's source is needed: ${url} gave ${response.status}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== hash) throw new SetupError(`${url}: SHA-256 is ${found}, expected ${hash}`);
    fs.writeFileSync(path.join(scratch, file), bytes);
  }
}

/** Runs a script's main function; a SetupError is printed as one line. */
export async function main(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`bitloss: ${error.message}`);
    process.exitCode = 1;
  }
}

/** Was this module started as a program? */
export const isProgram = (url) => fileURLToPath(url) === fs.realpathSync(process.argv[1] ?? '');
