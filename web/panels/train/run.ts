/** A training as the panel shows it: what was asked for, and what is known of it so far. */
import type {
  TrainedVersion,
  TrainEffort,
  TrainEvent,
  TrainResult,
} from '../../../wasm/train_worker.ts';

/** The models that are small enough to learn in a browser, the first one is taken unless the reader chooses. */
export const MODELS = ['tinyworld-0.5M', 'tinyworld-2M'] as const;
/** The highest learning rate by recipe: fewer bits lose more, and need longer steps to win it back. Found by trial. */
export const RATES: Readonly<Record<string, number>> = {
  'affine:2:64': 6e-4,
  'affine:3:64': 2e-4,
  'affine:4:64': 1e-4,
  q4_0: 1e-4,
};
export const STEPS = [25, 50, 100, 200] as const;
/** Of what rounding loses, in percent. */
export const GUESSES = [10, 30, 50, 70, 90] as const;

export interface Point {
  step: number;
  /** KL from the original's predictions, in nats. */
  kl: number;
}

export interface TrainRun {
  model: string;
  recipe: string;
  nSteps: number;
  guess: number;
  /** What each version goes on from: of the language that the reader had. */
  prompt: string;
  phase: 'opening' | 'before' | 'steps' | 'after' | 'done';
  isStopping: boolean;
  /** That each version is asked. */
  nQuestions: number;
  /** Of the questions that are being asked, 0 to 1. */
  asked: number;
  /** Steps that are done. */
  step: number;
  /** On each step's own text. */
  losses: readonly Point[];
  /** On what is held out; the first is of the rounded model, at step 0. */
  heldOut: readonly Point[];
  effort: TrainEffort;
  sizeBytes: number | null;
  original: TrainedVersion | null;
  rounded: TrainedVersion | null;
  trained: TrainedVersion | null;
}

export const begun = (
  order: Pick<TrainRun, 'model' | 'recipe' | 'nSteps' | 'guess' | 'prompt'>,
): TrainRun => ({
  ...order,
  phase: 'opening',
  isStopping: false,
  nQuestions: 0,
  asked: 0,
  step: 0,
  losses: [],
  heldOut: [],
  effort: { nTokens: 0, seconds: 0 },
  sizeBytes: null,
  original: null,
  rounded: null,
  trained: null,
});

/** The run with what an event tells. */
export function told(run: TrainRun, event: TrainEvent): TrainRun {
  switch (event.kind) {
    case 'asking':
      return { ...run, phase: event.isAfter ? 'after' : 'before', asked: event.fraction };
    case 'original':
      return { ...run, original: event.version };
    case 'rounded': {
      const { version, heldOut, sizeBytes } = event;
      const first = { step: 0, kl: heldOut };
      return { ...run, phase: 'steps', rounded: version, heldOut: [first], sizeBytes };
    }
    case 'step': {
      const { step, loss, heldOut, at } = event;
      return {
        ...run,
        phase: 'steps',
        step,
        losses: [...run.losses, { step, kl: loss }],
        heldOut: heldOut === null ? run.heldOut : [...run.heldOut, { step, kl: heldOut }],
        effort: at,
      };
    }
  }
}

/** The run as it ended; what was told on the way may lack the last step. */
export function ended(run: TrainRun, { step, heldOut, version, effort }: TrainResult): TrainRun {
  const before = run.heldOut.filter((point) => point.step < step || point.step === 0);
  const last = step === 0 ? [] : [{ step, kl: heldOut }];
  return { ...run, phase: 'done', step, effort, trained: version, heldOut: [...before, ...last] };
}

/** The share of the rounded model's KL that training took away, at most 1, below 0 where it became larger; null
 * before it is known. */
export function wonBack({ heldOut }: Pick<TrainRun, 'heldOut'>): number | null {
  const [first, last] = [heldOut[0], heldOut.at(-1)];
  if (!first || !last || last === first || first.kl <= 0) return null;
  return 1 - last.kl / first.kl;
}

/** The guess that the truth is nearest to. */
export const nearestGuess = (share: number): number =>
  GUESSES.reduce((best, one) =>
    Math.abs(one - 100 * share) < Math.abs(best - 100 * share) ? one : best,
  );

/** Of the steps alone; null while too little is known. */
export function secondsLeft({ phase, step, nSteps, effort }: TrainRun): number | null {
  if (phase !== 'steps' || step === 0) return null;
  return (effort.seconds / step) * (nSteps - step);
}
