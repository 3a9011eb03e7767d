import { z } from 'zod';
import { auditStatuses } from '../scenario/scenario.ts';
import { keysOf } from './same.ts';
import { priority, truth } from './verdict.ts';

const audit = z.enum(keysOf(auditStatuses));

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
