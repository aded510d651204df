/** Which files an address stands for, before one of them is downloaded: those of a repository at the hub, by one
 * question to its API, which tells sizes and checksums and the commit that they are of; those beside a file on
 * any other server. */
import { hubFile, hubListUrl, hubUrl } from '../experiment/address.ts';
import { PageError, type Problem } from '../experiment/problem.ts';
import type { ModelAddress } from '../experiment/state.ts';
import type { RemoteFile } from './remote_file.ts';
import { request } from './request.ts';

export const SHARD_INDEX = 'model.safetensors.index.json';
/** What is read beside config.json, and what travels on with a model that is saved. */
export const OPTIONAL_TEXTS = [
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
  'README.md',
] as const;
/** What a tokenizer is made of where there is no tokenizer.json. */
export const VOCAB_FILES = [
  'vocab.json',
  'merges.txt',
  'vocab.txt',
  'tokenizer.model',
  'spiece.model',
  'sentencepiece.bpe.model',
] as const;
const TEMPLATE = /^additional_chat_templates\/[^/]+\.jinja$/;

type HubAddress = Extract<ModelAddress, { kind: 'hub' }>;

/** One of several models that an address stands for, as a repository has several quantizations. */
export interface Choice {
  /** "Q4_K_M", or the file's name where it says nothing of the kind. */
  label: string;
  /** Bytes; 0 where the server does not tell. */
  size: number;
  /** Of its only file, or its first. */
  address: ModelAddress;
}

/** Thrown where the reader has to choose. */
export class ChoiceNeeded extends Error {
  constructor(readonly choices: readonly Choice[]) {
    super('Several models are there.');
    this.name = 'ChoiceNeeded';
  }
}

/** The files of the model at an address: texts first, then weights in the order of their names. Throws a
 * PageError, or ChoiceNeeded. */
export async function listFiles(address: ModelAddress, signal: AbortSignal): Promise<RemoteFile[]> {
  if (address.kind === 'hub')
    return (await listHub(address, null, signal)) ?? listByName(address, signal);
  if (address.kind !== 'url') return [];
  const own = hubFile(address.url);
  const listed = own && (await listHub(own.folder, own.name, signal));
  return listed ?? listBeside(address.url, signal);
}

/* ---- the hub --------------------------------------------------------------------------------- */

/** What the API says of a file; `lfs` of a large one. */
interface Sibling {
  rfilename?: unknown;
  size?: unknown;
  lfs?: { sha256?: unknown; size?: unknown };
}

/** `wanted` is the weight file that was named; null: the repository's model. */
async function listHub(
  address: HubAddress,
  wanted: string | null,
  signal: AbortSignal,
): Promise<RemoteFile[] | null> {
  const answer = await askApi(address, signal);
  if (!answer) return null;
  const files = filesOf(answer.siblings, { ...address, revision: answer.commit });
  const page = hubUrl(address, 'tree');
  const index = files.find(({ name }) => name === SHARD_INDEX);
  const shards = index && wanted === null ? await fetchIndex(index.url, signal) : null;
  const picked = pickFiles(files, shards, wanted, page);
  if ('files' in picked) return picked.files;
  const { revision, folder } = address;
  const choices = picked.choices.map(
    ({ label, size, name }): Choice => ({
      label,
      size,
      address: {
        kind: 'url',
        url: `${hubUrl({ ...address, revision, folder })}/${encodeURIComponent(name)}`,
      },
    }),
  );
  throw new ChoiceNeeded(choices);
}

/** null where there is no such list, as at a mirror. */
async function askApi(
  address: HubAddress,
  signal: AbortSignal,
): Promise<{ commit: string; siblings: Sibling[] } | null> {
  try {
    const response = await request(hubListUrl(address), signal);
    const answer = (await response.json()) as { sha?: unknown; siblings?: unknown } | null;
    if (!Array.isArray(answer?.siblings)) return null;
    const commit = typeof answer.sha === 'string' && /^[0-9a-f]{40,64}$/.test(answer.sha);
    return {
      commit: commit ? (answer.sha as string) : (address.revision ?? 'main'),
      siblings: answer.siblings,
    };
  } catch (error) {
    // What is no JSON is no list.
    if (signal.aborted || (error instanceof PageError && isFinal(error.problem)))
      throw aboutPage(error, address);
    return null;
  }
}

/** Asking for the files by name would end the same way. */
const isFinal = ({ kind }: Problem): boolean =>
  ['no-repository', 'gated', 'bad-token', 'forbidden', 'too-many', 'offline'].includes(kind);

/** Readers know the repository's page, not where its list is. */
function aboutPage(error: unknown, address: HubAddress): unknown {
  if (!(error instanceof PageError) || error.problem.kind === 'gated') return error;
  if (!('address' in error.problem)) return error;
  return new PageError({ ...error.problem, address: hubUrl(address, 'tree') });
}

/** Those of the address's own folder, and further chat templates. */
function filesOf(siblings: readonly Sibling[], address: HubAddress): RemoteFile[] {
  const home = address.folder === undefined ? '' : `${address.folder}/`;
  const files: RemoteFile[] = [];
  for (const { rfilename, size, lfs } of siblings) {
    if (typeof rfilename !== 'string' || !rfilename.startsWith(home)) continue;
    const name = rfilename.slice(home.length);
    if (name.includes('/') && !TEMPLATE.test(name)) continue;
    const sha256 = String(lfs?.sha256 ?? '');
    files.push({
      name,
      url: `${hubUrl(address)}/${name.split('/').map(encodeURIComponent).join('/')}`,
      size: toSize(lfs?.size ?? size),
      sha256: /^[0-9a-f]{64}$/i.test(sha256) ? sha256.toLowerCase() : null,
    });
  }
  return files;
}

const toSize = (value: unknown): number =>
  Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0;

/** By its name. */
export const isWeights = (name: string) => /\.(gguf|safetensors)$/i.test(name);

/* ---- which of them --------------------------------------------------------------------------- */

const isGguf = ({ name }: RemoteFile) => /\.gguf$/i.test(name) && !/^(mmproj|imatrix)/i.test(name);
const isSafetensors = ({ name }: RemoteFile) => /\.safetensors$/i.test(name);
/** "model-00001-of-00003.safetensors": what is before the numbers, and how many there are. */
const NUMBERED = /^(.*)-(\d{5})-of-(\d{5})(\.(?:gguf|safetensors))$/i;

const byName = (a: { name: string }, b: { name: string }) =>
  a.name.localeCompare(b.name, 'en', { numeric: true });
const sizeOf = (files: readonly RemoteFile[]) => files.reduce((sum, { size }) => sum + size, 0);

/** A model out of a folder's files, or the models that there are to choose from. `shards` are those that an
 * index names; `wanted` is the weight file that was asked for, of which the other parts belong to it. */
export function pickFiles(
  files: readonly RemoteFile[],
  shards: readonly string[] | null,
  wanted: string | null,
  page: string,
): { files: RemoteFile[] } | { choices: { label: string; size: number; name: string }[] } {
  const whole = (weights: readonly RemoteFile[]) => ({
    files: [...(isGguf(weights[0]!) ? [] : textsOf(files)), ...[...weights].sort(byName)],
  });
  if (wanted !== null) {
    const named = files.find(({ name }) => name === wanted);
    if (!named) throw new PageError({ kind: 'not-found', address: `${page}/${wanted}` });
    return whole(partsOf(named, files));
  }
  if (shards) {
    const missing = shards.find((shard) => !files.some(({ name }) => name === shard));
    if (missing !== undefined)
      throw new PageError({ kind: 'no-shard', address: page, name: missing });
    return whole(files.filter(({ name }) => shards.includes(name)));
  }
  const hasConfig = files.some(({ name }) => name === 'config.json');
  const own = files.find(({ name }) => name === 'model.safetensors');
  if (hasConfig && own) return whole([own]);
  const models = groupsOf(files.filter(hasConfig ? isSafetensors : isGguf));
  const others = models.length > 0 ? models : groupsOf(files.filter(isGguf));
  if (others.length === 1) return whole(others[0]!);
  if (others.length > 1) return { choices: choicesOf(others) };
  if (files.some(isSafetensors)) throw new PageError({ kind: 'no-config', address: page });
  const rest = files
    .map(({ name }) => name)
    .filter((name) => /\.(bin|pt|pth|onnx|h5)$/i.test(name));
  throw new PageError({ kind: 'no-weights', address: page, found: rest.slice(0, 3).join(', ') });
}

function textsOf(files: readonly RemoteFile[]): RemoteFile[] {
  const names: readonly string[] = ['config.json', SHARD_INDEX, ...OPTIONAL_TEXTS];
  const rank = ({ name }: RemoteFile) =>
    names.includes(name) ? names.indexOf(name) : names.length;
  const older: readonly string[] = needsVocab(files) ? VOCAB_FILES : [];
  return files
    .filter(({ name }) => names.includes(name) || older.includes(name) || TEMPLATE.test(name))
    .sort((a, b) => rank(a) - rank(b) || byName(a, b));
}

/** Has the model no tokenizer.json, but perhaps the files that came before it? */
const needsVocab = (files: readonly (RemoteFile | null)[]) =>
  !files.some((file) => file?.name === 'tokenizer.json');

/** All parts of the model that this file is one of. */
function partsOf(named: RemoteFile, files: readonly RemoteFile[]): RemoteFile[] {
  return groupsOf(files.filter(isGguf(named) ? isGguf : isSafetensors)).find((group) =>
    group.includes(named),
  )!;
}

/** Files that make one model each: alone, or numbered "-00001-of-00003". */
function groupsOf(files: readonly RemoteFile[]): RemoteFile[][] {
  const groups = new Map<string, RemoteFile[]>();
  for (const file of files) {
    const [, stem, , count, end] = NUMBERED.exec(file.name) ?? [];
    const key = stem === undefined ? file.name : `${stem}-of-${count}${end}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()];
}

/** From the smallest of at least four bits up; then those below, whose losses are large. */
function choicesOf(groups: readonly RemoteFile[][]) {
  const choices = groups.map((group) => {
    const { name } = [...group].sort(byName)[0]!;
    return { label: labelOf(name), size: sizeOf(group), name };
  });
  const isLow = ({ label }: { label: string }) => /^(IQ|Q|TQ)[123]/i.test(label);
  return choices.sort(
    (a, b) => Number(isLow(a)) - Number(isLow(b)) || a.size - b.size || byName(a, b),
  );
}

/** "Llama-3.2-1B-Instruct-Q4_K_M.gguf" is Q4_K_M. */
function labelOf(name: string): string {
  const stem = name.replace(NUMBERED, '$1').replace(/\.(gguf|safetensors)$/i, '');
  const found = /(?:^|[-._])((?:UD-)?(?:I?Q\d\w*|TQ\d\w*|MXFP4\w*|BF16|F16|F32|FP16|FP32))$/i.exec(
    stem,
  );
  return found?.[1] ?? stem;
}

/** The shards that a model.safetensors.index.json names, in order, and the bytes of all their tensors, 0 where it
 * does not tell. */
export function readIndex(text: string): { names: string[]; size: number } {
  try {
    const index = JSON.parse(text) as {
      weight_map?: Record<string, unknown>;
      metadata?: { total_size?: unknown };
    };
    const names = [...new Set(Object.values(index.weight_map ?? {}))].filter(
      (name): name is string => typeof name === 'string' && /^[\w.-]+\.safetensors$/.test(name),
    );
    if (names.length > 0) return { names: names.sort(), size: toSize(index.metadata?.total_size) };
  } catch {
    // Not JSON: the same sentence as JSON without names.
  }
  throw new PageError({
    kind: 'core',
    code: 'input',
    detail: 'model.safetensors.index.json names no weight files',
    korean: 'model.safetensors.index.json에 가중치 파일이 적혀 있지 않습니다.',
  });
}

const fetchIndex = async (url: string, signal: AbortSignal) =>
  readIndex(await (await request(url, signal)).text()).names;

/* ---- without a list -------------------------------------------------------------------------- */

/** A repository's files where the server has no list of them, as at a mirror. */
async function listByName(address: HubAddress, signal: AbortSignal): Promise<RemoteFile[]> {
  const beside = (name: string) => `${hubUrl(address)}/${name}`;
  const [config, index] = await Promise.all(
    ['config.json', SHARD_INDEX].map((name) => probe(name, beside(name), false, signal)),
  );
  if (!config) throw new PageError({ kind: 'no-config', address: hubUrl(address, 'tree') });
  const shards = index ? await fetchIndex(index.url, signal) : ['model.safetensors'];
  const texts = await textsBeside(OPTIONAL_TEXTS, beside, signal);
  const weights = await all(shards, beside, signal);
  return [config, index, ...texts, ...weights].filter((file) => !!file);
}

/** The texts that are there, config.json, where it is asked for, in any case. */
async function textsBeside(
  names: readonly string[],
  beside: (name: string) => string,
  signal: AbortSignal,
): Promise<(RemoteFile | null)[]> {
  const find = (wanted: readonly string[]) =>
    Promise.all(wanted.map((name) => probe(name, beside(name), name === 'config.json', signal)));
  const texts = await find(names);
  return needsVocab(texts) ? [...texts, ...(await find(VOCAB_FILES))] : texts;
}

/** A GGUF file and the other parts of its model; or a safetensors file, or those that an index names, with the
 * texts beside. */
async function listBeside(url: string, signal: AbortSignal): Promise<RemoteFile[]> {
  const name = decodeURIComponent(new URL(url).pathname.split('/').pop() ?? '');
  const beside = (other: string) => withPath(url, other);
  if (/\.gguf$/i.test(name)) return all(numbersOf(name), beside, signal);
  const isIndex = /\.json$/i.test(name);
  const shards = isIndex ? await fetchIndex(url, signal) : numbersOf(name);
  const texts = await textsBeside(['config.json', ...OPTIONAL_TEXTS], beside, signal);
  const index = isIndex ? [await probe(SHARD_INDEX, url, true, signal)] : [];
  const weights = await all(shards, beside, signal);
  return [...texts, ...index, ...weights].filter((file) => !!file);
}

/** A file in the same folder; what an address says after its path, as a signature, is of one file only. */
function withPath(url: string, name: string): string {
  const { pathname } = new URL(url);
  if (decodeURIComponent(pathname.split('/').pop() ?? '') === name) return url;
  return new URL(encodeURIComponent(name), url).href;
}

/** All parts of a numbered file, in order; of another itself. */
export function numbersOf(name: string): string[] {
  const [, stem, , count, end] = NUMBERED.exec(name) ?? [];
  if (stem === undefined) return [name];
  return Array.from(
    { length: Math.min(Number(count), 999) },
    (_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${count}${end}`,
  );
}

/** Of several the sizes are asked for, so that the whole is known; one tells its own when it comes. */
async function all(
  names: readonly string[],
  beside: (name: string) => string,
  signal: AbortSignal,
): Promise<RemoteFile[]> {
  const [first] = names;
  if (first !== undefined && names.length === 1)
    return [{ name: first, url: beside(first), size: 0, sha256: null }];
  const found = await Promise.all(names.map((name) => probe(name, beside(name), true, signal)));
  return found.filter((file) => !!file);
}

/** Is it there, and how large? null where it need not be, and is not. The size of a text, which may come
 * compressed, is not what is announced. */
async function probe(
  name: string,
  url: string,
  isNeeded: boolean,
  signal: AbortSignal,
): Promise<RemoteFile | null> {
  try {
    const response = await askSize(url, signal);
    void response.body?.cancel();
    const size = isWeights(name) ? toSize(Number(response.headers.get('Content-Length'))) : 0;
    return { name, url, size, sha256: null };
  } catch (error) {
    if (!isNeeded && error instanceof PageError && error.problem.kind === 'not-found') return null;
    throw error;
  }
}

/** Some servers answer only to who wants the file itself. */
async function askSize(url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await request(url, signal, {}, 'HEAD');
  } catch (error) {
    const isRefused =
      error instanceof PageError && ['http', 'forbidden', 'server'].includes(error.problem.kind);
    if (!isRefused) throw error;
    return request(url, signal);
  }
}
