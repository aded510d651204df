/** Sorts what a user gave into the files of one model. */
import { asSource } from './source.ts';
import { BitlossError, type ModelInput, type ModelSource } from './types.ts';

export interface Arranged {
  texts: ModelSource[];
  /** What a tokenizer.json can be made of, where there is none. */
  vocab: ModelSource[];
  weights: ModelSource[];
}

const TEXT_FILES = new Set([
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
  'README.md',
  'model.safetensors.index.json',
]);
/** Files that came before tokenizer.json, of which one, or the first two together, make a tokenizer. */
export const VOCAB_FILES: readonly string[] = [
  'vocab.json',
  'merges.txt',
  'vocab.txt',
  'tokenizer.model',
  'spiece.model',
  'sentencepiece.bpe.model',
];
/** What is also read of the texts for it. */
export const BESIDE_VOCAB: readonly string[] = [
  'tokenizer_config.json',
  'added_tokens.json',
  'special_tokens_map.json',
];
const isVocab = ({ name }: ModelSource) => VOCAB_FILES.includes(name);

/** Do these make one? */
const makeTokenizer = (files: readonly ModelSource[]) => {
  const has = (wanted: string) => files.some(({ name }) => name === wanted);
  return (has('vocab.json') && has('merges.txt')) || VOCAB_FILES.slice(2).some(has);
};

const isText = (file: ModelSource) =>
  TEXT_FILES.has(file.name) || /^additional_chat_templates\/[^/]+\.jinja$/.test(file.name);
const SHARD_INDEX = 'model.safetensors.index.json';
const EXPECTED = 'expected a .gguf file, or .safetensors files with config.json and tokenizer.json';

/** The largest text file that is read; real tokenizers stay under 40 MB. */
const MAX_TEXT_BYTES = 256 * 2 ** 20;

const isGguf = (file: ModelSource) => /\.gguf$/i.test(file.name);
const isSafetensors = (file: ModelSource) => /\.safetensors$/i.test(file.name);
const isSplit = (file: ModelSource) => /-\d+-of-\d+\.gguf$/i.test(file.name);

/** What can be wrong with a set of files; the page has these in Korean (web/i18n/core_errors). */
export const SENTENCES = {
  unreadable: '%s: could not be read, it may have been changed or moved: %s',
  none: `No file was given; ${EXPECTED}.`,
  noWeights: `%s came without weights; ${EXPECTED}.`,
  noModel: `None of the %s files (%s) is a model; ${EXPECTED}.`,
  notModel: `%s is %s, not a model; ${EXPECTED}.`,
  both: 'Found both GGUF and safetensors files (%s); expected one model.',
  several: 'Found %s GGUF files (%s); expected one model.',
  large: '%s: the file has %s, expected at most %s MiB',
  tooLarge:
    'The weights would take %s GB under %s, more than the 4 GB of memory that an engine can have here; a recipe of fewer bits takes less.',
  twice: '%s was given twice; expected the files of one model.',
} as const;

/** Weights of so many bytes do not fit. */
export function tooLarge(nBytes: number, recipe: string): BitlossError {
  const { message, said } = fail('tooLarge', (nBytes / 1e9).toFixed(2), recipe);
  return new BitlossError('size', message, said);
}

function fail(sentence: keyof typeof SENTENCES, ...fields: (string | number)[]): BitlossError {
  const format = SENTENCES[sentence];
  const left = fields.map(String);
  const said = { format, fields: [...left] };
  return new BitlossError(
    'input',
    format.replace(/%s/g, () => left.shift() ?? ''),
    said,
  );
}

/** "a, b, c and 4 more" */
function listNames(files: ModelSource[]): string {
  const names = files.slice(0, 3).map((file) => file.name);
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  return names.join(', ') + more;
}

/** What a file's first bytes say it is. */
const SIGNATURES: [string, number[]][] = [
  ['a GGUF file', [0x47, 0x47, 0x55, 0x46]],
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a GIF picture', [0x47, 0x49, 0x46, 0x38]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46]],
  ['a ZIP archive or a PyTorch checkpoint', [0x50, 0x4b, 0x03, 0x04]],
  ['a gzip archive', [0x1f, 0x8b]],
];

/** Reads the whole of a file, or a part of it; a file that can't be read, or gives other than was asked for,
 * gives a sentence. */
export async function readBytes(
  file: ModelSource,
  start = 0,
  end = file.size,
): Promise<ArrayBuffer> {
  try {
    const to = Math.min(end, file.size);
    const given = await file.read(start, to);
    const bytes = given instanceof ArrayBuffer ? given : await given.arrayBuffer();
    if (bytes.byteLength === to - start) return bytes;
    throw new Error(`${bytes.byteLength} bytes came in place of ${to - start}`);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw fail('unreadable', file.name, detail);
  }
}

async function describe(file: ModelSource): Promise<string> {
  if (file.size === 0) return 'an empty file';
  const bytes = new Uint8Array(await readBytes(file, 0, 16));
  const match = SIGNATURES.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte));
  if (match) return match[0];
  const printable = bytes.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);
  return printable ? 'a text file' : 'a file of an unknown kind';
}

/** Is this safetensors, whatever its name: a header length, then JSON? */
async function looksLikeSafetensors(file: ModelSource): Promise<boolean> {
  const view = new DataView(await readBytes(file, 0, 9));
  if (view.byteLength < 9 || view.getUint8(8) !== 0x7b) return false;
  return view.getBigUint64(0, true) < BigInt(file.size);
}

async function nothingUsable(files: ModelSource[], texts: ModelSource[]): Promise<BitlossError> {
  if (files.length === 0) return fail('none');
  if (texts.length > 0) return fail('noWeights', listNames(texts));
  if (files.length > 1) return fail('noModel', files.length, listNames(files));
  const [file] = files;
  return fail('notModel', file.name, await describe(file));
}

/** Of several weight files, those that belong to the model. */
async function ofOneModel(weights: ModelSource[], texts: ModelSource[]): Promise<ModelSource[]> {
  const ggufs = weights.filter((file) => !isSafetensors(file));
  if (ggufs.length > 0 && ggufs.length < weights.length) throw fail('both', listNames(weights));
  if (ggufs.length > 1 && !ggufs.every(isSplit))
    throw fail('several', ggufs.length, listNames(ggufs));
  // Repositories may carry a second copy of the weights under other names.
  const index = texts.find((file) => file.name === SHARD_INDEX);
  const shards = index ? shardNames(await readText(index)) : new Set<string>();
  const listed = weights.filter((file) => shards.has(file.name));
  return listed.length > 0 ? listed : weights;
}

function shardNames(index: Uint8Array): Set<string> {
  try {
    const json = JSON.parse(new TextDecoder().decode(index)) as { weight_map: object } | null;
    return new Set(Object.values(json?.weight_map ?? {}));
  } catch {
    return new Set(); // The core reads the same file and says what is wrong with it.
  }
}

/** A whole text file, which must be of a sensible size. */
export async function readText(file: ModelSource): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > MAX_TEXT_BYTES) {
    const size = `${Math.round(file.size / 2 ** 20)} MiB`;
    throw fail('large', file.name, size, MAX_TEXT_BYTES / 2 ** 20);
  }
  return new Uint8Array(await readBytes(file));
}

/**
 * Picks out a model's files from any set, in any order: text files, then weight files in the order
 * of their names. What does not belong to a model is left out; throws a sentence when nothing does.
 */
export async function arrange(files: readonly ModelInput[]): Promise<Arranged> {
  const visible = files.map(asSource).filter((file) => !file.name.startsWith('.'));
  const texts = visible.filter((file) => isText(file));
  const hasOwn = texts.some(({ name }) => name === 'tokenizer.json');
  const vocab = hasOwn ? [] : visible.filter(isVocab);
  const others = visible.filter((file) => !isText(file) && !isVocab(file));
  let weights = others.filter((file) => isGguf(file) || isSafetensors(file));
  if (weights.length === 0) {
    for (const file of others) {
      if ((await describe(file)) === 'a GGUF file' || (await looksLikeSafetensors(file))) {
        weights.push(file);
      }
    }
  }
  if (weights.length === 0) {
    const ofModel = [...texts, ...vocab].filter((file) => file.name !== 'README.md');
    throw await nothingUsable(visible, ofModel);
  }
  if (weights.length > 1) weights = await ofOneModel(weights, texts);
  weights.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const all = [...texts, ...vocab, ...weights];
  const twice = all.find((file, i) => all.findIndex((other) => other.name === file.name) !== i);
  if (twice) throw fail('twice', twice.name);
  const isNeeded = !weights.some(isGguf) && makeTokenizer(vocab);
  return { texts, vocab: isNeeded ? vocab : [], weights };
}
