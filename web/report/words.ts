/** The columns' words by language. */
import { en, type TableWords } from './en.ts';
import { ko } from './ko.ts';

export const tableWords: Record<'en' | 'ko', TableWords> = { en, ko };
