/* The CMake project as a part of another one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { folder } from './command.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

test("within another project it is a library that is built with that project's flags", (t) => {
  const top = folder(t);
  writeFileSync(
    join(top, 'CMakeLists.txt'),
    `cmake_minimum_required(VERSION 3.20)
project(other LANGUAGES C)
set(CMAKE_C_FLAGS_RELEASE "-O1 -DOTHER_FLAG")
add_subdirectory(${root} bitloss)
get_property(targets DIRECTORY ${root} PROPERTY BUILDSYSTEM_TARGETS)
message(STATUS "targets: \${targets}")
`,
  );
  const build = join(top, 'build');
  const done = spawnSync(
    'cmake',
    [
      ...['-S', top, '-B', build, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release'],
      '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON',
    ],
    { encoding: 'utf8' },
  );
  assert.equal(done.status, 0, done.stderr);
  assert.doesNotMatch(done.stdout, /targets: .*\b(bitloss|test_base)\b(?!_)/);
  assert.match(done.stdout, /targets: .*bitloss_core/);
  const commands = JSON.parse(readFileSync(join(build, 'compile_commands.json'), 'utf8'));
  const { command } = commands.find(({ file }) => file.endsWith('affine.c'));
  assert.match(command, /-O1 -DOTHER_FLAG/);
  assert.doesNotMatch(command, /-O3/);
});
