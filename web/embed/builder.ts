/** The page where an author chooses what readers see, sees it too, and copies what puts it into a page. */
import { cards, firstModel } from 'virtual:cards';
import { html, LitElement } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { languageOf } from '../elements/words.ts';
import { PANELS } from '../panels/index.ts';
import { keepOffline } from '../site/offline.ts';
import { shared } from '../styles/shared.ts';
import { TOKENS } from '../styles/token_values.ts';
import { tokens } from '../styles/tokens.ts';
import { en, type BuilderWords } from './builder.en.ts';
import { ko } from './builder.ko.ts';
import { styles } from './builder.styles.ts';
import type { ShellLang } from './poster.ts';
import { attributesOf, frameSnippet, linkSnippet, tagSnippet, type Choices } from './snippets.ts';

const WORDS = { en, ko };
const BITS = [8, 6, 5, 4, 3, 2];
const LANGUAGES: readonly [ShellLang, string][] = [
  ['en', 'English'],
  ['ko', '한국어'],
];
const PROPERTIES = [...new Set(TOKENS.match(/--bitloss-[\w-]+/g))];
/** The folder of the site, as other pages name it. */
const SITE = new URL('..', document.baseURI).href;
/** What is typed settles for this long before the preview follows. */
const DELAY_MS = 400;

const SNIPPETS = { tag: tagSnippet, frame: frameSnippet, link: linkSnippet };
type Way = keyof typeof SNIPPETS;

@customElement('bitloss-builder')
export class Builder extends LitElement {
  static override styles = [tokens, shared, styles];

  @state() private pageLang: ShellLang = languageOf(
    new URLSearchParams(location.search).get('lang') ?? navigator.language,
  );
  @state() private bits: readonly number[] = [8, 4];
  @state() private recipes = '';
  @state() private choices: Omit<Choices, 'lanes' | 'authorLang'> = {
    model: firstModel,
    view: '',
    lang: '',
    theme: '',
    height: 560,
    isManual: false,
  };
  @state() private told = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #preview: HTMLElement | null = null;

  get #t(): BuilderWords {
    return WORDS[this.pageLang];
  }

  get #all(): Choices {
    const further = this.recipes.split(',').map((recipe) => recipe.trim());
    const lanes = [...this.bits.map((n) => `affine:${n}:64`), ...further.filter(Boolean)];
    return { ...this.choices, lanes, authorLang: this.pageLang };
  }

  protected override updated(): void {
    document.documentElement.lang = this.pageLang;
    document.title = this.#t.title;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#showPreview(), DELAY_MS);
  }

  /** One element follows all but how it begins, which a new one shows. */
  #showPreview(): void {
    const wanted = new Map(attributesOf(this.#all));
    const place = this.renderRoot.querySelector('.preview')!;
    if (this.#preview?.getAttribute('reveal') !== (wanted.get('reveal') ?? null)) {
      this.#preview = document.createElement('bitloss-playground');
      for (const [name, value] of wanted) this.#preview.setAttribute(name, value);
      place.replaceChildren(this.#preview);
    }
    this.#follow(wanted);
  }

  #follow(wanted: ReadonlyMap<string, string>): void {
    const preview = this.#preview!;
    for (const name of preview.getAttributeNames())
      if (!wanted.has(name)) preview.removeAttribute(name);
    for (const [name, value] of wanted)
      if (preview.getAttribute(name) !== value) preview.setAttribute(name, value);
  }

  async #copy(way: Way): Promise<void> {
    try {
      await navigator.clipboard.writeText(SNIPPETS[way](SITE, this.#all));
      this.told = this.#t.copied(this.#t.ways[way][0]!);
    } catch {
      this.told = this.#t.notCopied;
    }
  }

  #choose(change: Partial<Choices>): void {
    this.choices = { ...this.choices, ...change };
  }

  override render() {
    const t = this.#t;
    return html`<header>
        <a href=${`../?lang=${this.pageLang}`}>${t.home}</a>
        <select
          aria-label=${t.pageLanguage}
          @change=${(event: Event) => (this.pageLang = (event.target as HTMLSelectElement).value as ShellLang)}
        >
          ${LANGUAGES.map(([code, name]) => html`<option value=${code} lang=${code} .selected=${code === this.pageLang}>${name}</option>`)}
        </select>
      </header>
      <main>
        <h1>${t.title}</h1>
        <p class="lead">${t.lead}</p>
        ${this.#renderForm(t)}
        <section aria-labelledby="preview-heading">
          <h2 id="preview-heading">${t.preview}</h2>
          <div class="preview"></div>
        </section>
        ${this.#renderSnippets(t)} ${this.#renderReference(t)}
      </main>`;
  }

  #renderForm(t: BuilderWords) {
    const { choices } = this;
    const textOf = (event: Event) => (event.target as HTMLInputElement | HTMLSelectElement).value;
    const options = (all: readonly (readonly [string, string])[], chosen: string) =>
      all.map(
        ([value, text]) =>
          html`<option value=${value} .selected=${value === chosen}>${text}</option>`,
      );
    const panels = PANELS.map(({ id, heading }) => [id, heading[this.pageLang]] as const);
    const languages: [string, string][] = [['', t.readers], ...LANGUAGES];
    return html`<section aria-labelledby="choose-heading">
      <h2 id="choose-heading">${t.choose}</h2>
      <form @submit=${(event: Event) => event.preventDefault()}>
        <div class="field">
          <label for="model">${t.model}</label>
          <input id="model" list="models" .value=${choices.model} aria-describedby="model-hint"
            @change=${(event: Event) => this.#choose({ model: textOf(event).trim() })} />
          <span class="muted" id="model-hint">${t.modelHint}</span>
        </div>
        <datalist id="models">
          ${Object.entries(cards).map(([id, { name }]) => html`<option value=${id}>${name}</option>`)}
        </datalist>
        <fieldset class="field">
          <legend>${t.lanes}</legend>
          <div class="bits">${BITS.map((n) => this.#renderBits(n))}</div>
        </fieldset>
        <label class="field">${t.recipes}
          <input .value=${this.recipes} placeholder="q4_k_m, nf4" @change=${(event: Event) => (this.recipes = textOf(event))} />
        </label>
        <label class="field">${t.view}
          <select @change=${(event: Event) => this.#choose({ view: textOf(event) })}>
            ${options([['', t.everything], ...panels], choices.view)}
          </select>
        </label>
        <label class="field">${t.language}
          <select @change=${(event: Event) => this.#choose({ lang: textOf(event) as Choices['lang'] })}>
            ${options(languages, choices.lang)}
          </select>
        </label>
        <label class="field">${t.theme}
          <select @change=${(event: Event) => this.#choose({ theme: textOf(event) })}>
            ${options(Object.entries(t.themes), choices.theme)}
          </select>
        </label>
        <label class="field">${t.height}
          <input type="number" min="200" max="4000" step="10" .value=${String(choices.height)}
            @change=${(event: Event) => this.#choose({ height: clampHeight(textOf(event)) })} />
        </label>
        <label class="check">
          <input type="checkbox" .checked=${choices.isManual}
            @change=${(event: Event) => this.#choose({ isManual: (event.target as HTMLInputElement).checked })} />
          ${t.manual}
        </label>
      </form>
    </section>`;
  }

  #renderBits(n: number) {
    const onChange = (event: Event) => {
      const isChosen = (event.target as HTMLInputElement).checked;
      this.bits = BITS.filter((one) => (one === n ? isChosen : this.bits.includes(one)));
    };
    return html`<label><input type="checkbox" value=${n} .checked=${this.bits.includes(n)} @change=${onChange} />${n}</label>`;
  }

  #renderSnippets(t: BuilderWords) {
    const way = (id: Way) => {
      const [name, meaning] = t.ways[id];
      return html`<div class="way">
        <header>
          <h3>${name}</h3>
          <button data-way=${id} aria-label=${`${t.copy}: ${name}`} @click=${() => void this.#copy(id)}>${t.copy}</button>
        </header>
        <p class="small muted">${meaning}</p>
        <pre><code>${SNIPPETS[id](SITE, this.#all)}</code></pre>
      </div>`;
    };
    return html`<section aria-labelledby="copy-heading">
      <h2 id="copy-heading">${t.copyHeading}</h2>
      <p role="status" class="told">${this.told}</p>
      ${(Object.keys(SNIPPETS) as Way[]).map(way)}
    </section>`;
  }

  #renderReference(t: BuilderWords) {
    const site = (text: string) => text.replaceAll('SITE', new URL(SITE).origin);
    return html`<section aria-labelledby="reference-heading">
      <h2 id="reference-heading">${t.reference}</h2>
      ${t.tables.map(
        ({ heading, rows }) => html`<h3>${heading}</h3>
          <table>
            <tbody>
              ${rows.map(([name, meaning]) => html`<tr><th scope="row">${name}</th><td>${site(meaning)}</td></tr>`)}
            </tbody>
          </table>`,
      )}
      <h3>${t.properties}</h3>
      <ul class="properties">${PROPERTIES.map((name) => html`<li><code>${name}</code></li>`)}</ul>
    </section>`;
  }
}

keepOffline(SITE);

/** A height that a page can be given. */
function clampHeight(text: string): number {
  const height = Math.round(Number(text));
  return Number.isFinite(height) && height > 0 ? Math.min(4000, Math.max(200, height)) : 560;
}
