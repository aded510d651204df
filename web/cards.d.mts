/** See cards.mjs. */
export type CardRow = readonly [recipe: string, bytes: number, en: number, ko: number];
export type Cards = Readonly<Record<string, { name: string; rows: readonly CardRow[] }>>;
export declare function cardsIn(folder: string): Cards;
