/** How long measuring will take. */
import type { Format } from '../../format.ts';
import type { Messages } from '../../i18n/index.ts';
import type { Run } from '../state.ts';

/** Both models read the text once, at the speed at which they last read a prompt; null before that. */
export function secondsFor(nTokens: number, runs: readonly (Run | null)[]): number | null {
  const seconds = runs.map((run) => (run?.promptSpeed ? nTokens / run.promptSpeed : null));
  return nTokens > 0
    ? seconds.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0)
    : null;
}

/** "takes about 40 s" */
export function describeSeconds(t: Messages, format: Format, seconds: number): string {
  const time =
    seconds < 90
      ? t.measure.seconds(format.integer(Math.max(1, seconds)))
      : t.measure.minutes(format.integer(seconds / 60));
  return t.measure.estimate(time);
}
