/** What a line of the ledger must be. The JSON Schema of it is published in fixtures/schemas. */

import { z } from 'zod';
import { engines } from '../campaign/engine.ts';
import { faultKinds } from '../scenario/faults.ts';
import { auditStatuses, priorities } from '../scenario/scenario.ts';
import { topologies } from '../scenario/topology.ts';
import { tiers } from '../verdict/tier.ts';
import type { LedgerEntry } from './ledger.ts';
import { ledgerChangeKinds } from './ledger-changes.ts';
import { LEDGER_FORMAT, type LedgerHeader } from './ledger-file.ts';
import { STRENGTH } from './ledger-strength.ts';

const oneOf = <K extends string>(of: Readonly<Record<K, unknown>>) =>
  z.enum(Object.keys(of) as unknown as readonly [K, ...K[]]);

const text = z.string();
const name = z.string().min(1);
const count = z.int().min(0);
const runId = z.string().regex(/^[0-9a-f]{12}$/);
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const strength = z.string().regex(STRENGTH);
const status = z.string().regex(/^(VERIFIED|PROMOTED|(APPLIED|DEFERRED)-.+)$/);
const topology = oneOf(topologies);

const runRef = z.strictObject({ id: runId, startedAt: instant.exactOptional() });

const judged = z.strictObject({
  strategy: name,
  verdict: name,
  strength,
  evidence: text,
  replay: name.exactOptional(),
  reason: text.exactOptional(),
});

const past = z.strictObject({
  run: runId,
  startedAt: instant.exactOptional(),
  verdict: name,
  strength,
  fixVerdict: name.exactOptional(),
  fixStrength: strength.exactOptional(),
  status,
  contradicted: z.boolean().nullable(),
});

/** Every line but the first. */
export const entrySchema = z.strictObject({
  target: name,
  priority: oneOf(priorities),
  source: text,
  resource: text,
  writer: text,
  pattern: text,
  before: judged,
  after: judged.nullable(),
  others: z.array(judged),
  status,
  audit: oneOf(auditStatuses).nullable(),
  contradicted: z.boolean().nullable(),
  deferred: z.record(z.string(), text),
  blocked: z.array(
    z.strictObject({ strategy: name, what: z.enum(['target', 'strategy']), because: text, until: text }),
  ),
  underFaults: z
    .array(z.strictObject({ strategy: name, kind: oneOf(faultKinds), verdict: name, why: text, replay: z.array(name) }))
    .exactOptional(),
  history: z.array(past).min(1),
});

const tierReached = z.strictObject({
  tier: oneOf(tiers),
  uncoordinated: oneOf(tiers).exactOptional(),
  causes: z.array(
    z.strictObject({
      target: name,
      tier: z.enum(['Dangerous', 'Risky']),
      why: z.enum(['collides', 'apart', 'unknown']),
      verdict: name.exactOptional(),
    }),
  ),
});

/** The first line. */
export const headerSchema = z.strictObject({
  format: z.literal(LEDGER_FORMAT),
  run: z.strictObject({
    id: runId,
    startedAt: instant.exactOptional(),
    options: z.strictObject({
      engine: z.enum(engines),
      writers: count,
      targets: z.array(name),
      topology: topology.exactOptional(),
      seed: count,
    }),
    machine: z.strictObject({ platform: text, release: text, cores: count, node: text }),
    executions: count,
    rounds: count,
    whole: z.boolean(),
    noGate: text.exactOptional(),
  }),
  last: runRef.nullable(),
  changes: z.array(
    z.strictObject({
      kind: oneOf(ledgerChangeKinds),
      target: name,
      of: z.literal('fix').exactOptional(),
      before: text.nullable(),
      after: text.nullable(),
    }),
  ),
  safety: z.array(z.strictObject({ topology, targets: count, asFound: tierReached, withFixes: tierReached })),
  absent: z.array(z.strictObject({ target: name, since: runId, history: z.array(past).min(1) })),
});

/** Without `readonly`, which zod does not know. */
type Plain<T> = T extends object ? { -readonly [K in keyof T]: Plain<T[K]> } : T;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where schema and interface are the same. */
true satisfies Same<Plain<z.infer<typeof entrySchema>>, Plain<LedgerEntry>>;
true satisfies Same<Plain<z.infer<typeof headerSchema>>, Plain<LedgerHeader>>;
