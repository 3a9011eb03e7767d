import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledgedOf, type Files, type Operation } from '../harness/history/execution.ts';
import { findingIf, type Oracle, someOf } from '../harness/oracle/finding.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Perform, type Session } from '../harness/scenario/scenario.ts';
import { halfWritten } from './kinds/under-faults.ts';
import { replaceFile } from './recipes/replace.ts';
import { sealed, titleOf } from './recipes/sealed.ts';

const documentOf = (session: Session): string => session.path('task.md');

const agreed = sealed('Task as agreed', 'A step that everybody knows of.\n'.repeat(250));

/** What this session alone has found out. Its length is another for each session. */
const ownFindings = ({ id, index }: Session): string =>
  sealed(`Task as seen by ${id}`, `A step that ${id} has found out.\n`.repeat(250 + 10 * index));

const writing =
  (contentOf: (session: Session) => string, write: (session: Session, content: string) => void): Perform =>
  (session) => {
    const content = contentOf(session);
    write(session, content);
    return titleOf(content);
  };

const inPlace = (session: Session, content: string): void => writeFileSync(documentOf(session), content);
const byRename = (session: Session, content: string): void => replaceFile(documentOf(session), session.uuid, content);

const titleIn = (final: Files): string => titleOf(final['task.md'] ?? '');

/** The last content that a session was told is written must be what is there, unless it has replaced that itself. */
const lastOfEachThere: Oracle = (execution) => {
  const title = titleIn(execution.final);
  const last = new Map<number, Operation>();
  for (const operation of acknowledgedOf(execution)) last.set(operation.session, operation);
  const lost = [...last.values()].filter(({ output, session }) => output !== title && !title.includes(` s${session}.`));
  return findingIf('LAST_WRITER_WINS', lost, () => {
    const ids = lost.map(({ id }) => id);
    return `acknowledged, then replaced by '${title}': ${someOf(ids)}`;
  });
};

export default defineScenario({
  id: 'task-doc',
  priority: 'P2',
  source: 'P2-5',
  resource: 'document about a task',
  place: 'project',
  touchedBy: 'every session',
  writers: 'several sessions, which write the whole of it while others read (Node)',
  audit: 'low',
  fix: 'rename',
  operations: 6,
  setup: (dir) => writeFileSync(join(dir, 'task.md'), agreed),
  read: (session) => titleOf(readFileSync(documentOf(session), 'utf8')),
  oracles: [neverTorn(titleIn), lastOfEachThere],

  strategies: {
    'write-in-place': {
      does: 'all write the same text in place',
      truth: ['TORN_STATE'],
      why: 'O_TRUNC empties the document before the text is written: a reader in between finds nothing, or the first pages.',
      perform: writing(() => agreed, inPlace),
    },
    'write-in-place-differing': {
      does: 'each writes a text of its own in place',
      truth: ['LAST_WRITER_WINS', 'TORN_STATE'],
      why: "It takes no race to lose A's text: B writes over it unread. And the document is empty between truncation and write, or holds B's text with A's tail.",
      perform: writing(ownFindings, inPlace),
    },
    rename: {
      does: 'all write the same text aside and rename it',
      truth: 'SAFE',
      why: 'rename(2) puts one whole document in the place of another; which of the same texts it is does not matter.',
      cost: 'A second copy on the disk for a moment, in the same directory; the rename drops hard links and the old owner and mode. It orders nothing: safe only because all write the same text.',
      underFaults: { 'power-posix': halfWritten },
      perform: writing(() => agreed, byRename),
    },
    'rename-differing': {
      does: 'each writes a text of its own aside and renames it',
      truth: ['LAST_WRITER_WINS'],
      why: "Every state is whole, but B puts its text in the place of A's without having read it.",
      perform: writing(ownFindings, byRename),
    },
  },
});
