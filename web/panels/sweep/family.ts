/** The sizes of one family of models, each at several bit widths: is a larger model at fewer bits better than a
 * smaller one at more? Measured here, when the reader asks for it, by a worker of its own: the open model
 * stays open. */
import type { Estimate, Paired, Share, Task } from '../../../wasm/measure_types.ts';
import type { Documents } from '../../../wasm/types.ts';
import { inGroups, type JobWatch } from '../../controls/job.ts';
import { isCancelled, type MeasureClient, type Session } from '../../experiment/measure/client.ts';
import { fetchQuestions } from '../../experiment/measure/questions.ts';
import { beginning } from '../../experiment/measure/texts.ts';
import { N_QUICK_TOKENS } from '../../experiment/state.ts';
import type { ListedModel } from '../../source/listed.ts';
import { fetchListed } from '../../source/remote.ts';

/** As it is stored, and rounded. */
export const SETTINGS = [
  { bits: 16, recipe: 'reference' },
  ...[8, 6, 5, 4, 3, 2].map((bits) => ({ bits, recipe: `affine:${bits}:64` })),
] as const;

/** Questions of each skill and language. */
const N_QUESTIONS = 4;

export interface FamilyPoint {
  /** Index of the model, from the smallest. */
  model: number;
  name: string;
  bits: number;
  recipe: string;
  sizeBytes: number;
  ppl: Estimate | null;
  /** Right or wrong, question by question; null before they are asked. */
  answers: readonly boolean[] | null;
  right: Share | null;
}

const NONE: readonly ListedModel[] = [];
/** By the list: who asks again gets the same. */
const families = new WeakMap<readonly ListedModel[], Map<string, readonly ListedModel[]>>();

/** The open model and its relatives, from the smallest; none where it has no relatives. */
export function membersOf(
  entry: ListedModel | undefined,
  listed: readonly ListedModel[] | null,
): readonly ListedModel[] {
  const { family } = entry ?? {};
  if (family === undefined || listed === null) return NONE;
  const known = families.get(listed) ?? new Map<string, readonly ListedModel[]>();
  families.set(listed, known);
  let members = known.get(family);
  if (!members) {
    const all = listed.filter((one) => one.family === family).sort((a, b) => a.size - b.size);
    known.set(family, (members = all.length > 1 ? all : NONE));
  }
  return members;
}

export interface FamilyTask {
  members: readonly ListedModel[];
  /** The URL of the folder that holds models/. */
  base: string;
  text: string;
  documents: Documents;
}

let nOpened = 0;

/** Opens one member after another in the client's worker, and ends that afterwards. `work` is done with each;
 * its fractions are counted by the models' sizes. */
async function withEach(
  client: MeasureClient,
  { members, base, documents }: FamilyTask,
  watch: JobWatch,
  signal: AbortSignal,
  work: (session: Session, model: number, report: (fraction: number) => void) => Promise<void>,
): Promise<void> {
  const total = members.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  try {
    for (const [i, member] of members.entries()) {
      const files = await fetchListed(member, base, () => {}, signal);
      if (watch.stopped) return;
      const address = { kind: 'listed', id: member.id } as const;
      client.use({ address, files, documents, chat: null, serial: ++nOpened });
      const report = (fraction: number) => watch.report((before + fraction * member.size) / total);
      await work(client.session(), i, report);
      before += member.size;
    }
  } finally {
    client.use(null);
  }
}

/** Sizes and perplexities. A member that cuts the text into other tokens than the first has no perplexity that
 * could be compared: it is left without one. `onPoints` gets a new list whenever something came. */
export async function measureTexts(
  client: MeasureClient,
  task: FamilyTask,
  watch: JobWatch,
  signal: AbortSignal,
  onPoints: (points: readonly FamilyPoint[]) => void,
): Promise<void> {
  let points: FamilyPoint[] = [];
  let firstIds: string | null = null;
  await withEach(client, task, watch, signal, async (session, model, report) => {
    const { ids, ends } = beginning(
      await session.tokenize(task.text, task.documents),
      N_QUICK_TOKENS,
    );
    firstIds ??= ids.join();
    const { name } = task.members[model]!;
    for (const { bits, recipe } of SETTINGS) {
      const { sizeBytes } = await session.weights(recipe);
      const point = { model, name, bits, recipe, sizeBytes, ppl: null, answers: null, right: null };
      points = [...points, point];
    }
    if (!watch.stopped) onPoints(points);
    if (ids.join() !== firstIds) return;
    const [, ...rounded] = SETTINGS;
    await inGroups(rounded, watch, report, async ({ recipe }, _, tell) => {
      const { stats } = await session.text(recipe, ids, { ends }, tell);
      const pplOf = (point: FamilyPoint) =>
        point.recipe === recipe ? stats.ppl : point.bits === 16 ? stats.refPpl : point.ppl;
      points = points.map((point) =>
        point.model === model ? { ...point, ppl: pplOf(point) } : point,
      );
      if (!watch.stopped) onPoints(points);
    });
  });
}

/** The same questions to each. */
export async function askQuestions(
  client: MeasureClient,
  task: FamilyTask,
  known: readonly FamilyPoint[],
  watch: JobWatch,
  signal: AbortSignal,
  onPoints: (points: readonly FamilyPoint[]) => void,
): Promise<void> {
  const questions = task.members[0]!.questions!;
  const nAsked = N_QUESTIONS * questions.skills.length * questions.langs.length;
  const all = await fetchQuestions(questions, task.base, signal);
  const asked: Task[] = all.slice(0, nAsked);
  let points = known;
  await withEach(client, task, watch, signal, async (session, model, report) => {
    for (const [i, { recipe }] of SETTINGS.entries()) {
      if (watch.stopped) return;
      const answers = await session.tasks(recipe, asked, (fraction) =>
        report((i + fraction) / SETTINGS.length),
      );
      const right = await session.share(answers.filter(Boolean).length, answers.length);
      points = points.map((point) =>
        point.model === model && point.recipe === recipe ? { ...point, answers, right } : point,
      );
      if (!watch.stopped) onPoints(points);
    }
  });
}

export const FAMILY_MEASURES = ['ppl', 'wrong'] as const;
export type FamilyMeasure = (typeof FAMILY_MEASURES)[number];

/** What is lower for the better; null where it was not measured, or is no number. */
export function lossOf({ ppl, right }: FamilyPoint, measure: FamilyMeasure): number | null {
  return measure === 'ppl' ? (ppl?.value ?? null) : right && 1 - right.value;
}

/** A smaller model as it is stored, and the best that the next larger one comes to in no more bytes. */
export interface Rival {
  small: FamilyPoint;
  large: FamilyPoint;
}

/** Sizes that differ by less are the same to a reader. */
const ABOUT = 1.02;

export function rivalsOf(points: readonly FamilyPoint[], measure: FamilyMeasure): Rival[] {
  const measured = points.filter((point) => lossOf(point, measure) !== null);
  return measured
    .filter(({ bits }) => bits === 16)
    .flatMap((small): Rival[] => {
      const fitting = measured.filter(
        ({ model, sizeBytes }) => model === small.model + 1 && sizeBytes <= ABOUT * small.sizeBytes,
      );
      const [large] = fitting.sort((a, b) => lossOf(a, measure)! - lossOf(b, measure)!);
      return large ? [{ small, large }] : [];
    });
}

export type Comparison = Rival & { paired: Paired | null };

/** Which points are on the front, and how rivals compare. */
export interface Judgement {
  front: ReadonlySet<FamilyPoint>;
  comparisons: readonly Comparison[];
}

/** As the core works it out, in the open model's worker. Another model that is opened meanwhile ends that one:
 * then the next is asked, as long as it is wanted; null where it no longer is. */
export async function judge(
  session: Pick<Session, 'paretoFront' | 'paired'>,
  points: readonly FamilyPoint[],
  measure: FamilyMeasure,
  isWanted: () => boolean,
): Promise<Judgement | null> {
  while (isWanted()) {
    try {
      const judgement = await judgementOf(session, points, measure);
      return isWanted() ? judgement : null;
    } catch (error) {
      if (!isCancelled(error)) throw error;
    }
  }
  return null;
}

async function judgementOf(
  session: Pick<Session, 'paretoFront' | 'paired'>,
  points: readonly FamilyPoint[],
  measure: FamilyMeasure,
): Promise<Judgement> {
  const onFront = await session.paretoFront(
    points.map(({ sizeBytes }) => sizeBytes),
    points.map((point) => lossOf(point, measure)),
  );
  const comparisons = rivalsOf(points, measure).map(async (rival) => {
    const [small, large] = [rival.small.answers, rival.large.answers];
    const paired = measure === 'wrong' && small && large ? session.paired(small, large) : null;
    return { ...rival, paired: await paired };
  });
  return {
    front: new Set(points.filter((_, i) => onFront[i])),
    comparisons: await Promise.all(comparisons),
  };
}
