/** Free running does not see what sessions share outside of the resource: a few executions behind the gate do. */

import { type ExplorersOptions, startExplorers } from '../explore/explorers.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { isExplored } from './exploring.ts';
import type { Row } from './plan.ts';

/** Does nobody know what its sessions do? */
export const isUnknown = (row: Row): boolean => row.scenario.learnsNames === true && isExplored(row);

/** What was seen of a row. */
export interface SeenOutside {
  /** Files that its sessions change. */
  readonly files: readonly string[];
  /** Why nothing can be said of it, where several share one. */
  readonly doubt?: string;
}

/** Was nothing found? Where sessions share something outside, more rounds would not settle that. */
export const findsNothing = (verdict: Verdict | undefined): boolean =>
  verdict?.status === 'SAFE' || verdict?.status === 'INCONCLUSIVE' || verdict?.status === 'VACUOUS';

/**
 * What sessions of these rows change outside of the resource. Where there is no gate, or a row can't be explored, there is what was seen of it.
 *
 * @param rows of which nothing is found.
 */
export async function lookOutside(
  rows: readonly Row[],
  options: Omit<ExplorersOptions, 'count'>,
  seed: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<Row, SeenOutside>> {
  const seen = new Map<Row, SeenOutside>();
  if (rows.length === 0 || signal.aborted) return seen;
  const explorers = await startExplorers({ ...options, count: 1 }, signal).catch(() => undefined);
  if (explorers === undefined) return seen;
  try {
    for (const row of rows) {
      const { id: target } = row.scenario;
      const task = { target, strategy: row.strategy, seed, budgetMs: Number.POSITIVE_INFINITY, steps: 1 };
      const explored = await explorers.examine(task).catch(() => undefined);
      if (explored === undefined) continue;
      const { outside: files = [], sharesOutside, doubt } = explored;
      seen.set(row, { files, ...(sharesOutside && doubt !== undefined ? { doubt } : {}) });
    }
  } finally {
    await explorers.close();
  }
  return seen;
}
