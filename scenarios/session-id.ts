import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledgedOf } from '../harness/history/execution.ts';
import { wholeLines } from '../harness/oracle/entries.ts';
import { findingIf, type Oracle, someOf } from '../harness/oracle/finding.ts';
import { defineScenario, type Session } from '../harness/scenario/scenario.ts';
import { appended } from './kinds/under-faults.ts';
import { appendLine } from './recipes/jsonl.ts';

function appendSigned(session: Session, signature: string): string {
  appendLine(session.path('log.jsonl'), { id: session.id, session: signature });
  return signature;
}

/** An entry whose signature several sessions use can't be attributed (CONTAMINATED). */
const attributable: Oracle = (execution) => {
  const acknowledged = acknowledgedOf(execution);
  const users = new Map<unknown, Set<number>>();
  for (const { output, session } of acknowledged) users.set(output, (users.get(output) ?? new Set()).add(session));
  const ambiguous = acknowledged.filter(({ output }) => users.get(output)!.size > 1);
  return findingIf('CONTAMINATED', ambiguous, () => {
    const [first] = ambiguous;
    const ids = ambiguous.map(({ id }) => id);
    return `${users.get(first!.output)!.size} sessions sign as '${first!.output}': whose are ${someOf(ids)}?`;
  });
};

export default defineScenario({
  id: 'session-id',
  priority: 'P1',
  source: 'T',
  resource: "log whose entries are signed with the session's id",
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'every session, one entry at a time (Node)',
  fix: 'uuid',
  operations: 40,
  setup: (dir) => writeFileSync(join(dir, 'log.jsonl'), ''),
  oracles: [attributable, wholeLines('log.jsonl')],

  strategies: {
    'static-id': {
      does: 'sign with an id from the configuration',
      truth: ['CONTAMINATED'],
      why: 'It takes no race: A and B have the same configuration, so they sign alike. No entry is lost, and none can be attributed.',
      perform: (session) => appendSigned(session, 'session-main'),
    },
    uuid: {
      does: 'sign with a UUID drawn when the session starts',
      truth: 'SAFE',
      why: 'Two sessions never draw the same UUID.',
      cost: 'An id that says nothing to people, and that a session started again does not have any more, unless it is kept.',
      underFaults: appended,
      perform: (session) => appendSigned(session, session.uuid),
    },
  },
});
