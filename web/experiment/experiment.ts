/** Carries out actions: opens models, keeps the lanes' workers in step, has them measured. Touches no
 * global of the page that it is in: all that it needs of it comes with the host. */
import { simd } from 'wasm-feature-detect';
import type { Action } from './actions.ts';
import { ChatClient } from './chat_client.ts';
import type { Host } from './host.ts';
import { problemOf } from './lane_runner.ts';
import { parseAddress } from './address.ts';
import { Kept } from './kept.ts';
import { Opener, type Ready } from './opener.ts';
import { MeasureClient } from './measure/client.ts';
import { SkillMeasuring } from './measure/skill_measuring.ts';
import { SpeedTiming } from './measure/speed_timing.ts';
import { TextMeasuring } from './measure/text_measuring.ts';
import { fetchText, suitableText, textsFor } from './measure/texts.ts';
import { Lanes } from './lanes.ts';
import { Looking } from './looking.ts';
import { calibrationText, Methods } from './methods.ts';
import { toModelFiles, type PickedFile } from '../source/files.ts';
import type { ListedModel } from '../source/listed.ts';
import { refuseWebPage } from '../source/web_page.ts';
import { fetchList } from '../source/remote.ts';
import {
  DEFAULT_PROMPT,
  entryOf,
  isUnderWay,
  lanesFor,
  MAX_PROMPT_CHARS,
  MAX_TEXT_CHARS,
  N_QUICK_QUESTIONS,
  newLane,
  Store,
  withSwept,
  type AppState,
  type EvaluationText,
  type LaneId,
  type Lang,
  type ModelAddress,
  type OpenModel,
  type RunRequest,
  type Settings,
  type TextId,
} from './state.ts';
import type { ChatTemplate } from '../../wasm/types.ts';

export class Experiment {
  readonly store: Store<AppState>;

  readonly #lanes: Lanes;
  readonly #looking: Looking;
  readonly #kept: Kept;
  readonly #opener: Opener;
  /** Gives back the place in the cache that the open model is read from. */
  #closeFiles: () => void = () => {};
  /** What the panels measure with. */
  readonly measuring: MeasureClient;
  /** What chooses the codes of recipes with methods. */
  readonly methods: Methods;
  readonly #chats = new ChatClient();
  readonly #texts: TextMeasuring;
  readonly #skills: SkillMeasuring;
  /** Ends the present fetching of a text. */
  #fetchingText: AbortController | null = null;
  #nModels = 0;
  #nRequests = 0;
  #nTexts = 0;
  #isPaused = false;
  /** What was open when it was paused. */
  #parked: OpenModel | null = null;
  /** Of the model that is open, or is being opened. */
  #address: ModelAddress | null;

  constructor(
    settings: Settings,
    private readonly host: Host,
    /** Without it no model is opened, nor an engine begun, unless the settings or the reader name one. */
    private readonly opensModel = true,
  ) {
    this.store = new Store<AppState>({
      supported: true,
      lang: settings.lang,
      theme: settings.theme,
      listed: null,
      opening: { kind: 'idle' },
      kept: null,
      model: null,
      formats: null,
      lanes: lanesFor(settings.recipes),
      prompt: settings.prompt,
      promptIsOwn: settings.promptIsOwn,
      isRaw: settings.isRaw,
      system: settings.system,
      chatProblem: null,
      sampling: settings.sampling,
      request: null,
      text: { id: 'plain-en', serial: 0, content: null, documents: 'whole', problem: null },
      chosenText: settings.chosenText,
      calibration: null,
      ownText: '',
      isWholeText: false,
      questions: null,
      nQuestions: N_QUICK_QUESTIONS,
      swept: [],
      openPanels: settings.openPanels,
      lookedAt: null,
      linkProblems: settings.problems,
    });
    this.methods = new Methods(() => calibrationText(this.store.state, host.base));
    this.#lanes = new Lanes(this.store, host, this.methods);
    this.#looking = new Looking(this.store, host.base);
    this.#kept = new Kept(this.store, host.openCache);
    this.#opener = new Opener(this.store, host, this.#kept, (ready) => this.#adopt(ready));
    this.measuring = new MeasureClient(
      (isFull) => host.engines.measureWorker(isFull),
      this.methods,
    );
    this.#texts = new TextMeasuring(this.store, this.measuring);
    this.#skills = new SkillMeasuring(this.store, this.measuring, host.base);
    new SpeedTiming(this.store, this.measuring, (id, prompt) =>
      this.#lanes.runner(id).time(prompt),
    );
    this.#address = settings.model;
    host.engines.begin(this.#nBegun);
    void this.#start(settings.model);
  }

  /** How many lanes will be wanted soon. */
  get #nBegun(): number {
    const awake = this.store.state.lanes.filter(({ isAsleep }) => !isAsleep);
    return this.opensModel || this.#address ? awake.length : 0;
  }

  /** The URL of the folder that holds models/, texts/ and tests/. */
  get base(): string {
    return this.host.base;
  }

  /** Opens what the settings name, or the list's default. What would come from another site waits for
   * the reader's word: a link alone must not start a large download. */
  async #start(address: ModelAddress | null): Promise<void> {
    if (address && address.kind !== 'listed') this.#ask(address);
    if (!address && !this.opensModel) return;
    const [listed, supported] = await Promise.all([fetchList(this.host.base), simd()]);
    this.store.update({ listed, supported });
    void this.#kept.refresh();
    // Other things may have been asked for meanwhile.
    if (this.#opener.isBusy || this.store.state.model || this.#isPaused) return;
    if (this.#address) {
      if (this.#address.kind === 'listed') this.#openAsked(this.#address);
      return;
    }
    const first = listed.find((model) => model.default);
    if (first) this.#download({ kind: 'listed', id: first.id });
  }

  #ask(address: ModelAddress): void {
    this.store.update({ opening: { kind: 'asking', address } });
  }

  /** A model that the settings name: one of the list comes at once. */
  #openAsked(address: ModelAddress): void {
    this.#address = address;
    if (address.kind !== 'listed') this.#ask(address);
    else if (this.#entry(address)) this.#download(address);
    // The list itself may still be on its way; #start comes back to it.
    else if (this.store.state.listed) this.#ask(withoutOwner(address));
  }

  do(action: Action): void {
    switch (action.type) {
      case 'open-files':
        return void this.#openFiles(action.files);
      case 'open-address':
        return this.#openAddress(action.text);
      case 'open-listed':
        return this.#download({ kind: 'listed', id: action.id });
      case 'accept-asked':
        return this.#acceptAsked();
      case 'look':
        return this.#look(action.at);
      case 'open-choice':
        return this.#download(action.address);
      case 'cancel-opening':
        return this.#cancelOpening();
      case 'delete-kept':
        return void this.#kept.delete(action.key);
      case 'set-recipe':
        return this.#lanes.setRecipe(action.lane, action.recipe);
      case 'write-recipe':
        return void this.#lanes.write(action.lane, action.text);
      case 'retry-lane':
        return this.#lanes.load(action.lane);
      case 'stop-lane':
        return this.#lanes.stopLoad(action.lane);
      case 'set-calibration':
        return this.#lanes.calibrateOn(action.text);
      case 'save':
        return void this.#lanes.save(action.lane, action.container);
      case 'cancel-save':
        return this.#lanes.runner(action.lane).cancelSave();
      case 'wake-lanes':
        return this.#lanes.wake();
      case 'wake-reference':
        return this.#lanes.wakeReference();
      case 'add-lane':
        return this.#lanes.add(action.recipe);
      case 'remove-lane':
        return this.#lanes.remove(action.lane);
      case 'set-prompt':
        return this.#set({ prompt: action.text, promptIsOwn: true });
      case 'set-raw':
        this.#set({ isRaw: action.isRaw });
        return this.#run();
      case 'set-system':
        return this.#set({ system: action.text.slice(0, MAX_PROMPT_CHARS) });
      case 'set-sampling':
        return this.#set({ sampling: { ...this.store.state.sampling, ...action.sampling } });
      case 'run':
        return this.#run();
      case 'stop':
        return this.#stop();
      case 'set-text':
        return this.#chooseText({ chosenText: action.text });
      case 'set-own-text':
        return this.#chooseText({
          chosenText: 'own',
          ownText: action.content.slice(0, MAX_TEXT_CHARS),
        });
      case 'set-text-length':
        return this.store.update({ isWholeText: action.isWhole });
      case 'measure-text':
        return this.#texts.start(action.lane);
      case 'stop-text':
        return this.#texts.stop(action.lane);
      case 'measure-skills':
        return this.#skills.start(action.nQuestions);
      case 'stop-skills':
        return this.#skills.stop();
      case 'keep-swept':
        return this.store.update({ swept: withSwept(this.store.state.swept, action.swept) });
      case 'set-panel':
        return this.#setPanel(action.panel, action.isOpen);
      case 'look-at':
        return this.#lookAt(action.lane, action.tensor);
      case 'set-lang':
        return this.#setLang(action.lang);
      case 'set-theme':
        return this.#set({ theme: action.theme });
      case 'dismiss-link-problems':
        return this.store.update({ linkProblems: [] });
      // What is shown where is the element's affair.
      case 'show-panel':
      case 'predict':
      case 'tell-labels':
        return;
    }
  }

  /** Takes over settings that came from outside; those that are missing stay as they are. */
  apply(settings: Partial<Settings>): void {
    const { model, recipes, lang, problems, ...others } = settings;
    if (problems) this.store.update({ linkProblems: problems });
    const { prompt, isRaw, system, request } = this.store.state;
    this.#chooseText(others);
    if (lang !== undefined && lang !== this.store.state.lang) this.#setLang(lang);
    if (recipes) this.#lanes.setRecipes(recipes);
    if (model && !isSame(model, this.#address)) return void this.#openAsked(model);
    const isOther =
      (others.prompt !== undefined && others.prompt !== prompt) ||
      (others.isRaw !== undefined && others.isRaw !== isRaw) ||
      (others.system !== undefined && others.system !== system);
    if (isOther && request) this.#run();
  }

  /** Gives back all memory until `resume`: ends every worker and what is being fetched. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    const { model, lanes } = this.store.state;
    this.#parked = model;
    this.#looking.end();
    this.#opener.pause();
    this.#fetchingText?.abort();
    this.#lanes.endAll();
    this.#chats.end();
    this.measuring.use(null);
    this.methods.use(null);
    this.host.engines.end();
    this.store.update({
      model: null,
      opening: { kind: 'idle' },
      request: null,
      lanes: lanes.map(({ id, recipe, isAsleep }) => newLane(id, recipe, isAsleep)),
    });
  }

  /** Opens again what was open, or was about to be. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.host.engines.begin(this.#nBegun);
    const parked = this.#parked;
    this.#parked = null;
    const close = this.#closeFiles;
    this.#closeFiles = () => {};
    if (parked && parked.address === this.#address)
      void this.#opener.open(async () => ({ ...parked, close }));
    else void this.#start(this.#address);
  }

  /** For what is part of the link. */
  #set(patch: Partial<AppState>): void {
    this.store.update(patch);
    this.host.settingsChanged(this.store.state);
  }

  /** What the reader has not touched speaks the new language too: the text that is measured, and the
   * prompt, which is then answered anew. */
  #setLang(lang: Lang): void {
    const { prompt, request, model } = this.store.state;
    this.#chooseText({ lang });
    if (!model) return;
    const other = this.#promptFor(model.address);
    if (other === prompt) return;
    this.#set({ prompt: other });
    if (request?.prompt === prompt) this.#run();
  }

  // ---- models ----

  async #openFiles(picked: Promise<PickedFile[]>): Promise<void> {
    this.#looking.end();
    await this.#opener.open(async () => {
      const { name: label, files } = toModelFiles(await picked);
      // What a model has no use for may well be a page.
      for (const { name, blob } of files)
        if (/\.(gguf|safetensors|json)$/i.test(name)) await refuseWebPage(blob, name);
      return { address: { kind: 'local', name: label }, files };
    });
  }

  #openAddress(text: string): void {
    const address = this.#addressIn(text);
    if (address) this.#download(address);
  }

  /** What the reader wrote, which may be none: then it says so. */
  #addressIn(text: string): ModelAddress | null {
    const address = parseAddress(text);
    if (address && address.kind !== 'local')
      return this.#entry(address) ? address : withoutOwner(address);
    this.store.update({
      opening: { kind: 'failed', problem: { kind: 'address', text: text.slice(0, 200) } },
    });
    return null;
  }

  /** Tells what an address would cost; a text is what the reader wrote. */
  #look(at: ModelAddress | string): void {
    this.#cancelOpening();
    const address = typeof at === 'string' ? this.#addressIn(at) : at;
    if (address) void this.#looking.look(address, this.#entry(address));
  }

  #acceptAsked(): void {
    const { opening } = this.store.state;
    if ('address' in opening) this.#download(opening.address);
  }

  #entry(address: ModelAddress): ListedModel | undefined {
    return address.kind === 'listed'
      ? this.store.state.listed?.find(({ id }) => id === address.id)
      : undefined;
  }

  #download(address: ModelAddress): void {
    this.#address = address;
    this.#looking.end();
    void this.#opener.download(address, this.#entry(address));
  }

  #cancelOpening(): void {
    this.#looking.end();
    this.#opener.cancel();
  }

  /** Goes on with a model whose first lane is ready. */
  #adopt({ address, files, worker, figures, lane: first, close }: Ready): void {
    this.#closeFiles();
    this.#closeFiles = close;
    const documents = this.#entry(address)?.documents ?? figures.info.documents;
    const { chat } = figures;
    const model: OpenModel = { address, files, documents, chat, serial: ++this.#nModels };
    this.#lanes.end();
    this.#address = model.address;
    this.measuring.use(model);
    this.methods.use(files);
    this.#chooseText({
      model,
      prompt: this.#promptFor(model.address),
      opening: { kind: 'idle' },
      // What another model was asked may be something else under the same name.
      questions: null,
      swept: [],
      text: { ...this.store.state.text, content: null },
      // A file that is still being written is finished.
      lanes: this.store.state.lanes.map(({ id, recipe, isAsleep, saving }) => ({
        ...newLane(id, recipe, id === 'reference' ? first !== id : isAsleep),
        saving: isUnderWay(saving) ? saving : null,
      })),
    });
    // The first text comes without being asked for: it is what a visitor came to see.
    this.#run();
    this.#lanes.runner(first).adopt(worker, figures);
    for (const { id } of this.store.state.lanes) if (id !== first) this.#lanes.load(id);
  }

  /** The reader's own prompt stays; else it is the one that suits the model. */
  #promptFor(address: ModelAddress): string {
    const { prompt, promptIsOwn, lang } = this.store.state;
    if (promptIsOwn) return prompt;
    return this.#entry(address)?.[`prompt_${lang}`] ?? DEFAULT_PROMPT;
  }

  // ---- measuring ----

  /** For what the choice of the evaluation text depends on. */
  #chooseText(patch: Partial<AppState>): void {
    this.#set(patch);
    const { model, chosenText, lang, ownText, text } = this.store.state;
    if (!model) return;
    const entry = entryOf(this.store.state);
    const id =
      chosenText && textsFor(entry).includes(chosenText) ? chosenText : suitableText(entry, lang);
    const { documents } = model;
    const isDividedSo = text.documents === documents;
    if (id !== 'own' && id === text.id && text.content !== null && isDividedSo) return;
    if (id === 'own' && text.id === 'own' && text.content === ownText && isDividedSo) return;
    this.#fetchingText?.abort();
    const serial = ++this.#nTexts;
    if (id !== 'own') return void this.#fetchText({ id, serial, documents });
    const isEmpty = ownText.trim() === '';
    const problem = isEmpty ? ({ kind: 'text-empty' } as const) : null;
    this.store.update({
      text: { id, serial, documents, content: isEmpty ? null : ownText, problem },
    });
  }

  async #fetchText(
    wanted: Pick<EvaluationText, 'serial' | 'documents'> & { id: Exclude<TextId, 'own'> },
  ): Promise<void> {
    const { signal } = (this.#fetchingText = new AbortController());
    this.store.update({ text: { ...wanted, content: null, problem: null } });
    try {
      const content = await fetchText(wanted.id, entryOf(this.store.state), this.host.base, signal);
      if (!signal.aborted) this.store.update({ text: { ...wanted, content, problem: null } });
    } catch (error) {
      if (!signal.aborted)
        this.store.update({ text: { ...wanted, content: null, problem: problemOf(error) } });
    }
  }

  #setPanel(panel: string, isOpen: boolean): void {
    const others = this.store.state.openPanels.filter((id) => id !== panel);
    this.#set({ openPanels: isOpen ? [...others, panel] : others });
  }

  #lookAt(lane: LaneId, tensor: string): void {
    this.store.update({ lookedAt: { lane, tensor } });
    this.#setPanel('microscope', true);
  }

  // ---- text ----

  #run(): void {
    const { prompt, sampling, isRaw, system, model } = this.store.state;
    const chat = isRaw ? null : (model?.chat ?? null);
    const given = chat ? null : prompt;
    const serial = ++this.#nRequests;
    const request = { serial, prompt, given, isChat: chat !== null, sampling: { ...sampling } };
    this.store.update({ request, chatProblem: null });
    this.#lanes.answer(request);
    if (chat) void this.#putInto(chat, request, system);
  }

  /** Has the prompt put into the template's words, and then answered, unless something else is wanted by then. */
  async #putInto(chat: ChatTemplate, request: RunRequest, system: string): Promise<void> {
    const isWanted = () => this.store.state.request?.serial === request.serial;
    try {
      const given = await this.#chats.render(chat, request.prompt, system);
      if (!isWanted()) return;
      const whole = { ...request, given };
      this.store.update({ request: whole });
      this.#lanes.answer(whole);
    } catch (error) {
      if (isWanted()) this.store.update({ request: null, chatProblem: problemOf(error) });
    }
  }

  #stop(): void {
    this.store.update({ request: null });
    this.#lanes.answer(null);
  }
}

const isSame = (a: ModelAddress, b: ModelAddress | null) => JSON.stringify(a) === JSON.stringify(b);

/** A word that is on no list may name one of the repositories that have no owner. */
function withoutOwner(address: ModelAddress): ModelAddress {
  return address.kind === 'listed' ? { kind: 'hub', repo: address.id } : address;
}
