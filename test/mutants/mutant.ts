import { join } from 'node:path';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import type { Perform, Scenario, Strategy } from '../../harness/scenario/scenario.ts';

/**
 * A fix of the catalogue, broken as people break it: right for a session that is alone, and for sessions that run one after
 * another, unless it shares what must not be shared. One operation of two writers, and one look of a reader, must show it.
 */
export interface Mutant {
  readonly of: Scenario;
  /** The strategy of that scenario that it was made from. */
  readonly fix: string;
  /** The break, in a few words. */
  readonly does: string;
  /** The interleaving that shows it. */
  readonly why: string;
  /** Any of these gives it away. */
  readonly shows: readonly [CollisionClass, ...CollisionClass[]];
  /** A script is one of `scripts/`, run by the shell of the fix. */
  readonly perform: Perform | string;
  /** Where these are more than what the fix needs. */
  readonly needs?: readonly string[];
  readonly read?: Perform;
  readonly open?: Perform;
}

export type Mutants = Readonly<Record<string, Mutant>>;

/** The scenario as it is, with the mutant for its only strategy. */
export function scenarioOf(id: string, { of, fix, does, why, shows, perform, needs, read, open }: Mutant): Scenario {
  const whole = of.strategies[fix]!;
  const [first, ...rest] = shows;
  const strategy: Strategy = {
    ...whole,
    does,
    why,
    truth: [first],
    may: rest,
    operations: 1,
    perform: typeof perform === 'function' ? perform : scriptLike(whole, perform),
    ...(needs === undefined ? {} : { needs }),
    ...(read === undefined ? {} : { read }),
    ...(open === undefined ? {} : { open }),
  };
  return { ...of, id, strategies: { [fix]: strategy } };
}

function scriptLike({ perform }: Strategy, script: string): Strategy['perform'] {
  if (typeof perform === 'function') throw new Error(`${script} is to replace a function`);
  return { ...perform, script: join(import.meta.dirname, 'scripts', script) };
}
