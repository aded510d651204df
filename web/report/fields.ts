/** A row's figures by the names that they have in `bitloss compare --format json` and `csv`, in that order,
 * unrounded. */
import { messages } from '../i18n/index.ts';
import { SKILLS } from '../experiment/measure/questions.ts';
import { LANGS, scoreKey, type Score } from '../experiment/state.ts';
import type { Paired, TextStats } from '../../wasm/measure_types.ts';
import { jsonNumber } from './print.ts';
import { pairedOf, scoreOf, type ReportRow } from './rows.ts';

export type Value = number | string | boolean | null;
export type Field = readonly [name: string, value: Value];

const PAIRED_VERDICTS: Record<Paired['verdict'], string> = {
  same: 'no difference',
  better: 'better',
  worse: 'worse',
  unclear: 'too few tasks to tell',
};

function weightFields({ weights }: ReportRow): Field[] {
  const { sizeBytes = null, bitsPerWeight = null, referenceBytes = 0, error } = weights ?? {};
  const isExact = error?.n === 0;
  const snr = !error || isExact || error.snrDb === Infinity ? null : error.snrDb;
  return [
    ['size_bytes', sizeBytes],
    ['bits_per_weight', bitsPerWeight],
    ['compression', sizeBytes === null ? null : referenceBytes / sizeBytes],
    ['rmse', error ? (isExact ? 0 : error.rmse) : null],
    ['snr_db', snr],
    ['max_abs_error', error ? (isExact ? 0 : error.maxAbs) : null],
  ];
}

/** Those of `written` that came; the terminal has none without a prompt either. */
function writtenFields({ written }: ReportRow): Field[] {
  if (!written) return [];
  return [
    ['tokens_per_second', written.speed?.value ?? null],
    ['tokens_per_second_se', written.speed?.error ?? null],
    ['prompt_tokens_per_second', written.promptSpeed],
    ['first_difference', written.firstDifference],
    ['text', written.text],
  ];
}

/** Of a row that was measured on no text all are null. */
export function textFields(stats: TextStats | null): Field[] {
  const s = stats;
  return [
    ['ppl', s?.ppl.value ?? null],
    ['ppl_se', s?.ppl.error ?? null],
    ['ln_ratio', s?.lnRatio.value ?? null],
    ['ln_ratio_se', s?.lnRatio.error ?? null],
    ['correlation', s?.correlation ?? null],
    ['kl_mean', s?.klMean.value ?? null],
    ['kl_mean_se', s?.klMean.error ?? null],
    ['kl_median', s?.klMedian ?? null],
    ['kl_p90', s?.kl90 ?? null],
    ['kl_p95', s?.kl95 ?? null],
    ['kl_p99', s?.kl99 ?? null],
    ['kl_p999', s?.kl999 ?? null],
    ['kl_max', s?.klMax ?? null],
    ['delta_p_mean', s?.deltaP.value ?? null],
    ['delta_p_mean_se', s?.deltaP.error ?? null],
    ['delta_p_rms', s?.deltaPRms.value ?? null],
    ['delta_p_rms_se', s?.deltaPRms.error ?? null],
    ['same_top', s?.sameTop.value ?? null],
    ['same_top_se', s?.sameTop.error ?? null],
    ['mean_abs_logit_diff', s?.logitDiff.value ?? null],
    ['mean_abs_logit_diff_se', s?.logitDiff.error ?? null],
    ['n_tokens_scored', s?.n ?? null],
  ];
}

function scoreFields(name: string, { share, n }: Score): Field[] {
  return [
    [`${name}.accuracy`, share.value],
    [`${name}.low`, share.low],
    [`${name}.high`, share.high],
    [`${name}.n`, n],
  ];
}

function taskFields(row: ReportRow): Field[] {
  const all = scoreOf(row);
  if (!all) return [];
  const paired = pairedOf(row);
  return [
    ...groupsOf([row]).flatMap(({ skill, lang, key }) =>
      scoreFields(`tasks.${skill}/${lang}`, scoreOf(row, key)!),
    ),
    ...scoreFields('all_tasks', all),
    ...(paired
      ? ([
          ['against_reference.n_lost', paired.nLost],
          ['against_reference.n_gained', paired.nGained],
          ['against_reference.difference', paired.difference.value],
          ['against_reference.low', paired.difference.low],
          ['against_reference.high', paired.difference.high],
          ['against_reference.p', paired.p],
          ['against_reference.verdict', PAIRED_VERDICTS[paired.verdict]],
        ] satisfies Field[])
      : []),
  ];
}

/** Skills in each language that any of the rows was asked about, in the panels' order. */
export function groupsOf(rows: readonly ReportRow[]) {
  return SKILLS.flatMap((skill) =>
    LANGS.map((lang) => ({ skill, lang, key: scoreKey(skill, lang) })),
  ).filter(({ key }) => rows.some((row) => scoreOf(row, key)));
}

/** Everything of a row. */
export function fieldsOf(row: ReportRow): Field[] {
  return [
    ['recipe', row.recipe],
    ...weightFields(row),
    ...writtenFields(row),
    ...(row.stats ? textFields(row.stats) : []),
    ...taskFields(row),
    ...(row.loss ? ([['verdict', messages.en.losses[row.loss]]] satisfies Field[]) : []),
  ];
}

function cell(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return jsonNumber(value);
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line for each row, under the names of all fields: what only some rows have stands after what it comes
 * after there. */
export function csvOf(rows: readonly (readonly Field[])[]): string {
  const names: string[] = [];
  for (const row of rows) {
    let at = 0;
    for (const [name] of row) {
      const known = names.indexOf(name);
      if (known < 0) names.splice(at, 0, name);
      at = (known < 0 ? at : known) + 1;
    }
  }
  const lines = rows.map((row) => {
    const values = new Map(row);
    return names.map((name) => cell(values.get(name) ?? null)).join(',');
  });
  return [names.map(cell).join(','), ...lines].map((line) => `${line}\n`).join('');
}
