import { z } from 'zod';
import type { JudgedFault } from '../report/fault-ledger.ts';
import type { Judged, LedgerEntry } from '../report/ledger.ts';
import { auditStatuses } from '../scenario/scenario.ts';
import { keysOf, schemaOf } from './same.ts';
import { faultKind, priority, truth } from './verdict.ts';

const audit = z.enum(keysOf(auditStatuses));

const judged = schemaOf<Judged>()(
  'Judged',
  z.strictObject({ strategy: z.string(), verdict: z.string(), evidence: z.string() }),
);

const judgedFault = schemaOf<JudgedFault>()(
  'JudgedFault',
  z.strictObject({
    strategy: z.string(),
    kind: faultKind,
    verdict: z.string(),
    why: z.string(),
    replay: z.array(z.string()),
  }),
);

/** What `ledger --json` prints. A line of COLLISION-LEDGER.jsonl is one of its entries. */
export const ledger = z.array(
  schemaOf<LedgerEntry>()(
    'LedgerEntry',
    z.strictObject({
      target: z.string(),
      priority,
      source: z.string(),
      resource: z.string(),
      writer: z.string(),
      pattern: z.string(),
      before: judged,
      after: judged.nullable(),
      others: z.array(judged),
      status: z.string(),
      audit: audit.nullable(),
      contradicted: z.boolean().nullable(),
      deferred: z.record(z.string(), z.string()),
      underFaults: z.array(judgedFault).exactOptional(),
    }),
  ),
);

const strategy = z
  .strictObject({
    name: z.string(),
    does: z.string(),
    truth,
    may: truth.def.options[1].optional(),
    why: z.string(),
    cost: z.string().optional(),
    needs: z.array(z.string()).optional(),
    onProduct: z
      .record(z.string(), z.strictObject({ truth, may: truth.def.options[1].exactOptional(), why: z.string() }))
      .optional(),
    noFix: z.string().optional(),
  })
  .meta({ id: 'ListedStrategy' });

const listed = z
  .strictObject({
    id: z.string(),
    priority,
    source: z.string(),
    resource: z.string(),
    place: z.enum(['home', 'project']),
    touchedBy: z.enum(['every session', 'sessions with hooks']),
    writers: z.string(),
    audit: audit.optional(),
    fix: z.string().optional(),
    deferred: z.record(z.string(), z.string()).optional(),
    strategies: z.array(strategy),
  })
  .meta({ id: 'Listed' });

/** What `list --json` prints. */
export const list = z.array(listed);

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

export type Listed = DeepReadonly<z.output<typeof listed>>;
