/* What the builds and the tests need from the machine, installed where it is missing. Uses nothing
 * beyond Node itself. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cjsonFile } from './cjson.mjs';
import {
  SetupError,
  exists,
  findBrowser,
  findProgram,
  hasApt,
  isDebianEmscripten,
  root,
  runQuietly,
  step,
} from './toolchain.mjs';

/** Debian's Emscripten takes its LLVM from other packages; any other brings its own. */
const bringsLlvm = () => (findProgram('emcc') ? !isDebianEmscripten() : !hasApt());

/** Are the tests for arm64 run here, and under emulation? */
const emulatesArm = () => hasApt() && process.arch !== 'arm64';

/* Each need: what it is, how to see that it is met, and the packages that meet it: of Debian, and of
 * Homebrew, Fedora and Arch Linux. A need without the latter comes with another's packages there. */
const needs = {
  build: [
    {
      name: 'CMake',
      met: () => findProgram('cmake'),
      apt: ['cmake'],
      brew: 'cmake',
      dnf: 'cmake',
      pacman: 'cmake',
    },
    {
      name: 'Ninja',
      met: () => findProgram('ninja', 'ninja-build'),
      apt: ['ninja-build'],
      brew: 'ninja',
      dnf: 'ninja-build',
      pacman: 'ninja',
    },
    {
      name: 'a C compiler (on a Mac: xcode-select --install)',
      met: () => findProgram('cc', 'gcc', 'clang'),
      apt: ['gcc'],
      dnf: 'gcc',
      pacman: 'gcc',
    },
    {
      // Debian's gcc only recommends them.
      name: 'the headers of the C library',
      met: () => !hasApt() || exists('/usr/include/stdio.h'),
      apt: ['libc6-dev'],
    },
    {
      // Elsewhere CMake fetches it where it is missing.
      name: 'cJSON',
      met: () =>
        !hasApt() || exists('/usr/include/cjson/cJSON.h', '/usr/local/include/cjson/cJSON.h'),
      apt: ['libcjson-dev'],
    },
    {
      name: 'Emscripten (emcc)',
      met: () => findProgram('emcc'),
      apt: ['emscripten'],
      brew: 'emscripten',
      dnf: 'emscripten',
      pacman: 'emscripten',
    },
    {
      name: 'clang 19',
      met: () => bringsLlvm() || findProgram('clang-19'),
      apt: ['clang-19'],
    },
    {
      name: 'lld 19',
      met: () => bringsLlvm() || findProgram('wasm-ld-19'),
      apt: ['lld-19'],
    },
    {
      name: 'llvm 19',
      met: () => bringsLlvm() || findProgram('llvm-ar-19'),
      apt: ['llvm-19'],
    },
    {
      // To unpack cJSON's source.
      name: 'dpkg-source',
      met: () => !hasApt() || exists(cjsonFile) || findProgram('dpkg-source'),
      apt: ['dpkg-dev'],
    },
  ],
  test: [
    {
      name: "clang 19's sanitizers",
      met: () => !hasApt() || exists('/usr/lib/llvm-19/lib/clang/19/lib/linux'),
      apt: ['libclang-rt-19-dev'],
    },
    {
      // Debian has the browser without its windows apart, which opens pages in half the time.
      name: 'Chromium or Chrome',
      met: findBrowser,
      apt: ['chromium'],
      aptIfOffered: ['chromium-headless-shell'],
      brew: '--cask google-chrome',
      dnf: 'chromium',
      pacman: 'chromium',
    },
    {
      // Elsewhere the layout of C is checked only where it is there: other versions differ.
      name: 'clang-format 19',
      met: () => !hasApt() || findProgram('clang-format-19'),
      apt: ['clang-format-19'],
    },
    {
      name: 'a Korean font',
      met: () => !hasApt() || exists('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'),
      apt: ['fonts-noto-cjk'],
    },
    {
      // Elsewhere the tests for arm64 are left out where there is none; so with the next two.
      name: 'gcc for arm64',
      met: () => !emulatesArm() || findProgram('aarch64-linux-gnu-gcc'),
      apt: ['gcc-aarch64-linux-gnu'],
    },
    {
      name: 'the C library for arm64',
      met: () => !emulatesArm() || exists('/usr/aarch64-linux-gnu/include/stdio.h'),
      apt: ['libc6-dev-arm64-cross'],
    },
    {
      name: "QEMU's emulation of arm64",
      met: () => !emulatesArm() || findProgram('qemu-aarch64', 'qemu-aarch64-static'),
      apt: ['qemu-user'],
    },
  ],
};

const isOffered = (name) => spawnSync('apt-cache', ['show', name]).status === 0;

/** The packages of Debian that meet a need: the better ones where this system's lists have them. */
const aptPackages = ({ apt, aptIfOffered }) =>
  aptIfOffered?.every(isOffered) ? aptIfOffered : apt;

/**
 * Installs what is missing for the builds, and with `forTests` for the tests too. Where it cannot, it
 * names what is missing and the command to get it, and stops.
 */
export async function ensureSystem({ forTests = false } = {}) {
  checkNode();
  const wanted = forTests ? [...needs.build, ...needs.test] : needs.build;
  const missing = wanted.filter((need) => !need.met());
  if (missing.length === 0) return;
  if (!hasApt()) throw new SetupError(adviceWithoutApt(missing));

  const packages = missing.flatMap(aptPackages);
  const install = ['install', '-y', '--no-install-recommends'];
  const isRoot = process.getuid?.() === 0;
  const byHand = `apt-get update && apt-get ${[...install, ...packages].join(' ')}`;
  const list = packages.join(', ');
  if (!isRoot && !findProgram('sudo')) {
    throw new SetupError(`Missing: ${list}. As root, run:\n  ${byHand}`);
  }
  const prefix = isRoot ? [] : ['sudo'];
  if (!isRoot) console.log(`With sudo, which may ask for a password: ${byHand}`);
  const asRoot = (...command) => {
    const environment = ['DEBIAN_FRONTEND=noninteractive', 'DEBCONF_NOWARNINGS=yes'];
    const [program, ...args] = [...prefix, 'env', ...environment, ...command];
    return runQuietly(program, args);
  };
  // Another apt may be at work, on a fresh machine often its own updates.
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  await step(`Installing ${list}`, async () => {
    try {
      // Ends what an installation that was cut off left half done; apt refuses to work before that.
      await asRoot('dpkg', '--configure', '-a');
      // A list that is no concern of ours may fail: what can be installed shows.
      await asRoot('apt-get', ...wait, 'update').catch(() => {
        console.log('apt-get update failed: going on with the lists there are');
      });
      // What is offered is known only now.
      await asRoot('apt-get', ...wait, ...install, ...missing.flatMap(aptPackages));
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      const command = isRoot ? byHand : `sudo ${byHand.replace('&& ', '&& sudo ')}`;
      throw new SetupError(
        `${list} could not be installed; apt says why above. By hand:\n  ${command}`,
      );
    }
  });
}

/** Throws when this Node is older than package.json asks for. */
function checkNode() {
  const { engines } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const numbers = (text) => text.match(/\d+/g).map(Number);
  const [major, minor] = numbers(engines.node);
  const [ownMajor, ownMinor] = numbers(process.versions.node);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new SetupError(
    `Node ${process.versions.node} at ${process.execPath} is too old: ${engines.node} is needed ` +
      '(https://nodejs.org)',
  );
}

/** What is missing and the command that installs it, for this system or for each that is known. */
function adviceWithoutApt(missing) {
  const systems = { brew: 'Homebrew', dnf: 'Fedora', pacman: 'Arch Linux' };
  const commands = {
    brew: 'brew install',
    dnf: 'sudo dnf install',
    pacman: 'sudo pacman -S --needed',
  };
  const here = Object.keys(systems).filter((manager) => findProgram(manager));
  const lines = [`Missing: ${missing.map((need) => need.name).join(', ')}. To install:`];
  for (const manager of here.length > 0 ? here : Object.keys(systems)) {
    const packages = missing.map((need) => need[manager]).filter(Boolean);
    const casks = packages.filter((name) => name.startsWith('--cask '));
    const plain = packages.filter((name) => !casks.includes(name));
    const parts = [...(plain.length > 0 ? [plain.join(' ')] : []), ...casks];
    const command = parts.map((part) => `${commands[manager]} ${part}`).join(' && ');
    if (command) lines.push(`  ${`${systems[manager]}:`.padEnd(12)} ${command}`);
  }
  if (here.length === 0) {
    lines.push(
      '  Elsewhere:   the packages of the same names; Emscripten is at https://emscripten.org',
    );
  }
  return lines.join('\n');
}

/** Installs node_modules when it is missing or older than what package-lock.json asks for. */
export async function ensureNodeModules() {
  if (sameVersions()) return;
  await step('Installing node_modules', () =>
    runQuietly('npm', ['ci', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' }),
  );
}

/** Does the installed tree have the lock file's version of every package that is not optional? */
function sameVersions() {
  const versions = (file) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).packages;
  let installed;
  try {
    // npm writes it last: without it, or with half of it, the installation was cut off.
    installed = versions('node_modules/.package-lock.json');
  } catch {
    return false;
  }
  return Object.entries(versions('package-lock.json')).every(
    ([name, wanted]) =>
      name === '' || wanted.optional || installed[name]?.version === wanted.version,
  );
}
