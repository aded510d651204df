/** A sweep as text to take away: Markdown for a design review, CSV for a spreadsheet, JSON with the
 * fields of `bitloss compare --format json`. */
import type { Loss } from '../../../wasm/measure_types.ts';
import { estimate, MISSING, small } from '../../controls/estimate.ts';
import type { Format } from '../../format.ts';
import { messages, type Messages } from '../../i18n/index.ts';
import type { SweepWords } from './en.ts';
import { isUntouched } from '../../experiment/measure/verdict.ts';
import type { Measure, SweepRow } from './run.ts';

export interface Conditions {
  model: string;
  /** What the text is called, and its tokens; null when only weights were measured. */
  text: { name: string; nTokens: number } | null;
  /** Whose Pareto front is marked. */
  measure: Measure;
}

/** In the reader's language. */
export interface ReportWords {
  t: Messages;
  words: SweepWords;
  format: Format;
}

function lossOf(row: SweepRow): Loss {
  if (isUntouched(row.figures?.notes)) return 'not quantized';
  return row.stats?.loss ?? 'not measured';
}

/** One line of the page's table and of the Markdown, cell by cell, in the order of `columns`. */
export function cellsOf(
  row: SweepRow,
  measure: Measure,
  { t, words, format }: ReportWords,
): string[] {
  const { figures, stats } = row;
  const exact = figures !== null && (figures.error.n === 0 || figures.error.snrDb === Infinity);
  return [
    row.recipe,
    figures ? format.fixed(figures.bitsPerWeight, 2) : MISSING,
    figures ? format.bytes(figures.sizeBytes) : MISSING,
    figures ? (exact ? words.exact : format.small(figures.error.rmse)) : MISSING,
    figures && !exact ? format.fixed(figures.error.snrDb, 1) : MISSING,
    stats ? estimate(format, stats.klMean) : MISSING,
    stats ? small(format, stats.kl99) : MISSING,
    stats ? estimate(format, stats.ppl) : MISSING,
    stats?.sameTop.value == null ? MISSING : `${estimate(format, stats.sameTop, 100)}%`,
    row.onFront[measure] ? words.onFrontMark : '',
    row.problem ? words.failed : t.losses[lossOf(row)],
  ];
}

export function toMarkdown(
  rows: readonly SweepRow[],
  conditions: Conditions,
  reportWords: ReportWords,
): string {
  const { words, format } = reportWords;
  const { model, text, measure } = conditions;
  const reference = rows.find(({ stats }) => stats)?.stats;
  const escapeBars = (cell: string) => cell.replaceAll('|', '\\|');
  const line = (cells: readonly string[]) => `| ${cells.map(escapeBars).join(' | ')} |`;
  const columns = Object.values(words.columns);
  return [
    `${words.conditions(model, text?.name ?? null, format.integer(text?.nTokens ?? 0), reference ? format.integer(reference.n) : null)}`,
    ...(reference ? [words.referencePpl(estimate(format, reference.refPpl))] : []),
    '',
    line(columns),
    line(columns.map((_, i) => (i === 0 || i >= 9 ? '---' : '---:'))),
    ...rows.map((row) =>
      line(cellsOf(row, measure, reportWords).map((cell, i) => (i === 0 ? `\`${cell}\`` : cell))),
    ),
    '',
    words.reading,
    '',
  ].join('\n');
}

/** Machine-readable: numbers unrounded, verdicts in English, null where nothing was measured. */
function record(row: SweepRow) {
  const { figures, stats, problem } = row;
  const snr = figures?.error.snrDb ?? null;
  return {
    recipe: row.recipe,
    size_bytes: figures?.sizeBytes ?? null,
    bits_per_weight: figures?.bitsPerWeight ?? null,
    rmse: figures?.error.rmse ?? null,
    snr_db: snr === Infinity ? null : snr,
    ppl: stats?.ppl.value ?? null,
    ppl_se: stats?.ppl.error ?? null,
    ln_ppl_ratio: stats?.lnRatio.value ?? null,
    ln_ppl_ratio_se: stats?.lnRatio.error ?? null,
    kl_mean: stats?.klMean.value ?? null,
    kl_mean_se: stats?.klMean.error ?? null,
    kl_p99: stats?.kl99 ?? null,
    same_top: stats?.sameTop.value ?? null,
    same_top_se: stats?.sameTop.error ?? null,
    mean_abs_logit_diff: stats?.logitDiff.value ?? null,
    verdict: problem ? 'failed' : messages.en.losses[lossOf(row)],
    on_front: row.onFront,
  };
}

export function toCsv(rows: readonly SweepRow[], { measure }: Pick<Conditions, 'measure'>): string {
  const cell = (value: unknown) => {
    const text = value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const records = rows.map((row) => ({ ...record(row), on_front: row.onFront[measure] }));
  const names = Object.keys(records[0] ?? {});
  return [names, ...records.map((one) => Object.values(one))]
    .map((line) => `${line.map(cell).join(',')}\n`)
    .join('');
}

export function toJson(rows: readonly SweepRow[], { model, text }: Conditions): string {
  const stats = rows.find((row) => row.stats)?.stats;
  const conditions = {
    model,
    text: text?.name ?? null,
    tokens: text?.nTokens ?? null,
    tokens_scored: stats?.n ?? null,
    ref_ppl: stats?.refPpl.value ?? null,
    ref_ppl_se: stats?.refPpl.error ?? null,
  };
  return `${JSON.stringify({ ...conditions, lanes: rows.map(record) }, null, 2)}\n`;
}
