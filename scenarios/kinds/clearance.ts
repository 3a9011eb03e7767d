import type { Execution, Operation } from '../../harness/history/execution.ts';
import { findingIf, type Oracle, someOf } from '../../harness/oracle/finding.ts';
import { onlyItsOwn } from '../../harness/oracle/grants.ts';
import { sh } from '../../harness/scenario/command.ts';
import { defineScenario, type Scenario, type UnderFault } from '../../harness/scenario/scenario.ts';

/** Tasks of one execution. Each session asks for each of them twice: who is refused tries once more. */
const TASKS = 3;

const wasCleared = ({ session }: Operation): boolean => session % 2 === 0;

const unchecked: UnderFault = {
  truth: ['TORN_STATE'],
  why: 'The script does not look whether its write has worked: the file is there, and it starts on an empty clearance.',
};

/** What a script prints is the clearance that it started on: the id of the operation that was cleared. */
const foreignClearance = (operation: Operation): string | undefined => {
  const { id, outcome, output } = operation;
  if (outcome !== 'ok' || output === id || (!output && wasCleared(operation))) return undefined;
  return `${id} started on ${output ? `the clearance of ${output}` : 'a clearance still being written'}`;
};

/** Who was cleared must find the clearance as it was written, or be told that it was not (TORN_STATE). */
const wholeClearance: Oracle = ({ operations }) => {
  const empty = operations.filter(
    (operation) => operation.outcome === 'ok' && !operation.output && wasCleared(operation),
  );
  return findingIf('TORN_STATE', empty, () => `started on an empty clearance: ${someOf(empty.map(({ id }) => id))}`);
};

const warnings = (execution: Execution): number =>
  execution.operations.filter(({ stderr }) => stderr?.includes('DEPRECATION WARN')).length;

/**
 * Clearance to start a task, in the form of a file or directory that is there. Sessions of even number are cleared and then
 * start; those of odd number never are, and only try to start: nobody may let them in.
 */
export const clearance = (row: Pick<Scenario, 'id' | 'source' | 'resource' | 'place' | 'writers'>): Scenario =>
  defineScenario({
    ...row,
    priority: 'P1',
    touchedBy: 'sessions with hooks',
    audit: 'fix applied',
    fix: 'session-path',
    operations: TASKS * 2,
    setup: () => {},
    oracles: [onlyItsOwn(foreignClearance), wholeClearance],
    counts: (execution) => ({ 'deprecation warnings': warnings(execution) }),

    strategies: {
      'global-path': {
        does: 'one path for all sessions',
        truth: ['CONTAMINATED'],
        may: ['TORN_STATE'], // where two that were cleared share a path
        why: 'A is cleared; B, who is not, looks at the same path afterwards and starts on the clearance of A.',
        perform: sh(`${row.id}/global-path.sh`),
      },
      'legacy-fallback': {
        does: "the session's path first, else the global one, with a warning",
        truth: ['CONTAMINATED'],
        may: ['TORN_STATE'], // as above
        why: 'B finds nothing under its own path, falls back to the global one, warns, and starts on the clearance of A.',
        perform: sh(`${row.id}/legacy-fallback.sh`),
      },
      'session-path': {
        does: "a path with the session's UUID in it",
        truth: 'SAFE',
        why: 'No path is written by one session and looked at by another; whoever was not cleared is refused.',
        cost: 'Whoever looks must know which session it is, and nobody sees all sessions in one place; what ended sessions leave behind, somebody has to clear away.',
        underFaults: {
          errno: unchecked,
          full: { ...unchecked, truth: [], may: unchecked.truth },
        },
        perform: sh(`${row.id}/session-path.sh`),
      },
    },
  });
