import { z } from 'zod';
import { type Omission, omissions } from '../history/omission.ts';
import { collisionClasses } from '../oracle/finding.ts';
import { faultKinds } from '../scenario/faults.ts';
import { priorities } from '../scenario/scenario.ts';
import type { Contention } from '../verdict/contention.ts';
import type { FaultVerdict } from '../verdict/fault-verdict.ts';
import { levels } from '../verdict/level.ts';
import type { Explored, Probed, Sampled, Strength } from '../verdict/strength.ts';
import type { Counts, CriticalPair, RecordedFinding, Verdict } from '../verdict/verdict.ts';
import { execution, mode, natural, outcome } from './execution.ts';
import { keysOf, schemaOf } from './same.ts';

export const collisionClass = z.enum(keysOf(collisionClasses)).meta({ id: 'Class' });
export const faultKind = z.enum(keysOf(faultKinds)).meta({ id: 'FaultKind' });
export const priority = z.enum(keysOf(priorities));
export const truth = z.union([z.literal('SAFE'), z.array(collisionClass)]);
const share = z.number().min(0).max(1);

const omitted = z.array(
  schemaOf<Omission>()('Omission', z.strictObject({ kind: z.enum(keysOf(omissions)), what: z.string() })),
);

const explored = schemaOf<Explored>()(
  'Explored',
  z.strictObject({
    kind: z.enum(['exhaustive', 'bounded', 'partial']),
    preemptions: natural.exactOptional(),
    sessions: natural,
    operations: natural,
    executions: natural,
    traces: natural,
    reordered: natural,
    steps: natural,
    omitted: omitted.exactOptional(),
  }),
);

const probed = schemaOf<Probed>()(
  'Probed',
  z.strictObject({
    depth: natural,
    sessions: natural,
    executions: natural,
    traces: natural,
    steps: natural,
    guarantee: share,
    omitted: omitted.exactOptional(),
  }),
);

const sampled = schemaOf<Sampled>()(
  'Sampled',
  z.strictObject({ rounds: natural, collided: natural, failed: natural, serial: natural, upperBound: share }),
);

const strength = schemaOf<Strength>()(
  'Strength',
  z.strictObject({
    explored: explored.exactOptional(),
    probed: probed.exactOptional(),
    stormed: sampled.exactOptional(),
    alone: natural.exactOptional(),
  }),
);

const counts = schemaOf<Counts>()(
  'Counts',
  z.strictObject({
    acknowledged: natural,
    refused: natural,
    unknown: natural,
    reads: natural,
    failedRounds: natural,
    others: z.record(z.string(), z.number()),
  }),
);

const critical = schemaOf<CriticalPair>()(
  'CriticalPair',
  z.strictObject({ first: natural, second: natural, last: natural.exactOptional() }),
);

const finding = schemaOf<RecordedFinding>()(
  'Finding',
  z.strictObject({
    class: collisionClass,
    rounds: natural,
    count: natural,
    message: z.string(),
    witness: execution,
    replay: z.string().exactOptional(),
    critical: critical.exactOptional(),
    destructive: natural.exactOptional(),
    serial: outcome.exactOptional(),
  }),
);

const contention = schemaOf<Contention>()(
  'Contention',
  z.strictObject({
    executions: natural,
    of: natural,
    rounds: natural,
    ofRounds: natural,
    exitCode: natural.exactOptional(),
    stderr: z.string(),
    message: z.string(),
    witness: execution,
    replay: z.string().exactOptional(),
    critical: critical.exactOptional(),
    destructive: natural.exactOptional(),
    serial: outcome.exactOptional(),
  }),
);

export const status = z.enum([
  'SAFE',
  'COLLIDES',
  'NOT_PROVOKED',
  'VACUOUS',
  'BROKEN_ALONE',
  'INCONCLUSIVE',
  'SKIPPED',
]);

export const verdict = schemaOf<Verdict>()(
  'Verdict',
  z.strictObject({
    target: z.string(),
    priority,
    strategy: z.string(),
    mode,
    writers: natural,
    readers: natural,
    status,
    level: z.enum(levels).exactOptional(),
    classes: z.array(collisionClass),
    truth,
    notProvoked: z.array(collisionClass),
    asExpected: z.boolean(),
    reason: z.string().exactOptional(),
    strength: strength.exactOptional(),
    product: z.string().exactOptional(),
    uncompared: z.array(z.string()).exactOptional(),
    outside: z.array(z.string()).exactOptional(),
    counts,
    findings: z.array(finding),
    contention: contention.exactOptional(),
    startSkew: z.strictObject({ medianUs: z.number(), p95Us: z.number() }).exactOptional(),
  }),
);

export const faultVerdict = schemaOf<FaultVerdict>()(
  'FaultVerdict',
  z.strictObject({
    target: z.string(),
    strategy: z.string(),
    kind: faultKind,
    status: z.enum(['SAFE', 'COLLIDES', 'NONE', 'NOT_PROVOKED', 'INCONCLUSIVE', 'SKIPPED']),
    classes: z.array(collisionClass),
    truth: z.array(collisionClass),
    asExpected: z.boolean(),
    why: z.string(),
    points: natural,
    executions: natural,
    extent: z.union([z.literal(['none', 'alone']), z.number()]),
    partial: z.literal(true).exactOptional(),
    findings: z.array(finding),
  }),
);
