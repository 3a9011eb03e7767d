import type { Mode } from '../history/execution.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Topology } from '../scenario/topology.ts';
import type { Shard } from '../schedule/shard.ts';
import type { RowEvidence } from '../verdict/gathered.ts';
import type { Requirement } from '../verdict/level.ts';
import type { Given } from '../verdict/remedy.ts';
import type { Engine } from './engine.ts';

export interface CampaignOptions {
  readonly engine: Engine;
  readonly scenarios: readonly Scenario[];
  /** URL of the module that exports `catalogue`, for the sessions to load. */
  readonly catalogue: string;
  readonly writers: number;
  readonly modes: readonly Mode[];
  /** Instead of the modes: how the sessions are run, from which follows what they share. */
  readonly topology?: Topology;
  readonly seed: number;
  /** Rounds of each row under storm; without it, as many as fit into the budget. */
  readonly rounds?: number;
  /** Time for all rows together. */
  readonly budgetMs: number;
  /** Nobody has asked for that budget: rows of which too little was seen, as on a loaded machine, get several times as long. */
  readonly usualBudget?: boolean;
  /** As a part of what `--budget` says, where something else has the rest. */
  readonly budgetPart?: number;
  /** Steps of each row that is explored, over all executions, instead of a share of the time: the same on every machine. */
  readonly steps?: number;
  /** Where sandboxes are made. By default the system's temporary directory, and for exploration one in memory. */
  readonly dir?: string;
  /** Only a part of the search, to be put together with the others. */
  readonly shard?: Shard;
  /** What is enough for SAFE. By default, a sample. */
  readonly required?: Requirement;
  /** What an earlier part of this run has gathered: it is not done again. */
  readonly before?: readonly RowEvidence[];
  /** Is told all that is known of a row, whenever that is more than before. */
  readonly record?: (evidence: RowEvidence) => void;
}

/** What bounds what can be shown of so many rows. */
export function givenOf(options: CampaignOptions, rows: number): Given {
  const { rounds, steps, budgetMs, usualBudget = false, budgetPart = 1, shard } = options;
  return {
    ...(rounds === undefined ? {} : { rounds }),
    ...(steps === undefined ? {} : { steps }),
    ...{ budgetMs, usualBudget, budgetPart, rows, shards: shard?.count ?? 1 },
  };
}
