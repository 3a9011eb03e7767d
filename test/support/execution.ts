/** Literal executions: a test writes down what it is about, and nothing else. */

import fc from 'fast-check';
import type { Execution, Operation, SessionIdentity } from '../../harness/history/execution.ts';

type Details = Partial<Operation>;

/** Operation n of a writer: acknowledged, and in time beside operation n of every other writer. */
export const write = (session: number, n: number, details: Details = {}): Operation => ({
  id: `s${session}.${n}`,
  session,
  kind: 'write',
  invokedUs: 100 * n + session,
  respondedUs: 100 * n + 90,
  outcome: 'ok',
  output: null,
  ...details,
});

export const refused = (session: number, n: number, details: Details = {}): Operation =>
  write(session, n, { outcome: 'refused', error: { name: 'Refused', message: 'not now' }, ...details });

export const unknown = (session: number, n: number, details: Details = {}): Operation =>
  write(session, n, { outcome: 'unknown', error: { name: 'Error', message: 'no idea' }, ...details });

/** Read n of a reader, whose place among the sessions is behind the writers. */
export const read = (session: number, n: number, details: Details = {}): Operation =>
  write(session, n, { id: `r${session}.${n}`, kind: 'read', ...details });

/** What a writer does once all others are done. */
export const concluding = (session: number, details: Details = {}): Operation =>
  write(session, 1000 + session, { id: `s${session}.end`, kind: 'finally', ...details });

/** The sessions are those that the operations name, unless `writers` and `readers` say more. */
export function execution({
  writers,
  readers,
  ...details
}: Partial<Execution> & { readonly writers?: number; readonly readers?: number }): Execution {
  const operations = (details.operations ?? []).toSorted((a, b) => a.invokedUs - b.invokedUs);
  const highest = (role: SessionIdentity['role']): number =>
    Math.max(-1, ...operations.filter(({ kind }) => (kind === 'read') === (role === 'reader')).map((op) => op.session));
  const writing = writers ?? highest('writer') + 1;
  const reading = readers ?? Math.max(0, highest('reader') + 1 - writing);
  return {
    target: 'ledger',
    strategy: 'rewrite',
    mode: 'shared',
    seed: 1,
    round: 0,
    sessions: Array.from({ length: writing + reading }, (_, index) => ({
      index,
      uuid: `uuid-${index}`,
      pid: 1000 + index,
      role: index < writing ? 'writer' : 'reader',
    })),
    final: {},
    ...details,
    operations,
  };
}

/** The same things in any order. */
export const inAnyOrder = <Item>(items: readonly Item[]): fc.Arbitrary<Item[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });

/** How an operation may have ended. */
export const anyOutcome = fc.constantFrom(...(['ok', 'ok', 'refused', 'unknown'] as const));
