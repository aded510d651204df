/** A sweep as text to take away: Markdown for a design review, CSV for a spreadsheet, JSON with the
 * fields of `bitloss compare --format json`. */
import type { Loss } from '../../../wasm/measure_types.ts';
import { estimate, MISSING } from '../../controls/estimate.ts';
import type { Format } from '../../format.ts';
import { messages, type Messages } from '../../i18n/index.ts';
import type { SweepWords } from './en.ts';
import { isUntouched } from '../../experiment/measure/verdict.ts';
import { cellOf, COLUMNS } from '../../report/columns.ts';
import type { TableWords } from '../../report/en.ts';
import { csvOf, fieldsOf as allFields, textFields, type Field } from '../../report/fields.ts';
import type { ReportRow } from '../../report/rows.ts';
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
  columns: TableWords;
  format: Format;
}

function lossOf(row: SweepRow): Loss {
  if (isUntouched(row.figures?.notes)) return 'not quantized';
  return row.stats?.loss ?? 'not measured';
}

/** As a row of the shared columns. */
function reportRow(row: SweepRow): ReportRow {
  const { figures, stats, recipe, problem } = row;
  const loss = problem ? 'not measured' : lossOf(row);
  return {
    lane: null,
    recipe,
    isReference: false,
    weights: figures && { ...figures, referenceBytes: figures.sizeBytes },
    stats,
    isOtherText: false,
    scores: null,
    written: null,
    loss: loss === 'not measured' ? null : loss,
  };
}

/** Those of the shared columns that a sweep has, in its order; its own come after them. */
const IDS = [
  'recipe',
  'bits',
  'size',
  'rmse',
  'snr',
  'kl',
  'kl99',
  'ppl',
  'lnRatio',
  'sameTop',
] as const;
const SHARED = IDS.map((id) => COLUMNS.find((column) => column.id === id)!);

export function headingsOf({ words, columns }: ReportWords): string[] {
  return [...SHARED.map(({ id }) => columns.headings[id]), words.front, columns.headings.verdict];
}

/** One line of the page's table and of the Markdown, cell by cell, under `headingsOf`. */
export function cellsOf(row: SweepRow, measure: Measure, reportWords: ReportWords): string[] {
  const { t, words, format, columns } = reportWords;
  const say = { t, format, words: columns };
  return [
    ...SHARED.map((column) => cellOf(column, reportRow(row), say) ?? MISSING),
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
  const columns = headingsOf(reportWords);
  return [
    `${words.conditions(model, text?.name ?? null, format.integer(text?.nTokens ?? 0), reference ? format.integer(reference.n) : null)}`,
    ...(reference ? [words.referencePpl(estimate(format, reference.refPpl))] : []),
    '',
    line(columns),
    line(columns.map((_, i) => (i === 0 || i >= SHARED.length ? '---' : '---:'))),
    ...rows.map((row) =>
      line(cellsOf(row, measure, reportWords).map((cell, i) => (i === 0 ? `\`${cell}\`` : cell))),
    ),
    '',
    words.reading,
    '',
  ].join('\n');
}

/** Numbers unrounded under the terminal's names, verdicts in English, null where nothing was measured. */
function fieldsOf(row: SweepRow, measure: Measure): Field[] {
  const isUseless = ([name]: Field) => name === 'compression' || name === 'verdict';
  const known = new Map(allFields(reportRow(row)).filter((field) => !isUseless(field)));
  const text = textFields(null).map(([name, none]): Field => [name, known.get(name) ?? none]);
  return [
    ...new Map([...known, ...text]),
    ['on_front', row.onFront[measure]],
    ['verdict', row.problem ? 'failed' : messages.en.losses[lossOf(row)]],
  ];
}

export function toCsv(rows: readonly SweepRow[], { measure }: Pick<Conditions, 'measure'>): string {
  return csvOf(rows.map((row) => fieldsOf(row, measure)));
}

export function toJson(rows: readonly SweepRow[], { model, text, measure }: Conditions): string {
  const stats = rows.find((row) => row.stats)?.stats;
  const conditions = {
    model,
    text: text?.name ?? null,
    tokens: text?.nTokens ?? null,
    tokens_scored: stats?.n ?? null,
    ref_ppl: stats?.refPpl.value ?? null,
    ref_ppl_se: stats?.refPpl.error ?? null,
  };
  const lanes = rows.map((row) => ({
    ...Object.fromEntries(fieldsOf(row, measure)),
    on_front: row.onFront,
  }));
  return `${JSON.stringify({ ...conditions, lanes }, null, 2)}\n`;
}
