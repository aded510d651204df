/* What every script of the build shares: running commands, finding programs, naming failures. Uses
 * nothing beyond Node itself, so that it can run before node_modules is there. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const buildDir = path.join(root, 'build');
export const depsDir = path.join(buildDir, 'deps');

/** A failure that the user can act on: printed as it is, without a stack. */
export class SetupError extends Error {}

/** Throws unless a command with this result ended well. */
function expectSuccess(command, args, status, signal) {
  if (status === 0) return;
  const ending = signal ? `signal ${signal}` : `status ${status}`;
  throw new SetupError(`${command} ${args.join(' ')}: ended with ${ending}`);
}

/** Runs a command to its end with its output on this terminal; throws when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error)
    throw new SetupError(`${command} could not be started: ${result.error.message}`);
  expectSuccess(command, args, result.status, result.signal);
}

/** The lines in which ninja only says what it is at. */
export const ninjaProgress = /^\[\d+\/\d+\] |^ninja: (no work to do|Entering directory)/;

const heartbeat = 5000; // milliseconds
const tailLines = 20;

/**
 * Runs a command whose output is long: lines that match `progress` are kept back, and every five
 * seconds one line says how long it has run and what the last of them was. Its other lines and its
 * errors are shown as they come. When it fails with nothing shown, the end of what was kept back is.
 */
export async function runQuietly(command, args, { progress = /^/, ...options } = {}) {
  const started = performance.now();
  const stdio = ['inherit', 'pipe', 'inherit'];
  const child = spawn(command, args, { cwd: root, ...options, stdio });
  const kept = [];
  let shown = false;
  const timer = setInterval(() => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
    console.log(`${seconds} s  ${(kept.at(-1) ?? '').slice(0, 90)}`.trimEnd());
  }, heartbeat);
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!progress.test(line)) {
      shown = true;
      console.log(line);
    } else if (line.trim() !== '') {
      kept.push(line);
      if (kept.length > tailLines) kept.shift();
    }
  });
  // Who stops this program means the command too, which would otherwise go on alone.
  let stoppedBy = null;
  const stop = (signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  try {
    const [status, signal] = await new Promise((resolve, reject) => {
      child.once('error', (error) =>
        reject(new SetupError(`${command} could not be started: ${error.message}`)),
      );
      child.once('close', (...ending) => resolve(ending));
    });
    if (stoppedBy) process.exit(128 + os.constants.signals[stoppedBy]);
    if (status !== 0 && !shown) console.error(kept.join('\n'));
    expectSuccess(command, args, status, signal);
  } finally {
    clearInterval(timer);
    for (const signal of signals) process.off(signal, stop);
  }
}

/** Says what begins, does it, and says how long it took. */
export async function step(what, action) {
  const started = performance.now();
  console.log(what);
  await action();
  console.log(`${what}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
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

export const exists = (...files) => files.some((file) => fs.existsSync(file));

/** Chromium or Chrome, for the tests in a real browser; null when there is none. */
export function findBrowser() {
  const applications = [
    process.env.BITLOSS_BROWSER,
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return (
    applications.find((file) => file && fs.existsSync(file)) ??
    findProgram(
      'chromium-headless-shell',
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
    )
  );
}

/** Is this a system with Debian's package manager? */
export const hasApt = () => Boolean(findProgram('apt-get'));

/** Writes a file unless it already has this text, so that its time says when it last changed. */
export function writeIfChanged(file, text) {
  if (exists(file) && fs.readFileSync(file, 'utf8') === text) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

/* ---- Emscripten --------------------------------------------------------------------------- */

/** Is this emcc Debian's, which is built for several LLVMs and defaults to an old one? */
export const isDebianEmscripten = () => exists('/usr/share/emscripten/.emscripten');

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

/* ---- Programs ----------------------------------------------------------------------------- */

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
export function isProgram(url) {
  const started = process.argv[1];
  return Boolean(started) && exists(started) && fs.realpathSync(started) === fileURLToPath(url);
}
