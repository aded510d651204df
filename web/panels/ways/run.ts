/** The ways to make a model smaller that the panel puts side by side, and what was found of each. */
import { Z95, type Estimate, type Share, type Task } from '../../../wasm/measure_types.ts';
import type { CalibrationText } from '../../../wasm/methods.ts';
import type { Tokens } from '../../experiment/measure/texts.ts';
import { LANGS, type Lang } from '../../experiment/state.ts';

export const WAY_IDS = ['rounded', 'dynamic', 'search', 'gptq', 'best', 'trained'] as const;
export type WayId = (typeof WAY_IDS)[number];

export const RECIPES: Readonly<Record<WayId, string>> = {
  rounded: 'affine:4:64',
  dynamic: 'qint8@int8',
  search: 'affine:4:64+search',
  gptq: 'affine:4:64+gptq',
  best: 'affine:4:64+best',
  trained: 'affine:4:64',
};
/** Of the trained one: the panel of training has more to choose. */
export const N_STEPS = 50;
export const RATE = 1e-4;

/** What it took: seconds of choosing or training, and tokens that were read for it. */
export interface Effort {
  seconds: number;
  nTokens: number;
}

/** How far a version is from the original, by language, on text and questions that nothing was chosen by. */
export interface Loss {
  kl: Record<Lang, Estimate>;
  right: Record<Lang, Share> | null;
}

export interface Found extends Effort, Loss {
  sizeBytes: number;
  bitsPerWeight: number;
}

/** What every version is judged by. */
export interface Judge {
  texts: Record<Lang, Tokens>;
  tasks: Record<Lang, readonly Task[]>;
}

/** Over both languages. */
export const meanKl = ({ kl }: Loss): number =>
  LANGS.reduce((sum, lang) => sum + (kl[lang].value ?? Number.NaN), 0) / LANGS.length;

const errorOf = ({ kl }: Loss): number =>
  Math.hypot(...LANGS.map((lang) => kl[lang].error ?? 0)) / LANGS.length;

/** Beyond doubt. */
const losesMore = (a: Loss, b: Loss): boolean =>
  meanKl(a) - meanKl(b) > Z95 * Math.hypot(errorOf(a), errorOf(b));

/** Those that were measured, the least loss first. */
export function ranking(found: ReadonlyMap<WayId, Found>): WayId[] {
  return [...found.keys()].sort((a, b) => meanKl(found.get(a)!) - meanKl(found.get(b)!));
}

/** Ways that took longer than another of the same bits, and yet lost more beyond doubt. */
export function contradictions(found: ReadonlyMap<WayId, Found>): [slower: WayId, better: WayId][] {
  const all = [...found].filter(([id]) => id !== 'dynamic');
  return all.flatMap(([slower, a]) =>
    all
      .filter(([, b]) => a.seconds > b.seconds + 0.5 && losesMore(a, b))
      .map(([better]): [WayId, WayId] => [slower, better]),
  );
}

export const CALIBRATED = ['en', 'ko', 'both'] as const;
export type Calibrated = (typeof CALIBRATED)[number];

/** A calibration text in one language alone, the other alone, and both, each as long: of documents that end with
 * <|end|>, those with Hangul in them are the Korean ones. */
export function byLanguage({
  name,
  content,
}: CalibrationText): Record<Calibrated, CalibrationText> {
  const end = '<|end|>';
  const all = content.split(end).filter((text) => text.trim() !== '');
  const isKorean = (text: string) => /[가-힣]/.test(text);
  const [ko, en] = [all.filter(isKorean), all.filter((text) => !isKorean(text))];
  const text = (documents: readonly string[], of: Calibrated) => ({
    name: `${of}, ${name}`,
    content: documents.map((document) => document + end).join(''),
  });
  const half = (documents: readonly string[]) => documents.filter((_, i) => i % 2 === 0);
  return { en: text(en, 'en'), ko: text(ko, 'ko'), both: text([...half(en), ...half(ko)], 'both') };
}

/** Does a language lose less or more than by rounding, beyond doubt? */
export function protects(loss: Estimate, rounded: Estimate): 'less' | 'more' | 'same' {
  const [a, b] = [loss.value ?? Number.NaN, rounded.value ?? Number.NaN];
  const doubt = Z95 * Math.hypot(loss.error ?? 0, rounded.error ?? 0);
  if (a < b - doubt) return 'less';
  return a > b + doubt ? 'more' : 'same';
}
