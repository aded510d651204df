/* What the built site has besides what is bundled: what it is made of, for its service worker, and how other
 * sites may show it (oEmbed). */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Folders whose files are kept once they were opened, not before. */
const ON_USE = ['models', 'tests', 'texts'];
/** The list of models may have more in it on the reader's own server. */
const NOT_KEPT = ['models/index.json', 'licenses.md', 'oembed.json', 'service_worker.js'];

function filesIn(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((name) => name.split(path.sep).join('/'))
    .sort();
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Writes service_worker.js, after all that it keeps is there. */
export function writeServiceWorker(folder, source) {
  const files = filesIn(folder).filter((name) => !NOT_KEPT.includes(name));
  const hashes = files.map((name) => [name, sha256(fs.readFileSync(path.join(folder, name)))]);
  const isOnUse = ([name]) => ON_USE.includes(name.split('/')[0]);
  const core = Object.fromEntries(hashes.filter((entry) => !isOnUse(entry)));
  const kept = Object.fromEntries(hashes.filter(isOnUse));
  const code = fs.readFileSync(source, 'utf8');
  const version = sha256(code + JSON.stringify([core, kept])).slice(0, 16);
  const built = `const BUILT = ${JSON.stringify({ version, core, kept })};\n`;
  fs.writeFileSync(path.join(folder, 'service_worker.js'), built + code);
}

/** Writes oembed.json. `site` is where the site will be, with a slash at its end; without one, addresses are
 * those beside the file. */
export function writeOembed(folder, site) {
  const oembed = {
    version: '1.0',
    type: 'rich',
    provider_name: 'bitloss',
    provider_url: site,
    title: 'bitloss: see what quantization loses',
    html: `<iframe src="${site}embed/" title="What does quantization lose?" width="800" height="560" loading="lazy" style="border:0;max-width:100%"></iframe>`,
    width: 800,
    height: 560,
    cache_age: 86400,
  };
  fs.writeFileSync(path.join(folder, 'oembed.json'), `${JSON.stringify(oembed, null, 2)}\n`);
}
