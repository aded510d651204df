/** What the engine gives out and takes in. Field names follow core/include/bitloss.h. */

/** One file of a model. A Blob is a handle: its bytes are read in chunks, in whichever thread. */
export interface ModelFile {
  /** The file's own name, without folders: "model.safetensors", "config.json". */
  name: string;
  blob: Blob;
}

/** One file of a model whose bytes need not be there yet: a download that is under way, a file that Node has
 * opened. */
export interface ModelSource {
  /** As in ModelFile. */
  name: string;
  /** Bytes, all of which will come. */
  size: number;
  /** Resolves to the bytes from `from` up to `to`, once they are there; 0 <= from <= to <= size. An ArrayBuffer
   * is the caller's own. Rejects where they will not come; the caller is told so in a sentence. Several may be
   * asked for at once, in any order and more than once. */
  read(from: number, to: number): Promise<ArrayBuffer | Blob>;
}

/** What a model is read from. */
export type ModelInput = ModelFile | ModelSource;

/** A remark that stops nothing: what was done otherwise than the files or the caller say. */
export interface Note {
  /** Which remark, as a name that stays: "nothing-quantized". */
  kind: string;
  /** The tensor, field or file that it is about, or "". */
  subject: string;
  /** How many of something; 0 where nothing is counted. */
  count: number;
  /** The sentence, in English. */
  message: string;
}

export interface ModelInfo {
  architecture: string;
  name: string;
  container: 'safetensors' | 'mlx' | 'gguf';
  /** The format that most weights were read from: "bf16", "q4_1". */
  storedAs: string;
  /** Most weights were read from fewer than 16 bits: not a full-precision reference. */
  alreadyQuantized: boolean;
  recipe: string;
  nLayers: number;
  dim: number;
  nHeads: number;
  nKvHeads: number;
  headDim: number;
  ffnDim: number;
  vocabSize: number;
  maxContext: number;
  tiedOutput: boolean;
  hasTokenizer: boolean;
  /** How the texts that it is measured on are divided, as its config.json says; else 'whole'. */
  documents: Documents;
  nParams: number;
  /** Tensor bytes as read, and under the recipe with scales and biases counted. */
  sourceBytes: number;
  sizeBytes: number;
  bitsPerWeight: number;
  nTensors: number;
  /** What is to be said of how the model was read, or of what the recipe did. */
  notes: readonly Note[];
}

/** Where one document of a text ends and the next begins: nowhere, at each line, at blank lines; in the
 * order of enum bl_documents. */
export const DOCUMENTS = ['whole', 'lines', 'blank'] as const;
export type Documents = (typeof DOCUMENTS)[number];

/** A name that a recipe may begin with: a number format, or a mixture of several. */
export interface RecipeKind {
  name: string;
  family: 'float' | 'mlx' | 'ggml' | 'torch' | 'bitsandbytes' | 'plain';
  /** The settings that may follow the name; empty when there is no such setting. */
  bits: readonly number[];
  groups: readonly number[];
  /** 0 when there is no such setting. */
  defaultBits: number;
  defaultGroup: number;
  isMixture: boolean;
  /** Can the recipe end in "@int8"? */
  int8Activations: boolean;
  /** What can hold matrices in it; empty: nothing can. */
  containers: readonly Container[];
  /** Bits of a code; 0 where they are a setting, and for a mixture. */
  fixedBits: number;
  /** What the 2^bits codes stand for before they are scaled: evenly spaced numbers, perhaps without the
   * lowest; or `levels`, rising. Neither where that differs between groups. */
  evenLevels: boolean;
  lowestUnused: boolean;
  levels: readonly number[];
  /** In each of its settings. */
  recipes: readonly PlainRecipe[];
}

/** A recipe that is one kind with its settings and nothing more. */
export interface PlainRecipe {
  /** The canonical spelling. */
  text: string;
  /** null where there is no such setting. */
  bits: number | null;
  group: number | null;
  /** Activations are rounded to int8 while the model runs. */
  isInt8: boolean;
  bitsPerWeight: BitsPerWeight;
}

/** Methods, or chains of them, that a menu offers: what one writes after a format and a plus, and how the core spells
 * it. tests/wasm/methods.test.mjs holds both lists to the core. */
export const METHOD_CHAINS = [
  { id: 'search', text: '+search' },
  { id: 'imatrix', text: '+imatrix' },
  { id: 'gptq', text: '+gptq' },
  { id: 'best', text: '+imatrix+gptq+polish' },
] as const;
export type MethodChain = (typeof METHOD_CHAINS)[number]['id'];

/** Formats that take methods. */
export const METHOD_FORMATS: readonly string[] = [
  'affine',
  ...['q4_0', 'q4_1', 'q5_0', 'q5_1', 'q8_0', 'iq4_nl'],
  ...['q2_k', 'q3_k', 'q4_k', 'q5_k', 'q6_k'],
  ...['int8', 'int4', 'nf4'],
];

/** For each type that scales may be stored in; 0 where it depends on the model. */
export type BitsPerWeight = Record<'f32' | 'f16' | 'bf16', number>;

/** What recipes can be made of. */
export interface Formats {
  kinds: readonly RecipeKind[];
}

/** What a model can be written as: a directory for MLX or for transformers, or one GGUF file. */
export const CONTAINERS = ['mlx', 'gguf', 'torch'] as const;
export type Container = (typeof CONTAINERS)[number];

/** Error of converted weights against the originals; n is 0 when nothing was converted. */
export interface WeightError {
  n: number;
  rmse: number;
  /** Infinity when there is no error. */
  snrDb: number;
  maxAbs: number;
  /** Between originals and converted weights: 1 when they point the same way. */
  cosine: number;
}

export interface TensorInfo {
  name: string;
  format: string;
  sourceFormat: string;
  nRows: number;
  nCols: number;
  sizeBytes: number;
  sourceBytes: number;
  converted: boolean;
  error: WeightError;
}

export interface LoadProgress {
  bytesDone: number;
  bytesTotal: number;
  /** The tensor being read, "" between tensors. */
  tensor: string;
}

export interface LoadOptions {
  /** "reference" (the default), "affine:4:64", "q4_k_m", "affine:4:64/lm_head=bf16" … */
  recipe?: string;
  /** Cast float tensors first, as mlx_lm's --dtype. */
  cast?: 'f32' | 'f16' | 'bf16';
  /** What the model is called where its files do not say. */
  name?: string;
  onProgress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
}

export interface GenerateOptions {
  maxTokens?: number;
  /** 0 (the default) is greedy. */
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  seed?: number;
  /** The prompt is in the words of a chat template, which has written all special tokens. */
  isChat?: boolean;
  signal?: AbortSignal;
}

/** What a model's chat template is rendered with: its text, and those of tokenizer_config.json and
 * special_tokens_map.json. */
export interface ChatTemplate {
  source: string;
  config: string | null;
  map: string | null;
}

export type GenerationEvent =
  | { kind: 'prompt'; done: number; total: number }
  | {
      kind: 'token';
      id: number;
      /** Whole characters that this token completed; may be empty. */
      text: string;
      /** Of this token under the model, before any filter. */
      probability: number;
      nTokens: number;
    }
  | {
      kind: 'done';
      /** All that was written; it may end in a character more than the tokens' texts, where the
       * last token left one unfinished. */
      text: string;
      stop: 'end' | 'length' | 'context' | 'cancelled';
      /** Tokens per second; null when too few to tell. */
      promptSpeed: number | null;
      decodeSpeed: number | null;
      nPrompt: number;
      nTokens: number;
    };

export type ErrorCode =
  | 'memory'
  | 'input'
  | 'unsupported'
  | 'argument'
  | 'cancelled'
  | 'recipe'
  /** This module lacks what the model needs, and the full one has it. */
  | 'elsewhere'
  /** The model fits into no engine under this recipe, and may under another. */
  | 'size'
  | 'browser';

/** A sentence taken apart, for who says it in another language: which one it is, as a format of C's printf, and
 * what stands at its conversions. */
export interface Said {
  format: string;
  fields: readonly string[];
}

/** An error whose message is a sentence for the user. */
export class BitlossError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly said: Said | null = null,
  ) {
    super(message);
    this.name = 'BitlossError';
  }
}
