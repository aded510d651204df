/** Recipes as the lane controls show them. The grammar and its errors belong to the core: a text that
 * is not one of these choices is still handed to it, and what it answers is shown. */
import type { BitsPerWeight, Container, Formats, RecipeKind } from '../../wasm/types.ts';
import type { FormatText } from '../i18n/format_text.ts';
import type { Messages } from '../i18n/index.ts';
import type { Figures } from './state.ts';

/** A kind with its settings; null where it has no such setting, or the text gives none that it has. */
export interface Choice {
  kind: RecipeKind;
  bits: number | null;
  group: number | null;
  /** Activations are rounded to int8 while the model runs. */
  isInt8: boolean;
}

const INT8 = '@int8';

/** The longest recipe that the core can print (BL_RECIPE_TEXT); longer ones in a link are no recipes. */
export const MAX_RECIPE_BYTES = 5119;

function setting(
  text: string | undefined,
  choices: readonly number[],
  byDefault: number,
): number | null {
  if (choices.length === 0) return null;
  return text === undefined
    ? byDefault
    : (choices.find((choice) => String(choice) === text) ?? null);
}

/** The choice that a recipe text stands for, or null when the controls cannot show it. */
export function toChoice(recipe: string, { kinds }: Formats): Choice | null {
  const [, format, mode] = /^([^@]*)(@int8|@float)?$/i.exec(recipe) ?? [];
  // With exceptions or a method: the controls have neither.
  if (!format || /[/+]/.test(format)) return null;
  const isInt8 = mode?.toLowerCase() === INT8;
  const [name, ...settings] = format.toLowerCase().split(':');
  const kind = kinds.find((candidate) => candidate.name === name);
  if (!kind || (isInt8 && !kind.int8Activations)) return null;
  const bits = setting(
    kind.bits.length > 0 ? settings.shift() : undefined,
    kind.bits,
    kind.defaultBits,
  );
  const group = setting(
    kind.groups.length > 0 ? settings.shift() : undefined,
    kind.groups,
    kind.defaultGroup,
  );
  return settings.length === 0 ? { kind, bits, group, isInt8 } : null;
}

/** The recipe of a kind, with those of the settings that it has, else its defaults. */
export function toRecipe(
  kind: RecipeKind,
  bits: number | null,
  group: number | null,
  isInt8 = false,
): string {
  const pick = (value: number | null, choices: readonly number[], byDefault: number) =>
    choices.length === 0 ? '' : `:${value !== null && choices.includes(value) ? value : byDefault}`;
  const mode = isInt8 && kind.int8Activations ? INT8 : '';
  return (
    kind.name +
    pick(bits, kind.bits, kind.defaultBits) +
    pick(group, kind.groups, kind.defaultGroup) +
    mode
  );
}

/** The menu's groups in their order; a family's mixtures stand apart. */
export const GROUPS = [
  'mlx',
  'mlx-mixture',
  'ggml',
  'ggml-mixture',
  'torch',
  'bitsandbytes',
  'plain',
  'float',
] as const;
export type MenuGroup = (typeof GROUPS)[number];

export function groupOf({ family, isMixture }: RecipeKind): MenuGroup {
  return isMixture ? (`${family}-mixture` as MenuGroup) : family;
}

/** A kind that has no text, which tests do not let happen, still has its name. */
export function textOf(t: Messages, { name }: RecipeKind): FormatText {
  const texts: Record<string, FormatText> = t.formats.kinds;
  return texts[name] ?? { name, about: '' };
}

/** Bits per weight of the recipe before it is applied, when scales are stored as the reference's
 * matrices are; null when that depends on the model. */
export function announcedBits(recipe: string, formats: Formats, storedAs: string): number | null {
  const costs = formats.bitsPerWeight[recipe.toLowerCase()];
  // Where the source has blocks of codes, the core stores scales in f16.
  return (costs?.[storedAs as keyof BitsPerWeight] ?? costs?.f16) || null;
}

/** What a recipe did to the matrices of a model. */
export interface Outcome {
  /** Of those that it applies to, scales and all; null when there are none. */
  bits: number | null;
  nLeft: number;
  nMatrices: number;
}

export function outcomeOf({ info, tensors }: Pick<Figures, 'info' | 'tensors'>): Outcome {
  const matrices = tensors.filter(({ nRows }) => nRows > 1);
  // A matrix may have been in the recipe's format before.
  const asked = info.recipe.replace(INT8, '');
  const meant = matrices.filter(({ converted, format }) => converted || format === asked);
  const bytes = meant.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const weights = meant.reduce((sum, { nRows, nCols }) => sum + nRows * nCols, 0);
  return {
    bits: weights > 0 ? (8 * bytes) / weights : null,
    nLeft: matrices.length - meant.length,
    nMatrices: matrices.length,
  };
}

const FLOATS = ['f32', 'f16', 'bf16'];
const HOLDS: Record<Container, ReadonlySet<string>> = {
  mlx: new Set([...FLOATS, 'affine', 'mxfp4', 'mxfp8', 'nvfp4']),
  gguf: new Set([
    ...FLOATS,
    ...[
      'q4_0',
      'q4_1',
      'q5_0',
      'q5_1',
      'q8_0',
      'q2_k',
      'q3_k',
      'q4_k',
      'q5_k',
      'q6_k',
      'iq4_nl',
      'mxfp4_ggml',
    ],
  ]),
  // What has no such form here, the embedding, is written as floats.
  torch: new Set([...FLOATS, 'nf4', 'nf4_double', 'int8', 'int4']),
};
export const CONTAINERS = Object.keys(HOLDS) as Container[];

/** What can hold all of a model's tensors in the formats that they have. The core has the last word:
 * a container may also lack something for the model's architecture. */
export function containersFor({ tensors }: Pick<Figures, 'tensors'>): Container[] {
  const names = new Set(tensors.map(({ format }) => format.split(':')[0]!));
  return CONTAINERS.filter((container) => [...names].every((name) => HOLDS[container].has(name)));
}

/** A file name that says which model this is, and what was done to it. */
export function fileNameFor(model: string, recipe: string, container: Container): string {
  const clean = (text: string) =>
    text.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  const base = clean(model.replace(/^.*\//, '').replace(/\.(gguf|safetensors)$/i, '')) || 'model';
  const name = recipe === 'reference' ? base : `${base}-${clean(recipe)}`;
  return `${name.slice(0, 120)}${container === 'gguf' ? '.gguf' : `-${container}.zip`}`;
}

/** A variant to add: the first of these that no lane has yet. */
const SUGGESTIONS = [
  'affine:4:64',
  'affine:8:64',
  'affine:3:64',
  'affine:2:64',
  'affine:4:32',
  'affine:4:128',
  'affine:6:64',
];
export function suggestRecipe(taken: readonly string[]): string {
  return SUGGESTIONS.find((recipe) => !taken.includes(recipe)) ?? 'affine:4:64';
}
