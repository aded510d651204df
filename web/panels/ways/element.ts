/** Ways to fewer bits side by side on the open model: what each takes, and what it loses; and whom the text protects
 * that methods go by. */
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Estimate, Share } from '../../../wasm/measure_types.ts';
import type { CalibrationText } from '../../../wasm/methods.ts';
import { estimate, MISSING } from '../../controls/estimate.ts';
import { jobStyles, type JobWatch } from '../../controls/job.ts';
import { segments, segmentStyles } from '../../controls/segments.ts';
import { styleMap } from '../../controls/style_map.ts';
import { WidthController } from '../../controls/width.ts';
import { fractionOf, Methods } from '../../experiment/methods.ts';
import { describe, PageError } from '../../experiment/problem.ts';
import { entryOf, LANGS, type Lang } from '../../experiment/state.ts';
import { TrainClient } from '../../experiment/train_client.ts';
import type { ListedModel } from '../../source/listed.ts';
import { shared } from '../../styles/shared.ts';
import type { PanelContext } from '../index.ts';
import { MeasuringPanel } from '../measuring_panel.ts';
import { MODELS } from '../train/run.ts';
import { chart } from './chart.ts';
import { en } from './en.ts';
import { judge, judgeTrained, makeJudge, textOf } from './judging.ts';
import { ko } from './ko.ts';
import {
  byLanguage,
  CALIBRATED,
  contradictions,
  meanKl,
  protects,
  ranking,
  RECIPES,
  WAY_IDS,
  type Calibrated,
  type Found,
  type Judge,
  type Loss,
  type WayId,
} from './run.ts';
import { styles } from './styles.ts';

const WORDS = { en, ko };
const CHAINS = { '4': 'affine:4:64+best', '3': 'affine:3:64+best' } as const;

@customElement('bitloss-panel-ways')
export class WaysPanel extends MeasuringPanel {
  static override styles = [shared, jobStyles, segmentStyles, styles];

  @property({ attribute: false }) base = '';
  @property({ attribute: false }) entry: ListedModel | undefined;
  /** The reader's own text for methods to go by. */
  @property({ attribute: false }) calibration: CalibrationText | null = null;
  @state() private found: ReadonlyMap<WayId, Found> = new Map();
  @state() private guess: WayId | null = null;
  @state() private isGuessOver = false;
  @state() private now = '';
  @state() private bits: '3' | '4' = '4';
  @state() private receipts: ReadonlyMap<Calibrated | 'rounded', Loss> = new Map();

  readonly #size = new WidthController(this);
  #judge: Judge | null = null;
  /** Ends what runs beside the panel's own session. */
  #ending: AbortController | null = null;

  get #words() {
    return WORDS[this.language];
  }

  get #ways(): readonly WayId[] {
    const isTrainable = MODELS.some((id) => id === this.entry?.id);
    return WAY_IDS.filter((id) => id !== 'trained' || isTrainable);
  }

  protected override reset(): void {
    this.found = new Map();
    this.receipts = new Map();
    this.guess = null;
    this.isGuessOver = false;
    this.#judge = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#ending?.abort();
  }

  // ---- work ----

  async #run(work: (watch: JobWatch, signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.job.running) return;
    const ending = (this.#ending = new AbortController());
    await this.job.run(async (watch) => {
      const { session, model, entry, base } = this;
      this.#judge ??= await makeJudge(session, model, entry, base, ending.signal);
      await work(watch, ending.signal);
    });
  }

  #stop(): void {
    this.#ending?.abort();
    this.job.stop();
  }

  readonly #measure = (ids: readonly WayId[]): Promise<void> =>
    this.#run(async (watch, signal) => {
      for (const [i, id] of ids.entries()) {
        if (watch.stopped) return;
        this.now = this.#words.running(this.#words.names[id]);
        const report = (fraction: number) => watch.report((i + fraction) / ids.length);
        report(0);
        const one = await this.#find(id, signal, report);
        if (watch.stopped) return;
        this.found = new Map(this.found).set(id, one);
      }
      this.#tell();
    });

  async #find(id: WayId, signal: AbortSignal, report: (fraction: number) => void): Promise<Found> {
    const { session, measuring, entry, base } = this;
    if (id === 'trained') {
      const client = new TrainClient();
      const end = () => client.end();
      signal.addEventListener('abort', end);
      try {
        return await judgeTrained(client, session, entry!, this.#judge!, base, signal, report);
      } finally {
        signal.removeEventListener('abort', end);
        client.end();
      }
    }
    const recipe = RECIPES[id];
    let [seconds, nTokens] = [0, 0];
    if (recipe.includes('+') && measuring.methods) {
      const choosing = await measuring.methods.choose(
        recipe,
        (progress) => report(fractionOf(progress) / 2),
        signal,
      );
      seconds = choosing.readSeconds + choosing.seconds;
      nTokens = choosing.nTokens;
    }
    const began = performance.now();
    const { sizeBytes, bitsPerWeight } = await session.weights(recipe);
    if (seconds === 0) seconds = (performance.now() - began) / 1000;
    const loss = await judge(session, recipe, this.#judge!, (part) => report((1 + part) / 2));
    return { seconds, nTokens, sizeBytes, bitsPerWeight, ...loss };
  }

  readonly #start = (guess: WayId): void => {
    if (this.job.running) return;
    this.guess = guess;
    this.isGuessOver = false;
    void this.#measure(this.#ways);
  };

  /** What was guessed, once all are there. */
  #tell(): void {
    if (this.guess === null || this.isGuessOver || this.found.size < this.#ways.length) return;
    this.isGuessOver = true;
    const [least] = ranking(this.found);
    const truth = { least, isRight: least === this.guess };
    this.send({ type: 'predict', guess: this.guess, truth });
  }

  readonly #tryLanguages = (): Promise<void> =>
    this.#run(async (watch, signal) => {
      const words = this.#words;
      const text = await textOf(this.calibration, this.entry, this.base, signal);
      if (!text) throw new PageError({ kind: 'no-calibration' });
      this.receipts = new Map();
      const texts = byLanguage(text);
      const recipe = CHAINS[this.bits];
      const all = ['rounded', ...CALIBRATED] as const;
      for (const [i, by] of all.entries()) {
        if (watch.stopped) return;
        this.now = words.running(words.calibrated[by]);
        const report = (fraction: number) => watch.report((i + fraction) / all.length);
        report(0);
        const loss =
          by === 'rounded'
            ? await judge(this.session, recipe.replace('+best', ''), this.#judge!, report)
            : await this.#goneBy(texts[by], recipe, signal, report);
        if (watch.stopped) return;
        this.receipts = new Map(this.receipts).set(by, loss);
      }
    });

  async #goneBy(
    text: CalibrationText,
    recipe: string,
    signal: AbortSignal,
    report: (fraction: number) => void,
  ): Promise<Loss> {
    const methods = new Methods(async () => text);
    const client = this.measuring.apart(methods);
    const end = () => {
      client.use(null);
      methods.use(null);
    };
    signal.addEventListener('abort', end);
    try {
      methods.use(this.model.files);
      client.use(this.model);
      await methods.choose(recipe, (progress) => report(fractionOf(progress) / 2), signal);
      const session = client.session({ isUrgent: true });
      return await judge(session, recipe, this.#judge!, (part) => report((1 + part) / 2));
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  // ---- drawing ----

  override render() {
    const words = this.#words;
    const { problem, running } = this.job;
    return html`<p class="lead">${words.lead}</p>
      ${problem ? html`<p class="sentence error note" role="alert">${describe(this.t, problem)}</p>` : nothing}
      ${this.#renderGuess()}
      ${running ? html`<div role="status" class="visually-hidden">${this.now}</div>` : nothing}
      ${running ? this.#renderProgress() : nothing}
      ${this.#renderTable()} ${this.#renderOrder()}
      ${this.found.size > 0 ? chart(words, this.format, this.found, this.#size.width) : nothing}
      ${this.#renderLanguages()}
      <p class="small muted note">${words.limits}</p>`;
  }

  #renderProgress() {
    const stopped = html`<button @click=${() => this.#stop()}>${this.#words.stop}</button>`;
    return html`<div class="job">
      <progress max="1" .value=${this.job.fraction} aria-label=${this.now}></progress>
      <span class="small muted number">${this.now}${this.job.secondsLeft === null ? nothing : ` · ${this.t.timeLeft(this.job.secondsLeft)}`}</span>
      ${stopped}
    </div>`;
  }

  #renderGuess() {
    const words = this.#words;
    const button = (id: WayId) =>
      html`<button
        aria-disabled=${this.job.running}
        aria-label=${words.guess(words.names[id])}
        @click=${() => this.#start(id)}
      >${words.names[id]}</button>`;
    if (this.isGuessOver) {
      const [least] = ranking(this.found);
      const kl = this.#kl(meanKl(this.found.get(least!)!));
      return html`<div class="predict">
        <p class="truth" role="status">${words.truth(words.names[least!], kl, least === this.guess)}</p>
      </div>`;
    }
    return html`<div class="predict">
      <p><b>${words.predict}</b> <span class="small muted">${words.predictHint}</span></p>
      <div class="guesses" role="group" aria-label=${words.predict}>${this.#ways.map(button)}</div>
    </div>`;
  }

  #renderTable() {
    const words = this.#words;
    const { columns } = words;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${words.chartTitle}>
      <table>
        <thead>
          <tr>
            <th scope="col">${columns.way}</th>
            <th scope="col">${columns.effort}</th>
            <th scope="col" class="number">${columns.size}</th>
            ${LANGS.map((lang) => html`<th scope="col" class="number">${columns.kl}, ${words.langs[lang]}</th>`)}
            ${LANGS.map((lang) => html`<th scope="col" class="number">${columns.right}, ${words.langs[lang]}</th>`)}
          </tr>
        </thead>
        <tbody>${WAY_IDS.map((id) => this.#renderRow(id))}</tbody>
      </table>
    </div>`;
  }

  #renderRow(id: WayId) {
    const words = this.#words;
    const { format } = this;
    const one = this.found.get(id);
    const name = html`<th scope="row">${words.names[id]}<p class="small muted">${words.notes[id]}</p></th>`;
    if (!this.#ways.includes(id))
      return html`<tr>${name}<td colspan="6" class="small muted">${words.notTrainable}</td></tr>`;
    if (!one)
      return html`<tr data-way=${id}>${name}
        <td colspan="6"><button
          aria-disabled=${this.job.running}
          aria-label=${words.runOne(words.names[id])}
          @click=${() => void this.#measure([id])}
        >${words.measure}</button></td></tr>`;
    const read = one.nTokens > 0 ? words.read(format.integer(one.nTokens)) : words.nothingRead;
    return html`<tr data-way=${id}>${name}
      <td>${words.seconds(format.upTo(one.seconds, 0.1))}<br /><span class="small muted">${read}</span></td>
      <td class="number">${format.bytes(one.sizeBytes)}</td>
      ${LANGS.map((lang) => html`<td class="number kl">${estimate(format, one.kl[lang])}</td>`)}
      ${LANGS.map((lang) => html`<td class="number right">${this.#share(one.right?.[lang])}</td>`)}
    </tr>`;
  }

  /** What the figures say of the lesson's order, once more than one is there. */
  #renderOrder() {
    const words = this.#words;
    const { found, format } = this;
    if (found.size < 2 || this.job.running) return nothing;
    const name = (id: WayId) => words.names[id];
    const list = ranking(found).map((id) => `${name(id)} ${this.#kl(meanKl(found.get(id)!))}`);
    const against = contradictions(found);
    const pairs = against.map(([slower, better]) => words.pair(name(slower), name(better)));
    const [dynamic, four] = [found.get('dynamic'), found.get('rounded')];
    return html`<p class="note order">${words.order(list.join(', '))}
      ${against.length > 0 ? words.contradicts(pairs.join('; ')) : words.agrees}
      ${dynamic && four ? words.bits(format.fixed(dynamic.bitsPerWeight, 1), format.fixed(four.bitsPerWeight, 1)) : nothing}</p>`;
  }

  #renderLanguages() {
    const words = this.#words;
    const rounded = this.receipts.get('rounded');
    return html`<section class="languages" aria-labelledby="languages">
      <h3 id="languages">${words.languages}</h3>
      <p class="small">${words.languagesLead(CHAINS[this.bits])}</p>
      ${segments(
        'bits',
        words.bitsOf,
        (['4', '3'] as const).map((value) => ({ value, label: value })),
        this.bits,
        (value) => {
          this.bits = value;
          this.receipts = new Map();
        },
      )}
      <p><button class="try" aria-disabled=${this.job.running} @click=${() => void this.#tryLanguages()}>${words.tryLanguages}</button></p>
      ${
        rounded
          ? html`<div class="scroll" tabindex="0" role="region" aria-label=${words.goneBy}>
            <table class="receipts">
              <thead><tr>
                <th scope="col">${words.goneBy}</th>
                ${LANGS.map((lang) => html`<th scope="col" class="number">${words.columns.kl}, ${words.langs[lang]}</th>`)}
                ${LANGS.map((lang) => html`<th scope="col" class="number">${words.columns.right}, ${words.langs[lang]}</th>`)}
              </tr></thead>
              <tbody>${[...this.receipts].map(([by, loss]) => this.#renderReceipt(by, loss, rounded))}</tbody>
            </table>
          </div>`
          : nothing
      }
      ${rounded ? this.#renderProtected(rounded) : nothing}
    </section>`;
  }

  #renderReceipt(by: Calibrated | 'rounded', loss: Loss, rounded: Loss) {
    const heat = (lang: Lang) =>
      Math.min(2, (loss.kl[lang].value ?? 0) / (rounded.kl[lang].value || 1)).toFixed(2);
    return html`<tr data-by=${by}>
      <th scope="row">${this.#words.calibrated[by]}</th>
      ${LANGS.map(
        (lang) =>
          html`<td class="number heat" style=${styleMap({ '--heat': heat(lang) })}>${estimate(this.format, loss.kl[lang])}</td>`,
      )}
      ${LANGS.map((lang) => html`<td class="number">${this.#share(loss.right?.[lang])}</td>`)}
    </tr>`;
  }

  #renderProtected(rounded: Loss) {
    const words = this.#words;
    const sentence = (by: Lang, other: Lang) => {
      const loss = this.receipts.get(by);
      if (!loss) return nothing;
      const verdict = (lang: Lang) =>
        words.verdicts[protects(loss.kl[lang], rounded.kl[lang] as Estimate)];
      return html`<p class="receipt">${words.protects(words.langs[by], words.langs[other], verdict(by), verdict(other))}</p>`;
    };
    return html`${sentence('en', 'ko')} ${sentence('ko', 'en')}`;
  }

  #kl(value: number): string {
    return this.format.upTo(value, value / 50);
  }

  #share(share: Share | undefined): string {
    if (!share) return MISSING;
    const percent = (x: number) => this.format.fixed(100 * x, 0);
    return `${percent(share.value)}% [${percent(share.low)}, ${percent(share.high)}]`;
  }
}

export function draw({ state: app, model, measuring, base }: PanelContext) {
  return html`<bitloss-panel-ways
    .language=${app.lang}
    .model=${model}
    .measuring=${measuring}
    .lanes=${app.lanes}
    .formats=${app.formats}
    .text=${app.text}
    .base=${base}
    .entry=${entryOf(app)}
    .calibration=${app.calibration}
  ></bitloss-panel-ways>`;
}
