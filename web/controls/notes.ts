/** The core's remarks that stop nothing: how a model was read, and what a file of it does not hold. */
import { css, html, nothing, type TemplateResult } from 'lit';
import type { Note } from '../../wasm/types.ts';
import type { Messages } from '../i18n/index.ts';

/** More than these are folded away. */
const N_SHOWN = 3;

/** In the reader's language; one of a kind that has no words yet is the core's own sentence. */
export function describeNote(t: Messages, { kind, subject, count, message }: Note): string {
  const kinds: Partial<Record<string, (subject: string, count: string) => string>> = t.notes.kinds;
  const words = kinds[kind]?.(subject, count.toLocaleString('en-US'));
  return words === undefined ? message : t.notes.sentence(words, message);
}

export function notes(t: Messages, list: readonly Note[]): TemplateResult | typeof nothing {
  if (list.length === 0) return nothing;
  const item = (note: Note) => html`<li>${describeNote(t, note)}</li>`;
  const more = list.slice(N_SHOWN);
  return html`<div class="sentence notice small notes">
    <ul>
      ${list.slice(0, N_SHOWN).map(item)}
    </ul>
    ${
      more.length === 0
        ? nothing
        : html`<details>
          <summary>${t.notes.more(String(more.length))}</summary>
          <ul>
            ${more.map(item)}
          </ul>
        </details>`
    }
  </div>`;
}

export const noteStyles = css`
  .notes ul {
    display: grid;
    gap: 4px;
    margin: 0;
    padding: 0 0 0 1.1em;
  }
  .notes li {
    overflow-wrap: anywhere;
  }
`;

/** What is said of a lane that is not said of the reference already. */
export function ownNotes(list: readonly Note[], others: readonly Note[]): readonly Note[] {
  const isKnown = ({ kind, message }: Note) =>
    others.some((other) => other.kind === kind && other.message === message);
  return list.filter((note) => !isKnown(note));
}
