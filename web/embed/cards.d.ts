/** What vite.config.ts makes of the models' cards while it bundles. */
declare module 'virtual:cards' {
  export const cards: import('../cards.mjs').Cards;
  /** The model that is opened where none is named. */
  export const firstModel: string;
}
