/* cJSON's source, which the wasm builds compile. It is fetched once, into build/deps/cjson/. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SetupError, depsDir, exists, hasApt, root, runQuietly, step } from './toolchain.mjs';

const folder = path.join(depsDir, 'cjson');
export const cjsonFile = path.join(folder, 'cJSON.c');
const files = ['cJSON.c', 'cJSON.h'];

/* What Debian's source packages hold once their security fixes are applied. Another version of the
 * package is not taken: the project's own release is. */
const debian = [
  {
    version: '1.7.15-1+deb12u4',
    hashes: {
      'cJSON.c': '5c5ab83a24eecfebc25b6aa4d47dbdb5f23d1baec92de75fec5f0528dbe255a7',
      'cJSON.h': 'c25b54ebc98e814eb7b3eeaf12ce899806f87ff5a275b20a3b77dbb3968e5d0b',
    },
  },
];

/* The release that is used where there is none of those; CMakeLists.txt names the same. */
const release = {
  url: 'https://raw.githubusercontent.com/DaveGamble/cJSON/v1.7.19/',
  hashes: {
    'cJSON.c': '298581a04a36c0165da4b0aade235c23088cb2faa58651d720ea2f3706ed0b0d',
    'cJSON.h': '25b0145150d500498e4d209cec69c18c42cf818bffcc54690be3b895a2a16dee',
  },
};

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The folder with cJSON.c and cJSON.h, fetched on first use. */
export async function cjsonSource() {
  if (exists(cjsonFile)) return folder;
  // Made beside its place and then renamed: a fetch that is cut off leaves nothing that looks whole.
  const ready = `${folder}.ready`;
  const scratch = `${folder}.scratch`;
  const clear = () => {
    for (const made of [ready, scratch]) fs.rmSync(made, { recursive: true, force: true });
  };
  clear();
  for (const made of [ready, scratch]) fs.mkdirSync(made, { recursive: true });
  try {
    await step("Fetching cJSON's source", async () => {
      if (!(hasApt() && (await fetchFromDebian(scratch, ready)))) await fetchRelease(ready);
    });
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(ready, folder);
  } finally {
    clear();
  }
  return folder;
}

/**
 * Debian's source package with its security fixes, unpacked in `scratch`, the two files then copied to
 * `ready`. The machine's own source list is left alone: apt is given one made from it that asks for
 * sources. False when it has none.
 */
async function fetchFromDebian(scratch, ready) {
  const folders = ['parts', 'lists/partial', 'cache/archives/partial'];
  for (const name of folders) fs.mkdirSync(path.join(scratch, name), { recursive: true });
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
    // Its own user for downloads may not write here.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((option) => ['-o', option]);
  const apt = (...args) => runQuietly('apt-get', [...options, ...args], { cwd: scratch });
  try {
    await apt('update');
    await apt('source', 'cjson');
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log("apt has no source of cJSON to give: fetching the project's own release");
    return false;
  }
  const unpacked = fs
    .readdirSync(scratch)
    .find((name) => exists(path.join(scratch, name, 'cJSON.c')));
  if (!unpacked) return false;
  const texts = files.map((file) => fs.readFileSync(path.join(scratch, unpacked, file)));
  const isKnown = debian.some(({ hashes }) =>
    files.every((file, i) => sha256(texts[i]) === hashes[file]),
  );
  if (!isKnown) {
    const versions = debian.map(({ version }) => version).join(' or ');
    console.log(`apt's source of cJSON is not that of ${versions}: fetching the project's release`);
    return false;
  }
  files.forEach((file, i) => fs.writeFileSync(path.join(ready, file), texts[i]));
  return true;
}

/** The two files of the pinned release, checked against their hashes. */
async function fetchRelease(ready) {
  for (const file of files) {
    const url = release.url + file;
    const fail = (reason) => {
      const place = path.relative(root, folder);
      throw new SetupError(
        `cJSON's source is needed: ${url} ${reason}. By hand: put cJSON.c and cJSON.h into ${place}/`,
      );
    };
    const response = await fetch(url).catch((error) =>
      fail(`could not be fetched (${error.cause?.message ?? error.message})`),
    );
    if (!response.ok) fail(`gave status ${response.status}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const found = sha256(bytes);
    const wanted = release.hashes[file];
    if (found !== wanted) fail(`has the SHA-256 ${found}, expected ${wanted}`);
    fs.writeFileSync(path.join(ready, file), bytes);
  }
}
