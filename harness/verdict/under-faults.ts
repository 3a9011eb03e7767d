import { parsePlan } from '../faults/plan.ts';
import { type Execution, KILLED, type Operation, writesOf } from '../history/execution.ts';
import { type CollisionClass, type Finding, someOf } from '../oracle/finding.ts';

/** What is missing or unreadable after somebody died is so because of that. */
const afterCrash: Partial<Readonly<Record<CollisionClass, CollisionClass>>> = {
  LAST_WRITER_WINS: 'LOST_ON_CRASH',
  TORN_STATE: 'CORRUPT_ON_CRASH',
  TORN_LINES: 'CORRUPT_ON_CRASH',
};

/**
 * What the oracles are to judge: who was told of a failure that was made up was told nothing about the resource, so its refusal
 * says nothing either.
 */
export function unsaid(execution: Execution): Execution {
  const { injections } = parsePlan(execution.faults ?? '');
  const all = injections.some(({ fault }) => fault.kind === 'errno' && fault.lasting);
  const fresh = freshIn(execution);
  const concerned = (session: number): boolean =>
    all ? !fresh.has(session) : injections.some((injection) => injection.session === session);
  return {
    ...execution,
    operations: execution.operations.map((operation) =>
      operation.outcome === 'refused' && concerned(operation.session)
        ? { ...operation, outcome: 'unknown' as const }
        : operation,
    ),
  };
}

const freshIn = ({ sessions }: Execution): ReadonlySet<number> =>
  new Set(sessions.filter(({ recovers }) => recovers).map(({ index }) => index));

/** Was nobody refused who came afterwards? */
export function freshAreGranted(execution: Execution): boolean {
  const fresh = freshIn(execution);
  return writesOf(execution).every(({ session, outcome }) => !fresh.has(session) || outcome === 'ok');
}

/**
 * What an execution in which something was made to go wrong shows: the findings of its oracles, and whether it went on.
 *
 * @param neverRefused while all goes well, those who come afterwards are never refused: then they must not be now.
 */
export function underFaults(
  findings: readonly Finding[],
  execution: Execution,
  neverRefused = false,
): readonly Finding[] {
  const { injections, power } = parsePlan(execution.faults ?? '');
  const died = power !== undefined || injections.some(({ fault }) => fault.kind === 'crash');
  const renamed = findings.map((finding): Finding => {
    const kind = died ? afterCrash[finding.class] : undefined;
    return kind === undefined ? finding : { ...finding, class: kind };
  });
  const found = [...renamed, ...(renamed.length > 0 ? [] : blocked(execution, neverRefused))];
  return [...new Map(found.map((finding) => [finding.class, finding])).values()];
}

/** Fresh sessions that could not do their work, though nobody else was there any more. */
function blocked(execution: Execution, neverRefused: boolean): readonly Finding[] {
  const fresh = freshIn(execution);
  const writes = writesOf(execution);
  const granted = !neverRefused && writes.some(({ outcome }) => outcome === 'ok');
  const failed = writes.filter(
    ({ session, outcome, error }) =>
      fresh.has(session) && error?.name !== KILLED && (outcome === 'unknown' || (outcome === 'refused' && !granted)),
  );
  if (failed.length === 0) return [];
  return [
    { class: 'STUCK', count: failed.length, message: `no fresh session can go on: ${someOf(failed.map(words), 1)}` },
  ];
}

function words({ id, outcome, error }: Operation): string {
  const reason = error?.message.trim().replace(/^.*?\/fixtures\//, '') ?? 'no word';
  return outcome === 'refused'
    ? `${id} is refused (${reason}), though nobody has it any more`
    : `${id} fails: ${reason}`;
}
