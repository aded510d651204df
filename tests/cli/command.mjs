/* Running the `bitloss` command, and reading what it wrote. The command is $BITLOSS, or
 * build/native/bitloss. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const command = process.env.BITLOSS ?? join(root, 'build', 'native', 'bitloss');
if (!existsSync(command)) throw new Error(`${command} is not built (BITLOSS may name another)`);

export const golden = (...parts) => join(root, 'tests', 'golden', ...parts);
export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const environment = (env) => ({ PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm', ...env });

/* Runs to the end: { status, signal, out, err }. */
export function bitloss(args, { input = '', env = {}, cwd, timeout } = {}) {
  const done = spawnSync(command, args, {
    input,
    env: environment(env),
    cwd,
    timeout,
    encoding: 'utf8',
  });
  if (done.error) throw done.error;
  return { status: done.status, signal: done.signal, out: done.stdout, err: done.stderr };
}

/* The parsed output of a command that must succeed. */
export function json(args, options) {
  const { status, out, err } = bitloss([...args, '--json'], options);
  if (status !== 0) throw new Error(`exit status ${status}: ${err}`);
  return JSON.parse(out);
}

export const start = (args, options = {}) =>
  spawn(command, args, { env: environment(options.env), stdio: options.stdio ?? 'pipe' });

/* A fresh folder that is removed when the test ends. */
export function folder(test) {
  const path = mkdtempSync(join(tmpdir(), 'bitloss-cli-'));
  test.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/* A safetensors file as { metadata, tensors: Map(name -> { dtype, shape, bytes }) }. */
export function readSafetensors(path) {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(file.toString('utf8', 8, start));
  const tensors = new Map(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => [name, { dtype, shape, bytes: file.subarray(start + from, start + to) }],
    ),
  );
  return { metadata, tensors };
}

export function writeSafetensors(tensors) {
  let at = 0;
  const header = {};
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [at, (at += bytes.length)] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, ...[...tensors.values()].map(({ bytes }) => bytes)]);
}
