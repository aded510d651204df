/** The columns of the tables: how `bitloss compare` heads each and prints a cell of it in Markdown, what the
 * page shows in the reader's language, and by what its rows are put in order. One list for the table of
 * everything, the sweep's, and what is copied of either. */
import { estimate, MISSING, small } from '../controls/estimate.ts';
import { SEVERITY } from '../experiment/measure/verdict.ts';
import type { Format } from '../format.ts';
import { messages, type Messages } from '../i18n/index.ts';
import type { TableWords } from './en.ts';
import { estimateText, figure, fixed, general, pointsText, shareText, sizeText } from './print.ts';
import { pairedOf, scoreOf, type ReportRow } from './rows.ts';

/** In the reader's language. */
export interface Say {
  t: Messages;
  words: TableWords;
  format: Format;
}

export interface Column {
  id: keyof TableWords['headings'];
  /** As the terminal heads it. */
  heading: string;
  align: 'left' | 'right';
  isMeasured: (row: ReportRow) => boolean;
  /** Does it say nothing of the reference, which everything is compared with? */
  ofVariants?: true;
  /** Both of a row in which it is measured. */
  terminal: (row: ReportRow) => string;
  page: (row: ReportRow, say: Say) => string;
  /** By which rows are put in order; null is no number. */
  value: (row: ReportRow) => number | string | null;
}

const percentOf = (format: Format, share: number) => `${format.fixed(100 * share, 1)}%`;
const signed = (format: Format, share: number) =>
  `${share < 0 ? '' : '+'}${format.fixed(100 * share, 1)}`;
const isExact = ({ weights }: ReportRow) =>
  weights!.error.n === 0 || weights!.error.snrDb === Infinity;
const hasWeights = ({ weights }: ReportRow) => weights !== null;
const hasStats = ({ stats }: ReportRow) => stats !== null;
const sameTopText = ({ value, error }: { value: number | null; error: number | null }) =>
  value === null
    ? figure(null, String)
    : `${estimateText({ value: 100 * value, error: error === null ? null : 100 * error })}%`;

const recipe: Column = {
  id: 'recipe',
  heading: 'recipe',
  align: 'left',
  isMeasured: () => true,
  terminal: (row) => row.recipe,
  page: (row) => row.recipe,
  value: (row) => row.recipe,
};
const size: Column = {
  id: 'size',
  heading: 'size',
  align: 'right',
  isMeasured: hasWeights,
  terminal: (row) => sizeText(row.weights!.sizeBytes),
  page: (row, { format }) => format.bytes(row.weights!.sizeBytes),
  value: (row) => row.weights!.sizeBytes,
};
const bits: Column = {
  id: 'bits',
  heading: 'bits/w',
  align: 'right',
  isMeasured: hasWeights,
  terminal: (row) => fixed(row.weights!.bitsPerWeight, 2),
  page: (row, { format }) => format.fixed(row.weights!.bitsPerWeight, 2),
  value: (row) => row.weights!.bitsPerWeight,
};
const rmse: Column = {
  id: 'rmse',
  heading: 'RMSE',
  align: 'right',
  isMeasured: hasWeights,
  ofVariants: true,
  terminal: (row) => figure(isExact(row) ? 0 : row.weights!.error.rmse, (x) => general(x, 3)),
  page: (row, { format }) => (isExact(row) ? '0' : format.small(row.weights!.error.rmse)),
  value: (row) => (isExact(row) ? 0 : row.weights!.error.rmse),
};
const snr: Column = {
  id: 'snr',
  heading: 'SNR',
  align: 'right',
  isMeasured: hasWeights,
  ofVariants: true,
  terminal: (row) =>
    isExact(row) ? 'exact' : figure(row.weights!.error.snrDb, (x) => `${fixed(x, 1)} dB`),
  page: (row, { format, words }) =>
    isExact(row) ? words.exact : `${format.fixed(row.weights!.error.snrDb, 1)} dB`,
  value: (row) => (isExact(row) ? Infinity : row.weights!.error.snrDb),
};
const speed: Column = {
  id: 'speed',
  heading: 'tok/s',
  align: 'right',
  isMeasured: ({ written }) => written?.speed != null,
  terminal: (row) => estimateText(row.written!.speed!),
  page: (row, { format }) => estimate(format, row.written!.speed!),
  value: (row) => row.written!.speed!.value,
};
const ppl: Column = {
  id: 'ppl',
  heading: 'perplexity',
  align: 'right',
  isMeasured: hasStats,
  terminal: (row) => estimateText(row.stats!.ppl),
  page: (row, { format }) => estimate(format, row.stats!.ppl),
  value: (row) => row.stats!.ppl.value,
};
const lnRatio: Column = {
  id: 'lnRatio',
  heading: 'ln ratio',
  align: 'right',
  isMeasured: hasStats,
  ofVariants: true,
  terminal: (row) => estimateText(row.stats!.lnRatio, true),
  page: (row, { format }) => {
    const text = estimate(format, row.stats!.lnRatio);
    return (row.stats!.lnRatio.value ?? -1) < 0 ? text : `+${text}`;
  },
  value: (row) => row.stats!.lnRatio.value,
};
const kl: Column = {
  id: 'kl',
  heading: 'KL mean',
  align: 'right',
  isMeasured: hasStats,
  ofVariants: true,
  terminal: (row) => estimateText(row.stats!.klMean),
  page: (row, { format }) => estimate(format, row.stats!.klMean),
  value: (row) => row.stats!.klMean.value,
};
const kl99: Column = {
  id: 'kl99',
  heading: 'KL 99%',
  align: 'right',
  isMeasured: hasStats,
  ofVariants: true,
  terminal: (row) => figure(row.stats!.kl99, (x) => general(x, 3)),
  page: (row, { format }) => small(format, row.stats!.kl99),
  value: (row) => row.stats!.kl99,
};
const sameTop: Column = {
  id: 'sameTop',
  heading: 'same top',
  align: 'right',
  isMeasured: hasStats,
  ofVariants: true,
  terminal: (row) => sameTopText(row.stats!.sameTop),
  page: (row, { format }) =>
    row.stats!.sameTop.value === null ? MISSING : `${estimate(format, row.stats!.sameTop, 100)}%`,
  value: (row) => row.stats!.sameTop.value,
};
const logitDiff: Column = {
  id: 'logitDiff',
  heading: '|logit diff|',
  align: 'right',
  isMeasured: hasStats,
  ofVariants: true,
  terminal: (row) => figure(row.stats!.logitDiff.value, (x) => general(x, 3)),
  page: (row, { format }) => small(format, row.stats!.logitDiff.value),
  value: (row) => row.stats!.logitDiff.value,
};
const right: Column = {
  id: 'right',
  heading: 'tasks right',
  align: 'right',
  isMeasured: (row) => scoreOf(row) !== null,
  terminal: (row) => shareText(scoreOf(row)!.share),
  page: (row, { format }) => {
    const { value, low, high } = scoreOf(row)!.share;
    return `${percentOf(format, value)} [${format.fixed(100 * low, 1)}, ${format.fixed(100 * high, 1)}]`;
  },
  value: (row) => scoreOf(row)!.share.value,
};
const points: Column = {
  id: 'points',
  heading: 'points',
  align: 'right',
  isMeasured: (row) => row.isReference || pairedOf(row) !== null,
  ofVariants: true,
  terminal: (row) => pointsText(pairedOf(row)!.difference),
  page: (row, { format }) => {
    const { value, low, high } = pairedOf(row)!.difference;
    return `${signed(format, value)} [${signed(format, low)}, ${signed(format, high)}]`;
  },
  value: (row) => pairedOf(row)!.difference.value,
};
const verdict: Column = {
  id: 'verdict',
  heading: 'verdict',
  align: 'left',
  isMeasured: (row) => row.isReference || row.loss !== null,
  ofVariants: true,
  terminal: (row) => messages.en.losses[row.loss!],
  page: (row, { t }) => t.losses[row.loss!],
  value: (row) => SEVERITY.indexOf(row.loss!),
};

/** In the terminal's order. */
export const COLUMNS: readonly Column[] = [
  recipe,
  size,
  bits,
  rmse,
  snr,
  speed,
  ppl,
  lnRatio,
  kl,
  kl99,
  sameTop,
  logitDiff,
  right,
  points,
  verdict,
];

/** What is to be said in a cell: that it was not measured, that there is nothing to say (''), or its text. */
export function cellOf(column: Column, row: ReportRow, say: Say): string | null {
  if (row.isReference && column.ofVariants) return '';
  return column.isMeasured(row) ? column.page(row, say) : null;
}

/** Rows in the order of a column; those without a value are last either way. Equals stay as they were. */
export function inOrder(
  rows: readonly ReportRow[],
  column: Column,
  isDescending: boolean,
): ReportRow[] {
  const numberOf = (row: ReportRow) =>
    (row.isReference && column.ofVariants) || !column.isMeasured(row) ? null : column.value(row);
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [numberOf(a), numberOf(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    if (typeof x === 'number' && typeof y === 'number') return sign * (x === y ? 0 : x - y);
    return sign * String(x).localeCompare(String(y), 'en', { numeric: true });
  });
}
