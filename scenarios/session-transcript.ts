import { constants, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { findingIf, type Oracle, someOf } from '../harness/oracle/finding.ts';
import { defineScenario, Refused, type Session } from '../harness/scenario/scenario.ts';
import { marked } from './kinds/under-faults.ts';
import { claim } from './recipes/exclusive.ts';
import { appendLine, parseLines } from './recipes/jsonl.ts';

interface Turn {
  readonly id: string;
  /** The session that took it. */
  readonly session: string;
  /** The turn that it answers. */
  readonly parent: string;
}

const ORIGINAL = 'conversation.jsonl';

const original = Array.from(
  { length: 10 },
  (_, at) => `${JSON.stringify({ id: `t${at}`, session: 'original', parent: `t${at - 1}` } satisfies Turn)}\n`,
).join('');

/** Reads the conversation so far, and adds a turn that answers the last. */
function takeTurn(file: string, session: Session): void {
  const last = parseLines<Turn>(readFileSync(file, 'utf8')).at(-1)!;
  appendLine(file, { id: session.id, session: session.uuid, parent: last.id } satisfies Turn);
}

const transcriptsIn = (final: Files): readonly (readonly Turn[])[] =>
  Object.entries(final)
    .filter(([path]) => path.endsWith('.jsonl'))
    .map(([, text]) => parseLines<Turn>(text));

/**
 * A transcript is replayed from top to bottom. So a turn must stand right behind the one that it answers, and a session that
 * has begun to speak must not have another's turns between its own (CONTAMINATED).
 */
const oneConversation: Oracle = ({ final }) => {
  const blends = transcriptsIn(final).flatMap((turns) => {
    const spoken = new Set<string>();
    return turns.flatMap(({ id, session, parent }, at) => {
      const before = turns[at - 1];
      const resumed = spoken.has(session);
      spoken.add(session);
      if (before === undefined) return [];
      if (before.id !== parent) return [`${id} answers ${parent}, and stands behind ${before.id}`];
      return resumed && before.session !== session ? [`${id} answers ${parent}, which is another session's`] : [];
    });
  });
  return findingIf('CONTAMINATED', blends, () => someOf(blends, 1));
};

/** A conversation that sessions have copied is none that they may write to (CONTAMINATED). */
const originalUnchanged: Oracle = ({ final }) => {
  const copies = Object.keys(final).filter((path) => path.endsWith('.jsonl') && path !== ORIGINAL);
  const changed = copies.length > 0 && final[ORIGINAL] !== original ? [ORIGINAL] : [];
  return findingIf('CONTAMINATED', changed, () => `${ORIGINAL} was copied, and then changed`);
};

export default defineScenario({
  id: 'session-transcript',
  priority: 'P1',
  source: 'R',
  resource: 'conversation file of a session, which several sessions resume',
  place: 'home',
  touchedBy: 'every session',
  writers: 'every session, one turn at a time (Node)',
  fix: 'resume-fork',
  operations: 5,
  setup: (dir) => writeFileSync(join(dir, ORIGINAL), original),
  oracles: [
    oneConversation,
    originalUnchanged,
    everyEntryOnce((final) =>
      transcriptsIn(final)
        .flatMap((turns) => turns.map(({ id }) => id))
        .filter((id) => id.startsWith('s')),
    ),
  ],

  strategies: {
    'append-same': {
      does: 'each session reads and appends to the one file',
      truth: ['CONTAMINATED'],
      why: "B's turn comes between two turns of A: A answers B's words as if they were its own. No line is torn or lost.",
      perform: (session) => takeTurn(session.path(ORIGINAL), session),
    },
    'exclusive-id': {
      does: 'the first session to resume creates a lock with O_EXCL; others are refused',
      truth: 'SAFE',
      why: 'O_EXCL creates the lock for one session, which keeps it; all others are told so before they write.',
      cost: 'A session that dies leaves its lock behind, and nobody resumes the conversation until somebody removes it.',
      underFaults: {
        ...marked,
        'power-posix': {
          truth: ['STUCK', 'LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
          why: 'Nothing is flushed: turns may be gone, or be there as zeros. And the lock may be there without a holder.',
        },
        'power-ext4': {
          truth: ['STUCK', 'LOST_ON_CRASH'],
          why: 'Nothing is flushed: turns may be gone. And the lock may be there without a holder.',
        },
      },
      perform: (session) => {
        if (!claim(session.path(`${ORIGINAL}.lock`), session.uuid)) {
          throw new Refused('the conversation is open in another session');
        }
        takeTurn(session.path(ORIGINAL), session);
      },
    },
    'resume-fork': {
      does: 'each session copies the file to a new id, and appends there',
      truth: 'SAFE',
      why: 'Nobody writes to the original, and no copy has two writers.',
      cost: 'The conversation parts: what is said in one copy, the others never hear. Every session copies the whole file.',
      underFaults: {
        'power-posix': {
          truth: ['LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
          why: 'Nothing is flushed: the copy, or the turns in it, may be gone, or be there as zeros.',
        },
        'power-ext4': {
          truth: ['LOST_ON_CRASH'],
          why: 'Nothing is flushed: the copy, or the turns in it, may be gone.',
        },
      },
      perform: (session) => {
        const fork = session.path(`${session.uuid}.jsonl`);
        if (!existsSync(fork)) copyFileSync(session.path(ORIGINAL), fork, constants.COPYFILE_EXCL);
        takeTurn(fork, session);
      },
    },
  },
});
