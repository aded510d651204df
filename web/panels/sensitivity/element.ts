/** Which part of the model hurts most when it is quantized, and a mixed recipe that spends its bits
 * there. Properties: those of MeasuringPanel, and the model's name. */
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { TextStats, UnitBy } from '../../../wasm/measure_types.ts';
import type { Documents } from '../../../wasm/types.ts';
import { estimate } from '../../controls/estimate.ts';
import '../../controls/picture/element.ts';
import { inGroups, Job, jobProgress, jobStyles } from '../../controls/job.ts';
import { segments, segmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { nameOf } from '../../experiment/address.ts';
import { beginning, rest } from '../../experiment/measure/texts.ts';
import { describe } from '../../experiment/problem.ts';
import { announcedBits, suggestions } from '../../experiment/recipe.ts';
import { factsOf, N_QUICK_TOKENS, type TextId } from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import { MeasuringPanel } from '../measuring_panel.ts';
import {
  formatsToMix,
  halfOfLoss,
  klOf,
  ranking,
  runSensitivity,
  uniformFor,
  type MixResult,
  type UnitResult,
} from './run.ts';
import { styles } from './styles.ts';
import './map.ts';
import type { PanelContext } from '../index.ts';

const WORDS = { en, ko };
const UNITS_BY: readonly UnitBy[] = ['tensor', 'layer', 'kind'];
/** Tokens that each part is measured on: many parts, so a short text. */
const N_TOKENS = 1024;
/** Other tokens than these are needed to judge a mixed recipe; fewer, and the same are used again. */
const MIN_OTHER_TOKENS = 512;
/** Of the ranking, unless all is asked for. */
const N_SHOWN = 10;
const MIN_BITS = 2;
const MAX_BITS = 9;

@customElement('bitloss-panel-sensitivity')
export class SensitivityPanel extends MeasuringPanel {
  static override styles = [shared, segmentStyles, jobStyles, styles];

  /** How the open model is named. */
  @property({ attribute: false }) modelName = '';
  @state() private by: UnitBy = 'tensor';
  @state() private recipe = 'affine:4:64';
  @state() private results: readonly UnitResult[] = [];
  @state() private showsAll = false;
  @state() private targetBits = 4.5;
  @state() private mixed: MixResult | null = null;
  /** The mixed recipe was made a lane of. */
  @state() private isOpened = false;
  /** What the results were measured under: the reader may have chosen other things since. */
  #measured = {
    by: 'tensor' as UnitBy,
    recipe: '',
    textId: 'own' as TextId,
    text: '',
    documents: 'whole' as Documents,
    nTokens: 0,
  };

  readonly #mixJob = new Job(this, () => void this.session.stop());

  get #words() {
    return WORDS[this.language];
  }

  protected override reset(): void {
    this.#mixJob.stop();
    this.results = [];
    this.mixed = null;
    this.isOpened = false;
  }

  override render() {
    const words = this.#words;
    if (!this.hasTokenizer) return html`<p class="lead">${words.noText}</p>`;
    return html`<p class="lead">${words.lead}</p>
      ${this.#renderControls()}
      ${jobProgress(this.job, this.#progressLabel(), words.stop, this.t.timeLeft)} ${this.#renderProblem(this.job)}
      ${this.results.length > 0 ? this.#renderResults() : nothing}`;
  }

  #renderControls() {
    const words = this.#words;
    const choices = UNITS_BY.map((value) => ({ value, label: words.by[value] }));
    return html`<form class="controls" @submit=${this.#submit}>
      ${segments('by', words.each, choices, this.by, (value) => (this.by = value))}
      <label class="field"
        ><span>${words.recipe}</span>
        <input type="text" class="mono" list="recipes" spellcheck="false" autocapitalize="off" autocomplete="off"
          .value=${this.recipe} @input=${(event: Event) => (this.recipe = (event.target as HTMLInputElement).value)} />
        <datalist id="recipes">${suggestions(this.formats).map((recipe) => html`<option value=${recipe}></option>`)}</datalist>
      </label>
      <button class="primary" aria-disabled=${this.job.running || this.#mixJob.running} ?disabled=${this.text.content === null || this.recipe.trim() === ''}>
        ${words.start}
      </button>
    </form>`;
  }

  #renderProblem({ problem }: Job) {
    return problem
      ? html`<p class="sentence error note" role="alert">${describe(this.t, problem)}</p>`
      : nothing;
  }

  #progressLabel(): string {
    const { format } = this;
    return this.#words.running(
      format.integer(ranking(this.results).length),
      format.integer(this.results.length),
    );
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const { by } = this;
    const recipe = this.recipe.trim();
    if (this.job.running || this.#mixJob.running) return;
    this.mixed = null;
    this.isOpened = false;
    const { id: textId, content, documents } = this.text;
    void this.job.run(async (watch) => {
      const tokens = await this.tokens(N_TOKENS);
      const units = await this.session.units(by);
      if (!tokens || watch.stopped) return;
      const text = content ?? '';
      this.#measured = { by, recipe, textId, text, documents, nTokens: tokens.ids.length };
      await runSensitivity(
        this.session,
        units,
        recipe,
        tokens,
        watch,
        (results) => (this.results = results),
      );
    });
  };

  // ---- ranking ----

  #renderResults() {
    const words = this.#words;
    const { format } = this;
    const ranked = ranking(this.results);
    const isComplete = ranked.length === this.results.length && !this.job.running;
    const { by, recipe, textId, nTokens } = this.#measured;
    return html`<div class="results" ?data-map=${by === 'tensor'}>
        ${
          by === 'tensor'
            ? html`<div><bitloss-unit-map .language=${this.language} .results=${this.results}></bitloss-unit-map></div>`
            : nothing
        }
        <div>
          <h3>${words.ranking}</h3>
          ${this.#renderRanking(ranked)}
        </div>
      </div>
      <bitloss-save-picture .language=${this.language} of=".results" name="sensitivity"
        label=${words.pictureLabel(this.modelName, recipe)}></bitloss-save-picture>
      ${
        isComplete && ranked.length > 1
          ? html`<p class="note">${words.half(format.integer(halfOfLoss(ranked)), format.integer(ranked.length))}</p>`
          : nothing
      }
      <p class="small muted note">${words.conditions(recipe, this.t.measure.texts[textId], format.integer(nTokens))}</p>
      ${isComplete ? this.#renderMix() : nothing}`;
  }

  #renderRanking(ranked: readonly UnitResult[]) {
    const words = this.#words;
    const greatest = Math.max(...ranked.map((result) => klOf(result)!), 0);
    const shown = this.showsAll ? ranked : ranked.slice(0, N_SHOWN);
    return html`<ol class="ranking">
        ${shown.map((result) => {
          const width = greatest > 0 ? (100 * Math.max(0, klOf(result)!)) / greatest : 0;
          return html`<li>
            <span class="mono name">${result.unit.pattern}</span>
            <span class="bar" aria-hidden="true"><span style=${styleMap({ width: `${width}%` })}></span></span>
            <span class="number">${estimate(this.format, result.stats!.klMean)}</span>
          </li>`;
        })}
      </ol>
      ${
        ranked.length > N_SHOWN
          ? html`<button class="plain" aria-expanded=${this.showsAll} @click=${() => (this.showsAll = !this.showsAll)}>
            ${this.showsAll ? words.showFewer : words.showAll(this.format.integer(ranked.length))}
          </button>`
          : nothing
      }`;
  }

  // ---- mixed recipe ----

  #renderMix() {
    const words = this.#words;
    const candidates = this.formats ? formatsToMix(this.#measured.recipe, this.formats) : [];
    return html`<section class="mix" aria-labelledby="mix">
      <h3 id="mix">${words.mixHeading}</h3>
      <p class="lead small">${words.mixLead(candidates.join(', '))}</p>
      <form class="controls" @submit=${this.#submitMix}>
        <label class="field"
          ><span>${words.target}</span>
          <input type="number" min=${MIN_BITS} max=${MAX_BITS} step="0.05" required .value=${String(this.targetBits)}
            @input=${(event: Event) => (this.targetBits = (event.target as HTMLInputElement).valueAsNumber)} />
        </label>
        <button aria-disabled=${this.#mixJob.running}>${words.make}</button>
      </form>
      ${jobProgress(this.#mixJob, words.mixing, words.stop, this.t.timeLeft)} ${this.#renderProblem(this.#mixJob)}
      ${this.mixed ? this.#renderMixed(this.mixed) : nothing}
    </section>`;
  }

  readonly #submitMix = (event: SubmitEvent): void => {
    event.preventDefault();
    const { formats, targetBits } = this;
    if (!formats || this.#mixJob.running) return;
    this.isOpened = false;
    const { recipe, text, documents, nTokens } = this.#measured;
    void this.#mixJob.run(async (watch) => {
      const candidates = formatsToMix(recipe, formats);
      const known = ranking(this.results);
      const mix = await this.session.mix(
        known.map(({ unit }) => unit),
        known.map((result) => klOf(result)!),
        recipe,
        candidates,
        targetBits,
      );
      const tokens = await this.session.tokenize(text, documents);
      const all = beginning(tokens, nTokens + N_QUICK_TOKENS);
      if (watch.stopped) return;
      // On the text that it was made for, a mixed recipe would look better than it is.
      const other = rest(all, nTokens);
      const onOtherText = other.ids.length >= MIN_OTHER_TOKENS;
      const { ids, ends } = onOtherText ? other : beginning(all, nTokens);
      const storedAs = factsOf(this.lanes)?.storedAs ?? 'bf16';
      const name = uniformFor(candidates, mix.bitsPerWeight, formats, storedAs);
      const stats: TextStats[] = [];
      await inGroups(
        name ? [mix.recipe, name] : [mix.recipe],
        watch,
        watch.report,
        async (one, i, report) => {
          stats[i] = (await this.session.text(one, ids, { ends }, report)).stats;
        },
      );
      const uniform =
        name && stats[1]
          ? {
              recipe: name,
              bitsPerWeight: announcedBits(name, formats, storedAs)!,
              stats: stats[1],
            }
          : null;
      if (!watch.stopped) this.mixed = { mix, mixed: stats[0]!, uniform, onOtherText };
    });
  };

  #renderMixed({ mix, mixed, uniform, onOtherText }: MixResult) {
    const words = this.#words;
    const { format } = this;
    const row = (name: string, bits: number, stats: TextStats) => html`<tr>
      <th scope="row">${name}</th>
      <td>${format.fixed(bits, 2)}</td>
      <td>${estimate(format, stats.klMean)}</td>
      <td>${estimate(format, stats.ppl)}</td>
    </tr>`;
    return html`<p class="recipe" tabindex="0" role="group" aria-label=${words.mixHeading}><code>${mix.recipe}</code></p>
      <p class="small muted">${words.expected(format.fixed(mix.bitsPerWeight, 2), format.small(mix.expectedKl))}</p>
      <table>
        <thead>
          <tr>${words.columns.map((name) => html`<th scope="col">${name}</th>`)}</tr>
        </thead>
        <tbody>
          ${row(words.mixedRow, mix.bitsPerWeight, mixed)}
          ${uniform ? row(uniform.recipe, uniform.bitsPerWeight, uniform.stats) : nothing}
        </tbody>
      </table>
      ${uniform ? html`<p class="note">${this.#verdict(mixed, uniform.recipe, uniform.stats)}</p>` : nothing}
      <p class="small muted note">${words.mixConditions(format.integer(mixed.n), onOtherText)}</p>
      <div class="open">
        <button @click=${() => this.#openLane(mix.recipe)}>${words.openLane}</button>
        <span class="small muted" role="status">${this.isOpened ? words.opened : ''}</span>
      </div>`;
  }

  /** Two means differ when they are two standard errors apart; both are on the same tokens, so this
   * asks for more than it need. */
  #verdict(mixed: TextStats, uniformName: string, uniform: TextStats): string {
    const words = this.#words;
    const [a, b] = [mixed.klMean, uniform.klMean];
    if (a.value === null || b.value === null) return words.verdicts.unclear(uniformName);
    const isClear = Math.abs(a.value - b.value) > 2 * Math.hypot(a.error ?? 0, b.error ?? 0);
    if (!isClear) return words.verdicts.unclear(uniformName);
    const share = this.format.percent(Math.abs(1 - a.value / b.value));
    return a.value < b.value
      ? words.verdicts.better(share, uniformName)
      : words.verdicts.worse(share, uniformName);
  }

  #openLane(recipe: string): void {
    this.send({ type: 'add-lane', recipe });
    this.isOpened = true;
  }
}

export function draw({ state, model, measuring }: PanelContext) {
  return html`<bitloss-panel-sensitivity
    .language=${state.lang}
    .measuring=${measuring}
    .model=${model}
    .modelName=${nameOf(state)}
    .lanes=${state.lanes}
    .formats=${state.formats}
    .text=${state.text}
  ></bitloss-panel-sensitivity>`;
}
