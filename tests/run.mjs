/* `npm test`: sets up what is missing, then builds and runs every test. A part that fails does not
 * keep the others from running; the end lists them all, and the exit status says if any failed.
 * `npm test -- native web` runs only the parts named. */
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildTests, testProgram } from '../wasm/build.mjs';
import { cjsonSource } from '../wasm/cjson.mjs';
import { cmakeBuild, makeEngine, makeNative, makeSite, makeWasm } from '../wasm/make.mjs';
import { ensureNodeModules, ensureSystem } from '../wasm/setup.mjs';
import { SetupError, findProgram, main, root, run } from '../wasm/toolchain.mjs';

const nJobs = os.availableParallelism();

/** Configures, builds and runs the C tests under a preset of CMakePresets.json. */
async function ctest(preset, configureArgs = []) {
  await cmakeBuild(preset, configureArgs);
  run('ctest', ['--preset', preset, '-j', String(nJobs)]);
}

/** Are a compiler's sanitizers there? Their libraries are a package of their own. */
function canSanitize(compiler) {
  const args = ['-fsanitize=address,undefined', '-x', 'c', '-', '-o', os.devNull];
  return spawnSync(compiler, args, { input: 'int main(void) { return 0; }' }).status === 0;
}

/** What a C test as wasm under Node printed, and whether it passed. */
const wasmTest = (name) =>
  new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: 1 << 26 };
    execFile(process.execPath, [testProgram, name], options, (error, out, err) =>
      resolve({ isPassed: !error && out !== '', printed: out + err }),
    );
  });

/** Runs the C tests as wasm under Node; each prints a line for every test. */
async function wasmTests() {
  const names = await buildTests();
  const waiting = [...names];
  const failed = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { isPassed, printed } = await wasmTest(next);
      process.stdout.write(`${next}\n${printed}`);
      if (!isPassed) failed.push(next);
    }
  };
  await Promise.all(Array.from({ length: nJobs }, work));
  if (failed.length > 0) throw new Error(`failed: ${failed.join(', ')}`);
  console.log(`${names.length} passed`);
}

/** Runs the test files in some folders, and in those below, on Node's test runner, so many at a time; those
 * that time something run alone, first. */
function nodeTests(folders, atOnce = nJobs) {
  const paths = folders.flatMap((folder) => {
    const files = sources(folder, /\.test\.mjs$/);
    if (files.length === 0) throw new Error(`${folder} has no tests`);
    return files;
  });
  const isTiming = (file) => /main_thread/.test(file);
  // The largest first, so that no long one is left for the end.
  const size = (file) => fs.statSync(path.join(root, file)).size;
  const together = paths.filter((file) => !isTiming(file)).sort((a, b) => size(b) - size(a));
  const failed = [];
  for (const files of [...paths.filter(isTiming).map((file) => [file]), together]) {
    const args = ['--test', '--test-reporter=spec', `--test-concurrency=${atOnce}`, ...files];
    try {
      run(process.execPath, args);
    } catch {
      failed.push(files.length === 1 ? files[0] : folders.join(', '));
    }
  }
  if (failed.length > 0) throw new Error(`failed: ${failed.join('; ')}`);
}

/** The sources below a folder whose names match. */
const sources = (folder, pattern) =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true })
    .filter((name) => pattern.test(name) && !name.startsWith('golden'))
    .map((name) => path.join(folder, name));

/** Does every source open by saying what it is, and does every header of the core compile alone? */
function openingTests() {
  const all = ['core', 'wasm', 'web', 'tests', 'examples'].flatMap((folder) =>
    sources(folder, /\.(c|h|ts|mjs|js|py)$/),
  );
  const silent = all.filter((file) => {
    const text = fs.readFileSync(path.join(root, file), 'utf8').replace(/^#!.*\n/, '');
    return !/^(\/\*|\/\/|#|r?""")/.test(text) || /^#include/.test(text);
  });
  if (silent.length > 0) throw new Error(`no opening comment: ${silent.join(', ')}`);
  const compiler = findProgram('cc', 'gcc', 'clang');
  // Bodies that other files compile several times over are no headers of their own.
  const bodies = /(lanes\w*|gemm\w*|rows|vector|neon|x86_\w*)\.h$/;
  const headers = sources('core', /\.h$/).filter((file) => !bodies.test(file));
  const flags = [
    '-std=c11',
    '-fsyntax-only',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-Wno-unused-function',
  ];
  const folders = ['-Icore', '-Icore/include', '-I/usr/include/cjson', '-D_POSIX_C_SOURCE=200809L'];
  for (const header of headers) run(compiler, [...flags, ...folders, '-x', 'c', header]);
}

/** Is every source laid out as .clang-format and biome.json say, and does the linter find nothing? */
function styleTests() {
  const biome = path.join(root, 'node_modules', '.bin', 'biome');
  openingTests();
  run(biome, ['ci', '--error-on-warnings']);
  const clangFormat = findProgram('clang-format-19');
  if (!clangFormat) return 'passed; C skipped: there is no clang-format-19';
  const files = ['core', 'wasm', 'tests'].flatMap((folder) => sources(folder, /\.[ch]$/));
  run(clangFormat, ['--dry-run', '-Werror', ...files]);
}

const parts = {
  style: styleTests,
  native: () => ctest('native'),
  // With the fuzz targets, and by clang: the other compiler's warnings are errors, and its sanitizers take
  // half the time.
  sanitize: async () => {
    const clang = findProgram('clang-19', 'clang');
    if (clang && canSanitize(clang))
      return ctest('sanitize', [`-DCMAKE_C_COMPILER=${clang}`, '-DCMAKE_C_FLAGS=-Werror']);
    await ctest('sanitize');
    return 'passed; by cc: there is no clang with sanitizers';
  },
  // Under emulation, where a product takes a hundred times as long. Left out (CMakePresets.json) is
  // what is portable C on top of products that other programs compare, and long.
  arm64: async () => {
    if (process.arch === 'arm64') return 'skipped: the native tests are it';
    if (!findProgram('aarch64-linux-gnu-gcc')) return 'skipped: there is no aarch64-linux-gnu-gcc';
    if (!findProgram('qemu-aarch64', 'qemu-aarch64-static')) return 'skipped: there is no qemu';
    await cjsonSource();
    await ctest('arm64');
  },
  'C in wasm': wasmTests,
  engine: async () => {
    await makeWasm();
    await makeEngine();
    await makeNative(); // what the module measures is compared with the command's
    nodeTests(['tests/wasm']);
  },
  cli: async () => {
    await makeNative();
    nodeTests(['tests/cli']);
  },
  examples: () => nodeTests(['tests/examples']),
  web: async () => {
    await makeWasm();
    await makeSite();
    await makeNative(); // what the page shows is compared with what the command prints
    // A page waits a fifth of its time, for timers, frames and connections that stall on purpose.
    nodeTests(['tests/web', 'web/panels'], nJobs + 1);
  },
};

async function runAll() {
  const named = process.argv.slice(2);
  const unknown = named.find((name) => !(name in parts));
  if (unknown)
    throw new SetupError(`no part '${unknown}'; there are: ${Object.keys(parts).join(', ')}`);
  await ensureSystem({ forTests: true });
  await ensureNodeModules();
  const summary = [];
  for (const [name, part] of Object.entries(parts)) {
    if (named.length > 0 && !named.includes(name)) continue;
    console.log(`\n=== ${name} ${'='.repeat(Math.max(4, 70 - name.length))}`);
    const started = performance.now();
    let outcome;
    try {
      outcome = (await part()) ?? 'passed';
    } catch (error) {
      console.error(error.message);
      outcome = 'FAILED';
      process.exitCode = 1;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    summary.push(`${name.padEnd(12)}${seconds.padStart(7)} s  ${outcome}`);
  }
  console.log(`\n=== all ${'='.repeat(67)}\n${summary.join('\n')}`);
}

await main(runAll);
