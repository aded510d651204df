/** The custom properties of token_values.ts as a style of Lit's elements. */
import { unsafeCSS } from 'lit';
import { TOKENS } from './token_values.ts';

export const tokens = unsafeCSS(TOKENS);
