/** The languages of the page. */
import type { Lang } from '../state.ts';
import { en, type Messages } from './en.ts';
import { ko } from './ko.ts';

export type { Messages };
export const messages: Record<Lang, Messages> = { en, ko };
