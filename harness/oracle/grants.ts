import { acknowledgedOf, type Execution, type Operation } from '../history/execution.ts';
import { type CollisionClass, findingIf, type Oracle, someOf } from './finding.ts';

/**
 * What may be granted once (a token, a marker, a key, an id) must not be granted twice.
 *
 * @param key what an acknowledged operation was granted; undefined where it was granted nothing.
 */
export const grantedOnce =
  (key: (operation: Operation) => string | undefined, kind: CollisionClass = 'DOUBLE_CONSUME'): Oracle =>
  (execution) => {
    const holders = new Map<string, string[]>();
    for (const operation of acknowledgedOf(execution)) {
      const granted = key(operation);
      if (granted !== undefined) holders.set(granted, [...(holders.get(granted) ?? []), operation.id]);
    }
    const contested = [...holders].filter(([, ids]) => ids.length > 1);
    return findingIf(kind, contested, () =>
      someOf(contested.map(([granted, ids]) => `${granted} was granted to ${ids.join(' and ')}`)),
    );
  };

/**
 * A session must act on its own state only (CONTAMINATED).
 *
 * @param foreign says what an operation acted on that was not its session's own; undefined where all was its own.
 */
export const onlyItsOwn =
  (foreign: (operation: Operation, execution: Execution) => string | undefined): Oracle =>
  (execution) => {
    const cases = execution.operations.flatMap((operation) => foreign(operation, execution) ?? []);
    return findingIf('CONTAMINATED', cases, () => someOf(cases, 1));
  };
