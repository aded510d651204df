/** The questions of the stage: which kinds, how many, and which six are shown.
 *
 * Six kinds, one for each thing that a small model does: remember over a distance, count, add, know by
 * heart, copy, reason in steps. The others are relatives of these and stand one step deeper, among the
 * skills.
 *
 * Of each kind one question is shown, chosen by rule and not by eye. Of the file's first 200 those that
 * TinyWorld 2M gets right at 16 bits are put in the order in which they break: by the width from which on all answers are wrong,
 * with equals in the order of the file. Shown is the one a quarter of the way along: a quarter of its
 * kind breaks before it, three quarters later. `examples/tinyworld/deciding.mjs` works them out. */
import type { Task } from '../../../wasm/measure_types.ts';
import { interleave } from '../../experiment/measure/questions.ts';
import { get, LIST_FOLDER, readLines } from '../../experiment/measure/texts.ts';
import type { Lang } from '../../experiment/state.ts';
import type { ListedQuestions } from '../../source/listed.ts';

export const KINDS = ['long_recall', 'counting', 'addition', 'facts', 'copying', 'steps2'] as const;
export type Kind = (typeof KINDS)[number];

/** Of each kind: so many at every width, for the curve; then so many in all, which tells smaller
 * differences. */
export const N_PER_KIND = [24, 40] as const;
/** How many questions are answered after each of these rounds. */
export const ROUNDS = N_PER_KIND.map((n) => n * KINDS.length);

export const SHOWN: Record<Lang, Record<Kind, string>> = {
  en: {
    long_recall: 'long_recall-en-059',
    counting: 'counting-en-016',
    addition: 'addition-en-184',
    facts: 'facts-en-dapplewort/food/tier16',
    copying: 'copying-en-051',
    steps2: 'steps2-en-044',
  },
  ko: {
    long_recall: 'long_recall-ko-031',
    counting: 'counting-ko-199',
    addition: 'addition-ko-113',
    facts: 'facts-ko-toddlewump/food/tier1',
    copying: 'copying-ko-051',
    steps2: 'steps2-ko-196',
  },
};

export interface Questions {
  /** One of each kind. */
  shown: readonly Task[];
  /** Equally many of each kind, in turn: any beginning is balanced. */
  asked: readonly Task[];
}

/** Are there all that the stage asks, in this language? */
export function hasKinds(listed: ListedQuestions | undefined, lang: Lang): boolean {
  return (
    (listed?.langs.includes(lang) ?? false) && KINDS.every((kind) => listed!.skills.includes(kind))
  );
}

/** `base` is the folder that holds models/. Throws a PageError when the site does not have them. */
export async function fetchQuestions(
  { folder }: ListedQuestions,
  lang: Lang,
  base: string,
  signal: AbortSignal,
): Promise<Questions> {
  const files = await Promise.all(
    KINDS.map(async (kind) =>
      readLines<Task>(await get(`${LIST_FOLDER}${folder}/${kind}.${lang}.jsonl`, base, signal)),
    ),
  );
  const ids: readonly string[] = Object.values(SHOWN[lang]);
  return {
    shown: files.flatMap((file) => file.filter(({ id }) => ids.includes(id))),
    asked: interleave(files).slice(0, ROUNDS.at(-1)),
  };
}

/** How many questions are answered after each round, where there may be fewer than the stage would ask. */
export const roundsOf = ({ asked }: Questions): number[] => [
  ...new Set(ROUNDS.map((end) => Math.min(end, asked.length)).filter((end) => end > 0)),
];
