/** Models of other servers that the browser keeps: what each takes, and how to be rid of it. */
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { addressName, parseAddress } from '../../experiment/address.ts';
import type { KeptState } from '../../experiment/state.ts';
import type { KeptModel } from '../../source/cache.ts';
import { shared } from '../../styles/shared.ts';
import { Panel } from '../panel.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

const WORDS = { en: en.kept, ko: ko.kept };

@customElement('bitloss-kept')
export class KeptModels extends Panel {
  static override styles = [
    shared,
    css`
      section {
        margin-top: var(--gap);
      }
      h3 {
        font-weight: 520;
      }
      ul {
        display: grid;
        gap: 8px;
        margin: 8px 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 16px;
        padding: 8px 14px;
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        background: var(--surface);
      }
      .name {
        flex: 1 1 200px;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .buttons {
        display: flex;
        gap: 8px;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
      }
    `,
  ];

  @property({ attribute: false }) kept!: KeptState;
  /** Some were there: their place does not vanish from under who deletes them. */
  #wasThere = false;

  @query('h3') private heading!: HTMLElement;

  get #words() {
    return WORDS[this.language];
  }

  override render() {
    const words = this.#words;
    const { format } = this;
    const { models, room, inUse } = this.kept;
    this.#wasThere ||= models.length > 0;
    if (!this.#wasThere) return nothing;
    const all = models.reduce((sum, { bytesKept }) => sum + bytesKept, 0);
    return html`<section aria-labelledby="kept">
      <h3 id="kept" class="small muted" tabindex="-1">${words.heading}</h3>
      <ul>
        ${models.map((model) => this.#renderModel(model))}
      </ul>
      <div class="foot">
        <p class="small muted number">
          ${words.total(format.bytes(all), room === null ? null : format.bytes(room))}
        </p>
        ${
          models.length > 1
            ? html`<button @click=${() => this.#delete(null)}>${words.deleteAll}</button>`
            : nothing
        }
      </div>
      <p class="small" role="status">${inUse === null ? '' : words.inUse(nameOf(inUse))}</p>
    </section>`;
  }

  #renderModel({ key, address, size, bytesKept, isWhole }: KeptModel) {
    const words = this.#words;
    const { format } = this;
    const name = nameOf(address);
    const total = size > 0 ? format.bytes(size) : null;
    return html`<li>
      <span class="name mono small">${name}</span>
      <span class="small muted number">
        ${isWhole ? format.bytes(bytesKept) : words.part(format.bytes(bytesKept), total)}
      </span>
      <span class="buttons">
        <button
          aria-label=${isWhole ? words.openName(name) : words.goOnName(name)}
          @click=${() => this.send({ type: 'open-address', text: address })}
        >
          ${isWhole ? words.open : words.goOn}
        </button>
        <button aria-label=${words.deleteName(name)} @click=${() => this.#delete(key)}>
          ${words.delete}
        </button>
      </span>
    </li>`;
  }

  /** The button goes with its model: the reader goes on from the heading. */
  #delete(key: string | null): void {
    this.heading.focus();
    this.send({ type: 'delete-kept', key });
  }
}

/** As sentences name it. */
function nameOf(text: string): string {
  const address = parseAddress(text);
  return address ? addressName(address) : text;
}
