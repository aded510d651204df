/** Where models come from, as readers write it and as links hold it. */
import { entryOf, factsOf, type AppState, type ModelAddress } from './state.ts';

/** The hub: where repositories are, and the one place that an access token is sent to. */
export const HUB = 'https://huggingface.co';

/** An owner or a name on huggingface.co, or an id in the list of models. */
const NAME = /^(?!.*\.\.)\w[\w.-]{0,95}$/;
/** First parts of paths on huggingface.co that are no owner of models. */
const NO_OWNERS = [
  'api',
  'blog',
  'collections',
  'datasets',
  'docs',
  'join',
  'login',
  'models',
].concat(['organizations', 'papers', 'pricing', 'search', 'settings', 'spaces', 'tasks']);
const MAX_ADDRESS_CHARS = 2000;
/** A branch, tag or commit as it is written after "@": what Git allows, but for what would be read otherwise. */
const REVISION = /^(?!.*(\.\.|\/\/|\/\.))[^\s~^:?*[\\@%/.][^\s~^:?*[\\@%]{0,199}(?<![/.])$/;

/** "owner/name" is a Hugging Face repository, "owner/name@revision" one at a branch, tag or commit, "https://…"
 * a file or a repository's page, "local:name" a file that only its owner has, and any other word an entry of the
 * list of models, or a repository without an owner. null when it is none of these. */
export function parseAddress(text: string): ModelAddress | null {
  text = text.trim();
  if (text.startsWith('local:')) {
    const name = text.slice('local:'.length, 200);
    return name === '' ? null : { kind: 'local', name };
  }
  if (/^(www\.)?(huggingface\.co|hf\.co)\//i.test(text)) text = `https://${text}`;
  if (/^https?:\/\//i.test(text)) return parseUrl(text);
  const at = text.indexOf('@');
  if (at >= 0) return atRevision(text.slice(0, at), text.slice(at + 1));
  const [owner, name, ...more] = text.split('/');
  if (more.length > 0 || !NAME.test(owner!)) return null;
  if (name === undefined) return { kind: 'listed', id: text };
  return NAME.test(name) ? { kind: 'hub', repo: text } : null;
}

function atRevision(repo: string, revision: string): ModelAddress | null {
  const names = repo.split('/');
  if (names.length > 2 || !names.every((name) => NAME.test(name)) || !isRevision(revision))
    return null;
  return revision === 'main' ? { kind: 'hub', repo } : { kind: 'hub', repo, revision };
}

const isRevision = (text: string) => REVISION.test(text);

function parseUrl(text: string): ModelAddress | null {
  if (text.length > MAX_ADDRESS_CHARS || !URL.canParse(text)) return null;
  const url = new URL(text);
  // A link is no place for a password, and pages may not send one.
  if (url.username || url.password) return null;
  const isWeights = /\.(gguf|safetensors)$/i.test(url.pathname);
  const isIndex = /\.safetensors\.index\.json$/i.test(url.pathname);
  if (!/^(www\.)?(huggingface\.co|hf\.co)$/.test(url.hostname))
    return isWeights || isIndex ? { kind: 'url', url: url.href } : null;
  const page = parseHubPath(url.pathname);
  if (!page || !isWeights) return page;
  const pathname = url.pathname.replace(/\/(blob|raw)\//, '/resolve/');
  return { kind: 'url', url: HUB + pathname };
}

/** A file's place at the hub; null for what is elsewhere. */
export function hubFile(
  url: string,
): { folder: Extract<ModelAddress, { kind: 'hub' }>; name: string } | null {
  const { origin, pathname } = new URL(url);
  const folder = origin === HUB ? parseHubPath(pathname) : null;
  const name = pathname.split('/').pop();
  if (folder?.kind !== 'hub' || !name) return null;
  return { folder, name: decodeURIComponent(name) };
}

/** /owner/name/tree/revision/folder, /blob/revision/file, /resolve/…; "main" is what is meant without
 * one. A revision's own slashes are written as %2F. */
function parseHubPath(pathname: string): ModelAddress | null {
  const parts = pathname.split('/').filter(Boolean);
  const at = parts.findIndex((part) => /^(tree|blob|raw|resolve|commit)$/.test(part));
  const names = at < 0 ? parts : parts.slice(0, at);
  const isName = names.every((name) => NAME.test(name)) && !NO_OWNERS.includes(names[0] ?? '');
  if (names.length < 1 || names.length > 2 || !isName) return null;
  const address: ModelAddress = { kind: 'hub', repo: names.join('/') };
  if (at < 0) return address;
  try {
    const [revision, ...folder] = parts.slice(at + 1).map(decodeURIComponent);
    if (parts[at] !== 'tree') folder.pop();
    if (revision === undefined || [revision, ...folder].some((part) => /^\.+$/.test(part)))
      return null;
    if (revision !== 'main' || folder.length > 0) address.revision = revision;
    if (folder.length > 0) address.folder = folder.join('/');
    return address;
  } catch {
    return null;
  }
}

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** Where a repository's files are, or, with the verb "tree", its page. */
export function hubUrl(
  { repo, revision = 'main', folder }: Extract<ModelAddress, { kind: 'hub' }>,
  verb: 'resolve' | 'tree' = 'resolve',
): string {
  const inside = folder === undefined ? '' : `/${encodePath(folder)}`;
  return `${HUB}/${repo}/${verb}/${encodeURIComponent(revision)}${inside}`;
}

/** Where the hub lists a repository's files: of its folders too, with sizes and checksums. */
export function hubListUrl({
  repo,
  revision = 'main',
}: Extract<ModelAddress, { kind: 'hub' }>): string {
  return `${HUB}/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
}

export function printAddress(address: ModelAddress): string {
  switch (address.kind) {
    case 'listed':
      return address.id;
    case 'hub':
      if (address.folder !== undefined) return hubUrl(address, 'tree');
      if (address.revision !== undefined)
        return isRevision(address.revision)
          ? `${address.repo}@${address.revision}`
          : hubUrl(address, 'tree');
      // A word alone is an entry of the list.
      return address.repo.includes('/') ? address.repo : `${HUB}/${address.repo}`;
    case 'url':
      return address.url;
    case 'local':
      return `local:${address.name}`;
  }
}

/** How an address is named in a sentence. */
export function addressName(address: ModelAddress): string {
  if (address.kind === 'local') return address.name;
  if (address.kind !== 'hub') return printAddress(address);
  const { repo, revision, folder } = address;
  const inside = folder === undefined ? '' : `/${folder}`;
  return `${repo}${inside}${revision === undefined ? '' : ` (${revision})`}`;
}

/** How the open model is named in a sentence: as the site's list calls it, as its own files do, or by where
 * it came from; '' while none is open. */
export function nameOf({
  model,
  listed,
  lanes,
}: Pick<AppState, 'model' | 'listed' | 'lanes'>): string {
  if (!model) return '';
  const own = factsOf(lanes)?.info.name;
  return entryOf({ model, listed })?.name || own || addressName(model.address);
}

/** What a model is called by its place alone, as the command calls it by its folder; '' where that does
 * not tell: a GGUF file says itself what it is, and `model.safetensors` is no name. The page's list has
 * names of its own. */
export function modelName(address: ModelAddress): string {
  if (address.kind === 'listed' || address.kind === 'url') return '';
  const place = address.kind === 'hub' ? (address.folder ?? address.repo) : address.name;
  const last = place.split('/').at(-1) ?? '';
  return /\.(gguf|safetensors|json)$/i.test(last) ? '' : last;
}
