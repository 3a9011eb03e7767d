/** Fixes that hold because each session has a file of its own: reached by way of something that all share. */

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Perform, Session } from '../../harness/scenario/scenario.ts';
import activeTask from '../../scenarios/active-task.ts';
import instructionHistory from '../../scenarios/instruction-history.ts';
import { recordMessage, sumOf, type Usage, usagesIn } from '../../scenarios/kinds/usage.ts';
import { readJson } from '../../scenarios/recipes/json.ts';
import { appendLine, parseLines } from '../../scenarios/recipes/jsonl.ts';
import { replaceFile } from '../../scenarios/recipes/replace.ts';
import sessionId from '../../scenarios/session-id.ts';
import sessionState from '../../scenarios/session-state.ts';
import tokenCheckpoints from '../../scenarios/token-checkpoints.ts';
import type { Mutants } from './mutant.ts';

/** Makes this session the current one, then asks which is: it need not be this one any more. */
function currentSession(session: Session): string {
  const pointer = session.path('current-session');
  replaceFile(pointer, session.uuid, session.uuid);
  return readFileSync(pointer, 'utf8');
}

const usageOfCurrent = (session: Session): string => session.path('sessions', currentSession(session), 'usage.jsonl');

/** Replaces a usage file by itself and one message more, by way of a temporary file that all sessions append to. */
function addMessage(session: Session, file: string, usage: Usage): void {
  const temporary = session.path('usage.tmp');
  for (const each of [...usagesIn(file), usage]) appendLine(temporary, each);
  renameSync(temporary, file);
}

/** Large enough for one operation of each of two sessions to pass the first checkpoint together, and of none alone. */
const TOKENS = 20_000;
const CHECKPOINTS: readonly number[] = [25_000, 50_000, 75_000];

/** Records one message, and fires the checkpoints that this passes. */
const fireAfter =
  (fileOf: (session: Session) => string, record: (session: Session, file: string, usage: Usage) => void): Perform =>
  (session) => {
    const file = fileOf(session);
    const before = sumOf(usagesIn(file)).tokens;
    record(session, file, { by: session.id, tokens: TOKENS });
    const after = sumOf(usagesIn(file)).tokens;
    const fired = CHECKPOINTS.filter((checkpoint) => before < checkpoint && checkpoint <= after);
    return { own: TOKENS * (session.operation + 1), fired };
  };

type Instructions = readonly { readonly id: string }[];

const fileOf = (session: Session): string => session.path('sessions', `${session.uuid}.json`);

function withOneMore(session: Session): string {
  const mine = existsSync(fileOf(session)) ? readJson<Instructions>(fileOf(session)) : [];
  return JSON.stringify([...mine, { id: session.id, text: `instruction of ${session.id}` }], null, 1);
}

const logOf = (session: Session): string => session.path('log.jsonl');

function appendSigned(session: Session, signature: string): string {
  appendLine(logOf(session), { id: session.id, session: signature });
  return signature;
}

export const isolation: Mutants = {
  'pointer-from-a-shared-temporary': {
    of: activeTask,
    fix: 'session-pointer',
    does: "writes a temporary file of the same name for all, and renames it to the session's pointer",
    why: "B's write of the temporary file comes between A's write and A's rename: A's pointer names B's task.",
    shows: ['CONTAMINATED'],
    perform: (session) => {
      const own = `task of ${session.id}`;
      const pointer = session.path(`active-task.${session.uuid}`);
      writeFileSync(session.path('active-task.tmp'), own);
      renameSync(session.path('active-task.tmp'), pointer);
      return { own, acted: readFileSync(pointer, 'utf8') };
    },
  },
  'pointer-in-the-last-line': {
    of: activeTask,
    fix: 'session-pointer',
    does: "appends the session's id and its task to one list, and takes the last line for its own",
    why: "B's line comes between A's append and A's read: A acts on B's task.",
    shows: ['CONTAMINATED'],
    perform: (session) => {
      const own = `task of ${session.id}`;
      appendFileSync(session.path('active-tasks'), `${session.uuid} ${own}\n`);
      const last = readFileSync(session.path('active-tasks'), 'utf8').split('\n').at(-2)!;
      return { own, acted: last.slice(session.uuid.length + 1) };
    },
  },
  'state-of-the-current-session': {
    of: sessionState,
    fix: 'session-dir',
    does: 'notes which session is the current one, and records messages in the state of that',
    why: "B makes itself the current session between A's note and A's read of it: A's message goes to B's state.",
    shows: ['CONTAMINATED'],
    perform: (session) => recordMessage(usageOfCurrent(session), { by: session.id, tokens: TOKENS }),
  },
  'state-from-a-shared-temporary': {
    of: sessionState,
    fix: 'session-dir',
    does: 'appends the new state to a temporary file of the same name for all, and renames it',
    why: "B's append to the temporary file comes between A's append and A's rename: A's state holds B's message.",
    shows: ['CONTAMINATED'],
    perform: (session) => addMessage(session, session.memory as string, { by: session.id, tokens: TOKENS }),
  },
  'usage-of-the-current-session': {
    of: tokenCheckpoints,
    fix: 'session-dir',
    does: 'notes which session is the current one, and fires by the total of that',
    why: "B makes itself the current session between A's note and A's read of it: both add to B's total, and who comes second passes a checkpoint.",
    shows: ['CONTAMINATED'],
    perform: fireAfter(usageOfCurrent, (_, file, usage) => recordMessage(file, usage)),
  },
  'usage-from-a-shared-temporary': {
    of: tokenCheckpoints,
    fix: 'session-dir',
    does: 'appends the new usage to a temporary file of the same name for all, and renames it',
    why: "B's append to the temporary file comes between A's append and A's rename: A's total holds B's tokens, and passes a checkpoint.",
    shows: ['CONTAMINATED'],
    perform: fireAfter((session) => session.memory as string, addMessage),
  },
  'id-of-the-current-session': {
    of: sessionId,
    fix: 'uuid',
    does: "notes the session's id in one place for all, and signs with what it finds there",
    why: "B's note comes between A's note and A's read of it: A signs as B.",
    shows: ['CONTAMINATED'],
    perform: (session) => appendSigned(session, currentSession(session)),
  },
  'id-of-the-next-number': {
    of: sessionId,
    fix: 'uuid',
    does: 'counts the sessions that have signed so far, and takes the next number',
    why: "B's read of the log comes between A's read and A's append: both count the same sessions, and sign alike.",
    shows: ['CONTAMINATED'],
    open: () => ({}),
    perform: (session) => {
      const own = session.memory as { signature?: string };
      const entries = parseLines<{ readonly session: string }>(readFileSync(logOf(session), 'utf8'));
      own.signature ??= `session-${new Set(entries.map((entry) => entry.session)).size + 1}`;
      return appendSigned(session, own.signature);
    },
  },
  'session-file-from-a-shared-temporary': {
    of: instructionHistory,
    fix: 'session-file-merge',
    does: "writes a temporary file of the same name for all, and renames it to the session's own",
    why: "B's write of the temporary file comes between A's write and A's rename: A's file holds B's instruction and not A's.",
    shows: ['LAST_WRITER_WINS', 'TORN_STATE', 'DUPLICATE_ENTRY'],
    perform: (session) => {
      writeFileSync(session.path('sessions', 'next.tmp'), withOneMore(session));
      renameSync(session.path('sessions', 'next.tmp'), fileOf(session));
    },
  },
  'session-file-written-in-place': {
    of: instructionHistory,
    fix: 'session-file-merge',
    does: 'writes a file of its own in place: it has no other writer',
    why: "A reader's read comes between A's opening of the file, which empties it, and A's write.",
    shows: ['TORN_STATE'],
    perform: (session) => writeFileSync(fileOf(session), withOneMore(session)),
  },
};
