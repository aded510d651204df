/** Everything that is known of the lanes, and of the recipes that a sweep went through: a table whose
 * columns sort, one of right answers by skill, and both as Markdown or CSV. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { styleMap } from '../../controls/style_map.ts';
import { nameOf } from '../../experiment/address.ts';
import type { Skill } from '../../experiment/measure/questions.ts';
import { entryOf, factsOf, type AppState } from '../../experiment/state.ts';
import { messages } from '../../i18n/index.ts';
import { cellOf, COLUMNS, inOrder, type Column, type Say } from '../../report/columns.ts';
import { csvOf, fieldsOf, groupsOf } from '../../report/fields.ts';
import { markdownOf, type Conditions } from '../../report/markdown.ts';
import { shareText } from '../../report/print.ts';
import { rowsOf, scoreOf, type ReportRow } from '../../report/rows.ts';
import { tableWords } from '../../report/words.ts';
import '../../report/export.ts';
import { tableStyles } from '../../report/table_styles.ts';
import { badge, shared } from '../../styles/shared.ts';
import type { PanelContext } from '../index.ts';
import { laneColor, laneLetter, laneName, Panel } from '../panel.ts';
import { en as skillsEn } from '../skills/en.ts';
import { ko as skillsKo } from '../skills/ko.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { styles } from './styles.ts';

const WORDS = { en, ko };
const SKILL_WORDS = { en: skillsEn, ko: skillsKo };

/** What the table is drawn from: while lanes write, the rest of the state changes all the time. */
function drawnFrom({ lang, model, lanes, swept, text }: AppState): unknown[] {
  return [
    lang,
    model,
    swept,
    text.serial,
    ...lanes.flatMap((lane) => [
      lane.id,
      lane.recipe,
      lane.figures,
      lane.progress === null,
      lane.problem,
      lane.text.value,
      lane.text.isFresh,
      lane.skills.value,
      lane.skills.isFresh,
      lane.speed.value,
      lane.run === null,
    ]),
  ];
}

function hasChanged(now: AppState, before: AppState | undefined): boolean {
  if (!before) return true;
  const [some, others] = [drawnFrom(now), drawnFrom(before)];
  return some.length !== others.length || some.some((one, i) => one !== others[i]);
}

@customElement('bitloss-panel-table')
export class TablePanel extends Panel {
  static override styles = [shared, badge, tableStyles, styles];

  @property({ attribute: false, hasChanged }) state!: AppState;
  @property({ attribute: false }) canShow: (panel: string) => boolean = () => false;
  /** null: in the order of the lanes. */
  @state() private sorted: { column: Column; isDescending: boolean } | null = null;

  get #words() {
    return WORDS[this.language];
  }

  get #say(): Say {
    return { t: this.t, words: tableWords[this.language], format: this.format };
  }

  override render() {
    const words = this.#words;
    const rows = rowsOf(this.state);
    const { sorted } = this;
    const shown = sorted ? inOrder(rows, sorted.column, sorted.isDescending) : rows;
    return html`<p class="lead">${words.lead}</p>
      <div class="scroll" tabindex="0" role="region" aria-label=${words.tableLabel}>
        <table class="all">
          <thead>
            <tr>${COLUMNS.map((column) => this.#renderHeading(column))}</tr>
          </thead>
          <tbody>
            ${shown.map((row) => this.#renderRow(row))}
          </tbody>
        </table>
      </div>
      <p class="small muted note">${this.#conditionsLine(rows)} ${words.reading}</p>
      <h3>${words.bySkill}</h3>
      ${this.#renderSkills(rows)}
      <bitloss-export .language=${this.language} .reports=${this.#reports()}></bitloss-export>
      <p class="small muted note">${words.copied}</p>`;
  }

  #renderHeading(column: Column) {
    const { sorted } = this;
    const name = this.#say.words.headings[column.id];
    const isSorted = sorted?.column === column;
    const order = !isSorted ? 'none' : sorted.isDescending ? 'descending' : 'ascending';
    return html`<th scope="col" class=${column.align} aria-sort=${order}>
      <button class="plain" title=${this.#words.sortBy(name)} @click=${() => this.#sort(column)}>
        <span>${name}</span><span class="arrow" aria-hidden="true">${order === 'none' ? '↕' : sorted!.isDescending ? '▼' : '▲'}</span>
      </button>
    </th>`;
  }

  /** Up, then down, then as they were. */
  #sort(column: Column): void {
    const { sorted } = this;
    if (sorted?.column !== column) this.sorted = { column, isDescending: false };
    else this.sorted = sorted.isDescending ? null : { column, isDescending: true };
  }

  #renderRow(row: ReportRow) {
    const [, ...columns] = COLUMNS;
    return html`<tr ?data-swept=${row.lane === null}>
      <th scope="row" class="left" title=${row.recipe}>${this.#renderName(row)}</th>
      ${columns.map((column) => this.#renderCell(column, row))}
    </tr>`;
  }

  #renderName({ lane, recipe, isReference }: ReportRow) {
    const { t } = this;
    const mark =
      lane === null
        ? html`<span class="muted sweeping">${this.#words.swept}</span>`
        : html`<span class="badge" style=${styleMap({ '--lane': laneColor(lane) })} aria-hidden="true">${laneLetter(lane)}</span
            ><span class="visually-hidden">${laneName(t, lane)}</span>`;
    return html`${mark} <code>${isReference ? t.lane.reference : recipe}</code>`;
  }

  #renderCell(column: Column, row: ReportRow) {
    const words = this.#words;
    const text = cellOf(column, row, this.#say);
    if (text === null) {
      const isOther = row.isOtherText && TEXT_COLUMNS.includes(column.id);
      return html`<td class="${column.align} none">${isOther ? words.otherText : words.notMeasured}</td>`;
    }
    if (text === '')
      return html`<td class="${column.align} none"><span aria-hidden="true">–</span><span class="visually-hidden">${words.nothing}</span></td>`;
    return html`<td class=${column.align}>${text}</td>`;
  }

  #renderSkills(rows: readonly ReportRow[]): TemplateResult {
    const words = this.#words;
    const { format, state } = this;
    const groups = groupsOf(rows);
    if (groups.length === 0) {
      if (!entryOf(state)?.questions) return html`<p class="small muted">${words.noneListed}</p>`;
      return html`<p class="small muted">${words.noQuestions}</p>
        ${this.canShow('skills') ? html`<p><button @click=${() => this.send({ type: 'show-panel', panel: 'skills' })}>${words.toSkills}</button></p>` : nothing}`;
    }
    const lanes = rows.filter(({ lane }) => lane !== null);
    const names = SKILL_WORDS[this.language].names;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.skillLabel}>
      <table>
        <thead>
          <tr>
            <th scope="col" class="left">${words.skill}</th>
            <th scope="col" class="left">${words.language}</th>
            <th scope="col" class="right">${words.items}</th>
            ${lanes.map((row) => html`<th scope="col" class="right">${this.#renderName(row)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${groups.map(({ skill, lang, key }) => {
            const scores = lanes.map((row) => scoreOf(row, key));
            const n = scores.find((one) => one)?.n ?? 0;
            return html`<tr>
              <th scope="row" class="left">${names[skill as Skill]}</th>
              <td class="left">${words.languages[lang]}</td>
              <td class="right">${format.integer(n)}</td>
              ${scores.map((one) => html`<td class="right ${one ? '' : 'none'}">${one ? shareText(one.share) : words.notMeasured}</td>`)}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
  }

  #conditionsLine(rows: readonly ReportRow[]): string {
    const words = this.#words;
    const n = rows.find(({ stats }) => stats)?.stats?.n;
    if (n === undefined) return words.noText(nameOf(this.state));
    const text = this.t.measure.texts[this.state.text.id];
    return words.conditions(nameOf(this.state), text, this.format.integer(n));
  }

  #reports(): Record<string, () => string> {
    return {
      Markdown: () => markdownOf(rowsOf(this.state), this.#conditions()),
      CSV: () => csvOf(rowsOf(this.state).map(fieldsOf)),
    };
  }

  #conditions(): Conditions {
    const { text, lanes } = this.state;
    const { container, storedAs, nParams, sourceBytes } = factsOf(lanes)!.info;
    const sizeBytes = lanes[0]?.figures?.info.sizeBytes ?? sourceBytes;
    return {
      model: { name: nameOf(this.state), container, storedAs, nParams, sizeBytes },
      text:
        text.content === null
          ? null
          : { name: messages.en.measure.texts[text.id], documents: text.documents },
    };
  }
}

/** Those that another text would change. */
const TEXT_COLUMNS: readonly Column['id'][] = [
  'ppl',
  'lnRatio',
  'kl',
  'kl99',
  'sameTop',
  'logitDiff',
  'verdict',
];

export function draw({ state, canShow }: PanelContext) {
  return html`<bitloss-panel-table
    .language=${state.lang}
    .state=${state}
    .canShow=${canShow}
  ></bitloss-panel-table>`;
}
