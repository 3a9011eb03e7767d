import type { Mode } from '../history/execution.ts';
import { missingNeed } from '../scenario/needs.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** One strategy of one target, to be judged in one mode: a line of the result. */
export interface Row {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly mode: Mode;
  readonly writers: number;
  readonly readers: number;
  /** Why it can't be run on this machine, where that is so. */
  readonly skipped?: string;
}

/** Readers beside the writers, where the resource has any. */
export const READERS = 1;

export async function planRows(
  scenarios: readonly Scenario[],
  writers: number,
  modes: readonly Mode[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    for (const [strategy, { needs = [], read = scenario.read }] of Object.entries(scenario.strategies)) {
      const skipped = await missingNeed(needs);
      for (const mode of modes) {
        rows.push({
          scenario,
          strategy,
          mode,
          writers: Math.min(writers, scenario.writersMax ?? writers),
          readers: read === undefined ? 0 : READERS,
          ...(skipped === undefined ? {} : { skipped }),
        });
      }
    }
  }
  return rows;
}
