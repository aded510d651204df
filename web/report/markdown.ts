/** The table as `bitloss compare --format md` prints it: fit to paste into a design review, in English as
 * there. A column is there where it was measured of a row at least. */
import type { Documents } from '../../wasm/types.ts';
import { COLUMNS, type Column } from './columns.ts';
import { groupsOf } from './fields.ts';
import { shareText, sizeText } from './print.ts';
import { scoreOf, type ReportRow } from './rows.ts';

/** What was measured. */
export interface Conditions {
  model: { name: string; container: string; storedAs: string; nParams: number; sizeBytes: number };
  /** What the text is called, in English; null where none was read. */
  text: { name: string; documents: Documents } | null;
}

/** What Markdown would take for its own. */
const escaped = (text: string) => text.replace(/[|*_`<\\]/g, '\\$&').replace(/\s+/g, ' ');

const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
const count = (n: number) => n.toLocaleString('en-US');

/** A column is of use where it says something of a row. */
const isUsed = (rows: readonly ReportRow[]) => (column: Column) =>
  rows.some((row) => column.isMeasured(row) && !(column.ofVariants && row.isReference));

function conditionLines({ model, text }: Conditions, rows: readonly ReportRow[]): string[] {
  const { name, container, storedAs, nParams, sizeBytes } = model;
  const nScored = rows.find(({ stats }) => stats)?.stats?.n;
  const nTasks = rows.map((row) => scoreOf(row)?.n ?? 0).find((n) => n > 0);
  const whole = text?.documents === 'whole';
  return [
    `- model: ${escaped(name)} (${container}, ${storedAs}), ${count(nParams)} weights, ${sizeText(sizeBytes)}`,
    ...(text && nScored !== undefined
      ? [
          `- text: ${escaped(text.name)}: ${count(nScored)} tokens scored`,
          `- context: chunks of 512 tokens, or of what the model or the text has when that is less; ${
            whole
              ? 'the second half of each scored'
              : 'each document by itself, every token after its first scored, and the second half of each chunk where it is longer'
          }`,
        ]
      : []),
    ...(nTasks === undefined
      ? []
      : [`- tasks: ${nTasks} answered in writing, greedily; 0 by the likeliest choice`]),
    '- bitloss, as WebAssembly in a browser',
  ];
}

function legendLines(rows: readonly ReportRow[]): string[] {
  const hasText = rows.some(({ stats }) => stats);
  const hasTasks = rows.some(({ scores }) => scores);
  return [
    ...(hasText
      ? [
          '',
          "± is one standard error. The ln ratio is ln(perplexity / the reference's); KL is the divergence from the reference's predictions in nats, its mean over tokens and its 99th percentile; same top is the share of tokens whose likeliest prediction stays; |logit diff| the mean absolute difference of logits.",
        ]
      : []),
    ...(hasTasks
      ? [
          '',
          'Brackets hold 95% intervals; points are the difference to the reference over the same tasks.',
        ]
      : []),
    ...(hasText || hasTasks
      ? [
          '',
          "Each verdict is that of text or tasks, whichever is worse, by the rules in bitloss's README.",
        ]
      : []),
  ];
}

/** A row for each skill and language, a column for each lane. */
function taskLines(rows: readonly ReportRow[]): string[] {
  const groups = groupsOf(rows);
  if (groups.length === 0) return [];
  const asked = rows.filter(({ scores }) => scores);
  return [
    '',
    line(['skill', 'language', 'items', ...asked.map(({ recipe }) => recipe)]),
    `|---|---|---:|${asked.map(() => '---:|').join('')}`,
    ...groups.map(({ skill, lang, key }) => {
      const scores = asked.map((row) => scoreOf(row, key));
      const n = scores.find((one) => one)?.n ?? 0;
      return line([
        skill,
        lang,
        String(n),
        ...scores.map((one) => (one ? shareText(one.share) : '')),
      ]);
    }),
  ];
}

export function markdownOf(rows: readonly ReportRow[], conditions: Conditions): string {
  const columns = COLUMNS.filter(isUsed(rows));
  const cell = (column: Column, row: ReportRow) =>
    (row.isReference && column.ofVariants) || !column.isMeasured(row) ? '' : column.terminal(row);
  return [
    ...conditionLines(conditions, rows),
    '',
    line(columns.map(({ heading }) => heading)),
    `${columns.map(({ align }) => (align === 'right' ? '|---:' : '|---')).join('')}|`,
    ...rows.map((row) => line(columns.map((column) => cell(column, row)))),
    ...legendLines(rows),
    ...taskLines(rows),
    '',
  ].join('\n');
}
