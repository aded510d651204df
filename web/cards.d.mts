/** See cards.mjs. */
export interface CardRow {
  readonly recipe: string;
  /** Of a weight, without scales; the model as it is stored has none. */
  readonly bits?: string;
  readonly bytes: number;
  /** Per cent of the questions answered right, by language. */
  readonly en: number;
  readonly ko: number;
}
export type Cards = Readonly<Record<string, { name: string; rows: readonly CardRow[] }>>;
export declare function cardsIn(folder: string): Cards;
