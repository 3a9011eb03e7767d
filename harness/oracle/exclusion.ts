import { acknowledgedOf, type Operation } from '../history/execution.ts';
import { findingIf, type Oracle, someOf } from './finding.ts';

/**
 * At most so many sessions may be inside a critical section at once (EXCLUSION_BROKEN), by a log that each of them appends
 * `+id` to when it enters and `-id` when it leaves. Who failed in between, or died, may have left without a word; nobody is
 * inside any more once the power has failed.
 */
export const neverMoreThan =
  (admitted: number, log: string): Oracle =>
  ({ final, operations, sessions, faults = '' }) => {
    const fresh = new Set(sessions.filter(({ recovers }) => recovers).map(({ index }) => index));
    const isGone = ({ outcome, session }: Operation): boolean =>
      outcome === 'unknown' || (faults.startsWith('power.') && !fresh.has(session));
    const failed = new Set(operations.filter(isGone).map(({ id }) => id));
    const inside = new Set<string>();
    const crowds: string[] = [];
    for (const line of (final[log] ?? '').split('\n').filter(Boolean)) {
      const id = line.slice(1);
      if (failed.has(id) || !/^[+-]/.test(line)) continue; // what a power loss has left of a line says nothing
      if (line.startsWith('-')) inside.delete(id);
      else if (inside.add(id).size > admitted) crowds.push([...inside].join(' and '));
    }
    return findingIf('EXCLUSION_BROKEN', crowds, () => `inside at once: ${crowds[0]}`);
  };

/** The same, by how many there were at once in the eyes of who was asked. */
export const neverToldMoreThan =
  (admitted: number, toldBy: (operation: Operation) => number): Oracle =>
  (execution) => {
    const crowds = acknowledgedOf(execution).filter((operation) => toldBy(operation) > admitted);
    return findingIf('EXCLUSION_BROKEN', crowds, () =>
      someOf(crowds.map((operation) => `${operation.id} was one of ${toldBy(operation)}`)),
    );
  };
