/** How a lane's weights are to be stored: a menu of formats, their settings, what they are, and what
 * they cost; and the recipe as text, which can say more than the menu. */
import { css, html, nothing, svg, type TemplateResult } from 'lit';
import type { CalibrationText } from '../../../wasm/methods.ts';
import { METHOD_CHAINS, type Formats, type MethodChain } from '../../../wasm/types.ts';
import { segments } from '../../controls/segments.ts';
import type { Format } from '../../format.ts';
import type { Messages } from '../../i18n/index.ts';
import type { LanesWords } from './en.ts';
import { levelsOf } from './levels.ts';
import { mayHaveMethods } from '../../experiment/methods.ts';
import { describe } from '../../experiment/problem.ts';
import {
  announcedBits,
  groupOf,
  GROUPS,
  outcomeOf,
  textOf,
  takesMethods,
  toChoice,
  toRecipe,
  withChain,
  type Choice,
} from '../../experiment/recipe.ts';
import { isStale, type Lane } from '../../experiment/state.ts';

const RULER_WIDTH = 512;

export interface Chooser {
  t: Messages;
  words: LanesWords;
  format: Format;
  lane: Lane;
  formats: Formats;
  /** The format of most of the reference's weights. */
  storedAs: string;
  /** The recipe as text is unfolded. */
  isUnfolded: boolean;
  onUnfold: (isUnfolded: boolean) => void;
  onChoose: (recipe: string) => void;
  /** A recipe in the reader's own words. */
  onWrite: (text: string) => void;
  /** The text that methods go by; '' where there is none. */
  calibrationName: string;
  onCalibrate: (text: CalibrationText) => void;
}

/** "4-bit integers" */
export function titleOf(t: Messages, words: LanesWords, lane: Lane, formats: Formats): string {
  const choice = toChoice(lane.recipe, formats);
  if (!choice) return lane.problem?.kind === 'recipe' ? words.unusable : words.custom;
  const { name, title } = textOf(t, choice.kind);
  return title && choice.bits !== null ? title(String(choice.bits)) : name;
}

export function chooser(parts: Chooser): TemplateResult {
  const { t, words, lane, formats, onChoose } = parts;
  const choice = toChoice(lane.recipe, formats);
  return html`
    ${menu(parts, choice)} ${choice ? settings(words, choice, onChoose) : nothing}
    ${choice && takesMethods(choice.kind) ? methods(parts, choice) : nothing}
    ${choice?.kind.int8Activations && !choice.chain ? activations(words, choice, onChoose) : nothing}
    ${mayHaveMethods(lane.recipe) && choice?.chain !== 'search' ? calibration(parts) : nothing}
    <div class="about small" id="about">
      <p class="muted">${choice ? textOf(t, choice.kind).about : lane.problem?.kind === 'recipe' ? nothing : words.customNote}</p>
      ${costs(parts, choice)}
    </div>
    ${choice ? ruler(parts, choice) : nothing} ${advanced(parts, choice)}
  `;
}

function menu({ t, words, lane, formats, onChoose }: Chooser, choice: Choice | null) {
  const choose = (event: Event) => {
    const { value } = event.target as HTMLSelectElement;
    const kind = formats.kinds.find(({ name }) => name === value);
    if (kind) onChoose(toRecipe(kind, choice?.bits ?? null, choice?.group ?? null, choice?.isInt8));
  };
  return html`<div class="menu">
    <label for="format" class="small muted">${words.format}</label>
    <select id="format" aria-describedby="about" @change=${choose}>
      ${choice ? nothing : html`<option value="" disabled .selected=${true}>${titleOf(t, words, lane, formats)}</option>`}
      ${GROUPS.map((group) => {
        const kinds = formats.kinds.filter((kind) => groupOf(kind) === group);
        return html`<optgroup label=${t.formats.families[group]}>
          ${kinds.map(
            (kind) =>
              html`<option value=${kind.name} .selected=${kind.name === choice?.kind.name}>${textOf(t, kind).name}</option>`,
          )}
        </optgroup>`;
      })}
    </select>
  </div>`;
}

function settings(words: LanesWords, choice: Choice, onChoose: (recipe: string) => void) {
  const { kind, bits, group, isInt8, chain } = choice;
  const row = (values: readonly number[]) =>
    values.map((value) => ({ value, label: String(value) }));
  const choose = (other: Partial<Pick<Choice, 'bits' | 'group'>>) => {
    const wanted = { ...choice, ...other };
    onChoose(chain ? withChain(wanted, chain) : toRecipe(kind, wanted.bits, wanted.group, isInt8));
  };
  return html`${
    kind.bits.length > 0
      ? segments('bits', words.bits, row(kind.bits), bits, (value) => choose({ bits: value }))
      : nothing
  }
  ${
    kind.groups.length > 0
      ? segments('group', words.group, row(kind.groups), group, (value) => choose({ group: value }))
      : nothing
  }`;
}

/** What chooses the codes. */
function methods({ words, onChoose }: Chooser, choice: Choice) {
  const choose = (event: Event) => {
    const { value } = event.target as HTMLSelectElement;
    onChoose(withChain(choice, (value || null) as MethodChain | null));
  };
  const chains = METHOD_CHAINS.map(({ id }) => id);
  return html`<div class="menu">
      <label for="codes" class="small muted">${words.codes}</label>
      <select id="codes" aria-describedby="codes-note" @change=${choose}>
        <option value="" .selected=${choice.chain === null}>${words.rounding.name}</option>
        ${chains.map((id) => html`<option value=${id} .selected=${id === choice.chain}>${words.chains[id].name}</option>`)}
      </select>
    </div>
    <p class="small muted" id="codes-note">${choice.chain ? words.chains[choice.chain].about : words.rounding.about}</p>`;
}

/** What methods go by, and how to have them go by something else. */
function calibration({ words, calibrationName, onCalibrate }: Chooser) {
  const take = async (event: Event) => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (file) onCalibrate({ name: file.name, content: await file.text() });
    input.value = '';
  };
  return html`<div class="calibration small">
    <span class="muted">${words.calibratedOn(calibrationName)}</span>
    <label class="file">
      <input type="file" accept=".txt,.jsonl,text/plain" class="visually-hidden" @change=${take} />
      <span>${words.chooseText}</span>
    </label>
  </div>`;
}

function activations(
  words: LanesWords,
  { kind, bits, group, isInt8 }: Choice,
  onChoose: (recipe: string) => void,
) {
  const modes = (['float', 'int8'] as const).map((value) => ({
    value,
    label: words.activationModes[value],
  }));
  const chosen = isInt8 ? 'int8' : 'float';
  return html`${segments('activations', words.activations, modes, chosen, (mode) =>
    onChoose(toRecipe(kind, bits, group, mode === 'int8')),
  )}
    <p class="small muted">${words.activationNotes[chosen]}</p>`;
}

/** What the format says that a weight costs; once it is applied, what the matrices came to. */
function costs({ words, format, lane, formats, storedAs }: Chooser, choice: Choice | null) {
  if (lane.problem?.kind === 'recipe') return nothing;
  const announced = announcedBits(
    choice ? toRecipe(choice.kind, choice.bits, choice.group) : lane.recipe,
    formats,
    storedAs,
  );
  const outcome = lane.figures && !isStale(lane) ? outcomeOf(lane.figures, formats) : null;
  const bits = outcome?.bits ?? announced;
  const isAnnounced = announced !== null && bits !== null && Math.abs(bits - announced) < 0.0005;
  const sentence = isAnnounced
    ? words.costs(format.exact(announced))
    : bits === null
      ? words.costsUnknown
      : words.costsHere(format.fixed(bits, 2));
  // A mixture has another format for such rows, and says so in its sentence.
  const left = outcome && choice && !choice.kind.isMixture ? outcome.nLeft : 0;
  return html`<p class="cost number">${sentence}</p>
    ${
      outcome && left > 0
        ? html`<p class="left">${words.leftAlone(format.integer(left), format.integer(outcome.nMatrices))}</p>`
        : nothing
    }`;
}

/** The values that a weight may take, as marks on a line. */
function ruler({ words, format }: Chooser, { kind, bits, group }: Choice) {
  const levels = levelsOf(kind, bits);
  if (!levels) return nothing;
  const marks = levels.map((level) => `M${(1 + level * (RULER_WIDTH - 2)).toFixed(1)} 0V12`);
  const n = format.integer(levels.length);
  return html`<figure class="ruler">
    <svg viewBox="0 0 ${RULER_WIDTH} 12" preserveAspectRatio="none" aria-hidden="true">
      ${svg`<path d=${marks.join('')} vector-effect="non-scaling-stroke" />`}
    </svg>
    <figcaption class="small muted">${group === null ? words.levelsOnly(n) : words.levels(n, group)}</figcaption>
  </figure>`;
}

function advanced(
  { t, words, lane, isUnfolded, onUnfold, onWrite }: Chooser,
  choice: Choice | null,
) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    onWrite(form.querySelector('input')!.value);
  };
  const toggled = (event: Event) => onUnfold((event.target as HTMLDetailsElement).open);
  return html`<details class="advanced small" ?open=${isUnfolded || choice === null} @toggle=${toggled}>
    <summary class="muted">${words.advanced}</summary>
    <form @submit=${submit}>
      <input
        type="text"
        name="recipe"
        class="mono"
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        aria-label=${words.advanced}
        aria-describedby="recipe-hint"
        aria-invalid=${lane.draft ? 'true' : 'false'}
        .value=${lane.draft?.text ?? lane.recipe}
      />
      <button>${words.apply}</button>
    </form>
    <div id="recipe-hint">
      ${lane.draft ? html`<p class="sentence error" role="alert">${describe(t, lane.draft.problem)}</p>` : nothing}
      <p class="muted hint">${words.recipeHint}</p>
    </div>
  </details>`;
}

export const chooserStyles = css`
  .menu,
  .segments {
    display: grid;
    grid-template-columns: calc(4.75 * var(--rem)) minmax(0, 1fr);
    align-items: center;
    gap: 10px;
  }
  .menu select {
    width: 100%;
    min-height: 36px;
    padding: 4px 8px;
    font-size: calc(0.9375 * var(--rem));
    font-weight: 540;
    text-overflow: ellipsis;
  }
  .calibration {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
    overflow-wrap: anywhere;
  }
  .calibration .file {
    display: inline-grid;
    min-height: 24px;
    align-items: center;
    color: var(--accent);
    text-decoration: underline;
    cursor: pointer;
  }
  .calibration .file:focus-within {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
    border-radius: var(--radius-small);
  }
  .about {
    display: grid;
    gap: 4px;
    margin-top: 4px;
  }
  .about p {
    text-wrap: pretty;
  }
  .cost {
    font-weight: 620;
  }
  .left {
    padding: 6px 10px;
    border-radius: var(--radius-small);
    background: var(--notice-wash);
  }
  .ruler {
    display: grid;
    gap: 6px;
    margin-top: 6px;
  }
  .ruler svg {
    display: block;
    width: 100%;
    height: 12px;
  }
  .ruler path {
    stroke: var(--lane);
    stroke-width: 1;
    fill: none;
  }
  .advanced summary {
    padding: 4px 0;
  }
  .advanced form {
    display: flex;
    gap: 8px;
    margin: 4px 0 6px;
  }
  .advanced input {
    flex: 1 1 0;
    font-size: calc(0.8125 * var(--rem));
  }
  .advanced button {
    padding: 0 12px;
  }
  .advanced .sentence {
    margin-bottom: 6px;
  }
  .hint {
    overflow-wrap: anywhere;
  }
  @media (pointer: coarse) {
    .menu select {
      min-height: 44px;
    }
  }
`;
