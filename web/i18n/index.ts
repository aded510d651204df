/** The languages of the page. */
import type { Lang } from '../experiment/state.ts';
import { en, type Messages } from './en.ts';
import { ko } from './ko.ts';

export type { Messages };
export const messages: Record<Lang, Messages> = { en, ko };
