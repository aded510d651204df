/* Builds the wasm modules and the C tests as a wasm program. Writes a ninja file and lets ninja do what
 * has changed. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { cjsonSource } from './cjson.mjs';
import { ensureNodeModules, ensureSystem } from './setup.mjs';
import {
  SetupError,
  buildDir,
  emscripten,
  findProgram,
  isProgram,
  main,
  ninjaProgress,
  root,
  runQuietly,
  writeIfChanged,
} from './toolchain.mjs';

const outDir = path.join(buildDir, 'wasm');
/* Of the same objects: what the page needs from the start; all but the trainer, which it fetches when the
 * reader saves a model, looks into layers or at a model that is not downloaded, has a prompt put into a chat
 * template or texts into classes, or opens a model that the first one has no code for, as one whose tokenizer
 * is in older files, or has a recipe with methods; and what the first one has with the trainer. `lacks` are the files of
 * exports that a module does without. A `small` module is given wasm/first/NAME.c, a shorter table, and
 * wasm/without_methods/NAME.c in the place of the core's NAME.c; what no table names is left out by the linker. Their
 * budgets are bytes gzipped. */
const rare = 'save|layers|chat|classify|outline|vocab|methods';
const without = (names) => new RegExp(`exports_(${names})\\.c$`);
/* What an engine may have beyond simd128: flags for the file of kernels alone, and for wasm-opt. With relaxed
 * SIMD products with int8 activations take one instruction in place of two or four, and have the same bits;
 * learning has none of them. The loader (wasm/loader.ts) chooses. */
const variants = [
  { name: 'simd128', kernelFlags: [], optFlags: [] },
  {
    name: 'relaxed',
    kernelFlags: ['-mrelaxed-simd'],
    optFlags: ['--enable-relaxed-simd'],
    isForInt8: true,
  },
];
const modules = [
  { name: 'bitloss', budget: 150_000, isSmall: true, lacks: without(`${rare}|train`) },
  { name: 'bitloss-full', budget: 272_000, isSmall: false, lacks: without('train') },
  { name: 'bitloss-train', budget: 180_000, isSmall: true, lacks: without(rare), trains: true },
]
  .flatMap((module) => variants.map((variant) => ({ ...module, variant })))
  .filter(({ variant, trains }) => !(trains && variant.isForInt8))
  .map((module) => ({
    ...module,
    file: path.join(outDir, `${module.name}-${module.variant.name}.wasm`),
  }));
export const wasmModules = modules.map(({ file }) => file);

/* Instructions that every browser with simd128 has. */
const features = ['-msimd128', '-mbulk-memory', '-mnontrapping-fptoint'];
const optFeatures = [
  '--enable-simd',
  '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
];
const compileFlags = [
  '-std=c11',
  ...features,
  '-ffp-contract=off',
  '-D_POSIX_C_SOURCE=200809L',
  '-Icore',
  '-Icore/include',
];
const warnings = ['-Wall', '-Wextra', '-Wconversion', '-Wshadow'];

/* Memory starts small and may grow to all that 32 bits address. The stack lies below everything else,
 * so that one that is used up traps and cannot overwrite data. */
const memoryFlags = [
  '-sTOTAL_STACK=1048576',
  '-sGLOBAL_BASE=1048576',
  '-Wl,--stack-first',
  '-sALLOW_MEMORY_GROWTH',
  '-sMAXIMUM_MEMORY=4GB',
  '-sWASM_BIGINT',
];

/* Emscripten's own binaryen may be too old for some instructions and must leave the module alone:
 * at -O1 and with these settings it does. wasm-opt from npm then optimises it. */
const moduleLinkFlags = [
  '-O1',
  '-sMALLOC=none', // wasm/memory.c
  ...features,
  '--no-entry',
  '-sSTANDALONE_WASM',
  '-sERROR_ON_WASM_CHANGES_AFTER_LINK',
  '--js-library',
  'wasm/imports.js',
  ...memoryFlags,
];

/* A test program reads the golden files through Node's file system. */
const testLinkFlags = [
  '-O1',
  ...features,
  '-sNODERAWFS',
  '-sENVIRONMENT=node',
  '-sEXIT_RUNTIME',
  '-sWASM_ASYNC_COMPILATION=0',
  ...memoryFlags,
];

/* In core/kernel: implementations for other machines. */
const isNative = (file) => /\/(x86|neon)[^/]*\.c$/.test(file);

/** The C files of a folder, none where it is not there. */
function globC(folder, pattern = /\.c$/) {
  if (!fs.existsSync(path.join(root, folder))) return [];
  const names = fs.readdirSync(path.join(root, folder)).sort();
  return names.filter((name) => pattern.test(name)).map((name) => `${folder}/${name}`);
}

const coreFolders = [
  'base',
  'family',
  'format',
  'text',
  'chat',
  'quant',
  'quant/methods',
  'kernel',
  'model',
  'measure',
  'train',
];

/* What takes the time: products, quantization, sums over weights and over the vocabulary. Loops of
 * vectors gain nothing from being unrolled further than the source says: measured, and 2 KB less. */
const isHot = (source) =>
  /core\/(base\/number|quant\/(affine|fitting|methods\/|mxfp8|nvfp4|plain|tensor)|kernel\/wasm|model\/(attention|blocks|forward)|measure\/(calibrate\.|text_row|weight_error)|train\/)/.test(
    source,
  );
const hotFlags = '-O3 -mllvm -unroll-runtime=0 -mllvm -unroll-allow-partial=0';
/* GGML's formats, nf4, what cuts a text into tokens and what runs once a token were measured to be no
 * slower for being smaller; of the rest, which runs once for a file, a setting or a result, the fewest
 * bytes count. */
const isWarm = (source) =>
  /core\/(quant\/(ggml|nf4\.)|text\/(?!tokenizer_\w|pattern_parse|kind_bpe|pipeline)|model\/(sample|session|rope))/.test(
    source,
  );
const optimisation = (source) => (isHot(source) ? hotFlags : isWarm(source) ? '-Os' : '-Oz');

/* Linking a program takes a second, so the C tests are one, and its argument says which of them runs. */
const testMain = path.join(outDir, 'tests.c');
export const testProgram = path.join(buildDir, 'wasm-tests', 'tests.js');

function testMainText(names) {
  const lines = (line) => names.map(line).join('\n');
  return `/* Runs the test that its argument names; written by wasm/build.mjs. */
#include <stdio.h>
#include <string.h>

${lines((name) => `int ${name}_main(void);`)}

static const struct {
  const char *name;
  int (*run)(void);
} tests[] = {
${lines((name) => `  {"${name}", ${name}_main},`)}
};

/* Under the name that this Emscripten calls; its clang would give one with arguments another. */
int run(int argc, char **argv) __asm__("main");
int run(int argc, char **argv) {
  for (size_t i = 0; argc == 2 && i < sizeof tests / sizeof *tests; i++)
    if (strcmp(argv[1], tests[i].name) == 0) return tests[i].run();
  fprintf(stderr, "expected the name of a test\\n");
  return 2;
}
`;
}

/** The text of the ninja file; every path in it is relative to the repository's root. */
function ninjaFile(emcc, cjson) {
  const relative = (file) => path.relative(root, file);
  const object = (source) => `build/wasm/obj/${source.replace(/\.c$/, '.o')}`;
  const compiler = [`"${emcc}"`, ...compileFlags, '-isystem', relative(cjson)].join(' ');
  const optimiser = `"${process.execPath}" node_modules/binaryen/bin/wasm-opt -O3`;
  // Nothing lies below 1 kB: the stack, which comes first, ends there in a trap anyway.
  const optFlags = [
    ...optFeatures,
    '--low-memory-unused',
    '--converge',
    '--strip-debug',
    '--strip-producers',
  ].join(' ');
  const core = coreFolders.flatMap((name) => globC(`core/${name}`)).filter((f) => !isNative(f));
  const tests = globC('tests/core', /^test_.*\.c$/);
  const lines = [
    'ninja_required_version = 1.5',
    'builddir = build/wasm',
    'rule cc',
    `  command = ${compiler} $flags -MMD -MF $out.d -c $in -o $out`,
    '  depfile = $out.d',
    '  deps = gcc',
    '  description = wasm cc $in',
    'rule link',
    `  command = "${emcc}" $flags $in -o $out`,
    '  description = wasm link $out',
    'rule opt',
    `  command = ${optimiser} ${optFlags} $flags $in -o $out`,
    '  description = wasm-opt $out',
  ];
  const compile = (source, flags, made = object(source)) => {
    const all = [optimisation(source), ...flags].join(' ');
    lines.push(`build ${made}: cc ${source}`, `  flags = ${all}`);
    return made;
  };
  const cjsonObject = 'build/wasm/obj/cJSON.o';
  // Emscripten has variants of sprintf under other names, which clang would call.
  const cjsonFlags = '-Oz -fno-builtin-sprintf';
  lines.push(`build ${cjsonObject}: cc ${relative(cjson)}/cJSON.c`, `  flags = ${cjsonFlags}`);
  const coreObjects = [...core.map((source) => compile(source, warnings)), cjsonObject];

  const kernels = 'core/kernel/wasm_simd128.c';
  const kernelObjects = new Map([[variants[0].name, object(kernels)]]);
  for (const { name, kernelFlags } of variants.slice(1)) {
    const made = object(kernels).replace(/\.o$/, `-${name}.o`);
    kernelObjects.set(name, compile(kernels, [...warnings, ...kernelFlags], made));
  }

  const exported = globC('wasm').map((source) => ({ source, made: compile(source, warnings) }));
  const first = globC('wasm/first').map((source) => ({ source, made: compile(source, warnings) }));
  const neither = globC('wasm/without_methods').map((source) => ({
    source,
    made: compile(source, warnings),
  }));
  for (const { file, isSmall, lacks, variant } of modules) {
    const own = exported.filter(({ source }) => !lacks.test(source));
    const replacing = isSmall ? [...first, ...neither] : [];
    const objects = [...own, ...replacing].map(({ made }) => made);
    const ofCore = coreObjects
      .filter((made) => !replacing.some((by) => path.basename(by.made) === path.basename(made)))
      .map((made) => (made === object(kernels) ? kernelObjects.get(variant.name) : made));
    // What the exports do not reach is left out by the linker.
    const linked = `build/wasm/linked/${path.basename(file)}`;
    lines.push(
      `build ${linked}: link ${[...objects, ...ofCore].join(' ')} | wasm/imports.js`,
      `  flags = ${moduleLinkFlags.join(' ')}`,
      `build ${relative(file)}: opt ${linked}`,
      `  flags = ${variant.optFlags.join(' ')}`,
    );
  }

  const golden = path.join(root, 'tests/golden');
  const names = tests.map((source) => path.basename(source, '.c'));
  const testFlags = ['-Itests/core', `-DBL_GOLDEN='"${golden}"'`];
  const testObjects = tests.map((source, i) =>
    compile(source, [...testFlags, `-Dmain=${names[i]}_main`]),
  );
  lines.push(
    `build build/wasm/obj/tests.o: cc ${relative(testMain)}`,
    '  flags = -O1',
    `build ${relative(testProgram)}: link ${testObjects.join(' ')} build/wasm/obj/tests.o ${coreObjects.join(' ')}`,
    `  flags = ${testLinkFlags.join(' ')}`,
    `default ${wasmModules.map(relative).join(' ')}`,
    '',
  );
  return { text: lines.join('\n'), names };
}

async function runNinja(...targets) {
  const { emcc, env } = emscripten();
  const { text, names } = ninjaFile(emcc, await cjsonSource());
  const file = path.join(outDir, 'build.ninja');
  writeIfChanged(file, text);
  writeIfChanged(testMain, testMainText(names));
  const jobs = String(os.availableParallelism());
  const args = ['-f', path.relative(root, file), '-j', jobs, ...targets];
  const ninja = findProgram('ninja', 'ninja-build');
  await runQuietly(ninja, args, { env, progress: ninjaProgress });
  return names;
}

/** Builds the modules; returns { file, raw, gzip } of each, sizes in bytes. Fails above a budget. */
export async function buildModules() {
  await runNinja();
  return modules.map(({ file, budget }) => {
    const bytes = fs.readFileSync(file);
    const gzip = gzipSync(bytes, { level: 9 }).length;
    if (gzip > budget) {
      throw new SetupError(
        `${path.relative(root, file)} is ${gzip} bytes gzipped, over the ${budget} budget`,
      );
    }
    return { file, raw: bytes.length, gzip };
  });
}

/** Builds testProgram of tests/core/test_*.c, to be run with Node; returns the tests' names. */
export async function buildTests() {
  // The program is CommonJS, the repository's package is not.
  writeIfChanged(path.join(buildDir, 'wasm-tests', 'package.json'), '{ "type": "commonjs" }\n');
  return runNinja(path.relative(root, testProgram));
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    await ensureSystem();
    await ensureNodeModules();
    for (const { file, raw, gzip } of await buildModules())
      console.log(`${path.relative(root, file)}: ${raw} bytes, ${gzip} gzipped`);
  });
}
