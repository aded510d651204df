/** The one prompt that every lane continues. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ChatTemplate } from '../../../wasm/types.ts';
import { markSpecial } from '../../experiment/chat_client.ts';
import { describe, type Problem } from '../../experiment/problem.ts';
import { Panel } from '../panel.ts';
import {
  MAX_PROMPT_CHARS,
  MAX_SEED,
  MAX_TEMPERATURE,
  MAX_TOKENS_LIMIT,
  type RunRequest,
  type Sampling,
} from '../../experiment/state.ts';
import { shared } from '../../styles/shared.ts';
import { en } from './en.ts';
import { heading } from './heading.ts';
import { ko } from './ko.ts';
import type { PanelContext } from '../index.ts';

const WORDS = { en, ko };

@customElement('bitloss-panel-prompt')
export class PromptPanel extends Panel {
  static override styles = [
    shared,
    css`
      .grid {
        display: grid;
        gap: 12px;
      }
      textarea {
        width: 100%;
        min-height: 84px;
        resize: vertical;
        padding: 14px 16px;
        border-radius: var(--radius);
        font-size: calc(1.0625 * var(--rem));
        line-height: 1.5;
        field-sizing: content;
        max-height: 40vh;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 12px 20px;
      }
      .bar > label {
        display: flex;
        align-items: center;
        gap: 10px;
        font-size: calc(0.875 * var(--rem));
        color: var(--muted);
      }
      input[type='number'] {
        width: 6.2em;
        color: var(--ink);
        font-variant-numeric: tabular-nums;
      }
      details {
        font-size: calc(0.875 * var(--rem));
      }
      details[open] {
        flex: 1 1 100%;
        order: 1;
      }
      summary {
        color: var(--muted);
        padding: 8px 0;
      }
      .fields {
        display: flex;
        flex-wrap: wrap;
        gap: 12px 24px;
        align-items: center;
        padding: 6px 0 2px;
      }
      .fields label {
        display: flex;
        align-items: center;
        gap: 10px;
      }
      .run {
        margin-left: auto;
        display: flex;
        align-items: center;
        gap: 12px;
      }
      .run button {
        min-width: 108px;
      }
      @container (max-width: 588px) {
        .run {
          margin-left: 0;
          flex: 1 1 100%;
        }
        .run button {
          flex: 1;
        }
        kbd {
          display: none;
        }
      }
      .system textarea {
        min-height: 56px;
        font-size: inherit;
      }
      .system p {
        margin: 4px 0 0;
      }
      .given {
        margin: 6px 0 0;
        padding: 10px 12px;
        max-height: 40vh;
        overflow: auto;
        border-radius: var(--radius-small);
        background: var(--sunken);
        font-family: var(--mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .given mark {
        padding: 0 2px;
        border-radius: 3px;
        background: var(--track);
        color: var(--muted);
      }
      kbd {
        font: inherit;
        font-size: calc(0.8125 * var(--rem));
        color: var(--muted);
      }
    `,
  ];

  @property({ attribute: false }) prompt = '';
  @property({ attribute: false }) sampling!: Sampling;
  @property({ type: Boolean }) running = false;
  /** null where the model has no chat template. */
  @property({ attribute: false }) chat: ChatTemplate | null = null;
  @property({ type: Boolean }) raw = false;
  @property({ attribute: false }) system = '';
  @property({ attribute: false }) request: RunRequest | null = null;
  @property({ attribute: false }) problem: Problem | null = null;

  /** There was one: it does not close under a reader who empties it. */
  #hadSystem = false;

  get #words() {
    return WORDS[this.language];
  }

  override render() {
    const words = this.#words;
    const { sampling } = this;
    return html`<div class="grid">
      <label for="prompt"><h2>${heading[this.language]}</h2></label>
      <textarea
        id="prompt"
        rows="2"
        maxlength=${MAX_PROMPT_CHARS}
        .value=${this.prompt}
        @input=${(event: InputEvent) =>
          this.send({ type: 'set-prompt', text: (event.target as HTMLTextAreaElement).value })}
        @keydown=${this.#keydown}
      ></textarea>
      ${
        this.problem
          ? html`<p class="sentence error small" role="alert">
            ${words.chatFailed(describe(this.t, this.problem))}
          </p>`
          : nothing
      }
      <div class="bar">
        ${
          this.chat
            ? html`<label>
              <input
                type="checkbox"
                name="chat"
                .checked=${!this.raw}
                @change=${(event: Event) =>
                  this.send({
                    type: 'set-raw',
                    isRaw: !(event.target as HTMLInputElement).checked,
                  })}
              />
              ${words.chat}
            </label>`
            : nothing
        }
        <label>
          ${words.maxTokens}
          ${this.#number('maxTokens', sampling.maxTokens, 1, MAX_TOKENS_LIMIT, 1)}
        </label>
        <details>
          <summary>${words.sampling}</summary>
          <div class="fields">
            <label>${words.temperature} ${this.#number('temperature', sampling.temperature, 0, MAX_TEMPERATURE, 0.1)}</label>
            <label>${words.seed} ${this.#number('seed', sampling.seed, 0, MAX_SEED, 1)}</label>
            <span class="muted">${words.temperatureNote}</span>
          </div>
        </details>
        ${this.#systemPrompt()}${this.#given()}
        <div class="run">
          <kbd>${words.shortcut}</kbd>
          ${
            this.running
              ? html`<button @click=${() => this.send({ type: 'stop' })}>${words.stop}</button>`
              : html`<button class="primary" @click=${() => this.send({ type: 'run' })}>
                ${words.run}
              </button>`
          }
        </div>
      </div>
    </div>`;
  }

  /** Where the prompt is put into a chat template: open where there is one. */
  #systemPrompt() {
    if (!this.chat || this.raw) return nothing;
    const words = this.#words;
    this.#hadSystem ||= this.system !== '';
    return html`<details class="system" ?open=${this.#hadSystem}>
      <summary>${words.system}</summary>
      <textarea
        rows="2"
        maxlength=${MAX_PROMPT_CHARS}
        aria-label=${words.system}
        aria-describedby="system-note"
        .value=${this.system}
        @input=${(event: InputEvent) =>
          this.send({ type: 'set-system', text: (event.target as HTMLTextAreaElement).value })}
        @keydown=${this.#keydown}
      ></textarea>
      <p class="muted" id="system-note">${words.systemNote}</p>
    </details>`;
  }

  /** What the template made of the prompt that was asked last. */
  #given() {
    const { chat, request } = this;
    if (!chat || !request?.isChat || request.given === null) return nothing;
    const pieces = markSpecial(request.given, chat);
    return html`<details class="template">
      <summary>${this.#words.given}</summary>
      <pre class="given" tabindex="0" role="group" aria-label=${this.#words.given}>${pieces.map(
        ({ text, isSpecial }) => (isSpecial ? html`<mark>${text}</mark>` : text),
      )}</pre>
    </details>`;
  }

  #number(field: keyof Sampling, value: number, min: number, max: number, step: number) {
    return html`<input
      type="number"
      name=${field}
      min=${min}
      max=${max}
      step=${step}
      .value=${String(value)}
      @change=${(event: Event) => {
        const input = event.target as HTMLInputElement;
        const asked = Number(input.value);
        const kept =
          input.value.trim() === '' || !Number.isFinite(asked)
            ? value
            : Math.min(max, Math.max(min, asked));
        const next = step === 1 ? Math.round(kept) : kept;
        input.value = String(next);
        this.send({ type: 'set-sampling', sampling: { [field]: next } });
      }}
    />`;
  }

  #keydown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.send({ type: 'run' });
  }
}

/** A run is under way while a lane has not answered the present request to the end. */
export function draw({ state }: PanelContext) {
  const { lang, lanes, request } = state;
  const isRunning = lanes.some(({ run }) => run?.serial === request?.serial && run?.stop === null);
  return html`<bitloss-panel-prompt
    .language=${lang}
    .prompt=${state.prompt}
    .sampling=${state.sampling}
    ?running=${isRunning}
    .chat=${state.model?.chat ?? null}
    ?raw=${state.isRaw}
    .system=${state.system}
    .request=${request}
    .problem=${state.chatProblem}
  ></bitloss-panel-prompt>`;
}
