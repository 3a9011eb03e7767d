/** What the results of one run, or of several, say of running sessions in each topology. */

import type { Scenario } from '../scenario/scenario.ts';
import { modeUnder, type Topology, topologies } from '../scenario/topology.ts';
import { type Cause, type Judgement, safetyOf, type Tier } from '../verdict/tier.ts';
import type { Results } from './results.ts';
import { verdictWords } from './words.ts';

/** What a topology amounts to. */
export interface TopologyTier {
  readonly topology: Topology;
  /** How many there are in the run that says so. */
  readonly targets: number;
  /** With the writers as found. */
  readonly asFound: TierReached;
  /** With the recommended fixes, where there are any. */
  readonly withFixes: TierReached;
}

export interface TierReached {
  readonly tier: Tier;
  /** The tier where sessions that are apart need not be coordinated; only where that makes a difference. */
  readonly uncoordinated?: Tier;
  readonly causes: readonly TierCause[];
}

export interface TierCause extends Pick<Cause, 'target' | 'tier' | 'why'> {
  /** Only where sessions do not share it: the entry of the target has the other ones. */
  readonly verdict?: string;
}

/** Each topology by the first results of a whole run that say how its sessions have every target of their run. */
export const safetiesOf = (catalogue: readonly Scenario[], runs: readonly Results[]): readonly TopologyTier[] =>
  (Object.keys(topologies) as Topology[]).flatMap((topology) =>
    runs.flatMap((results) => safetyIn(catalogue, results, topology)).slice(0, 1),
  );

function safetyIn(catalogue: readonly Scenario[], results: Results, topology: Topology): readonly TopologyTier[] {
  const { options, verdicts, interrupted, broken } = results;
  if (interrupted || broken !== undefined) return []; // what is missing counts
  const scenarios = catalogue.filter(({ id }) => verdicts.some(({ target }) => target === id));
  const asked = options.topology ?? 'same-directory';
  const allows = scenarios.every((scenario) => options.modes.includes(modeUnder(topology, scenario)));
  if (scenarios.length === 0 || !(asked === topology || (options.topology === undefined && allows))) return [];
  const modes = new Map(scenarios.map((scenario) => [scenario.id, modeUnder(topology, scenario)]));
  const concerned = verdicts.filter(({ target, mode }) => mode === modes.get(target));
  const { asFound, withFixes } = safetyOf(topology, scenarios, concerned);
  return [{ topology, targets: scenarios.length, asFound: reached(asFound), withFixes: reached(withFixes) }];
}

const reached = ({ tier, uncoordinated, causes }: Judgement): TierReached => ({
  tier,
  ...(uncoordinated === undefined ? {} : { uncoordinated }),
  causes: causes.map(({ target, tier: worse, why, verdict }) => ({
    target,
    tier: worse,
    why,
    ...(verdict === undefined || verdict.mode === 'shared' ? {} : { verdict: verdictWords(verdict) }),
  })),
});
