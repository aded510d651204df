/** The page: hands the state down to the panels and their actions up to the App. */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { ACTION_EVENT, type Action } from './actions.ts';
import { Announcer } from './announcer.ts';
import { App } from './app.ts';
import { fold, foldStyles } from './controls/fold.ts';
import { messages } from './i18n/index.ts';
import { addressName, isOwnHash } from './link.ts';
import { isTinyWorld } from './measure/texts.ts';
import { describe } from './problem.ts';
import { droppedFiles } from './source/files.ts';
import {
  areIdle,
  type AppState,
  type Lang,
  type ListedModel,
  type OpenModel,
  type PanelId,
  type Theme,
} from './state.ts';
import { shared } from './styles/shared.ts';
import { nextTurn } from './turns.ts';
import './panels/lanes/element.ts';
import './panels/model/element.ts';
import './panels/prompt/element.ts';
import './panels/source/element.ts';
import './panels/text/element.ts';

/** Of the experiment, in the order in which they are drawn. */
const PARTS = [
  'prompt',
  'lanes',
  'text',
  'compare',
  'words',
  'skills',
  'tensors',
  'measuringPanels',
] as const;
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const LANGUAGES: readonly [Lang, string][] = [
  ['en', 'English'],
  ['ko', '한국어'],
];

@customElement('bitloss-playground')
export class Playground extends LitElement {
  static override styles = [
    shared,
    foldStyles,
    css`
      :host {
        max-width: 1320px;
        margin: 0 auto;
        padding: 0 clamp(16px, 3vw, 36px) 64px;
      }
      .top {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        flex-wrap: wrap;
        padding: 16px 0;
      }
      .mark {
        display: flex;
        align-items: center;
        gap: 10px;
        font-weight: 680;
        font-size: 1.125rem;
        letter-spacing: -0.02em;
      }
      .mark svg {
        display: block;
      }
      nav {
        display: flex;
        gap: 8px;
      }
      nav select {
        min-height: 36px;
        padding: 4px 8px;
        font-size: 0.875rem;
        border-color: var(--line);
        background: transparent;
      }
      /* What is below stays out of sight while a model is on its way: nothing is pushed from there. */
      main {
        min-height: 100vh;
      }
      .hero {
        padding: 4px 0 20px;
      }
      h1 {
        font-size: clamp(1.5rem, 1.2rem + 1.2vw, 2rem);
        font-weight: 680;
        line-height: 1.12;
        letter-spacing: -0.03em;
        text-wrap: balance;
      }
      .hero .lead {
        max-width: none;
        margin-top: 4px;
      }
      section,
      bitloss-model {
        display: block;
        margin-bottom: clamp(24px, 3.4vw, 44px);
      }
      .box {
        padding: clamp(16px, 2vw, 24px);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
      }
      bitloss-text {
        margin-top: 16px;
      }
      .box + bitloss-source {
        margin-top: 18px;
      }
      .links {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 4px 16px;
        margin-bottom: 20px;
      }
      .sentence.error.links {
        display: block;
      }
      bitloss-model {
        margin-bottom: 0;
      }
      .foot p {
        max-width: 80ch;
      }
      .foot {
        padding-top: 20px;
        border-top: 1px solid var(--line);
      }
    `,
  ];

  readonly #app = new App(location.search + location.hash, navigator.language);
  readonly #announcer = new Announcer(this.#app.store, () => this.requestUpdate());
  #unsubscribe = () => {};
  #shownLang: Lang | null = null;
  #shownTheme: Theme | null = null;

  /** The reader wants another model while one is open. */
  @state() private choosing = false;
  @state() private dragging = false;
  /** Parts of the experiment that are drawn, from the top: one comes after another. */
  @state() private nParts = 0;
  #isDrawing = false;
  /** Draws the panels that come with the pictures' code. */
  #measuringPanels: typeof import('./panels/measuring_panels.ts').measuringPanels | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = this.#app.store.subscribe(() => this.requestUpdate());
    this.addEventListener(ACTION_EVENT, this.#onAction);
    window.addEventListener('hashchange', this.#onHashChange);
    window.addEventListener('dragover', this.#onDragOver);
    window.addEventListener('dragleave', this.#onDragLeave);
    window.addEventListener('drop', this.#onDrop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
    this.removeEventListener(ACTION_EVENT, this.#onAction);
    window.removeEventListener('hashchange', this.#onHashChange);
    window.removeEventListener('dragover', this.#onDragOver);
    window.removeEventListener('dragleave', this.#onDragLeave);
    window.removeEventListener('drop', this.#onDrop);
  }

  protected override willUpdate(): void {
    const { lang, theme } = this.#app.store.state;
    // Not at each drawing: the whole page's styles would be worked out anew.
    if (lang === this.#shownLang && theme === this.#shownTheme) return;
    [this.#shownLang, this.#shownTheme] = [lang, theme];
    const root = document.documentElement;
    root.lang = lang;
    root.dataset.theme = theme;
    document.title = messages[lang].title;
  }

  /** The first drawing is not in the task that runs the script. */
  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await nextTurn();
    await super.scheduleUpdate();
  }

  protected override updated(): void {
    if (this.#isDrawing || !this.#app.store.state.model) return;
    this.#isDrawing = true;
    void this.#drawParts();
  }

  async #drawParts(): Promise<void> {
    while (this.nParts < PARTS.length) {
      if (PARTS[this.nParts] === 'compare') await this.#loadPictures();
      await nextTurn();
      this.nParts++;
      await this.updateComplete;
      await this.renderRoot.querySelector('bitloss-lanes')?.updateComplete;
    }
  }

  /** The pictures' code is fetched once there is something to draw. */
  async #loadPictures(): Promise<void> {
    const [{ measuringPanels }] = await Promise.all([
      import('./panels/measuring_panels.ts'),
      import('./panels/compare/element.ts'),
      import('./panels/skills/element.ts'),
      import('./panels/tensors/element.ts'),
      import('./panels/words/element.ts'),
    ]);
    this.#measuringPanels = measuringPanels;
  }

  #draws(part: (typeof PARTS)[number]): boolean {
    return this.nParts > PARTS.indexOf(part);
  }

  override render() {
    const state = this.#app.store.state;
    const t = messages[state.lang];
    const reference = state.lanes[0]?.figures;
    return html`${this.#renderTop(state)}
      <main>
        <div class="hero">
          <h1>${t.header.tagline}</h1>
          <p class="lead">${t.header.lead}</p>
          <p class="privacy muted">${t.header.privacy}</p>
        </div>
        ${
          state.supported
            ? nothing
            : html`<p class="sentence error links" role="alert"><b>${t.unsupported.title}.</b> ${t.unsupported.sentence}</p>`
        }
        ${this.#renderLinkProblems(state)}
        <section class="model" aria-label=${t.model.heading}>
          ${
            state.model && reference
              ? html`<div class="box">
                <bitloss-model
                  .language=${state.lang}
                  .figures=${reference}
                  .origin=${addressName(state.model.address)}
                  .entry=${this.#entry(state)}
                >
                  <button @click=${() => this.#toggleSource()} aria-expanded=${this.#showsSource(state)}>
                    ${this.#showsSource(state) ? t.source.keep : t.source.another}
                  </button>
                </bitloss-model>
              </div>`
              : nothing
          }
          ${this.#renderSource(state)}
        </section>
        ${state.model ? this.#renderExperiment(state, state.model) : nothing}
      </main>
      <footer class="foot"><p class="small muted">${t.footer.method}</p></footer>
      <div class="visually-hidden" role="status" aria-live="polite">
        ${keyed(this.#announcer.serial, html`<p>${this.#announcer.text}</p>`)}
      </div>`;
  }

  #renderTop(state: AppState) {
    const t = messages[state.lang];
    const choose = (set: (value: string) => Action) => (event: Event) =>
      this.#app.do(set((event.target as HTMLSelectElement).value));
    return html`<header class="top">
      <div class="mark">
        <svg viewBox="0 0 24 20" width="24" height="20" aria-hidden="true">
          <path d="M2 0v20M8 0v20M14 0v20" stroke="currentColor" stroke-width="3.4" />
          <path d="M20 0v20" stroke="var(--error)" stroke-width="3.4" />
        </svg>
        bitloss
      </div>
      <nav>
        <select aria-label=${t.header.language} @change=${choose((value) => ({ type: 'set-lang', lang: value as Lang }))}>
          ${LANGUAGES.map(([code, name]) => html`<option value=${code} lang=${code} .selected=${code === state.lang}>${name}</option>`)}
        </select>
        <select aria-label=${t.header.theme} @change=${choose((value) => ({ type: 'set-theme', theme: value as Theme }))}>
          ${THEMES.map((theme) => html`<option value=${theme} .selected=${theme === state.theme}>${t.header.themes[theme]}</option>`)}
        </select>
      </nav>
    </header>`;
  }

  #renderLinkProblems(state: AppState) {
    if (state.linkProblems.length === 0) return nothing;
    const t = messages[state.lang];
    return html`<div class="links sentence notice" role="status">
      <div>${state.linkProblems.map((problem) => html`<p>${describe(t, problem)}</p>`)}</div>
      <button class="plain" @click=${() => this.#app.do({ type: 'dismiss-link-problems' })}>${t.problems.dismiss}</button>
    </div>`;
  }

  /** The open model's entry in the site's list, when it came from there. */
  #entry({ model, listed }: AppState): ListedModel | undefined {
    const address = model?.address;
    return address?.kind === 'listed' ? listed?.find(({ id }) => id === address.id) : undefined;
  }

  /** With a model open, the source panel is there only while it is wanted, busy or in error. */
  #showsSource({ model, opening }: AppState): boolean {
    return model === null || this.choosing || this.dragging || opening.kind !== 'idle';
  }

  #toggleSource(): void {
    const shown = this.#showsSource(this.#app.store.state);
    if (shown) this.#app.do({ type: 'cancel-opening' });
    this.choosing = !shown;
  }

  #renderSource(state: AppState) {
    if (!this.#showsSource(state)) return nothing;
    return html`<bitloss-source
      .language=${state.lang}
      .opening=${state.opening}
      .listed=${state.listed}
      ?dragging=${this.dragging}
    ></bitloss-source>`;
  }

  #renderExperiment(state: AppState, model: OpenModel) {
    const { lang, lanes } = state;
    const running = lanes.some(
      (lane) => lane.run?.serial === state.request?.serial && lane.run?.stop === null,
    );
    const canWrite = lanes[0]?.figures?.info.hasTokenizer ?? false;
    return html`${
      canWrite && this.#draws('prompt')
        ? html`<section>
            <bitloss-prompt
              .language=${lang}
              .prompt=${state.prompt}
              .sampling=${state.sampling}
              ?running=${running}
            ></bitloss-prompt>
          </section>`
        : nothing
    }
      <section>
        ${this.#draws('lanes') ? html`<bitloss-lanes .language=${lang} .lanes=${lanes} .formats=${state.formats} ?whole=${state.isWholeText}></bitloss-lanes>` : nothing}
        ${
          canWrite && this.#draws('text')
            ? html`<bitloss-text
              .language=${lang}
              .text=${state.text}
              .address=${model.address}
              .ownText=${state.ownText}
              .nScored=${lanes.find((lane) => lane.text.isFresh)?.text.value?.n ?? 0}
              ?whole=${state.isWholeText}
            ></bitloss-text>`
            : nothing
        }
      </section>
      ${this.#draws('compare') ? this.#renderPictures(state, model, canWrite) : nothing}`;
  }

  #renderPictures(state: AppState, model: OpenModel, canWrite: boolean) {
    const { lang, lanes, formats, text, lookedAt } = state;
    const t = messages[lang];
    const { measuring } = this.#app;
    const folded = (id: PanelId, heading: string, content: () => TemplateResult) => {
      const onToggle = (isOpen: boolean) => this.#app.do({ type: 'set-panel', panel: id, isOpen });
      return fold({ id, heading, isOpen: state.openPanels.includes(id), onToggle }, content);
    };
    return html`<section class="box"><bitloss-compare .language=${lang} .lanes=${lanes}></bitloss-compare></section>
      ${
        canWrite && this.#draws('words')
          ? folded(
              'words',
              t.words.heading,
              () => html`<bitloss-words
              .language=${lang}
              .measuring=${measuring}
              .model=${model}
              .lanes=${lanes}
              .text=${text}
              ?idle=${areIdle(state)}
            ></bitloss-words>`,
            )
          : nothing
      }
      ${
        isTinyWorld(model.address) && this.#draws('skills')
          ? folded(
              'skills',
              t.skills.heading,
              () => html`<bitloss-skills
              .language=${lang}
              .lanes=${lanes}
              .questions=${state.questions}
            ></bitloss-skills>`,
            )
          : nothing
      }
      ${this.#draws('tensors') ? html`<section class="box"><bitloss-tensors .language=${lang} .lanes=${lanes}></bitloss-tensors></section>` : nothing}
      ${this.#draws('measuringPanels') ? this.#measuringPanels?.({ lang, measuring, model, lanes, formats, text, lookedAt, fold: folded }) : nothing}`;
  }

  readonly #onAction = (event: Event): void => {
    const action = (event as CustomEvent<Action>).detail;
    if (action.type.startsWith('open-') || action.type === 'accept-asked') this.choosing = false;
    this.#app.do(action);
  };

  /** Another link that differs after `#` alone loads no page by itself. */
  readonly #onHashChange = (): void => {
    if (isOwnHash(location.hash)) location.reload();
  };

  readonly #onDragOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dragging = true;
  };

  readonly #onDragLeave = (event: DragEvent): void => {
    if (event.relatedTarget === null) this.dragging = false;
  };

  readonly #onDrop = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dragging = false;
    this.choosing = false;
    this.#app.do({ type: 'open-files', files: droppedFiles(event.dataTransfer) });
  };
}
