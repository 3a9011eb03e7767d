import { z } from 'zod';
import { type Change, type Comparison, changeKinds } from '../baseline/change.ts';
import { engines } from '../campaign/engine.ts';
import type { CampaignResult } from '../campaign/result.ts';
import { FAULT_FORMAT, type FaultResults } from '../report/fault-results.ts';
import { FORMAT, type Results } from '../report/results.ts';
import { topologies } from '../scenario/topology.ts';
import type { Machine } from '../session/machine.ts';
import { levels } from '../verdict/level.ts';
import { type Cause, type Judgement, type Safety, tiers } from '../verdict/tier.ts';
import { mode, natural } from './execution.ts';
import { keysOf, schemaOf } from './same.ts';
import { collisionClass, faultKind, faultVerdict, status, verdict } from './verdict.ts';

const machine = schemaOf<Machine>()(
  'Machine',
  z.strictObject({ platform: z.string(), release: z.string(), cores: natural, node: z.string() }),
);

const tier = z.enum(keysOf(tiers)).meta({ id: 'Tier' });

const cause = schemaOf<Cause>()(
  'Cause',
  z.strictObject({
    target: z.string(),
    strategy: z.string(),
    tier: tier.exclude(['Safe']),
    why: z.enum(['collides', 'apart', 'unknown']),
    verdict: z
      .strictObject({ mode, status, classes: z.array(collisionClass), notProvoked: z.array(collisionClass) })
      .exactOptional(),
  }),
);

const judgement = schemaOf<Judgement>()(
  'Judgement',
  z.strictObject({ tier, causes: z.array(cause), uncoordinated: tier.exactOptional() }),
);

const topology = z.enum(keysOf(topologies));

const safety = schemaOf<Safety>()(
  'Safety',
  z.strictObject({ topology, shared: z.string(), targets: natural, asFound: judgement, withFixes: judgement }),
);

const campaign = {
  verdicts: z.array(verdict),
  interrupted: z.boolean(),
  broken: z.string().exactOptional(),
  noGate: z.string().exactOptional(),
  durationMs: z.number(),
  rounds: natural,
  executions: natural,
  sessionsReplaced: natural,
  sessionPeakKiB: z.number(),
};

export const faultResults = schemaOf<FaultResults>()(
  'FaultResults',
  z.strictObject({
    format: z.literal(FAULT_FORMAT),
    options: z.strictObject({
      targets: z.array(z.string()),
      kinds: z.array(faultKind),
      faults: natural,
      preemptions: natural,
      seed: natural,
      budgetMs: z.number(),
    }),
    machine,
    faults: z.array(faultVerdict),
    interrupted: z.boolean(),
    durationMs: z.number(),
    executions: natural,
    points: natural,
  }),
);

const change = schemaOf<Change>()(
  'Change',
  z.strictObject({
    kind: z.enum(keysOf(changeKinds)),
    row: z.string(),
    message: z.string(),
    fingerprint: z.string().exactOptional(),
    replay: z.string().exactOptional(),
    fails: z.boolean(),
  }),
);

const comparison = schemaOf<Comparison>()(
  'Comparison',
  z.strictObject({ baseline: z.string(), rows: natural, changes: z.array(change) }),
);

/** What `run --json` prints, `results.json` holds, and `--reporter json` writes: the last one with what was found besides. */
export interface Told extends Results {
  readonly underFaults?: FaultResults;
  readonly comparison?: Comparison;
}

export const results = schemaOf<Told>()(
  'Results',
  z.strictObject({
    format: z.literal(FORMAT),
    startedAt: z.string().exactOptional(),
    options: z.strictObject({
      engine: z.enum(engines),
      writers: natural,
      targets: z.array(z.string()),
      modes: z.array(mode),
      topology: topology.exactOptional(),
      seed: natural,
      rounds: natural.nullable(),
      steps: natural.exactOptional(),
      budgetMs: z.number(),
      require: z.enum(levels).exactOptional(),
      maxRate: z.number().exactOptional(),
    }),
    machine,
    ...campaign,
    safety: safety.exactOptional(),
    underFaults: faultResults.exactOptional(),
    comparison: comparison.exactOptional(),
  }),
);

/** What `exec --json` prints. */
export const examined = schemaOf<CampaignResult & { readonly commands: readonly string[] }>()(
  'Examined',
  z.strictObject({ commands: z.array(z.string()), ...campaign }),
);
