/** Where the lanes part: the prompt followed through the layers of the reference and of each lane, how far
 * the hidden states are from each other, and what each layer would say next. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { LayerFigures, LayersResult, LensToken } from '../../../wasm/measure_types.ts';
import { Job, jobProgress, jobStyles, type JobWatch } from '../../controls/job.ts';
import '../../controls/picture/element.ts';
import { segments, segmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { Cache } from '../../experiment/measure/cache.ts';
import { isCancelled, type MeasureClient, type Session } from '../../experiment/measure/client.ts';
import { describe, type Problem } from '../../experiment/problem.ts';
import { isStale, type Lane, type LaneId, type OpenModel } from '../../experiment/state.ts';
import { badge, shared } from '../../styles/shared.ts';
import type { PanelContext } from '../index.ts';
import { laneColor, laneLetter, laneName, Panel } from '../panel.ts';
import './chart.ts';
import { en } from './en.ts';
import { heading } from './heading.ts';
import { ko } from './ko.ts';
import { distanceText, endOf, isDrawn, partingOf, saysSame, visible } from './parting.ts';
import { styles } from './styles.ts';

const WORDS = { en, ko };
/** Of so many prompts and recipes the results are kept. */
const N_KEPT = 64;
/** Of the prompt so many characters are repeated. */
const N_READ = 60;

type Of = 'last' | 'all';

/** A lane that can be followed. */
interface Wanted {
  lane: Lane;
  /** Of model, recipe and prompt. */
  key: string;
}

/** What was found, and of which prompt. */
interface Found {
  prompt: string;
  result: LayersResult;
}

/** What is known of a lane, maybe under the recipe or prompt before. */
interface Shown extends Found {
  lane: Lane;
  isFresh: boolean;
}

@customElement('bitloss-panel-layers')
export class LayersPanel extends Panel {
  static override styles = [shared, badge, segmentStyles, jobStyles, styles];

  @property({ attribute: false }) measuring!: MeasureClient;
  @property({ attribute: false }) model!: OpenModel;
  @property({ attribute: false }) lanes: readonly Lane[] = [];
  /** What the lanes were asked last. */
  @property({ attribute: false }) prompt = '';

  @state() private of: Of = 'last';
  /** The layer of a lane of which more is told. */
  @state() private opened: { id: LaneId; stage: number } | null = null;
  /** The reader stopped it. */
  @state() private isStopped = false;

  readonly #job = new Job(this, () => {
    void this.#session?.stop();
    // Unless it gives way to another prompt or recipe.
    this.isStopped = this.#isCurrentWanted;
  });
  #session: Session | null = null;
  readonly #results = new Cache<LayersResult>(N_KEPT);
  readonly #problems = new Map<string, Problem>();
  /** What each lane shows while it has nothing newer. */
  readonly #last = new Map<LaneId, Found>();
  /** What is being followed. */
  #current: Wanted | null = null;

  get #words() {
    return WORDS[this.language];
  }

  /** Lanes that are what they are to be, with a prompt to read. */
  get #wanted(): Wanted[] {
    const { prompt, model } = this;
    if (prompt === '') return [];
    return this.lanes
      .filter((lane) => lane.id !== 'reference' && lane.figures && !isStale(lane) && !lane.problem)
      .map((lane) => ({ lane, key: `${model.serial} ${lane.figures!.info.recipe} ${prompt}` }));
  }

  get #missing(): Wanted[] {
    return this.#wanted.filter(({ key }) => !this.#results.get(key) && !this.#problems.has(key));
  }

  get #isCurrentWanted(): boolean {
    const { key } = this.#current ?? {};
    return this.#wanted.some((one) => one.key === key);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.isStopped = false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('model');
    const isOther = before !== undefined && before.serial !== this.model.serial;
    if (isOther) this.#last.clear();
    if (isOther || changed.has('prompt')) {
      this.isStopped = false;
      this.#problems.clear();
    }
  }

  protected override updated(): void {
    // Another prompt or recipe is asked for: what it was would come to nothing.
    if (this.#current && !this.#isCurrentWanted) this.#job.stop();
    if (this.#job.running || this.isStopped || this.#missing.length === 0) return;
    void this.#job.run((watch) => this.#follow(watch));
  }

  /** One lane after another, until all are known. */
  async #follow(watch: JobWatch): Promise<void> {
    const session = (this.#session ??= this.measuring.session({ isUrgent: true }));
    for (let next: Wanted | undefined; (next = this.#missing[0]); ) {
      const { lane, key } = (this.#current = next);
      const total = this.#wanted.length;
      const done = total - this.#missing.length;
      try {
        const { recipe } = lane.figures!.info;
        const report = (fraction: number) => watch.report((done + fraction) / total);
        const result = await session.layers(recipe, this.prompt, report);
        if (watch.stopped) return;
        this.#results.set(key, result);
      } catch (error) {
        if (watch.stopped || isCancelled(error)) return;
        this.#problems.set(key, problemOf(error));
      } finally {
        if (this.#current === next) this.#current = null;
      }
      this.requestUpdate();
    }
  }

  override render() {
    const words = this.#words;
    const shown = this.#shown();
    return html`<p class="lead">${words.lead}</p>
      ${this.#renderFindings(shown)}
      ${this.#renderState(shown)}
      ${shown.length > 0 ? this.#renderLayers(shown) : nothing}
      <details class="about">
        <summary>${words.aboutHeading}</summary>
        ${words.about.map((paragraph) => html`<p class="muted">${paragraph}</p>`)}
      </details>`;
  }

  /** Nothing without a prompt: of one that was there before nothing is to be shown. */
  #shown(): Shown[] {
    if (this.prompt === '') return [];
    const wanted = this.#wanted;
    return this.lanes.flatMap((lane) => {
      const key = wanted.find((one) => one.lane.id === lane.id)?.key;
      const fresh = key === undefined ? undefined : this.#results.get(key);
      if (fresh) this.#last.set(lane.id, { prompt: this.prompt, result: fresh });
      if (key !== undefined && this.#problems.has(key)) this.#last.delete(lane.id);
      const found = this.#last.get(lane.id);
      return found ? [{ lane, ...found, isFresh: fresh !== undefined }] : [];
    });
  }

  /** Where the lanes part, a sentence each. */
  #renderFindings(shown: readonly Shown[]) {
    const fresh = shown.filter(({ isFresh }) => isFresh);
    if (fresh.length === 0) return nothing;
    return html`<p class="finding" role="status">
      ${fresh.map(({ lane, result }) => html`<span>${this.#sentence(lane, result)}</span> `)}
    </p>`;
  }

  #sentence(lane: Lane, { layers }: LayersResult): string {
    const words = this.#words;
    const name = laneName(this.t, lane.id);
    const parting = partingOf(layers);
    if (parting.kind === 'never') return words.never(name);
    if (parting.kind === 'broken') return words.broken(name);
    const { from, endsSame } = parting;
    const end = endsSame ? words.endsSame : '.';
    if (from === 0) return words.fromStart(name) + end;
    if (from === 1) return words.afterEmbedding(name) + end;
    const { format } = this;
    return words.upTo(name, format.integer(from - 1), format.integer(from)) + end;
  }

  /** What is under way, what failed, or why there is nothing to see. */
  #renderState(shown: readonly Shown[]) {
    const words = this.#words;
    const running = this.#current ? laneName(this.t, this.#current.lane.id) : '';
    const sentences = new Set(
      this.#wanted.flatMap(({ key }) => {
        const problem = this.#problems.get(key);
        return problem ? [describe(this.t, problem)] : [];
      }),
    );
    const isEmpty = shown.length === 0 && !this.#job.running && sentences.size === 0;
    const reason =
      this.prompt === '' ? words.noPrompt : this.lanes.length < 2 ? words.noLanes : words.waiting;
    return html`
      ${jobProgress(this.#job, words.running(running), words.stop, this.t.timeLeft)}
      ${[...sentences].map((sentence) => html`<p class="sentence error" role="alert">${sentence}</p>`)}
      ${
        this.#isHalted || (sentences.size > 0 && !this.#job.running)
          ? html`<p class="start"><button @click=${() => this.#again()}>${words.again}</button></p>`
          : isEmpty
            ? html`<p class="read muted">${reason}</p>`
            : nothing
      }`;
  }

  /** The reader stopped it, and there is more to be done. */
  get #isHalted(): boolean {
    return this.isStopped && !this.#job.running && this.#missing.length > 0;
  }

  /** What failed is asked for anew, too: what it lacked may be there by now. */
  #again(): void {
    this.isStopped = false;
    this.#problems.clear();
    this.requestUpdate();
  }

  // ---- the layers ----

  #distanceOf({ distance, lastDistance }: LayerFigures): number | null {
    return this.of === 'last' ? lastDistance : distance;
  }

  #renderLayers(shown: readonly Shown[]) {
    const words = this.#words;
    const { prompt, result } = shown[0]!;
    const isFresh = shown.every((one) => one.isFresh);
    const choices = [
      { value: 'last', label: words.ofLast },
      { value: 'all', label: words.ofAll },
    ] as const;
    const series = shown.map(({ lane, result: { layers } }) => ({
      id: lane.id,
      distances: layers.map((layer) => this.#distanceOf(layer)),
      isSame: layers.map(saysSame),
    }));
    const all = series.flatMap(({ distances }) => distances).filter(isDrawn);
    const greatest = Math.max(0, ...all);
    return html`<p class="read small muted" ?data-stale=${!isFresh}>${words.read(endOf(prompt, N_READ), this.format.integer(result.nTokens))}</p>
      <div class="controls">
        ${segments<Of>('of', words.distanceOf, choices, this.of, (value) => (this.of = value))}
      </div>
      <bitloss-layer-chart ?data-stale=${!isFresh} .language=${this.language} .series=${series}></bitloss-layer-chart>
      <bitloss-save-picture .language=${this.language} of="bitloss-layer-chart" name="layers" label=${heading[this.language]}></bitloss-save-picture>
      <div class="lanes">${shown.map((one) => this.#renderLane(one, greatest))}</div>
      ${hasBytes(shown) ? html`<p class="read small muted">${words.bytes}</p>` : nothing}`;
  }

  #renderLane({ lane, result: { layers }, isFresh }: Shown, greatest: number) {
    const words = this.#words;
    const name = laneName(this.t, lane.id);
    return html`<section class="lane" style=${styleMap({ '--lane': laneColor(lane.id) })} ?data-stale=${!isFresh} aria-busy=${!isFresh}>
      <h3>
        <span class="badge" aria-hidden="true">${laneLetter(lane.id)}</span>${name}
        <code>${lane.figures?.info.recipe ?? lane.recipe}</code>
      </h3>
      <div class="rows"><table>
        <caption class="visually-hidden">${words.caption(name)}</caption>
        <thead>
          <tr>
            <th scope="col" class="stage">${words.after}</th>
            <th scope="col" class="far">${words.distance}</th>
            <th scope="col">${words.referenceSays}</th>
            <th scope="col">${words.laneSays(name)}</th>
          </tr>
        </thead>
        <tbody>
          ${layers.map((layer, stage) => this.#renderStage(lane, layer, stage, layers.length - 1, greatest))}
        </tbody>
      </table></div>
    </section>`;
  }

  #stageName(stage: number): string {
    const words = this.#words;
    return stage === 0 ? words.embedding : words.layer(this.format.integer(stage));
  }

  #renderStage(lane: Lane, layer: LayerFigures, stage: number, last: number, greatest: number) {
    const words = this.#words;
    const { id } = lane;
    const isOpen = this.opened?.id === id && this.opened.stage === stage;
    const toggle = () => (this.opened = isOpen ? null : { id, stage });
    const distance = this.#distanceOf(layer);
    const share = distance === null || distance === 0 ? 0 : Math.min(1, distance / greatest);
    return html`<tr>
        <th scope="row">
          <button aria-expanded=${isOpen} @click=${toggle}>
            <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
              <path d="M5 3l6 5-6 5" stroke="currentColor" stroke-width="2" fill="none" />
            </svg>
            <span>${this.#stageName(stage)}</span>
          </button>
          ${stage === last ? html`<span class="small muted">${words.prediction}</span>` : nothing}
        </th>
        <td class="far">
          ${distanceText(distance, words, (value) => this.format.small(value))}
          <span class="bar" aria-hidden="true"><span style=${styleMap({ width: `${100 * share}%` })}></span></span>
        </td>
        <td>${this.#renderToken(layer.referenceTop[0])}</td>
        <td>
          ${this.#renderToken(layer.top[0])}
          ${saysSame(layer) ? nothing : html`<span class="tag muted">${words.other}</span>`}
        </td>
      </tr>
      ${isOpen ? this.#renderMore(lane, layer) : nothing}`;
  }

  #renderToken(token: LensToken | undefined) {
    if (!token) return html`<span class="muted">${this.#words.notNumbers}</span>`;
    return html`<span class="token">${visible(token.text)}</span>
      <span class="p">${this.format.percent(token.p)}</span>`;
  }

  /** The likeliest tokens of both, and the other figures. */
  #renderMore(lane: Lane, layer: LayerFigures) {
    const words = this.#words;
    const { format, t } = this;
    const name = laneName(t, lane.id);
    const value = (x: number | null) => distanceText(x, words, (one) => format.small(one));
    const other = this.of === 'last' ? layer.distance : layer.lastDistance;
    const [first] = layer.referenceTop;
    const figures = [
      this.of === 'last' ? words.allDistance(value(other)) : words.lastDistance(value(other)),
      words.cosine(this.#cosine(this.of === 'last' ? layer.lastCosine : layer.cosine)),
      words.kl(value(layer.kl)),
      first && layer.pOfReferenceTop !== null
        ? words.ofReferenceToken(name, visible(first.text), format.percent(layer.pOfReferenceTop))
        : null,
    ];
    return html`<tr class="more">
      <td colspan="4">
        <p class="small muted">${words.likeliest}</p>
        <div class="tops">
          ${this.#renderTop(laneName(t, 'reference'), 'reference', layer.referenceTop)}
          ${this.#renderTop(name, lane.id, layer.top)}
        </div>
        <p class="figures small">${figures.map((figure) => (figure ? html`<span>${figure}</span>` : nothing))}</p>
      </td>
    </tr>`;
  }

  #cosine(value: number | null): string {
    return value === null ? this.#words.notNumbers : this.format.fixed(value, 4);
  }

  #renderTop(name: string, id: LaneId, tokens: readonly LensToken[]) {
    return html`<div style=${styleMap({ '--lane': laneColor(id) })}>
      <h4>${name}</h4>
      <ol>
        ${tokens.map(
          ({ text, p }) => html`<li>
            <span class="token">${visible(text)}</span> <span class="p">${this.format.percent(p)}</span>
            <span class="bar" aria-hidden="true"><span style=${styleMap({ width: `${100 * p}%` })}></span></span>
          </li>`,
        )}
      </ol>
    </div>`;
  }
}

/** Is any of the tokens that are seen at first a part of a character? */
function hasBytes(shown: readonly Shown[]): boolean {
  return shown
    .flatMap(({ result }) => result.layers)
    .flatMap(({ top, referenceTop }) => [top[0], referenceTop[0]])
    .some((token) => token && /<[0-9A-F]{2}>/.test(token.text));
}

export function draw({ state, model, measuring }: PanelContext) {
  return html`<bitloss-panel-layers
    .language=${state.lang}
    .measuring=${measuring}
    .model=${model}
    .lanes=${state.lanes}
    .prompt=${state.request?.given ?? state.prompt}
  ></bitloss-panel-layers>`;
}
