/** Recipes as the lane controls show them. The grammar and its errors belong to the core, which also says
 * which recipes the controls can show: no text is taken apart here. */
import {
  CONTAINERS,
  METHOD_CHAINS,
  METHOD_FORMATS,
  type BitsPerWeight,
  type Container,
  type Formats,
  type MethodChain,
  type PlainRecipe,
  type RecipeKind,
} from '../../wasm/types.ts';
import type { FormatText } from '../i18n/format_text.ts';
import type { Messages } from '../i18n/index.ts';
import type { Figures } from './state.ts';

/** What the controls show of a recipe. */
export interface Choice extends PlainRecipe {
  kind: RecipeKind;
  /** What chooses its codes; null: each weight is rounded. */
  chain: MethodChain | null;
}

/** Can methods choose codes of the format? */
export const takesMethods = ({ name }: RecipeKind): boolean => METHOD_FORMATS.includes(name);

/** The longest recipe that the core can print (BL_RECIPE_TEXT); longer ones in a link are no recipes. */
export const MAX_RECIPE_BYTES = 8191;

/** The choice that a canonical recipe stands for, or null when the controls cannot show it: one with
 * exceptions, or that the core refuses. */
export function toChoice(recipe: string, { kinds }: Formats): Choice | null {
  for (const kind of kinds) {
    const plain = kind.recipes.find(({ text }) => text === recipe);
    if (plain) return { kind, chain: null, ...plain };
    const chain = takesMethods(kind) ? chainOf(recipe, kind) : null;
    if (chain) return chain;
  }
  return null;
}

function chainOf(recipe: string, kind: RecipeKind): Choice | null {
  for (const { id, text: chain } of METHOD_CHAINS) {
    // As the core spells it, or not yet.
    const spelt = [chain, `+${id}`];
    const plain = kind.recipes.find(
      ({ text, isInt8 }) => !isInt8 && spelt.some((methods) => text + methods === recipe),
    );
    if (plain) return { kind, ...plain, text: recipe, chain: id };
  }
  return null;
}

/** A choice with its codes chosen so, in floats; null rounds. */
export function withChain({ kind, bits, group }: Choice, chain: MethodChain | null): string {
  const methods = METHOD_CHAINS.find(({ id }) => id === chain)?.text ?? '';
  return toRecipe(kind, bits, group) + methods;
}

/** The recipe of a kind, with those of the settings that it has, else its defaults. */
export function toRecipe(
  kind: RecipeKind,
  bits: number | null,
  group: number | null,
  isInt8 = false,
): string {
  const pick = (value: number | null, choices: readonly number[], byDefault: number) =>
    choices.length === 0 ? null : value !== null && choices.includes(value) ? value : byDefault;
  const wanted = {
    bits: pick(bits, kind.bits, kind.defaultBits),
    group: pick(group, kind.groups, kind.defaultGroup),
    isInt8: isInt8 && kind.int8Activations,
  };
  const isWanted = (plain: PlainRecipe) =>
    plain.bits === wanted.bits && plain.group === wanted.group && plain.isInt8 === wanted.isInt8;
  return kind.recipes.find(isWanted)!.text;
}

/** For a field that takes any recipe: those that are one format, computed with in floats. */
export function suggestions(formats: Formats | null): string[] {
  const recipes = formats?.kinds.flatMap((kind) => kind.recipes) ?? [];
  return recipes.filter(({ isInt8 }) => !isInt8).map(({ text }) => text);
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
  const costs = toChoice(recipe, formats)?.bitsPerWeight;
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

export function outcomeOf(
  { info, tensors }: Pick<Figures, 'info' | 'tensors'>,
  formats: Formats,
): Outcome {
  const matrices = tensors.filter(({ nRows }) => nRows > 1);
  // A matrix may have been in the recipe's format before.
  const choice = toChoice(info.recipe, formats);
  const asked = choice && toRecipe(choice.kind, choice.bits, choice.group);
  const meant = matrices.filter(({ converted, format }) => converted || format === asked);
  const bytes = meant.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const weights = meant.reduce((sum, { nRows, nCols }) => sum + nRows * nCols, 0);
  return {
    bits: weights > 0 ? (8 * bytes) / weights : null,
    nLeft: matrices.length - meant.length,
    nMatrices: matrices.length,
  };
}

/** What can hold all of a model's tensors in the formats that they have. The core has the last word:
 * a container may also lack something for the model's architecture. */
export function containersFor(
  { tensors }: Pick<Figures, 'tensors'>,
  formats: Formats,
): Container[] {
  const holders = [...new Set(tensors.map(({ format }) => format))].map(
    (format) => toChoice(format, formats)?.kind.containers ?? [],
  );
  return CONTAINERS.filter((container) => holders.every((holder) => holder.includes(container)));
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
