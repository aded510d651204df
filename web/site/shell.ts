/** The site's own page around an experiment: the bar above, what it is about, and the line below. What
 * belongs to the document alone is here: its title, language, theme and address, and files dropped
 * anywhere on it. */
import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { nextTurn } from '../controls/turns.ts';
import { browserHost, openCache } from '../elements/host.ts';
import { Playground } from '../elements/index.ts';
import { Experiment } from '../experiment/experiment.ts';
import type { Lang, Theme } from '../experiment/state.ts';
import { droppedFiles } from '../source/files.ts';
import { shared } from '../styles/shared.ts';
import { tokens } from '../styles/tokens.ts';
import { followAddress, settingsOfPage } from './address_bar.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';
import { remember } from './remember.ts';

const WORDS = { en, ko };
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const LANGUAGES: readonly [Lang, string][] = [
  ['en', 'English'],
  ['ko', '한국어'],
];

@customElement('bitloss-site')
export class Site extends LitElement {
  static override styles = [
    tokens,
    shared,
    css`
      :host {
        --rem: 1rem;
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
        padding: 0 0 12px;
      }
      h1 {
        font-size: clamp(1.5rem, 1.2rem + 1.2vw, 2rem);
        font-weight: 680;
        line-height: 1.12;
        letter-spacing: -0.03em;
        text-wrap: balance;
      }
      /* The stage is to be seen whole. */
      @media (max-width: 620px) {
        .top {
          padding: 8px 0;
        }
        h1 {
          font-size: calc(1.25 * var(--rem));
        }
        .hero .lead {
          display: none;
        }
      }
      .hero .lead {
        max-width: none;
        margin-top: 4px;
      }
      .foot p {
        max-width: 80ch;
      }
      .foot a {
        display: inline-block;
        padding: 8px 0;
        color: inherit;
      }
      .foot {
        padding-top: 20px;
        border-top: 1px solid var(--line);
      }
    `,
  ];

  readonly #experiment = new Experiment(settingsOfPage(), {
    ...browserHost(document.baseURI, followAddress()),
    openCache,
  });
  readonly #playground = new Playground();
  #shownLang: Lang | null = null;
  #shownTheme: Theme | null = null;

  constructor() {
    super();
    this.#playground.experiment = this.#experiment;
    this.#experiment.store.subscribe(() => this.#follow());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.append(this.#playground);
    window.addEventListener('dragover', this.#onDragOver);
    window.addEventListener('dragleave', this.#onDragLeave);
    window.addEventListener('drop', this.#onDrop);
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('dragover', this.#onDragOver);
    window.removeEventListener('dragleave', this.#onDragLeave);
    window.removeEventListener('drop', this.#onDrop);
  }

  /** The first drawing is not in the task that runs the script. */
  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await nextTurn();
    await super.scheduleUpdate();
  }

  /** The document speaks the reader's language. Not at each change of the state: the whole page's styles
   * would be worked out anew. */
  #follow(): void {
    const { lang, theme } = this.#experiment.store.state;
    if (lang === this.#shownLang && theme === this.#shownTheme) return;
    [this.#shownLang, this.#shownTheme] = [lang, theme];
    const root = document.documentElement;
    root.lang = lang;
    root.dataset.theme = theme;
    document.title = WORDS[lang].title;
    this.requestUpdate();
  }

  override render() {
    const { lang, theme } = this.#experiment.store.state;
    const { header, footer } = WORDS[lang];
    const choose = (set: (value: string) => void) => (event: Event) =>
      set((event.target as HTMLSelectElement).value);
    return html`<header class="top">
        <div class="mark">
          <svg viewBox="0 0 24 20" width="24" height="20" aria-hidden="true">
            <path d="M2 0v20M8 0v20M14 0v20" stroke="currentColor" stroke-width="3.4" />
            <path d="M20 0v20" stroke="var(--error)" stroke-width="3.4" />
          </svg>
          bitloss
        </div>
        <nav>
          <select aria-label=${header.language} @change=${choose((value) => this.#setLang(value as Lang))}>
            ${LANGUAGES.map(([code, name]) => html`<option value=${code} lang=${code} .selected=${code === lang}>${name}</option>`)}
          </select>
          <select aria-label=${header.theme} @change=${choose((value) => this.#setTheme(value as Theme))}>
            ${THEMES.map((one) => html`<option value=${one} .selected=${one === theme}>${header.themes[one]}</option>`)}
          </select>
        </nav>
      </header>
      <main>
        <div class="hero">
          <h1>${header.tagline}</h1>
          <p class="lead">${header.lead}</p>
        </div>
        <slot></slot>
      </main>
      <footer class="foot">
        <p class="privacy small">${header.privacy}</p>
        <p class="small muted">${footer.method}</p>
        <p class="small"><a href=${`lessons/#${lang}`}>${footer.lessons}</a></p>
        <p class="small"><a href=${`embed/builder.html?lang=${lang}`}>${footer.embed}</a></p>
      </footer>`;
  }

  #setLang(lang: Lang): void {
    remember('lang', lang);
    this.#experiment.do({ type: 'set-lang', lang });
  }

  #setTheme(theme: Theme): void {
    remember('theme', theme);
    this.#experiment.do({ type: 'set-theme', theme });
  }

  readonly #onDragOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.#playground.dragging = true;
  };

  readonly #onDragLeave = (event: DragEvent): void => {
    if (event.relatedTarget === null) this.#playground.dragging = false;
  };

  readonly #onDrop = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.#playground.dragging = false;
    this.#playground.do({ type: 'open-files', files: droppedFiles(event.dataTransfer) });
  };
}
