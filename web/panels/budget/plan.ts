/** What a model needs under several recipes, and which memories it fits into. */
import type { Budget, BudgetOptions } from '../../../wasm/measure_types.ts';
import type { Session } from '../../experiment/measure/client.ts';

/** Memories that computers are sold with, in GB as their makers count: 2^30 bytes each. */
export const MEMORIES = [8, 16, 24, 64] as const;
const MEMORY_BYTES = 2 ** 30;

/** What every calculation is held against: the lesson's three. */
export const STANDARDS = ['f16', 'affine:8:64', 'affine:4:64'] as const;

export interface Need {
  recipe: string;
  budget: Budget;
  totalBytes: number;
}

export interface BudgetRequest {
  recipe: string;
  nContext: number;
  kvDtype: string;
}

/** The asked-for recipe first, then the standards that it is not. */
export async function needsOf(
  session: Pick<Session, 'budget'>,
  config: string,
  { recipe, nContext, kvDtype }: BudgetRequest,
): Promise<Need[]> {
  const recipes = [recipe, ...STANDARDS.filter((standard) => standard !== recipe)];
  // Asked for together, so that they wait only once for the worker.
  return Promise.all(
    recipes.map(async (one) => {
      // As stored, in 16 bits: a float recipe would leave the norms as the config has them.
      const options: BudgetOptions = one === 'f16' ? { dtype: 'f16' } : { recipe: one };
      const budget = await session.budget(config, { ...options, nContext, kvDtype });
      return {
        recipe: one,
        budget,
        totalBytes: budget.weightBytes + budget.kvBytes + budget.activationBytes,
      };
    }),
  );
}

/** The longest context that a config allows, in the names that its families use; null where it names
 * none. Whether it is a config at all is for the core to say. */
export function contextLimit(config: string): number | null {
  try {
    const { max_position_embeddings: most, n_positions: old } = JSON.parse(config) as Record<
      string,
      unknown
    >;
    const limit = most ?? old;
    return typeof limit === 'number' && limit >= 1 ? Math.floor(limit) : null;
  } catch {
    return null;
  }
}

export function fitsInto(totalBytes: number): number[] {
  return MEMORIES.filter((memory) => totalBytes <= memory * MEMORY_BYTES);
}

/** How far a bar's whole width reaches, in bytes: to the smallest memory that holds the largest need,
 * where one does. And the memories whose ends lie within it, as shares of the width. */
export function scaleOf(needs: readonly Need[]): {
  bytes: number;
  marks: { memory: number; at: number }[];
} {
  const largest = Math.max(...needs.map(({ totalBytes }) => totalBytes));
  const [memory] = fitsInto(largest);
  const bytes = (memory ? memory * MEMORY_BYTES : largest) * 1.04;
  const marks = MEMORIES.map((memory) => ({ memory, at: (memory * MEMORY_BYTES) / bytes })).filter(
    ({ at }) => at <= 1,
  );
  return { bytes, marks };
}

/** What the weights would take at the bits that the recipe's name says, "affine:4:64" -> 4, and
 * nothing else; null when the name says none. */
export function bareBytes({ recipe, budget }: Need): { bits: number; bytes: number } | null {
  const bits = Number(/^[a-z_]+:(\d+)/.exec(recipe)?.[1]);
  return bits > 0 ? { bits, bytes: (budget.nParams * bits) / 8 } : null;
}
