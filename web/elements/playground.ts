/** An experiment with its panels: hands the state down to them and their actions up to the
 * `Experiment`. */
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { fold, foldStyles } from '../controls/fold.ts';
import { nextTurn } from '../controls/turns.ts';
import { ACTION_EVENT, type Action } from '../experiment/actions.ts';
import { addressName } from '../experiment/address.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { describe } from '../experiment/problem.ts';
import type { AppState, ListedModel, OpenModel } from '../experiment/state.ts';
import { messages } from '../i18n/index.ts';
import { isOfUse, PANELS, type PanelModule, type PanelRow } from '../panels/index.ts';
import { shared } from '../styles/shared.ts';
import { Announcer } from './announcer.ts';
import '../panels/model/element.ts';
import '../panels/source/element.ts';

const loading = new Map<string, Promise<PanelModule>>();

/** One that did not come is asked for anew the next time. */
function loadPanel({ id, load }: PanelRow): Promise<PanelModule> {
  let module = loading.get(id);
  if (!module) {
    loading.set(id, (module = load()));
    module.catch(() => loading.delete(id));
  }
  return module;
}

/** Whether it came is told when it is drawn. */
function prepare(row: PanelRow): void {
  loadPanel(row).catch(() => {});
}

@customElement('bitloss-playground')
export class Playground extends LitElement {
  static override styles = [
    shared,
    foldStyles,
    css`
      section,
      bitloss-model {
        display: block;
        margin-bottom: var(--between);
      }
      :host {
        --between: clamp(24px, 3.4vw, 44px);
      }
      .box {
        padding: clamp(16px, 2vw, 24px);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
      }
      /* The text belongs to the lanes above it. */
      section.text {
        margin-top: calc(16px - var(--between));
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
      .unsupported {
        margin-bottom: 20px;
      }
      bitloss-model {
        margin-bottom: 0;
      }
    `,
  ];

  @property({ attribute: false }) experiment!: Experiment;
  /** Files are being dragged over the page. */
  @property({ type: Boolean }) dragging = false;

  #announcer: Announcer | null = null;
  #unsubscribe = () => {};
  /** The reader wants another model while one is open. */
  @state() private choosing = false;
  /** Parts of the experiment that are drawn, from the top: one comes after another. */
  @state() private drawn: readonly { row: PanelRow; module: PanelModule }[] = [];
  /** The code of the next part did not come. */
  @state() private isCut = false;
  #isDrawing = false;

  override connectedCallback(): void {
    super.connectedCallback();
    const { store } = this.experiment;
    this.#announcer ??= new Announcer(store, () => this.requestUpdate());
    this.#unsubscribe = store.subscribe(() => this.requestUpdate());
    this.addEventListener(ACTION_EVENT, this.#onAction);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
    this.removeEventListener(ACTION_EVENT, this.#onAction);
  }

  /** The first drawing is not in the task that runs the script. */
  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await nextTurn();
    await super.scheduleUpdate();
  }

  protected override firstUpdated(): void {
    // What comes first is there when the model is.
    PANELS.filter(({ frame }) => frame === 'plain').forEach(prepare);
  }

  protected override updated(): void {
    if (!this.isCut && this.experiment.store.state.model) void this.#drawParts();
  }

  async #drawParts(): Promise<void> {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    try {
      for (const row of PANELS.slice(this.drawn.length)) {
        // The code of all that are below the lanes is fetched once there is something to draw.
        if (row.frame !== 'plain') PANELS.forEach(prepare);
        const module = await loadPanel(row);
        await nextTurn();
        this.drawn = [...this.drawn, { row, module }];
        await this.updateComplete;
        await this.renderRoot.querySelector<LitElement>(`bitloss-${row.id}`)?.updateComplete;
      }
    } catch {
      this.#isDrawing = false;
      this.isCut = true;
    }
  }

  #drawOn(): void {
    this.isCut = false;
    void this.#drawParts();
  }

  override render() {
    const { state } = this.experiment.store;
    const t = messages[state.lang];
    const reference = state.lanes[0]?.figures;
    return html`${
      state.supported
        ? nothing
        : html`<p class="sentence error unsupported" role="alert"><b>${t.unsupported.title}.</b> ${t.unsupported.sentence}</p>`
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
                  ${this.#showsSource(state) ? t.model.keep : t.model.another}
                </button>
              </bitloss-model>
            </div>`
            : nothing
        }
        ${this.#renderSource(state)}
      </section>
      ${state.model ? this.#renderPanels(state, state.model) : nothing}
      ${
        this.isCut
          ? html`<div class="links sentence error" role="alert">
              <p>${t.cut.sentence}</p>
              <button @click=${() => this.#drawOn()}>${t.cut.retry}</button>
            </div>`
          : nothing
      }
      <div class="visually-hidden" role="status" aria-live="polite">
        ${keyed(this.#announcer?.serial, html`<p>${this.#announcer?.text}</p>`)}
      </div>`;
  }

  #renderLinkProblems(state: AppState) {
    if (state.linkProblems.length === 0) return nothing;
    const t = messages[state.lang];
    return html`<div class="links sentence notice" role="status">
      <div>${state.linkProblems.map((problem) => html`<p>${describe(t, problem)}</p>`)}</div>
      <button class="plain" @click=${() => this.do({ type: 'dismiss-link-problems' })}>${t.problems.dismiss}</button>
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
    const shown = this.#showsSource(this.experiment.store.state);
    if (shown) this.do({ type: 'cancel-opening' });
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

  #renderPanels(state: AppState, model: OpenModel) {
    const context = { state, model, measuring: this.experiment.measuring };
    return this.drawn.map(({ row, module }) =>
      isOfUse(row, state) ? this.#framed(row, state, () => module.draw(context)) : nothing,
    );
  }

  #framed({ id, frame, heading }: PanelRow, state: AppState, content: () => TemplateResult) {
    if (frame === 'plain') return html`<section class=${id}>${content()}</section>`;
    if (frame === 'box') return html`<section class="box">${content()}</section>`;
    const onToggle = (isOpen: boolean) => this.do({ type: 'set-panel', panel: id, isOpen });
    const isOpen = state.openPanels.includes(id);
    return fold({ id, heading: heading[state.lang], isOpen, onToggle }, content);
  }

  do(action: Action): void {
    if (action.type.startsWith('open-') || action.type === 'accept-asked') this.choosing = false;
    this.experiment.do(action);
  }

  readonly #onAction = (event: Event): void => {
    this.do((event as CustomEvent<Action>).detail);
  };
}
