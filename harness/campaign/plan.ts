import type { Mode } from '../history/execution.ts';
import { missingNeed } from '../scenario/needs.ts';
import type { Scenario, Strategy } from '../scenario/scenario.ts';

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

/** What a strategy names, and what any command takes: its shell, and the utilities of its script and of the launcher. */
export const needsOf = ({ needs = [], perform }: Strategy): readonly string[] =>
  typeof perform === 'function' ? needs : [perform.shell, 'POSIX utilities', ...needs];

export async function planRows(
  scenarios: readonly Scenario[],
  writers: number,
  modes: readonly Mode[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    for (const [name, strategy] of Object.entries(scenario.strategies)) {
      const skipped = await missingNeed(needsOf(strategy));
      for (const mode of modes) {
        rows.push({
          scenario,
          strategy: name,
          mode,
          writers: Math.min(writers, scenario.writersMax ?? writers),
          readers: (strategy.read ?? scenario.read) === undefined ? 0 : READERS,
          ...(skipped === undefined ? {} : { skipped }),
        });
      }
    }
  }
  return rows;
}
