/** How much memory a model needs that need not be loaded: weights, key-value cache and work space, and
 * which computers it fits into. Properties: those of MeasuringPanel. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import '../../controls/picture/element.ts';
import { segments, segmentStyles } from '../../controls/segments.ts';
import { stack, stackLegend, stackStyles, type Part } from '../../controls/stack.ts';
import { styleMap } from '../../controls/style_map.ts';
import { asSource } from '../../../wasm/source.ts';
import type { ModelSource } from '../../../wasm/types.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { isCancelled, type Session } from '../../experiment/measure/client.ts';
import { describe, type Problem } from '../../experiment/problem.ts';
import { suggestions } from '../../experiment/recipe.ts';
import { shared } from '../../styles/shared.ts';
import { MeasuringPanel } from '../measuring_panel.ts';
import { bareBytes, contextLimit, fitsInto, needsOf, scaleOf, type Need } from './plan.ts';
import { styles } from './styles.ts';
import type { PanelContext } from '../index.ts';

const WORDS = { en, ko };
const SOURCES = ['size', 'open', 'config'] as const;
type Source = (typeof SOURCES)[number];
const SIZES = ['1B', '7B', '13B', '70B'];
const KV_TYPES = ['f16', 'bf16', 'f32'];
const MAX_CONTEXT = 10_000_000;
const MAX_CONFIG_CHARS = 100_000;
/** While a field is being typed in. */
const DELAY_MS = 150;

@customElement('bitloss-panel-budget')
export class BudgetPanel extends MeasuringPanel {
  static override styles = [shared, segmentStyles, stackStyles, styles];

  @state() private source: Source = 'size';
  @state() private size = '7B';
  @state() private config = '';
  @state() private recipe = 'affine:4:64';
  @state() private nContext = 4096;
  @state() private kvType = 'f16';
  @state() private needs: readonly Need[] = [];
  /** The model's longest context, where more is asked for. */
  @state() private limit: number | null = null;
  @state() private problem: Problem | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = '';
  /** It answers at once, so that it need not wait behind a sweep. */
  #urgent: Session | null = null;

  get #words() {
    return WORDS[this.language];
  }

  get #configFile(): ModelSource | null {
    const file = this.model.files.find(({ name }) => name === 'config.json');
    return file ? asSource(file) : null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (this.source === 'open' && !this.#configFile) this.source = 'size';
    const { source, size, config, recipe, nContext, kvType, model } = this;
    const asked = JSON.stringify([
      source,
      size,
      config,
      recipe,
      nContext,
      kvType,
      source === 'open' ? model.serial : 0,
    ]);
    if (asked === this.#asked) return;
    const isFirst = this.#asked === '';
    this.#asked = asked;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#calculate(asked), isFirst ? 0 : DELAY_MS);
  }

  async #calculate(asked: string): Promise<void> {
    this.#urgent ??= this.measuring.session({ isUrgent: true });
    try {
      const config = await this.#configText(this.#urgent);
      const { recipe, kvType: kvDtype } = this;
      const limit = contextLimit(config) ?? Infinity;
      const nContext = Math.min(this.nContext, limit);
      const needs =
        config.trim() === ''
          ? []
          : await needsOf(this.#urgent, config, { recipe: recipe.trim(), nContext, kvDtype });
      if (asked !== this.#asked) return;
      this.needs = needs;
      this.limit = limit < this.nContext ? limit : null;
      this.problem = null;
    } catch (error) {
      if (asked === this.#asked && !isCancelled(error)) this.problem = problemOf(error);
    }
  }

  async #configText(session: Session): Promise<string> {
    const file = this.#configFile;
    if (this.source === 'open')
      return file ? new Response(await file.read(0, file.size)).text() : '';
    return this.source === 'config' ? this.config : session.budgetConfig(this.size.trim());
  }

  override render() {
    const words = this.#words;
    return html`<p class="lead">${words.lead}</p>
      ${this.#renderControls()}
      ${this.problem ? html`<p class="sentence error note" role="alert">${describe(this.t, this.problem)}</p>` : nothing}
      ${this.needs.length > 0 ? this.#renderNeeds(this.needs) : nothing}`;
  }

  #renderControls() {
    const words = this.#words;
    const sources = SOURCES.filter((source) => source !== 'open' || this.#configFile);
    const text = (event: Event) => (event.target as HTMLInputElement).value;
    return html`<div class="controls">
      ${segments(
        'source',
        words.source,
        sources.map((value) => ({ value, label: words.sources[value] })),
        this.source,
        (value) => (this.source = value),
      )}
      ${
        this.source === 'size'
          ? html`<div class="sizes">
            ${segments(
              'size',
              words.size,
              SIZES.map((value) => ({ value, label: value })),
              this.size,
              (value) => (this.size = value),
            )}
            <label class="field"
              ><span>${words.otherSize}</span>
              <input type="text" class="size" name="size-text" maxlength="12" spellcheck="false" autocomplete="off" .value=${this.size}
                @input=${(event: Event) => (this.size = text(event))} />
            </label>
          </div>`
          : nothing
      }
      ${
        this.source === 'config'
          ? html`<label class="config"
            ><span class="small muted">${words.config}</span>
            <textarea maxlength=${MAX_CONFIG_CHARS} spellcheck="false" .value=${this.config} @input=${(event: Event) => (this.config = text(event))}></textarea>
          </label>`
          : nothing
      }
      <div class="fields">
        <label class="field"
          ><span>${words.recipe}</span>
          <input type="text" class="mono" name="budget-recipe" list="budget-recipes" spellcheck="false" autocapitalize="off"
            autocomplete="off" .value=${this.recipe} @input=${(event: Event) => (this.recipe = text(event))} />
          <datalist id="budget-recipes">${suggestions(this.formats).map((recipe) => html`<option value=${recipe}></option>`)}</datalist>
        </label>
        <label class="field"
          ><span>${words.context}</span>
          <input type="number" name="context" min="1" max=${MAX_CONTEXT} step="1" .value=${String(this.nContext)} @input=${this.#setContext} />
        </label>
        <label class="field"
          ><span>${words.kvType}</span>
          <select name="kv" @change=${(event: Event) => (this.kvType = text(event))}>
            ${KV_TYPES.map((type) => html`<option .selected=${type === this.kvType}>${type}</option>`)}
          </select>
        </label>
      </div>
    </div>`;
  }

  readonly #setContext = (event: Event): void => {
    const n = (event.target as HTMLInputElement).valueAsNumber;
    if (Number.isInteger(n) && n >= 1 && n <= MAX_CONTEXT) this.nContext = n;
  };

  #renderNeeds(needs: readonly Need[]) {
    const words = this.#words;
    const { format } = this;
    const { budget, recipe, totalBytes } = needs[0]!;
    return html`<div class="result" ?data-stale=${this.problem !== null}>
      <h3>${words.total(recipe, format.bytes(totalBytes))}</h3>
      <p class="small muted number">${words.shape(budget.architecture, format.integer(budget.nParams), format.fixed(budget.bitsPerWeight, 2))}</p>
      ${this.#renderOverhead(needs[0]!)}
      ${this.limit === null ? nothing : html`<p class="small muted">${words.limited(format.integer(this.limit))}</p>`}
      <h3>${words.compare}</h3>
      ${this.#renderBars(needs)}
      <p class="small muted note">${words.memoryNote}</p>
      <h3>${words.parameters}</h3>
      ${this.#renderParameters(needs[0]!)}
    </div>`;
  }

  /** Why 4-bit weights take more than 4 bits. */
  #renderOverhead(need: Need) {
    const bare = bareBytes(need);
    if (!bare) return nothing;
    const { format } = this;
    const { weightBytes } = need.budget;
    const more = format.percent((weightBytes - bare.bytes) / bare.bytes);
    return html`<p class="number overhead">
      ${this.#words.overhead(String(bare.bits), format.bytes(bare.bytes), format.bytes(weightBytes), more)}
    </p>`;
  }

  #renderBars(needs: readonly Need[]) {
    const words = this.#words;
    const { format } = this;
    const scale = scaleOf(needs);
    const partsOf = ({ budget }: Need): Part[] => [
      {
        label: words.parts.weights,
        value: budget.weightBytes,
        text: format.bytes(budget.weightBytes),
      },
      { label: words.parts.kv, value: budget.kvBytes, text: format.bytes(budget.kvBytes) },
      {
        label: words.parts.activations,
        value: budget.activationBytes,
        text: format.bytes(budget.activationBytes),
      },
    ];
    return html`<div class="marks small muted number" aria-hidden="true">
        ${scale.marks.map(({ memory, at }) => html`<span style=${styleMap({ left: `${100 * at}%` })}>${memory} GB</span>`)}
      </div>
      <ul class="needs">
        ${needs.map((need) => {
          const parts = partsOf(need);
          return html`<li>
            <p><b class="mono">${words.standards[need.recipe] ?? need.recipe}</b> <span class="number">${format.bytes(need.totalBytes)}</span></p>
            <div class="barbox">
              ${stack(parts, scale.bytes)}
              ${scale.marks.map(({ at }) => html`<i class="mark" aria-hidden="true" style=${styleMap({ left: `${100 * at}%` })}></i>`)}
            </div>
            ${stackLegend(parts)}
            <p class="small fits">${this.#fitsSentence(need)}</p>
          </li>`;
        })}
      </ul>
      <bitloss-save-picture .language=${this.language} of=".needs" name="budget" label=${words.compare}></bitloss-save-picture>`;
  }

  #fitsSentence({ totalBytes }: Need): string {
    const fits = fitsInto(totalBytes);
    return fits.length > 0
      ? this.#words.fits(fits.map((memory) => `${memory} GB`).join(', '))
      : this.#words.fitsNowhere;
  }

  #renderParameters({ budget }: Need) {
    const words = this.#words;
    const { format } = this;
    const { nParams, nEmbedding, nOutput, nAttention, nFfn, nOther } = budget;
    const part = (label: string, value: number): Part => ({
      label,
      value,
      text: `${format.parameters(value)} (${value > 0 ? format.percent(value / nParams) : '0%'})`,
    });
    const parts = [
      part(words.kinds.ffn, nFfn),
      part(words.kinds.attention, nAttention),
      part(words.kinds.embedding, nEmbedding),
      part(nOutput === 0 ? words.kinds.outputTied : words.kinds.output, nOutput),
      part(words.kinds.other, nOther),
    ];
    return html`${stack(parts)} ${stackLegend(parts)}`;
  }
}

export function draw({ state, model, measuring }: PanelContext) {
  return html`<bitloss-panel-budget
    .language=${state.lang}
    .measuring=${measuring}
    .model=${model}
    .lanes=${state.lanes}
    .formats=${state.formats}
    .text=${state.text}
  ></bitloss-panel-budget>`;
}
