import type { Access, Step } from '../../history/step.ts';
import type { LockData } from './page/shapes.ts';

/**
 * Who has which lock, and from which step to which. A lock is held until its holder's last step that may give it back before somebody
 * else gets it: several processes of a session may have it, and each of them that ends may have been the last one.
 */
export function locksIn(steps: readonly Step[]): readonly LockData[] {
  const taken = steps.flatMap((step, at) => (takes(step) ? [{ step, at, lock: lockOf(step)! }] : []));
  return taken.map(({ step, at, lock }) => {
    const next = taken.find(
      (other) => other.at > at && other.step.session !== step.session && excludes(other.lock, lock),
    );
    const before = next?.at ?? steps.length;
    const returns = (other: Step, index: number): boolean =>
      index > at && index < before && other.session === step.session && mayGiveBack(other, lock);
    const given = steps.findLastIndex(returns);
    const last = steps.findLastIndex(({ session }, index) => session === step.session && index < before);
    // Who is killed has it until then: what ended before was only one of its processes.
    const isKilled = steps[last]?.fault?.startsWith('killed') === true && steps[given]?.call !== 'unlock';
    return { session: step.session, path: step.path, from: at, to: given < 0 || isKilled ? last : given };
  });
}

const takes = (step: Step): boolean =>
  (step.call === 'lock' || step.call === 'trylock') && step.error === undefined && lockOf(step) !== undefined;

const lockOf = ({ accesses = [] }: Step): Access | undefined =>
  accesses.find(({ object }) => object.startsWith('lock '));

const excludes = (a: Access, b: Access): boolean => a.object === b.object && (a.mode === 'write' || b.mode === 'write');

const mayGiveBack = ({ call, accesses = [] }: Step, { object }: Access): boolean =>
  (call === 'unlock' || call === 'close' || call === 'exit') && accesses.some((access) => access.object === object);
