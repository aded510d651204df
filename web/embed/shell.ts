/** `<bitloss-playground>` as an embedding page has it: a small element that shows what is known of the model,
 * keeps the experiment's place, and has the experiment itself fetched when the reader comes near, presses the
 * button, or at once. Attributes, properties, `getState`, `setState`, `start`, events and parts are those of
 * the experiment (elements/playground.ts), and may be used before it is there.
 *
 * Its height is `height`, 560 CSS pixels without: nothing in the page is pushed when the experiment comes.
 * `height="auto"` lets it grow. */
import {
  heightOf,
  languageOf,
  LAYOUT,
  NEAR,
  SETTINGS,
  type LayoutName,
  type SettingName,
} from '../elements/words.ts';
import { PARTS } from '../panels/parts.ts';
import { drawPoster, make, WORDS, type ShellLang } from './poster.ts';
import { STYLES } from './styles.ts';
import type { makeExperiment } from './whole.ts';

const ATTRIBUTES = [...SETTINGS, ...LAYOUT];
type AttributeName = SettingName | LayoutName;
type Experiment = ReturnType<typeof makeExperiment>;

const DEFAULT_HEIGHT = '560';
let sheet: CSSStyleSheet | null = null;

/** As elements hold it: one sheet for all of them, which a policy without inline styles allows. */
function styleSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
  }
  return sheet;
}

/** What the page around says of itself, through every shadow root. */
function languageAround(element: Element): string {
  let node: Node | null = element;
  while (node) {
    node = node instanceof ShadowRoot ? node.host : node.parentNode;
    if (node instanceof HTMLElement && node.lang) return node.lang;
  }
  return '';
}

export class Shell extends HTMLElement {
  static readonly observedAttributes = ATTRIBUTES;
  /** The panel of a tag that shows one. */
  static readonly panel: string | null = null;

  readonly #root = make('div', { class: 'root' });
  readonly #poster = make('div', { class: 'poster', part: 'stage' });
  #observer: IntersectionObserver | null = null;
  /** 'cut': its code did not come. */
  #phase: 'waiting' | 'loading' | 'cut' | 'there' = 'waiting';
  #experiment: Experiment | null = null;
  /** Words of `setState` that are no attributes: the experiment says so once it is there. */
  #unknown: Record<string, unknown> = {};
  #repeated: Record<string, string> = {};

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [styleSheet()];
    this.#root.append(this.#poster);
    shadow.append(this.#root);
  }

  connectedCallback(): void {
    // Set by the page before this script ran.
    for (const name of ATTRIBUTES) {
      if (name === 'lang' || !Object.hasOwn(this, name)) continue;
      const { [name]: value } = this as unknown as Record<AttributeName, string | null>;
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
    this.#draw();
    this.#awaitStart();
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
    this.#observer = null;
  }

  attributeChangedCallback(name: AttributeName, before: string | null, now: string | null): void {
    if (before === now) return;
    if (this.#experiment) this.#hand(name);
    if (!this.isConnected) return;
    this.#draw();
    if (name === 'loading' || name === 'reveal') this.#awaitStart();
  }

  // ---- what the page around may call ----

  /** The settings as they are now, in a link's words. */
  getState(): Record<string, string> {
    if (this.#experiment) return this.#experiment.getState();
    const words = SETTINGS.map((name) => [name, this.getAttribute(name)] as const);
    return Object.fromEntries(
      words.filter((entry): entry is [SettingName, string] => entry[1] !== null),
    );
  }

  /** Takes over settings in a link's words; those that are left out stay as they are. `repeated` are words
   * that a link has more than once, with the value that counts: the reader is told. */
  setState(
    words: Readonly<Record<string, unknown>>,
    repeated: Readonly<Record<string, string>> = {},
  ): void {
    if (this.#experiment) return this.#experiment.setState(words, repeated);
    Object.assign(this.#repeated, repeated);
    for (const [name, value] of Object.entries(words)) {
      if (SETTINGS.some((one) => one === name)) this.setAttribute(name, String(value));
      else this.#unknown[name] = value;
    }
  }

  /** Begins, if it has not begun. Resolves once the experiment is there, or its code did not come. */
  async start(): Promise<void> {
    if (this.#phase === 'loading' || this.#phase === 'there') return;
    this.#observer?.disconnect();
    this.#observer = null;
    const hadFocus = this.shadowRoot!.activeElement !== null;
    this.#phase = 'loading';
    this.#draw();
    // The button that was pressed is gone.
    if (hadFocus) this.#focus();
    try {
      const whole = await import('./whole.ts');
      this.#place(whole.makeExperiment());
    } catch {
      this.#phase = 'cut';
      this.#draw();
      const detail = { code: 'cut', message: WORDS[this.#lang].cut, lane: null };
      this.dispatchEvent(
        new CustomEvent('bitloss-error', { detail, bubbles: true, composed: true }),
      );
    }
  }

  // ---- beginning ----

  #awaitStart(): void {
    if (this.#phase !== 'waiting' || this.getAttribute('reveal') === 'manual') return;
    if (this.getAttribute('loading') === 'eager') {
      void this.start();
      return;
    }
    this.#observer ??= new IntersectionObserver(
      (entries) => {
        const isNear = entries.some(({ isIntersecting }) => isIntersecting);
        if (isNear && this.getAttribute('reveal') !== 'manual') void this.start();
      },
      { rootMargin: NEAR },
    );
    this.#observer.observe(this);
  }

  #place(experiment: Experiment): void {
    this.#experiment = experiment;
    this.#phase = 'there';
    experiment.setAttribute('exportparts', `stage, ${PARTS}`);
    for (const name of ATTRIBUTES) this.#hand(name);
    this.#poster.remove();
    this.#root.append(experiment);
    // Not before it is there: what it tells at once would be heard by nobody.
    experiment.start();
    if (Object.keys({ ...this.#unknown, ...this.#repeated }).length > 0)
      experiment.setState(this.#unknown, this.#repeated);
    this.#draw();
  }

  /** Hands an attribute down, or what stands in for it. */
  #hand(name: AttributeName): void {
    const value = this.#valueOf(name);
    if (value === null) this.#experiment!.removeAttribute(name);
    else this.#experiment!.setAttribute(name, value);
  }

  #valueOf(name: AttributeName): string | null {
    const value = this.getAttribute(name);
    if (name === 'height') return value ?? DEFAULT_HEIGHT;
    if (name === 'view') return value ?? (this.constructor as typeof Shell).panel;
    // What is around the shell is not around what it holds.
    return name === 'lang' ? value || this.#lang : value;
  }

  #focus(): void {
    this.#root.tabIndex = -1;
    this.#root.focus({ preventScroll: true });
  }

  // ---- drawing ----

  get #lang(): ShellLang {
    return languageOf(this.getAttribute('lang') || languageAround(this) || navigator.language);
  }

  #draw(): void {
    const height = heightOf(this.#valueOf('height')) ?? `${DEFAULT_HEIGHT}px`;
    const isThere = this.#phase === 'there';
    this.#root.style.height = isThere ? '' : height === 'auto' ? `${DEFAULT_HEIGHT}px` : height;
    this.#root.dataset.theme = this.getAttribute('theme') ?? 'auto';
    this.#root.lang = this.#lang;
    this.#root.dir = 'ltr';
    if (!isThere) this.#poster.replaceChildren(...this.#drawPoster(), ...this.#drawPhase());
  }

  /** What the page put into the element, or the model's card. */
  #drawPoster(): Node[] {
    const isFilled = this.childElementCount > 0 || this.textContent.trim() !== '';
    return isFilled ? [make('slot')] : drawPoster(this.getAttribute('model'), this.#lang);
  }

  #drawPhase(): Node[] {
    const t = WORDS[this.#lang];
    const button = (text: string) => {
      const element = make('button', { type: 'button' }, text);
      element.addEventListener('click', () => void this.start());
      return element;
    };
    if (this.#phase === 'cut') return [make('p', { role: 'alert' }, t.cut), button(t.retry)];
    if (this.#phase === 'loading')
      return [make('p', { class: 'muted', role: 'status' }, t.loading)];
    return this.getAttribute('reveal') === 'manual'
      ? [button(t.start)]
      : [make('p', { class: 'muted' }, t.waiting)];
  }
}

/** Properties that reflect attributes; `lang` is every element's own. */
for (const name of ATTRIBUTES) {
  if (name === 'lang') continue;
  Object.defineProperty(Shell.prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: Shell) {
      return this.getAttribute(name);
    },
    set(this: Shell, value: unknown) {
      if (value === null || value === undefined) this.removeAttribute(name);
      else this.setAttribute(name, String(value));
    },
  });
}
