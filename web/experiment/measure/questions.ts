/** Questions about what a model was trained on: which there are, and in what order they are asked. */
import type { Task } from '../../../wasm/measure_types.ts';
import type { ListedQuestions } from '../../source/listed.ts';
import { get, LIST_FOLDER, readLines } from './texts.ts';

/** All that the page has words for, in the order of the panel's rows, from what is in front of the model to what it has to work out. */
export const SKILLS = [
  'copying',
  'format',
  'recall',
  'long_recall',
  'facts',
  'sentiment',
  'order',
  'chain2',
  'chain3',
  'steps2',
  'steps3',
  'counting',
  'addition',
] as const;
export type Skill = (typeof SKILLS)[number];

export async function fetchQuestions(
  { folder, skills, langs }: ListedQuestions,
  base: string,
  signal: AbortSignal,
): Promise<Task[]> {
  const names = skills.flatMap((skill) =>
    langs.map((lang) => `${LIST_FOLDER}${folder}/${skill}.${lang}.jsonl`),
  );
  const files = await Promise.all(
    names.map(async (name) => readLines<Task>(await get(name, base, signal))),
  );
  return interleave(files);
}

/** One of each file, then another of each, and so on: any beginning of the list has equally many of
 * each skill and language, as long as a file has more. Within a file the order is a fixed mixture, as
 * the files are sorted by what they ask for. */
export function interleave(files: readonly (readonly Task[])[]): Task[] {
  const longest = Math.max(0, ...files.map((file) => file.length));
  const mixed = files.map(mix);
  return Array.from({ length: longest }, (_, i) => mixed.flatMap((file) => file[i] ?? [])).flat();
}

/** How many questions of the list are the first `perFile` of each of its files. */
export function nQuestionsFor(tasks: readonly Task[], perFile: number): number {
  const seen = new Map<string, number>();
  return tasks.filter(({ skill, lang }) => {
    const n = (seen.get(`${skill}/${lang}`) ?? 0) + 1;
    seen.set(`${skill}/${lang}`, n);
    return n <= perFile;
  }).length;
}

/** The question itself: the last of the prompt's paragraphs without its label, and what comes before. */
export function partsOf({ prompt }: Task): { story: string; question: string } {
  const at = prompt.lastIndexOf('\n\n');
  const strip = (text: string) =>
    text
      .replace(/^(Q|질문): /, '')
      .replace(/\n(A|답):$/, '')
      .trim();
  return at < 0
    ? { story: '', question: strip(prompt) }
    : { story: prompt.slice(0, at), question: strip(prompt.slice(at + 2)) };
}

/** Steps of the golden section through the file: each beginning is spread evenly over it. */
function mix<T>(items: readonly T[]): T[] {
  const n = items.length;
  let step = Math.max(1, Math.round(n * 0.618));
  while (gcd(step, n) > 1) step++;
  return Array.from({ length: n }, (_, i) => items[(i * step) % n]!);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
