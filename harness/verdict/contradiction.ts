/** What is claimed of an exploration, where something else than the exploration found a collision. */

import { writesOf } from '../history/execution.ts';
import { someOf } from '../oracle/finding.ts';
import type { Exploration } from './exploration.ts';
import type { Explored } from './strength.ts';
import type { RecordedFinding } from './verdict.ts';

/**
 * Sessions that run freely, or are drawn, can only do what is among all interleavings of as many sessions. Where they did something else,
 * "all" was wrong, whatever the reason: the claim is taken back, and said to be.
 *
 * @param besides what was found in other ways.
 */
export function reconciled(
  { explored, findings, doubt }: Exploration,
  besides: readonly RecordedFinding[],
): { readonly explored: Explored; readonly contradiction?: string } {
  if (explored.kind !== 'exhaustive' || doubt !== undefined) return { explored };
  const missed = besides.filter(
    (finding) => !findings.some((one) => one.class === finding.class) && isWithin(explored, finding),
  );
  if (missed.length === 0) return { explored };
  const classes = someOf([...new Set(missed.map((finding) => finding.class))]);
  return {
    explored: { ...explored, kind: 'partial' },
    contradiction:
      `${classes} was met by no more sessions than were explored, and all their interleavings do not show it: ` +
      'collide contradicts itself, so its exploration proves nothing here; please report this with the results',
  };
}

/** Did no more sessions do no more than those that were explored? Who only looks may look more often. */
function isWithin({ sessions, operations }: Explored, { witness }: RecordedFinding): boolean {
  const writes = writesOf(witness).map(({ session }) => session);
  return (
    witness.sessions.length <= sessions &&
    writes.every((session) => writes.filter((other) => other === session).length <= operations)
  );
}
