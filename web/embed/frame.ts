/** The page that an `<iframe>` shows, embed/?model=…&lanes=…&view=…: one element, which a link's words set up.
 *
 * It tells the page that embeds it its height, {type: 'bitloss-height', height}, and what happens in the
 * experiment, {type: 'bitloss-ready', detail}; it takes settings, {type: 'bitloss-set', state: {lanes: …}}.
 * That page is `window.parent`, of the origin that the parameter `origin` names, or else the one that the
 * browser gives as the referrer: what comes from another window is not heard, what comes of another origin
 * is refused with a word, and events go to that origin alone. Where neither is known, only the height is
 * told. */
import {
  isForeign,
  languageOf,
  LAYOUT,
  SETTINGS,
  wordsOfLink,
  type LayoutName,
  type SettingName,
} from '../elements/words.ts';
import { keepOffline } from '../site/offline.ts';
import type { Shell } from './shell.ts';

const EVENTS = ['ready', 'progress', 'result', 'labels', 'predict', 'error'];
const REFUSED = {
  en: (origin: string) =>
    `Settings from ${origin} are refused: they are taken from the page that embeds this one, whose origin the parameter “origin” or the referrer names.`,
  ko: (origin: string) =>
    `${origin}에서 온 설정은 받지 않습니다. 이 페이지를 넣은 페이지, 곧 origin 매개변수나 리퍼러가 가리키는 곳에서 온 설정만 받습니다.`,
};
const TITLES = { en: 'bitloss: what quantization loses', ko: 'bitloss: 양자화가 잃는 것' };

const isFramed = window.parent !== window;

/** An address's origin; null for what has none. */
function originOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { origin } = new URL(address);
  return origin === 'null' ? null : origin;
}

const words = wordsOfLink(location.search, location.hash);
const named = words.get('origin');
const parentOrigin = isFramed ? originOf(named ?? document.referrer) : null;
const lang = languageOf(words.get('lang') ?? navigator.language);

document.documentElement.lang = lang;
document.title = TITLES[lang];
document.querySelector('h1')!.textContent = TITLES[lang];

/** '*': to whoever embeds this page. */
function post(message: Record<string, unknown>, to = parentOrigin): void {
  if (isFramed && to !== null) window.parent.postMessage(message, to);
}

const element = document.createElement('bitloss-playground') as Shell;
const unknown: Record<string, string> = {};
/** Those that are there more than once, with the first, which counts. */
const repeated: Record<string, string> = {};
element.setAttribute('height', 'auto');
for (const name of new Set(words.keys())) {
  const value = words.get(name)!;
  const isAttribute = SETTINGS.includes(name as SettingName) || LAYOUT.includes(name as LayoutName);
  if (isAttribute) element.setAttribute(name, value);
  else if (name !== 'origin' && !isForeign(name)) unknown[name] = value;
  if ((isAttribute || name === 'origin') && words.getAll(name).length > 1) repeated[name] = value;
}

for (const name of EVENTS) {
  element.addEventListener(`bitloss-${name}`, (event) =>
    post({ type: event.type, detail: (event as CustomEvent).detail }),
  );
}
new ResizeObserver(() => {
  post({ type: 'bitloss-height', height: Math.ceil(element.offsetHeight) }, '*');
}).observe(element);

function setState(state: Record<string, unknown>, twice: Record<string, string> = {}): void {
  void customElements.whenDefined('bitloss-playground').then(() => element.setState(state, twice));
}

function refuse(message: string, to: string): void {
  post({ type: 'bitloss-error', detail: { code: 'origin', message, lane: null } }, to);
}

window.addEventListener('message', ({ source, origin, data }: MessageEvent) => {
  if (!isFramed || source !== window.parent || data?.type !== 'bitloss-set') return;
  if (origin !== parentOrigin) return refuse(REFUSED[lang](origin), originOf(origin) ?? '*');
  if (typeof data.state === 'object' && data.state !== null) setState({ ...data.state });
});

document.querySelector('main')!.append(element);
keepOffline(new URL('..', document.baseURI).href);
// The element itself says which words are none of its own, and which are there twice.
if (named !== null && originOf(named) === null) unknown.origin = named;
if (Object.keys({ ...unknown, ...repeated }).length > 0) setState(unknown, repeated);
