import type { Mode } from '../history/execution.ts';
import { missingNeed } from '../scenario/needs.ts';
import type { Scenario, Strategy } from '../scenario/scenario.ts';
import { modeUnder, type Topology } from '../scenario/topology.ts';

/** One strategy of one target, to be judged in one mode: a line of the result. */
export interface Row {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly mode: Mode;
  readonly writers: number;
  readonly readers: number;
  /** Why it can't be run on this machine, where that is so. */
  readonly skipped?: string;
  /** What its server is, where it is not the one that it is named after. */
  readonly product?: string;
  /** What of the outcome differs each time, so that it can't be compared. */
  readonly uncompared?: readonly string[];
}

/** Readers beside the writers, where the resource has any. */
export const READERS = 1;

/** What a strategy names, and what any command takes: its shell, and the utilities of its script and of the launcher. */
export const needsOf = ({ needs = [], perform }: Strategy): readonly string[] =>
  typeof perform === 'function' ? needs : [perform.shell, 'POSIX utilities', ...needs];

/** @param topology says of each resource how sessions have it; without it, it is judged in all these modes. */
export async function planRows(
  scenarios: readonly Scenario[],
  writers: number,
  modes: readonly Mode[],
  topology?: Topology,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    for (const [name, strategy] of Object.entries(scenario.strategies)) {
      const skipped = await missingNeed(needsOf(strategy));
      for (const mode of topology === undefined ? modes : [modeUnder(topology, scenario)]) {
        rows.push({
          scenario,
          strategy: name,
          mode,
          writers: mode === 'alone' ? 1 : writersOf(scenario, writers),
          readers: (strategy.read ?? scenario.read) === undefined ? 0 : READERS,
          ...(skipped === undefined ? {} : { skipped }),
        });
      }
    }
  }
  return rows;
}

/** As many as are asked for, within what the scenario is about. */
const writersOf = ({ writersMin = 0, writersMax = Number.POSITIVE_INFINITY }: Scenario, writers: number): number =>
  Math.min(Math.max(writers, writersMin), writersMax);

/** The same row, with what is true of this product. */
export function onProduct(row: Row, product: string): Row {
  const { scenario, strategy: name } = row;
  const strategy = scenario.strategies[name]!;
  const strategies = { ...scenario.strategies, [name]: { ...strategy, ...strategy.onProduct?.[product] } };
  return { ...row, product, scenario: { ...scenario, strategies } };
}
