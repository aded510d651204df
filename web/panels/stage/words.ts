/** Every word of the stage, by language. */
import type { Lang } from '../../experiment/state.ts';
import { en, type StageWords } from './en.ts';
import { ko } from './ko.ts';

export type { StageWords };
export const stageWords: Record<Lang, StageWords> = { en, ko };
