/** models/index.json, the site's own models: a list of entries of this kind. Besides the files it says what
 * can be asked of a model: nothing in the page knows a model by its name. All paths are relative to the
 * list's folder. */
import { DOCUMENTS, type Documents } from '../../wasm/types.ts';
import { SKILLS, type Skill } from '../experiment/measure/questions.ts';
import { LANGS, TEXT_IDS, type Lang, type TextId } from '../experiment/state.ts';

export interface ListedModel {
  /** As in a link: `model=tinyworld-2M`. */
  id: string;
  name: string;
  files: readonly string[];
  /** Bytes of all files. */
  size: number;
  note_en: string;
  note_ko: string;
  /** Models of the same family are one in several sizes, with the same tokenizer and training. */
  family?: string;
  /** What the model is asked to continue until the reader writes something. */
  prompt_en?: string;
  prompt_ko?: string;
  /** The model that opens by itself; one of the list at most. */
  default?: boolean;
  /** Texts that suit it, before those that suit every model: the first in the reader's language is what its
   * predictions are measured on. */
  texts?: readonly ListedText[];
  /** What methods that choose codes go by: a text as `bitloss convert --calibrate` takes it. */
  calibration?: string;
  /** Without them the page asks the model none. */
  questions?: ListedQuestions;
  /** How the texts that it is measured on are divided into documents, each of which it was trained to
   * read by itself; left out: as its config.json says, else not at all. */
  documents?: Documents;
}

export interface ListedText {
  /** One that the page has words for. */
  id: Exclude<TextId, 'own'>;
  lang: Lang;
  /** Plain text; or, where the name ends in .jsonl, lines of {prompt, answer}, of which the second goes on
   * with the first: each line is a document. */
  file: string;
}

/** Files folder/SKILL.LANG.jsonl, a line for each question: {prompt, choices, answer, skill, lang}, as
 * `bitloss compare --tasks` takes them. */
export interface ListedQuestions {
  folder: string;
  skills: readonly Skill[];
  langs: readonly Lang[];
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string' && value !== '';
const isAnyText: Check = (value) => typeof value === 'string';
const isSize: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);
const some =
  (each: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(each);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

type Schema<T> = { readonly [field in keyof Required<T>]: Check };

const fits =
  (schema: Readonly<Record<string, Check>>): Check =>
  (value) =>
    fault(schema, value) === null;

const TEXT: Schema<ListedText> = {
  id: oneOf(TEXT_IDS.filter((id) => id !== 'own')),
  lang: oneOf(LANGS),
  file: isText,
};
const QUESTIONS: Schema<ListedQuestions> = {
  folder: isText,
  skills: some(oneOf(SKILLS)),
  langs: some(oneOf(LANGS)),
};
const MODEL: Schema<ListedModel> = {
  id: isText,
  name: isText,
  files: some(isText),
  size: isSize,
  note_en: isAnyText,
  note_ko: isAnyText,
  family: maybe(isText),
  prompt_en: maybe(isText),
  prompt_ko: maybe(isText),
  default: maybe(isFlag),
  texts: maybe(some(fits(TEXT))),
  calibration: maybe(isText),
  questions: maybe(fits(QUESTIONS)),
  documents: maybe(oneOf(DOCUMENTS)),
};

/** The first field that is not what the schema says, or that it does not have; null: none. */
function fault(schema: Readonly<Record<string, Check>>, value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'entry';
  const fields = { ...schema, ...value };
  const isWrong = (field: string) =>
    !Object.hasOwn(schema, field) || !schema[field]!((value as Record<string, unknown>)[field]);
  return Object.keys(fields).find(isWrong) ?? null;
}

/** What is wrong with an entry of the list, by its field; null: nothing. */
export const faultOf = (entry: unknown): string | null => fault(MODEL, entry);

/** The entries that are as they should be; one that is not is left out, and the console says why. */
export function readList(list: unknown): ListedModel[] {
  if (!Array.isArray(list)) return [];
  return list.filter((entry, i): entry is ListedModel => {
    const field = faultOf(entry);
    if (field !== null)
      console.error(`models/index.json: ${field} of entry ${i + 1} is not as expected`);
    return field === null;
  });
}
