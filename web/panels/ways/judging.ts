/** Measures versions of a model, each by the same texts and questions in each language. */
import type { Share, TextOptions } from '../../../wasm/measure_types.ts';
import type { CalibrationText } from '../../../wasm/methods.ts';
import type { Session } from '../../experiment/measure/client.ts';
import { fetchQuestions, nQuestionsFor } from '../../experiment/measure/questions.ts';
import { beginning, fetchText, get, LIST_FOLDER } from '../../experiment/measure/texts.ts';
import { DEFAULT_PROMPT, LANGS, type Lang, type OpenModel } from '../../experiment/state.ts';
import type { TrainClient } from '../../experiment/train_client.ts';
import type { ListedModel } from '../../source/listed.ts';
import { N_STEPS, RATE, RECIPES, type Effort, type Found, type Judge, type Loss } from './run.ts';

/** Of a text in each language. */
const N_TOKENS = 2048;
/** Of each skill and language. */
const N_QUESTIONS = 4;

export type OnFraction = (fraction: number) => void;

const inBoth = <T>(of: (lang: Lang) => T): Record<Lang, T> => ({ en: of('en'), ko: of('ko') });

/** The model's own texts and questions, or where the list has none the plain texts. */
export async function makeJudge(
  session: Session,
  model: OpenModel,
  entry: ListedModel | undefined,
  base: string,
  signal: AbortSignal,
): Promise<Judge> {
  const text = async (lang: Lang) => {
    const id = entry?.texts?.find((one) => one.lang === lang)?.id ?? (`plain-${lang}` as const);
    const content = await fetchText(id, entry, base, signal);
    return beginning(await session.tokenize(content, model.documents), N_TOKENS);
  };
  const all = entry?.questions ? await fetchQuestions(entry.questions, base, signal) : [];
  const asked = all.slice(0, nQuestionsFor(all, N_QUESTIONS));
  return {
    texts: { en: await text('en'), ko: await text('ko') },
    tasks: inBoth((lang) => asked.filter((task) => task.lang === lang)),
  };
}

const optionsOf = ({ ends }: { ends?: readonly number[] }): TextOptions => (ends ? { ends } : {});

/** What a recipe loses. */
export async function judge(
  session: Session,
  recipe: string,
  { texts, tasks }: Judge,
  onFraction: OnFraction,
): Promise<Loss> {
  const kl = {} as Loss['kl'];
  const right = {} as Record<Lang, Share>;
  const hasTasks = LANGS.some((lang) => tasks[lang].length > 0);
  for (const [i, lang] of LANGS.entries()) {
    const at = (part: number) => (fraction: number) =>
      onFraction((i + (part + fraction) / 2) / LANGS.length);
    const { ids } = texts[lang];
    const { stats } = await session.text(recipe, ids, optionsOf(texts[lang]), at(0));
    kl[lang] = stats.klMean;
    if (!hasTasks) continue;
    const answers = await session.tasks(recipe, tasks[lang], at(1));
    right[lang] = await session.share(answers.filter(Boolean).length, answers.length);
  }
  return { kl, right: hasTasks ? right : null };
}

/** The same of what training through the rounding makes; `client` is the caller's to end. */
export async function judgeTrained(
  client: TrainClient,
  session: Session,
  model: ListedModel,
  { texts, tasks }: Judge,
  base: string,
  signal: AbortSignal,
  onFraction: OnFraction,
): Promise<Found> {
  await client.open(model, base, signal, 0);
  // Its versions write something, which is not looked at here.
  const prompt = model.prompt_en ?? DEFAULT_PROMPT;
  const order = { recipe: RECIPES.trained, nSteps: N_STEPS, learningRate: RATE, prompt };
  const result = await client.train(order, (event) => {
    if (event.kind === 'step') onFraction((0.9 * event.step) / N_STEPS);
  });
  const asked = LANGS.map((lang) => ({ ids: texts[lang].ids, options: optionsOf(texts[lang]) }));
  const found = await client.judge(
    RECIPES.trained,
    asked,
    LANGS.map((lang) => tasks[lang]),
  );
  const effort: Effort = result.effort;
  const share = async (right: readonly boolean[]) =>
    session.share(right.filter(Boolean).length, right.length);
  const hasTasks = found.right.some((right) => right.length > 0);
  const [en, ko] = found.stats.map(({ klMean }) => klMean);
  return {
    ...effort,
    kl: { en: en!, ko: ko! },
    right: hasTasks ? { en: await share(found.right[0]!), ko: await share(found.right[1]!) } : null,
    sizeBytes: found.sizeBytes,
    bitsPerWeight: found.bitsPerWeight,
  };
}

/** What comes with the model to go by; null where nothing does. */
export async function textOf(
  own: CalibrationText | null,
  entry: ListedModel | undefined,
  base: string,
  signal: AbortSignal,
): Promise<CalibrationText | null> {
  if (own) return own;
  const name = entry?.calibration;
  return name === undefined ? null : { name, content: await get(LIST_FOLDER + name, base, signal) };
}
