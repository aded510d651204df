/** What a model of TinyWorld can still do: its share of right answers by skill, for each lane, with the
 * interval and the comparison with the reference on the same questions; and the questions themselves
 * (questions.ts). */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Task } from '../../../wasm/measure_types.ts';
import '../../controls/picture/element.ts';
import { progressBar } from '../../controls/progress.ts';
import { segments, segmentStyles, unequalSegmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import type { MeasureClient } from '../../experiment/measure/client.ts';
import { nQuestionsFor, SKILLS, type Skill } from '../../experiment/measure/questions.ts';
import { laneColor, laneLetter, laneName, Panel } from '../panel.ts';
import { describe } from '../../experiment/problem.ts';
import {
  entryOf,
  isStale,
  LANGS,
  N_QUICK_QUESTIONS,
  scoreKey,
  type Lane,
  type Lang,
  type Score,
} from '../../experiment/state.ts';
import { badge, shared } from '../../styles/shared.ts';
import { styles } from './styles.ts';
import { en } from './en.ts';
import { heading } from './heading.ts';
import { ko } from './ko.ts';
import './questions.ts';
import type { PanelContext } from '../index.ts';

type Row = Skill | 'all';

const WORDS = { en, ko };

@customElement('bitloss-panel-skills')
export class SkillsPanel extends Panel {
  static override styles = [shared, badge, segmentStyles, unequalSegmentStyles, styles];

  @property({ attribute: false }) lanes: readonly Lane[] = [];
  /** Those that the model can be asked about. */
  @property({ attribute: false }) skills: readonly Skill[] = SKILLS;
  @property({ attribute: false }) questions: readonly Task[] | null = null;
  @state() private of: Lang | 'all' = 'all';
  @property({ attribute: false }) measuring!: MeasureClient;
  /** Of the open model. */
  @property({ attribute: false }) serial = 0;
  /** The row of which the questions are shown. */
  @state() private open: Row | null = null;

  get #words() {
    return WORDS[this.language];
  }

  override render() {
    const words = this.#words;
    const { t, lanes } = this;
    const shown = lanes.filter((lane) => lane.figures);
    const problem = lanes.map(({ skills }) => skills.problem).find((one) => one !== null);
    const isKnown = shown.some(({ skills }) => skills.value !== null);
    return html`<p class="lead">${words.lead}</p>
      <div class="controls">
        ${segments<Lang | 'all'>(
          'language',
          words.language,
          (['all', ...LANGS] as const).map((value) => ({
            value,
            label: words.languages[value],
          })),
          this.of,
          (of) => (this.of = of),
        )}
        ${this.#renderProgress(shown)}
      </div>
      ${problem ? html`<p class="sentence error small" role="alert">${describe(t, problem)}</p>` : nothing}
      ${
        isKnown
          ? html`${this.#renderTable(shown)}
              <bitloss-save-picture .language=${this.language} of="table" name="skills" label=${heading[this.language]}></bitloss-save-picture>`
          : html`<p class="small muted">${words.waiting}</p>`
      }
      <p class="small muted note">${words.verdictNote}</p>`;
  }

  #renderProgress(lanes: readonly Lane[]) {
    const words = this.#words;
    const { t, format, questions } = this;
    const busy = lanes.filter(({ skills }) => skills.progress !== null);
    const ask = (nQuestions: number, label: string) =>
      html`<button @click=${() => this.send({ type: 'measure-skills', nQuestions })}>${label}</button>`;
    if (busy.length === 0) {
      const nOf = (lane: Lane) =>
        lane.skills.isFresh ? (this.#score(lane, 'all', 'all')?.n ?? 0) : 0;
      const nAnswered = Math.min(...lanes.map(nOf));
      const isComplete = questions !== null && nAnswered >= questions.length;
      const isQuickDone =
        questions !== null && nAnswered >= nQuestionsFor(questions, N_QUICK_QUESTIONS);
      return html`<div class="run small">
        ${isQuickDone ? nothing : ask(N_QUICK_QUESTIONS, words.quick(format.integer(N_QUICK_QUESTIONS)))}
        ${isComplete ? nothing : ask(Infinity, words.everything(questions === null ? '' : format.integer(questions.length)))}
        ${nAnswered > 0 ? html`<span class="muted number">${words.asked(format.integer(nAnswered))}</span>` : nothing}
      </div>`;
    }
    const share = lanes.reduce((sum, { skills }) => sum + (skills.progress ?? 1), 0) / lanes.length;
    return html`<div class="run small">
      ${progressBar('track', t.measure.measuring, share)}
      <span class="muted number">${format.integer(share * 100)}%</span>
      <button @click=${() => this.send({ type: 'stop-skills' })}>${words.stop}</button>
    </div>`;
  }

  #score(lane: Lane, row: Row, of: Lang | 'all' = this.of): Score | null {
    return lane.skills.value?.get(scoreKey(row, of)) ?? null;
  }

  // The roles are said again because the narrow layout takes them from a table's parts.
  #renderTable(lanes: readonly Lane[]) {
    const words = this.#words;
    const { t } = this;
    return html`<table role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col"><span class="visually-hidden">${words.skill}</span></th>
          ${lanes.map(
            (
              lane,
            ) => html`<th role="columnheader" scope="col" style=${styleMap({ '--lane': laneColor(lane.id) })}>
              <span class="lane"
                ><span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span>
                <span class="visually-hidden">${laneName(t, lane.id)}</span>
                <code>${lane.id === 'reference' ? t.lane.reference : lane.recipe}</code></span
              >
            </th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${(['all', ...SKILLS.filter((skill) => this.skills.includes(skill))] as const).map((row) => this.#renderRow(row, lanes))}
      </tbody>
    </table>`;
  }

  #renderRow(row: Row, lanes: readonly Lane[]): TemplateResult {
    const words = this.#words;
    const isOpen = row === this.open;
    const name = row === 'all' ? words.all : words.names[row];
    return html`<tr role="row" class=${row === 'all' ? 'all' : ''}>
        <th role="rowheader" scope="row">
          <span class="name">${name}</span>
          ${row === 'all' ? nothing : html`<span class="small muted about">${words.about[row]}</span>`}
          <button
            class="plain small"
            aria-expanded=${isOpen}
            aria-label=${words.questionsOf(name)}
            @click=${() => (this.open = isOpen ? null : row)}
          >
            ${words.questions}
          </button>
        </th>
        ${lanes.map((lane) => this.#renderCell(lane, row))}
      </tr>
      ${isOpen ? this.#renderQuestions(row, lanes) : nothing}`;
  }

  #renderCell(lane: Lane, row: Row) {
    const words = this.#words;
    const { format } = this;
    const score = this.#score(lane, row);
    const colour = styleMap({ '--lane': laneColor(lane.id) });
    if (!score) {
      return html`<td role="cell" style=${colour}>
        <span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span><span class="muted" aria-hidden="true">–</span>
      </td>`;
    }
    const { share, n, paired } = score;
    const percent = (value: number) => `${format.fixed(value * 100, value === 1 ? 0 : 1)}%`;
    const at = (value: number) => `${value * 100}%`;
    const isOld = isStale(lane) || !lane.skills.isFresh;
    return html`<td role="cell" style=${colour} ?data-stale=${isOld}>
      <span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span>
      <span class="bar" aria-hidden="true">
        <span class="value" style=${styleMap({ width: at(share.value) })}></span>
        <span class="whisker" style=${styleMap({ left: at(share.low), width: at(share.high - share.low) })}></span>
      </span>
      <span class="figure number" title=${words.range(percent(share.low), percent(share.high))}>
        <span aria-hidden="true">${percent(share.value)}</span>
        <span class="visually-hidden"
          >${words.cell(percent(share.value), percent(share.low), percent(share.high), format.integer(n))}</span
        >
      </span>
      ${
        paired
          ? html`<span class="verdict small" data-verdict=${paired.verdict}>${words.verdicts[paired.verdict]}</span>`
          : html`<span class="verdict"></span>`
      }
    </td>`;
  }

  #renderQuestions(row: Row, lanes: readonly Lane[]) {
    return html`<tr role="row" class="questions" data-left-out>
      <td role="cell" colspan=${lanes.length + 1}>
        <bitloss-skill-questions
          .language=${this.language}
          .measuring=${this.measuring}
          .serial=${this.serial}
          .lanes=${lanes.filter(({ answers }) => answers.length > 0)}
          .tasks=${this.questions ?? []}
          .skill=${row}
          .of=${this.of}
        ></bitloss-skill-questions>
      </td>
    </tr>`;
  }
}

export function draw({ state, model, measuring }: PanelContext) {
  const { lang, lanes, questions } = state;
  return html`<bitloss-panel-skills
    .language=${lang}
    .lanes=${lanes}
    .skills=${entryOf(state)?.questions?.skills ?? []}
    .questions=${questions}
    .measuring=${measuring}
    .serial=${model.serial}
  ></bitloss-panel-skills>`;
}
