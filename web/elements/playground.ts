/** `<bitloss-playground>`: an experiment with its panels, in any page. Hands the state down to the panels
 * and their actions up to the `Experiment`, and tells the page around what happens.
 *
 * The page around may write to its attributes, which are a link's words (settings.ts), and to
 * `--bitloss-…` (styles/tokens.ts) and `::part()` (panels/parts.ts). Nothing else of that page reaches in,
 * and nothing of it is touched: its title, language, address and storage are its own. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { fold, foldStyles } from '../controls/fold.ts';
import { nextTurn } from '../controls/turns.ts';
import { ACTION_EVENT, type Action } from '../experiment/actions.ts';
import { addressName } from '../experiment/address.ts';
import { Experiment } from '../experiment/experiment.ts';
import { describe, type Problem } from '../experiment/problem.ts';
import { entryOf, factsOf, type AppState } from '../experiment/state.ts';
import { messages } from '../i18n/index.ts';
import { BENCH, isOfUse, type PanelModule, type PanelRow } from '../panels/index.ts';
import { shared } from '../styles/shared.ts';
import { tokens } from '../styles/tokens.ts';
import { Announcer } from './announcer.ts';
import { panelsOf, problemsOf, type Layout } from './attributes.ts';
import { takeDrops } from './drops.ts';
import { EventTeller, type EventDetails, type EventName } from './events.ts';
import { browserHost, siteOfScript } from './host.ts';
import { loadPanel, prepare } from './loading.ts';
import { isBenchShown, needsNoModel, rowsOf, standsAlone, wantsLanes } from './rows.ts';
import { pickSettings, readSettings, settingWords, shorten } from './settings.ts';
import { styles } from './styles.ts';
import { heightOf, languageOf, NEAR, SETTINGS, type SettingName } from './words.ts';
import '../panels/model/element.ts';
import '../panels/source/element.ts';

const areSame = (some: readonly PanelRow[], others: readonly PanelRow[]) =>
  some.length === others.length && some.every((row, i) => row === others[i]);

export class Playground extends LitElement {
  static override styles = [tokens, shared, foldStyles, styles];

  static override get observedAttributes(): string[] {
    // biome-ignore lint/complexity/noThisInStatic: Lit works out those of the class that is asked.
    return [...super.observedAttributes, 'lang'];
  }

  // What a link says too; `lang` is every element's own.
  @property({ reflect: true }) model: string | null = null;
  @property({ reflect: true }) lanes: string | null = null;
  @property({ reflect: true }) prompt: string | null = null;
  @property({ reflect: true }) raw: string | null = null;
  @property({ reflect: true }) system: string | null = null;
  @property({ reflect: true }) max: string | null = null;
  @property({ reflect: true }) temp: string | null = null;
  @property({ reflect: true }) seed: string | null = null;
  @property({ reflect: true }) text: string | null = null;
  @property({ reflect: true }) panels: string | null = null;
  @property({ reflect: true }) theme: string | null = null;
  /** Ids of the panels that are shown, between commas; null: all of them. */
  @property({ reflect: true }) view: string | null = null;
  /** 'lazy', as it is without: starts near the part of the page that is seen; 'eager': at once. */
  @property({ reflect: true }) loading: string | null = null;
  /** 'manual': starts when the reader presses a button, or at `start()`. */
  @property({ reflect: true }) reveal: string | null = null;
  /** In CSS pixels, or a length; what does not fit is scrolled to. null: as high as it needs to be. */
  @property({ reflect: true }) height: string | null = null;

  /** Given by a page that looks after the settings itself, before the element is in it. */
  @property({ attribute: false }) experiment: Experiment | null = null;
  /** Files are being dragged over the page. */
  @property({ type: Boolean }) dragging = false;

  /** What the attributes said when they were last followed; null while the experiment is not its own. */
  #said: Record<SettingName, string | null> | null = null;
  #announcer: Announcer | null = null;
  #unsubscribe = () => {};
  #observer: IntersectionObserver | null = null;
  /** The reader wants another model while one is open. */
  @state() private choosing = false;
  /** Parts of the experiment that are drawn, from the top: one comes after another. */
  @state() private drawn: readonly { row: PanelRow; module: PanelModule }[] = [];
  /** The code of the next part did not come. */
  @state() private isCut = false;
  /** What is drawn now; another view begins anew. */
  #drawing: readonly PanelRow[] | null = null;

  constructor() {
    super();
    // A page that looks after the settings takes what is dropped anywhere on it.
    takeDrops(this, {
      takes: () => this.#said !== null,
      onOver: (isOver) => (this.dragging = isOver),
      onFiles: (files) => this.do({ type: 'open-files', files }),
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener(ACTION_EVENT, this.#onAction);
    if (this.experiment) this.#attach(this.experiment);
    this.#awaitStart();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener(ACTION_EVENT, this.#onAction);
    this.#unsubscribe();
    this.#observer?.disconnect();
    this.#observer = null;
    // One that is moved is back before this.
    setTimeout(() => this.isConnected || this.experiment?.pause());
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    super.attributeChangedCallback(name, old, value);
    if (name === 'lang') this.requestUpdate();
  }

  /** Ids of the panels that are shown; null: all of them. */
  get shownPanels(): string | null {
    return this.view;
  }

  // ---- what the page around may call ----

  /** The settings as they are now, in a link's words. */
  getState(): Record<string, string> {
    if (this.experiment) return Object.fromEntries(settingWords(this.experiment.store.state));
    return Object.fromEntries(
      Object.entries(this.#words).filter((entry): entry is [string, string] => entry[1] !== null),
    );
  }

  /** Takes over settings in a link's words; those that are left out stay as they are. `repeated` are words
   * that a link has more than once, with the value that counts: the reader is told. */
  setState(
    words: Readonly<Record<string, unknown>>,
    repeated: Readonly<Record<string, string>> = {},
  ): void {
    const names = SETTINGS.filter((name) => name in words);
    const textOf = (name: SettingName) => (name in words ? String(words[name]) : null);
    if (!this.experiment) {
      for (const name of names) this[name] = textOf(name)!;
      return;
    }
    const isKnown = (name: string) => SETTINGS.some((one) => one === name);
    const unknown = Object.keys(words)
      .filter((name) => !isKnown(name))
      .map((name): Problem => ({ kind: 'link-unknown', on: 'element', name: shorten(name) }));
    const twice = Object.entries(repeated).map(
      ([name, value]): Problem => ({ kind: 'link-repeated', name, value: shorten(value) }),
    );
    this.#follow(textOf, names, [...unknown, ...twice]);
  }

  /** Begins, if it has not begun: what is asked for by the attributes is fetched and drawn. */
  start(): void {
    if (this.experiment) return;
    this.#said = this.#words;
    const { lang, theme } = this.#fallback;
    const settings = readSettings((name) => this.#said![name], { lang, theme }, 'element');
    const host = browserHost(siteOfScript(), () => {});
    this.experiment = new Experiment(settings, host, !needsNoModel(this.shownPanels));
    new EventTeller(this.experiment.store, (name, detail) => this.#tell(name, detail));
    if (this.isConnected) this.#attach(this.experiment);
    else this.experiment.pause();
  }

  do(action: Action): void {
    if (action.type.startsWith('open-') || action.type === 'accept-asked') this.choosing = false;
    if (action.type === 'predict')
      this.#tell('bitloss-predict', { guess: action.guess, truth: action.truth });
    if (action.type === 'tell-labels') this.#tell('bitloss-labels', { lanes: action.lanes });
    if (action.type === 'show-panel') return void this.#show(action.panel);
    this.experiment?.do(action);
  }

  /** Goes there as soon as it is drawn. */
  async #show(panel: string): Promise<void> {
    for (const id of [BENCH, panel])
      this.experiment?.do({ type: 'set-panel', panel: id, isOpen: true });
    const isDrawn = () => this.drawn.some(({ row }) => row.id === panel);
    while (!isDrawn() && !this.isCut && this.isConnected) await nextTurn();
    await this.updateComplete;
    const find = (name: string) => this.renderRoot.querySelector<HTMLElement>(name);
    const place = find(`#fold-${panel}`) ?? find(`bitloss-panel-${panel}`);
    place?.focus({ preventScroll: true });
    place?.scrollIntoView({ block: 'start' });
  }

  #tell<N extends EventName>(name: N, detail: EventDetails[N]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #tellProblem(problem: Problem): void {
    const message = describe(messages[this.#lang], problem);
    this.#tell('bitloss-error', { code: problem.kind, message, lane: null });
  }

  // ---- beginning, and following the attributes ----

  get #words(): Record<SettingName, string | null> {
    const { model, lanes, prompt, raw, system, max, temp, seed, text, panels, theme } = this;
    const lang = this.getAttribute('lang')?.toLowerCase().split('-')[0] || null;
    return { model, lanes, prompt, raw, system, max, temp, seed, text, panels, lang, theme };
  }

  /** Where nothing is said: the language of the page around, the theme of the reader's system. */
  get #fallback() {
    const around = this.parentElement?.closest<HTMLElement>('[lang]')?.lang || navigator.language;
    return { lang: languageOf(around), theme: 'auto' } as const;
  }

  get #lang() {
    return this.experiment?.store.state.lang ?? languageOf(this.#words.lang ?? this.#fallback.lang);
  }

  get #layout(): Layout {
    const { view, loading, reveal, height } = this;
    return { view, loading, reveal, height };
  }

  #awaitStart(): void {
    if (this.experiment || this.#observer || !this.hasUpdated) return;
    if (this.reveal === 'manual') return;
    if (this.loading === 'eager') return this.start();
    this.#observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        this.#observer?.disconnect();
        this.start();
      },
      { rootMargin: NEAR },
    );
    this.#observer.observe(this);
  }

  #attach(experiment: Experiment): void {
    const { store } = experiment;
    this.#announcer ??= new Announcer(store, () => this.requestUpdate());
    this.#unsubscribe();
    this.#unsubscribe = store.subscribe(() => this.requestUpdate());
    experiment.resume();
    this.requestUpdate();
  }

  #follow(
    get: (name: SettingName) => string | null,
    names: readonly SettingName[],
    more: readonly Problem[] = [],
  ): void {
    const { experiment } = this;
    if (!experiment) return;
    const read = readSettings(get, this.#fallback, 'element');
    const settings = { ...read, problems: [...more, ...read.problems] };
    experiment.apply(pickSettings(settings, names, experiment.store.state));
  }

  /** The first drawing is not in the task that runs the script. */
  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await nextTurn();
    await super.scheduleUpdate();
  }

  protected override willUpdate(): void {
    if (!this.#said) return;
    const [before, now] = [this.#said, this.#words];
    this.#said = now;
    const changed = SETTINGS.filter((name) => now[name] !== before[name]);
    if (changed.length > 0) this.#follow((name) => now[name], changed);
  }

  protected override firstUpdated(): void {
    const root = this.#root;
    const medium = getComputedStyle(root.querySelector('.medium')!).fontSize;
    root.style.setProperty('--rem', medium);
    rowsOf(this.shownPanels, this.#state)
      .filter(({ frame }) => frame === 'plain')
      .forEach(prepare);
    for (const problem of problemsOf(this.#layout)) this.#tellProblem(problem);
  }

  get #state(): AppState | undefined {
    return this.experiment?.store.state;
  }

  get #root(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.root')!;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('height')) this.#root.style.height = heightOf(this.height) ?? '';
    this.#awaitStart();
    if (wantsLanes(this.shownPanels, this.#state)) this.do({ type: 'wake-lanes' });
    if (!this.isCut && this.experiment) void this.#drawParts();
  }

  async #drawParts(): Promise<void> {
    const rows = rowsOf(this.shownPanels, this.#state);
    if (this.#drawing && areSame(this.#drawing, rows)) return;
    this.#drawing = rows;
    if (!this.drawn.every(({ row }, i) => row === rows[i]))
      this.drawn = this.drawn.filter(({ row }, i) => row === rows[i]);
    try {
      for (const row of rows.slice(this.drawn.length)) {
        // The code of all that are below the lanes is fetched once there is something to draw.
        if (row.frame !== 'plain') rows.forEach(prepare);
        const module = await loadPanel(row);
        await nextTurn();
        if (this.#drawing !== rows) return;
        this.drawn = [...this.drawn, { row, module }];
        await this.updateComplete;
        await this.renderRoot.querySelector<LitElement>(`bitloss-panel-${row.id}`)?.updateComplete;
      }
    } catch {
      if (this.#drawing !== rows) return;
      this.#drawing = null;
      this.isCut = true;
    }
  }

  #drawOn(): void {
    this.isCut = false;
    void this.#drawParts();
  }

  // ---- drawing ----

  override render() {
    const { experiment, height } = this;
    const state = experiment?.store.state;
    const lang = this.#lang;
    // A page that looks after the settings has a frame of its own.
    const isOwn = !experiment || this.#said !== null;
    return html`<div
      class="root ${isOwn ? 'framed' : ''} ${heightOf(height) === null ? '' : 'scrolls'}"
      part="stage"
      lang=${lang}
      dir="ltr"
      data-theme=${state?.theme ?? this.theme ?? 'auto'}
    >
      <span class="medium" aria-hidden="true"></span>
      ${this.#renderProblems(state)} ${state ? this.#renderExperiment(state) : this.#renderPoster()}
      <div class="visually-hidden" role="status" aria-live="polite">
        ${keyed(this.#announcer?.serial, html`<p>${this.#announcer?.text}</p>`)}
      </div>
    </div>`;
  }

  /** What the page around put into the element stands in until it begins. */
  #renderPoster() {
    const t = messages[this.#lang];
    return html`<slot></slot>
      ${
        this.reveal === 'manual'
          ? html`<button class="primary" @click=${() => this.start()}>${t.element.start}</button>`
          : nothing
      }`;
  }

  #renderExperiment(state: AppState) {
    const t = messages[state.lang];
    return html`${
      state.supported
        ? nothing
        : html`<p class="sentence error unsupported" role="alert"><b>${t.unsupported.title}.</b> ${t.unsupported.sentence}</p>`
    }
      ${this.#renderParts(state)}
      ${
        this.isCut
          ? html`<div class="links sentence error" role="alert">
              <p>${t.cut.sentence}</p>
              <button @click=${() => this.#drawOn()}>${t.cut.retry}</button>
            </div>`
          : nothing
      }`;
  }

  /** Where all panels are shown the stage comes first, and what the model is and the bench below it. */
  #renderParts(state: AppState) {
    const panels = this.#renderPanels(state);
    if (!state.model)
      return html`${needsNoModel(this.shownPanels) ? nothing : this.#renderModel(state)} ${panels}`;
    if (this.shownPanels !== null) return html`${this.#renderModel(state)} ${panels}`;
    // What is below the stage would be pushed down by it.
    if (this.drawn.length === 0 && !this.isCut) return nothing;
    const t = messages[state.lang];
    const isOpen = isBenchShown(state);
    const onToggle = (isOpened: boolean) =>
      this.do({ type: 'set-panel', panel: BENCH, isOpen: isOpened });
    const bench = { id: BENCH, heading: t.bench.heading, isOpen, onToggle };
    return html`${panels.slice(0, 1)} ${this.#renderModel(state)}
      ${this.drawn.length > 0 ? fold(bench, () => html`<p class="lead">${t.bench.lead}</p>`) : nothing}
      ${panels.slice(1)}`;
  }

  #renderProblems(state: AppState | undefined) {
    const t = messages[this.#lang];
    const passing = state?.linkProblems ?? [];
    const all = [...passing, ...problemsOf(this.#layout)];
    if (all.length === 0) return nothing;
    return html`<div class="links sentence notice" role="status">
      <div>${all.map((problem) => html`<p>${describe(t, problem)}</p>`)}</div>
      ${
        passing.length > 0
          ? html`<button class="plain" @click=${() => this.do({ type: 'dismiss-link-problems' })}>${t.problems.dismiss}</button>`
          : nothing
      }
    </div>`;
  }

  /** A view of some panels has no room for what the model is, only for its coming. */
  #renderModel(state: AppState) {
    const t = messages[state.lang];
    const facts = factsOf(state.lanes);
    const showsModel = state.model && facts && this.shownPanels === null;
    if (!showsModel && !this.#showsSource(state)) return nothing;
    // No landmark: a page that holds two experiments would have two of one name.
    return html`<section class="model" role="group" aria-label=${t.model.heading}>
      ${
        showsModel
          ? html`<div class="box">
              <bitloss-model
                .language=${state.lang}
                .figures=${facts}
                .origin=${addressName(state.model!.address)}
                .entry=${entryOf(state)}
              >
                <button @click=${() => this.#toggleSource()} aria-expanded=${this.#showsSource(state)}>
                  ${this.#showsSource(state) ? t.model.keep : t.model.another}
                </button>
              </bitloss-model>
            </div>`
          : nothing
      }
      ${this.#renderSource(state)}
    </section>`;
  }

  /** With a model open, the source panel is there only while it is wanted, busy or in error. */
  #showsSource({ model, opening }: AppState): boolean {
    return model === null || this.choosing || this.dragging || opening.kind !== 'idle';
  }

  #toggleSource(): void {
    const shown = this.experiment !== null && this.#showsSource(this.experiment.store.state);
    if (shown) this.do({ type: 'cancel-opening' });
    this.choosing = !shown;
  }

  #renderSource(state: AppState) {
    if (!this.#showsSource(state)) return nothing;
    return html`<bitloss-source
      .language=${state.lang}
      .opening=${state.opening}
      .listed=${state.listed}
      .kept=${state.kept}
      ?dragging=${this.dragging}
    ></bitloss-source>`;
  }

  #renderPanels(state: AppState) {
    const { measuring, base } = this.experiment!;
    // Without one, only panels that do not ask for it are drawn.
    const model = state.model!;
    const shown = panelsOf(this.shownPanels);
    const canShow = (panel: string) => shown.some((row) => row.id === panel && isOfUse(row, state));
    const context = { state, model, measuring, base, canShow };
    const drawn = state.model ? this.drawn : this.drawn.filter(({ row }) => standsAlone(row));
    return drawn.map(({ row, module }) =>
      isOfUse(row, state)
        ? this.#framed(row, state, () => module.draw(context))
        : this.#renderNeeds(row, state),
    );
  }

  /** A panel that was asked for by name does not stay away without a word. */
  #renderNeeds({ needs }: PanelRow, state: AppState) {
    if (this.shownPanels === null) return nothing;
    const t = messages[state.lang];
    return needs.map((need) => html`<p class="sentence notice">${t.element.needs[need]}</p>`);
  }

  #framed({ id, frame, heading }: PanelRow, state: AppState, content: () => TemplateResult) {
    if (frame === 'plain') return html`<section class=${id}>${content()}</section>`;
    if (frame === 'box') return html`<section class="box">${content()}</section>`;
    if (this.shownPanels !== null)
      return html`<section class="box"><h2>${heading[state.lang]}</h2>${content()}</section>`;
    const onToggle = (isOpen: boolean) => this.do({ type: 'set-panel', panel: id, isOpen });
    const isOpen = state.openPanels.includes(id);
    return fold({ id, heading: heading[state.lang], isOpen, onToggle }, content);
  }

  /** What panels ask for is between them and the element. */
  readonly #onAction = (event: Event): void => {
    event.stopPropagation();
    this.do((event as CustomEvent<Action>).detail);
  };
}
