/** A lesson's page: takes a guess, starts the experiments of its section, and puts what they measured beside it.
 * All words are in the page. */
import type { Table } from '../../web/elements/table.ts';
import { keepOffline } from '../../web/site/offline.ts';
import { ANSWERS, type Answer, type Labelled } from './answers.ts';

type Experiment = HTMLElement & { start(): Promise<void> };

/** An experiment's script that has not come in so long will hardly come. */
const PATIENCE_MS = 15_000;

/** So near is right, of the range's length. */
const NEAR = 0.05;

const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat(document.documentElement.lang, {
  maximumSignificantDigits: 3,
});

function make(name: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Gives an experiment the room that it needs while it runs. */
function unfold(experiment: HTMLElement): void {
  const { height } = experiment.dataset;
  if (height) experiment.setAttribute('height', height);
}

class Question {
  readonly #tables: (Table | null)[];
  readonly #labelled: (Labelled | null)[];
  readonly #experiments: Experiment[];
  #guess: string | null = null;
  #shown = '';

  constructor(private readonly form: HTMLFormElement) {
    const section = form.closest('section')!;
    this.#experiments = [...section.querySelectorAll<Experiment>('.experiments > *')];
    this.#tables = this.#experiments.map(() => null);
    this.#labelled = this.#experiments.map(() => null);
    this.#experiments.forEach((experiment, index) => {
      experiment.addEventListener('bitloss-result', (event) => {
        this.#tables[index] = (event as CustomEvent<Table>).detail;
        this.#update();
      });
      experiment.addEventListener('bitloss-labels', (event) => {
        this.#labelled[index] = (event as CustomEvent<Labelled>).detail;
        this.#update();
      });
      experiment.addEventListener('bitloss-error', (event) =>
        this.#tell((event as CustomEvent<{ message: string }>).detail.message),
      );
      // Also one that was started by its own button.
      experiment.addEventListener('bitloss-progress', () => unfold(experiment));
    });
    this.#range?.addEventListener('input', () => this.#follow());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#predict();
    });
    this.#follow();
  }

  get #range(): HTMLInputElement | null {
    return this.form.querySelector('input[type="range"]');
  }

  #follow(): void {
    const range = this.#range;
    if (!range) return;
    const value = format.format(range.valueAsNumber);
    this.form.querySelector('output b')!.textContent = value;
    range.setAttribute('aria-valuetext', this.form.dataset.unit!.replace('{}', value));
  }

  /** The guess stays as it was made. */
  #predict(): void {
    this.#guess = String(new FormData(this.form).get('guess'));
    this.form.querySelector('fieldset')!.disabled = true;
    const button = this.form.querySelector('button')!;
    const hadFocus = document.activeElement === button;
    button.remove();
    const answer = this.form.querySelector<HTMLElement>('.answer')!;
    answer.replaceChildren(make('p', 'waiting', this.form.dataset.waiting));
    if (hadFocus) {
      answer.tabIndex = -1;
      answer.focus({ preventScroll: true });
    }
    for (const experiment of this.#experiments) {
      unfold(experiment);
      void customElements.whenDefined(experiment.localName).then(() => experiment.start());
    }
    setTimeout(() => {
      const isHere = this.#experiments.every((one) => customElements.get(one.localName));
      if (!isHere) this.#tell(this.form.dataset.cut!);
    }, PATIENCE_MS);
    this.#update();
  }

  /** What went wrong, in place of an answer that is waited for. */
  #tell(message: string): void {
    if (this.#guess === null || this.#shown !== '') return;
    this.form.querySelector('.answer')!.replaceChildren(make('p', 'problem', message));
  }

  #update(): void {
    this.#fillTable();
    const of = ANSWERS[this.form.dataset.answer!]!;
    const answer = this.#guess === null ? null : of(this.#tables, this.#labelled);
    const key = JSON.stringify(answer);
    if (!answer || key === this.#shown) return;
    this.#shown = key;
    this.#show(this.#guess!, answer);
  }

  /** The exercise's result, as something to keep: a row for each version. */
  #fillTable(): void {
    const results = this.form.closest('section')!.querySelector<HTMLElement>('.results');
    const [table] = this.#tables;
    if (!results || !table || this.#guess === null) return;
    const rows = table.lanes.map((lane) => {
      const figures = [
        lane.sizeBytes / 1e6,
        lane.bitsPerWeight,
        100 * lane.weightError,
        lane.klDivergence?.value ?? null,
      ];
      const row = make('tr', '');
      const name = make('th', '', lane.recipe);
      name.setAttribute('scope', 'row');
      row.append(name);
      for (const figure of figures)
        row.append(make('td', '', figure === null ? '–' : precise.format(figure)));
      return row;
    });
    results.querySelector('tbody')!.replaceChildren(...rows);
    results.hidden = false;
  }

  #show(guess: string, { truth, figure }: Answer): void {
    const {
      guess: mine,
      truth: measured,
      right,
      wrong,
    } = this.form.dataset as Record<string, string>;
    const range = this.#range;
    const isRight =
      typeof truth === 'number' && range
        ? Math.abs(truth - Number(guess)) <= NEAR * (Number(range.max) - Number(range.min))
        : truth === guess;
    const parts = [
      make('p', 'guess', mine.replace('{}', this.#textOf(guess))),
      make('p', 'truth', measured.replace('{}', this.#textOf(truth, figure))),
      make('p', 'outcome', isRight ? right : wrong),
    ];
    if (range && typeof truth === 'number') parts.splice(2, 0, scale(range, Number(guess), truth));
    const answer = this.form.querySelector<HTMLElement>('.answer')!;
    answer.dataset.right = String(isRight);
    answer.replaceChildren(...parts);
    const before = this.form.closest('section')!.querySelector('details');
    if (before) before.open = true;
  }

  /** In the words of the page: a choice's label, or a number with its unit. */
  #textOf(value: string | number, figure?: number): string {
    const { unit } = this.form.dataset as Record<string, string>;
    if (this.#range) return unit.replace('{}', precise.format(Number(value)));
    const input = this.form.querySelector(`input[value="${value}"]`);
    const label = input!.parentElement!.textContent.trim();
    return figure === undefined
      ? label
      : unit.replace('{}', label).replace('{x}', precise.format(figure));
  }
}

/** Guess and truth on one line. */
function scale(range: HTMLInputElement, guess: number, truth: number): HTMLElement {
  const line = make('div', 'scale');
  line.ariaHidden = 'true';
  const [min, max] = [Number(range.min), Number(range.max)];
  for (const [name, value] of [
    ['at-guess', guess],
    ['at-truth', truth],
  ] as const) {
    const mark = make('i', name);
    const share = Math.min(1, Math.max(0, (value - min) / (max - min)));
    mark.style.insetInlineStart = `${100 * share}%`;
    line.append(mark);
  }
  return line;
}

document.documentElement.dataset.live = '';
for (const form of document.querySelectorAll<HTMLFormElement>('form.predict')) new Question(form);
keepOffline(new URL('..', document.baseURI).href);
