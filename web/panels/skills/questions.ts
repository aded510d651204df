/** The questions of one skill, or of all, one by one: what was asked, the right answer, and what each lane
 * answered. A page of them is drawn at a time, however many were asked. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Task } from '../../../wasm/measure_types.ts';
import { styleMap } from '../../controls/style_map.ts';
import type { MeasureClient } from '../../experiment/measure/client.ts';
import { partsOf, type Skill } from '../../experiment/measure/questions.ts';
import { describe } from '../../experiment/problem.ts';
import { isStale, LANGS, type Lane, type Lang } from '../../experiment/state.ts';
import { badge, shared } from '../../styles/shared.ts';
import { laneColor, laneLetter, laneName, Panel } from '../panel.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { questionStyles } from './question_styles.ts';
import { areApart, listedOf, pageOf } from './sifting.ts';
import { WrittenAnswers, type Wanted } from './written.ts';

const WORDS = { en, ko };
/** Longer ones are folded away: the question is what is compared. */
const LONG_STORY = 280;

@customElement('bitloss-skill-questions')
export class SkillQuestions extends Panel {
  static override styles = [shared, badge, questionStyles];

  @property({ attribute: false }) measuring!: MeasureClient;
  /** Of the open model. */
  @property({ attribute: false }) serial = 0;
  /** Those that have answered. */
  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @property({ attribute: false }) tasks: readonly Task[] = [];
  @property({ attribute: false }) skill: Skill | 'all' = 'all';
  @property({ attribute: false }) of: Lang | 'all' = 'all';
  @state() private isApartOnly = false;
  @state() private page = 0;

  readonly #written = new WrittenAnswers(
    () => this.measuring,
    () => this.requestUpdate(),
  );
  /** Indices of the questions that are listed. */
  #listed: readonly number[] = [];

  get #words() {
    return WORDS[this.language];
  }

  get #pages() {
    return pageOf(this.#listed, this.page);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('skill') || changed.has('of') || changed.has('isApartOnly')) this.page = 0;
    const { tasks, skill, of, lanes } = this;
    const n = Math.min(...lanes.map(({ answers }) => answers.length), tasks.length);
    const all = listedOf(tasks, n, skill, of);
    this.#listed = this.isApartOnly ? all.filter((i) => areApart(lanes, i)) : all;
    this.page = this.#pages.page;
    this.#written.want(this.serial, this.#wanted());
  }

  /** Of the questions in sight, first those at the top. */
  #wanted(): Wanted[] {
    return this.#pages.shown.flatMap((i) =>
      this.lanes.flatMap((lane) =>
        lane.answers[i] || this.#isOld(lane)
          ? []
          : { recipe: lane.figures!.info.recipe, task: this.tasks[i]! },
      ),
    );
  }

  #isOld(lane: Lane): boolean {
    return isStale(lane) || !lane.skills.isFresh;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#written.stop();
  }

  override render() {
    const words = this.#words;
    const { format } = this;
    const { shown, first, page, nPages } = this.#pages;
    const { problem } = this.#written;
    return html`${this.#renderCounts()}
      <label class="apart">
        <input type="checkbox" .checked=${this.isApartOnly} @change=${(event: Event) => (this.isApartOnly = (event.target as HTMLInputElement).checked)} />
        <span>${words.apartOnly}</span>
      </label>
      ${problem ? html`<p class="sentence error small" role="alert">${describe(this.t, problem)}</p>` : nothing}
      ${
        shown.length === 0
          ? html`<p class="muted">${this.isApartOnly ? words.noneApart : words.waiting}</p>`
          : html`<ol start=${first}>${shown.map((i, k) => this.#renderQuestion(i, first + k))}</ol>`
      }
      <div class="pager">
        <button aria-disabled=${page === 0} @click=${() => this.#turn(-1)}>${words.before}</button>
        <span class="small muted number" role="status"
          >${words.place(format.integer(first), format.integer(first + shown.length - 1), format.integer(this.#listed.length))}</span
        >
        <button aria-disabled=${page >= nPages - 1} @click=${() => this.#turn(1)}>${words.after}</button>
      </div>`;
  }

  async #turn(by: number): Promise<void> {
    const { page, nPages } = this.#pages;
    if (page + by < 0 || page + by >= nPages) return;
    this.page = page + by;
    await this.updateComplete;
    // The pages differ in length: the buttons must not run away from under the reader's finger.
    (this.renderRoot.querySelector('.pager') as HTMLElement).scrollIntoView({ block: 'nearest' });
  }

  /** How many are right, in each language apart. */
  #renderCounts() {
    const words = this.#words;
    const { t, format, lanes, tasks, skill, of } = this;
    const n = Math.min(...lanes.map(({ answers }) => answers.length), tasks.length);
    const langs = LANGS.filter((lang) => of === 'all' || of === lang);
    const rows = langs.map((lang) => ({ lang, indices: listedOf(tasks, n, skill, lang) }));
    return html`<table class="counts small number">
      <caption class="visually-hidden">${words.counts}</caption>
      <thead>
        <tr>
          <td></td>
          ${lanes.map(
            (lane) => html`<th scope="col" style=${styleMap({ '--lane': laneColor(lane.id) })}>
            <span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span><span class="visually-hidden">${laneName(t, lane.id)}</span>
          </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ lang, indices }) => html`<tr>
            <th scope="row">${words.languages[lang]}</th>
            ${lanes.map(({ answers }) => {
              const nRight = indices.filter((i) => answers[i]).length;
              return html`<td>${words.nRight(format.integer(nRight), format.integer(indices.length))}</td>`;
            })}
          </tr>`,
        )}
      </tbody>
    </table>`;
  }

  #renderQuestion(index: number, number: number): TemplateResult {
    const words = this.#words;
    const task = this.tasks[index]!;
    const { story, question } = partsOf(task);
    const isLong = story.length > LONG_STORY;
    return html`<li data-question=${task.id} value=${number}>
      <div class="asked" lang=${task.lang}>
        ${
          isLong
            ? html`<details><summary class="small muted" lang=${this.language}>${words.story(this.format.integer(story.length))}</summary><p class="story">${story}</p></details>`
            : story
              ? html`<p class="story">${story}</p>`
              : nothing
        }
        <p class="question">${question}</p>
      </div>
      <p class="small expected">
        ${this.skill === 'all' ? html`<span class="muted">${words.names[task.skill as Skill]} · </span>` : nothing}<span class="muted">${words.rightAnswer}:</span>
        <b lang=${task.lang}>${task.answer}</b>
      </p>
      <ul class="answers">
        ${this.lanes.map((lane) => this.#renderAnswer(lane, task, index))}
      </ul>
    </li>`;
  }

  #renderAnswer(lane: Lane, task: Task, index: number) {
    const words = this.#words;
    const isRight = lane.answers[index] === true;
    return html`<li data-right=${isRight} ?data-stale=${this.#isOld(lane)} style=${styleMap({ '--lane': laneColor(lane.id) })}>
      <span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span>
      <span class="visually-hidden">${laneName(this.t, lane.id)}, ${isRight ? words.right : words.wrong}:</span>
      <span class="mark" aria-hidden="true">${isRight ? '✓' : '✗'}</span>
      ${isRight ? html`<span class="text" lang=${task.lang}>${task.answer}</span>` : this.#renderWritten(lane, task)}
    </li>`;
  }

  #renderWritten(lane: Lane, task: Task) {
    const words = this.#words;
    const written = this.#isOld(lane)
      ? undefined
      : this.#written.get({ recipe: lane.figures!.info.recipe, task });
    if (written === undefined) return html`<span class="text muted">…</span>`;
    if (written === '') return html`<span class="text muted">${words.wroteNothing}</span>`;
    return html`<span class="text" lang=${task.lang}>${written}</span>`;
  }
}
