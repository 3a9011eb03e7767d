import { z } from 'zod';
import type { Execution, Operation, SessionIdentity } from '../history/execution.ts';
import type { Access, Call, Step } from '../history/step.ts';
import { schemaOf } from './same.ts';

export const natural = z.int().min(0);

export const mode = z.enum(['shared', 'per-session', 'alone']);

const calls = [
  'open',
  'read',
  'write',
  'truncate',
  'copy',
  'stat',
  'access',
  'list',
  'readlink',
  'execute',
  'rename',
  'link',
  'symlink',
  'unlink',
  'mkdir',
  'rmdir',
  'attributes',
  'sync',
  'lock',
  'trylock',
  'unlock',
  'close',
  'map',
  'exit',
  'sleep',
  'connect',
  'send',
  'receive',
  'disconnect',
  'power',
] as const satisfies readonly Call[];

const access = schemaOf<Access>()(
  'Access',
  z.strictObject({
    object: z.string(),
    mode: z.enum(['read', 'write', 'add']),
    from: z.number().exactOptional(),
    to: z.number().exactOptional(),
  }),
);

const step = schemaOf<Step>()(
  'Step',
  z.strictObject({
    session: natural,
    operation: natural,
    call: z.enum(calls),
    path: z.string(),
    to: z.string().exactOptional(),
    flags: z.array(z.string()).exactOptional(),
    error: z.string().exactOptional(),
    fault: z.string().exactOptional(),
    accesses: z.array(access).exactOptional(),
    data: z.string().exactOptional(),
    bytes: z.number().exactOptional(),
  }),
);

const session = schemaOf<SessionIdentity>()(
  'Session',
  z.strictObject({
    index: natural,
    uuid: z.string(),
    pid: z.int(),
    role: z.enum(['writer', 'reader']),
    recovers: z.literal(true).exactOptional(),
  }),
);

const operation = schemaOf<Operation>()(
  'Operation',
  z.strictObject({
    id: z.string(),
    session: natural,
    kind: z.enum(['write', 'read', 'finally']),
    invokedUs: z.number(),
    respondedUs: z.number(),
    outcome: z.enum(['ok', 'refused', 'unknown']),
    output: z.unknown().optional(),
    error: z.strictObject({ name: z.string(), message: z.string(), code: z.string().exactOptional() }).exactOptional(),
    exitCode: natural.exactOptional(),
    stderr: z.string().exactOptional(),
  }),
);

const final = z.record(z.string(), z.string());

/** How an execution ended. */
export const outcome = schemaOf<Pick<Execution, 'operations' | 'final'>>()(
  'Outcome',
  z.strictObject({ operations: z.array(operation), final }),
);

export const execution = schemaOf<Execution>()(
  'Execution',
  z.strictObject({
    target: z.string(),
    strategy: z.string(),
    mode,
    seed: z.int(),
    round: z.int(),
    sessions: z.array(session),
    operations: z.array(operation),
    final,
    faults: z.string().exactOptional(),
    steps: z.array(step).exactOptional(),
  }),
);
