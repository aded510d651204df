/* What benchmarks that run the command over and over share: running a program, and a folder for what it writes. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What a program printed; what it says on the way is shown. Throws where it fails. */
export function run(program, args) {
  const done = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: status ${done.status}`);
  return done.stdout;
}

/** A folder that is removed when this process ends. */
export function workFolder(name) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `bitloss-${name}-`));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
