/** What an experiment knows, in one place. Panels read it; only `Experiment` (experiment.ts) changes it. */
import type { Paired, Share, Task, TextStats, VariantFigures } from '../../wasm/measure_types.ts';
import type {
  ChatTemplate,
  Documents,
  Formats,
  ModelInput,
  ModelInfo,
  Note,
  TensorInfo,
  WeightError,
} from '../../wasm/types.ts';
import type { CalibrationText } from '../../wasm/methods.ts';
import type { Speed } from './measure/speed.ts';
import type { MethodProgress } from './methods.ts';
import type { Problem } from './problem.ts';
import type { KeptModel, NotKept } from '../source/cache.ts';
import type { Progress } from '../source/download.ts';
import type { Choice } from '../source/hub.ts';
import type { Look } from '../source/look.ts';
import type { ListedModel } from '../source/listed.ts';

export const LANGS = ['en', 'ko'] as const;
export type Lang = (typeof LANGS)[number];
export type Theme = 'auto' | 'light' | 'dark';

/** The reference, and up to five variants. An id is also a lane's colour and its letter. */
export const VARIANT_IDS = ['a', 'b', 'c', 'd', 'e'] as const;
export type VariantId = (typeof VARIANT_IDS)[number];
export type LaneId = 'reference' | VariantId;

export interface Token {
  id: number;
  text: string;
  probability: number;
}

/** One lane's answer to one request. */
export interface Run {
  /** The request that this answers; see `RunRequest.serial`. */
  serial: number;
  tokens: readonly Token[];
  /** Text that the decoder still held when the run ended. */
  tail: string;
  promptDone: number;
  promptTotal: number;
  /** null while the lane is still writing. */
  stop: 'end' | 'length' | 'context' | 'cancelled' | null;
  /** Tokens per second; null when too few to tell. */
  promptSpeed: number | null;
  problem: Problem | null;
}

/** What is known of a lane's model, once it is loaded. */
export interface Figures {
  recipe: string;
  info: ModelInfo;
  error: WeightError;
  tensors: readonly TensorInfo[];
  /** null where the model has no chat template, or was made under a recipe. */
  chat: ChatTemplate | null;
  /** The format that most weights were read from, with its settings: "bf16", "affine:4:64". */
  storedAs: string;
  /** From the first byte read to the last weight converted. */
  loadMs: number;
}

/** A lane's model on its way to the reader's disk. */
export type Saving =
  /** It is read again, by an engine that can write files. */
  | { kind: 'preparing'; name: string; fraction: number }
  | { kind: 'busy'; name: string; bytesDone: number; bytesTotal: number }
  /** `notes` says what of the model the file does not hold. */
  | { kind: 'done'; name: string; bytes: number; notes: readonly Note[] }
  | { kind: 'failed'; problem: Problem };

export const isUnderWay = (saving: Saving | null): boolean =>
  saving?.kind === 'preparing' || saving?.kind === 'busy';

/** Something that is measured of a lane. */
export interface Measured<T> {
  /** What is asked for now: model, recipe, text. */
  key: string;
  /** The last result, maybe of an earlier recipe or text; see isFresh. */
  value: T | null;
  /** The value is what the key asks for. */
  isFresh: boolean;
  /** 0 to 1 while it is being measured or waits for its turn, else null. */
  progress: number | null;
  problem: Problem | null;
}

export const NOT_MEASURED: Measured<never> = {
  key: '',
  value: null,
  isFresh: false,
  progress: null,
  problem: null,
};

/** How a lane did on some questions; `paired` is against the reference on the same ones, null for
 * the reference itself. */
export interface Score {
  share: Share;
  n: number;
  paired: Paired | null;
}

/** Of each skill in each language, by `scoreKey`, and of everything under 'all/all'. */
export type SkillScores = ReadonlyMap<string, Score>;

export function scoreKey(skill: string, lang: Lang | 'all'): string {
  return `${skill}/${lang}`;
}

/** Texts that the predictions can be measured on; 'own' is the reader's. */
export const TEXT_IDS = [
  'world-en',
  'world-ko',
  'stories-en',
  'stories-ko',
  'plain-en',
  'plain-ko',
  'own',
] as const;
export type TextId = (typeof TEXT_IDS)[number];

export interface EvaluationText {
  id: TextId;
  /** Counts the texts, so that results on an earlier one can be told apart. */
  serial: number;
  /** null while it is being fetched, or when that failed. */
  content: string | null;
  /** How it is divided: each document is read by itself. */
  documents: Documents;
  problem: Problem | null;
}

/** What a sweep found of a recipe. */
export interface Swept {
  figures: VariantFigures;
  /** null where the model can read no text. */
  stats: TextStats | null;
  /** Of the text that it was measured on. */
  textSerial: number;
}

/** What is known once `swept` has come: a sweep that was stopped before it read the text takes nothing from what
 * an earlier one found of the same recipe on the same text. */
export function withSwept(known: readonly Swept[], swept: readonly Swept[]): Swept[] {
  const before = new Map(known.map((one) => [one.figures.recipe, one]));
  const added = swept.map((one): Swept => {
    const former = before.get(one.figures.recipe);
    before.delete(one.figures.recipe);
    return one.stats === null && former?.textSerial === one.textSerial ? former : one;
  });
  return [...before.values(), ...added];
}

/** A recipe that was written by hand and has a fault. */
export interface Draft {
  text: string;
  problem: Problem;
}

export interface Lane {
  id: LaneId;
  /** As asked for: by the controls or by the URL, then not yet checked. */
  recipe: string;
  /** Of the model that can run now; while another recipe is being applied, the earlier one's. */
  figures: Figures | null;
  /** 0 to 1 while the lane is reading and quantizing, else null. */
  progress: number | null;
  /** Before that, while methods choose its codes. */
  choosing: MethodProgress | null;
  /** No panel shows it yet: it is not made, nor waited for, until one does. The reference of a large model sleeps
   * until the reader asks for it. */
  isAsleep: boolean;
  /** Why the recipe could not be applied. */
  problem: Problem | null;
  /** What was written as a recipe last, while it has a fault; the lane's own goes on. */
  draft: Draft | null;
  run: Run | null;
  saving: Saving | null;
  /** Its predictions on the evaluation text; the reference has none of its own. */
  text: Measured<TextStats>;
  /** Its answers to the questions about TinyWorld. */
  skills: Measured<SkillScores>;
  /** Right or wrong, for the first so many of `questions`: what `skills` was worked out from. */
  answers: readonly boolean[];
  /** How fast it writes on this machine; null where that could not be timed. */
  speed: Measured<Speed>;
}

export interface Sampling {
  maxTokens: number;
  /** 0 is greedy. */
  temperature: number;
  seed: number;
}

export interface RunRequest {
  serial: number;
  prompt: string;
  /** What the model is given: the prompt, or that in the words of its chat template; null while it is being put
   * into them. */
  given: string | null;
  isChat: boolean;
  sampling: Sampling;
}

/** Where a model came from, in a form that fits in a link. */
export type ModelAddress =
  | { kind: 'listed'; id: string }
  /** "owner/name", for a few old ones "name"; without a revision the one called main is meant. */
  | { kind: 'hub'; repo: string; revision?: string; folder?: string }
  | { kind: 'url'; url: string }
  | { kind: 'local'; name: string };

export interface OpenModel {
  address: ModelAddress;
  /** How the texts that it is measured on are divided. */
  documents: Documents;
  files: readonly ModelInput[];
  /** null where it has no chat template. */
  chat: ChatTemplate | null;
  /** Counts the models opened, so that late results of an earlier one can be told apart. */
  serial: number;
}

/** What the source panel is doing. */
export type Opening =
  | { kind: 'idle' }
  | { kind: 'asking'; address: ModelAddress }
  /** Several models are there; the one that is chosen is looked at, or downloaded. */
  | { kind: 'choosing'; address: ModelAddress; choices: readonly Choice[]; isLook: boolean }
  /** Headers are being read. */
  | { kind: 'looking'; address: ModelAddress }
  | { kind: 'looked'; address: ModelAddress; look: Look }
  | ({
      kind: 'fetching';
      label: string;
      /** 0 to 1: of all bytes, those that the engine has taken. */
      fraction: number;
      /** Until the model is ready; null until that can be told. */
      secondsLeft: number | null;
      /** Why it is not kept for the next visit; null where it is, or was not meant to be. */
      notKept: NotKept | null;
    } & Progress)
  | { kind: 'reading'; label: string; fraction: number }
  | { kind: 'failed'; problem: Problem };

/** Models of other servers that the browser keeps. */
export interface KeptState {
  models: readonly KeptModel[];
  /** Bytes that it still offers; null where it does not say. */
  room: number | null;
  /** The address of one that could not be deleted, because a page has it open. */
  inUse: string | null;
}

export interface AppState {
  /** false: this browser lacks what the engine needs. */
  supported: boolean;
  lang: Lang;
  theme: Theme;
  /** null while the list is being fetched. */
  listed: readonly ListedModel[] | null;
  opening: Opening;
  /** null until it is known, and where nothing is kept. */
  kept: KeptState | null;
  model: OpenModel | null;
  /** What the engine can make of a model; null until one is open. */
  formats: Formats | null;
  /** The reference first. */
  lanes: readonly Lane[];
  prompt: string;
  /** The prompt was written by the reader, or came with the link. */
  promptIsOwn: boolean;
  /** The prompt is continued as it is, also where the model has a chat template. */
  isRaw: boolean;
  /** What the model is told before the prompt, where that is put into its chat template; '' is nothing. */
  system: string;
  /** Why the prompt could not be put into the template. */
  chatProblem: Problem | null;
  sampling: Sampling;
  /** The request that every ready lane answers; null when nothing was asked, or it was stopped. */
  request: RunRequest | null;
  text: EvaluationText;
  /** null: the text that suits the model. */
  chosenText: TextId | null;
  /** The reader's own text for methods to go by; null: the one that comes with the model. */
  calibration: CalibrationText | null;
  ownText: string;
  /** The lanes are measured on all of the text, not on its beginning. */
  isWholeText: boolean;
  /** The questions about TinyWorld, a few of each skill and language at a time; null until wanted. */
  questions: readonly Task[] | null;
  /** How many of each skill and language are asked; Infinity for all. */
  nQuestions: number;
  /** What sweeps have measured of the open model, the latest of each recipe. */
  swept: readonly Swept[];
  /** Ids of panels that are not folded away. */
  openPanels: readonly string[];
  /** The tensor that the reader asked to look into, last; a new object each time. */
  lookedAt: { lane: LaneId; tensor: string } | null;
  /** Settings in the link that could not be used. */
  linkProblems: readonly Problem[];
}

/** What an experiment starts from: what a link, or an element's attributes, say. */
export interface Settings {
  model: ModelAddress | null;
  recipes: readonly string[];
  prompt: string;
  promptIsOwn: boolean;
  isRaw: boolean;
  system: string;
  sampling: Sampling;
  /** null: the text that suits the model. */
  chosenText: TextId | null;
  openPanels: readonly string[];
  lang: Lang;
  theme: Theme;
  /** Of what was said and cannot be used. */
  problems: readonly Problem[];
}

export const DEFAULT_PROMPT = 'The difference between weather and climate is that';
export const DEFAULT_SAMPLING: Sampling = { maxTokens: 48, temperature: 0, seed: 42 };
export const DEFAULT_RECIPES: readonly string[] = ['affine:8:64', 'affine:4:64'];
export const MAX_TOKENS_LIMIT = 512;
export const MAX_TEMPERATURE = 2;
export const MAX_SEED = 4294967295;
export const MAX_PROMPT_CHARS = 4000;
export const MAX_TEXT_CHARS = 40_000;
/** The beginning of a text that is measured unless the whole is asked for. */
export const N_QUICK_TOKENS = 2048;
export const N_QUICK_QUESTIONS = 40;

/** The open model's entry in the site's list, when it came from there. */
export function entryOf({
  model,
  listed,
}: Pick<AppState, 'model' | 'listed'>): ListedModel | undefined {
  const address = model?.address;
  return address?.kind === 'listed' ? listed?.find(({ id }) => id === address.id) : undefined;
}

/** What is known of the model whatever its recipe: from the reference or, while that sleeps, from another lane. */
export function factsOf(lanes: readonly Lane[]): Figures | null {
  const [reference] = lanes;
  if (!reference?.isAsleep) return reference?.figures ?? null;
  return lanes.find(({ figures }) => figures)?.figures ?? null;
}

/** A model of which everything is measured without being asked for: it takes a second or two. */
export const SMALL_BYTES = 5_000_000;
export function isSmall({ lanes }: Pick<AppState, 'lanes'>): boolean {
  return (lanes[0]?.figures?.info.sizeBytes ?? Infinity) < SMALL_BYTES;
}

/** Everything that was asked for is there: every lane that is shown is quantized and has written. */
export function areIdle({ lanes, request }: Pick<AppState, 'lanes' | 'request'>): boolean {
  return lanes.every((lane) => {
    if (lane.problem || lane.isAsleep) return true;
    if (!lane.figures || isStale(lane)) return false;
    return (
      !request ||
      !lane.figures.info.hasTokenizer ||
      (lane.run?.serial === request.serial && lane.run.stop !== null)
    );
  });
}

/** The lane's figures and text are those of an earlier recipe. */
export function isStale(lane: Lane): boolean {
  return lane.progress !== null || (lane.figures !== null && lane.figures.recipe !== lane.recipe);
}

export function newLane(id: LaneId, recipe: string, isAsleep = false): Lane {
  return {
    id,
    recipe,
    figures: null,
    progress: null,
    choosing: null,
    isAsleep,
    problem: null,
    draft: null,
    run: null,
    saving: null,
    text: NOT_MEASURED,
    skills: NOT_MEASURED,
    answers: [],
    speed: NOT_MEASURED,
  };
}

/** The reference and the first variant, which every panel shows; the others sleep until one shows them. */
export const N_LANES_AT_FIRST = 2;

export function lanesFor(recipes: readonly string[]): Lane[] {
  const variants = VARIANT_IDS.slice(0, recipes.length).map((id, i) =>
    newLane(id, recipes[i]!, 1 + i >= N_LANES_AT_FIRST),
  );
  return [newLane('reference', 'reference'), ...variants];
}

/** Holds a value and tells its listeners when it was replaced. */
export class Store<S extends object> {
  #state: S;
  #listeners = new Set<() => void>();

  constructor(initial: S) {
    this.#state = initial;
  }

  get state(): Readonly<S> {
    return this.#state;
  }

  update(patch: Partial<S>): void {
    this.#state = { ...this.#state, ...patch };
    for (const listener of this.#listeners) listener();
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
