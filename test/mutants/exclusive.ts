/** Fixes that hold because one step both looks and takes (O_EXCL, link): taken apart, or without regard for the answer. */

import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refused, type Session } from '../../harness/scenario/scenario.ts';
import buildMarker from '../../scenarios/build-marker.ts';
import instructionHistory from '../../scenarios/instruction-history.ts';
import { createExclusively, linkExclusively } from '../../scenarios/recipes/exclusive.ts';
import { appendLine, parseLines } from '../../scenarios/recipes/jsonl.ts';
import { replaceFile } from '../../scenarios/recipes/replace.ts';
import { compareAndSwap, newestVersion } from '../../scenarios/recipes/version-cas.ts';
import sessionTranscript from '../../scenarios/session-transcript.ts';
import taskList from '../../scenarios/task-list.ts';
import type { Mutants } from './mutant.ts';

const taskOf = (session: Session): string => `task-${session.operation}`;
const markerOf = (session: Session): string => session.path(`${taskOf(session)}.started`);
const started = (session: Session): Refused => new Refused(`${taskOf(session)} has been started`);

const versionsOf = (session: Session): string => session.path('versions');

const withOneMore = (history: string, { id }: Session): string =>
  JSON.stringify([...(JSON.parse(history) as object[]), { id, text: `instruction of ${id}` }], null, 1);

const versionOf = (session: Session, number: number): string => join(versionsOf(session), `v${number}`);

const tasksIn = (session: Session): readonly string[] =>
  readdirSync(session.path('tasks')).filter((name) => /^\d+\.json$/.test(name));
const highestId = (session: Session): number => Math.max(0, ...tasksIn(session).map(Number.parseFloat));
const taskFile = (session: Session, id: number): string => session.path('tasks', `${id}.json`);
const task = ({ id }: Session): string => JSON.stringify({ by: id, subject: `what ${id} wants done` });

const conversationOf = (session: Session): string => session.path('conversation.jsonl');

/** Answers the last turn of a transcript. */
function takeTurn(file: string, session: Session): void {
  const last = parseLines<{ readonly id: string }>(readFileSync(file, 'utf8')).at(-1)!;
  appendLine(file, { id: session.id, session: session.uuid, parent: last.id });
}

const taken = (): Refused => new Refused('the conversation is open in another session');

export const exclusive: Mutants = {
  'marker-written-and-verified': {
    of: buildMarker,
    fix: 'exclusive-create',
    does: 'looks for a marker, writes one without O_EXCL, and reads back whose it is',
    why: "B's look comes between A's look and A's write, and B's write after A has read back its own: each finds itself there.",
    shows: ['DOUBLE_CONSUME'],
    perform: (session) => {
      if (existsSync(markerOf(session))) throw started(session);
      writeFileSync(markerOf(session), session.id);
      if (readFileSync(markerOf(session), 'utf8') !== session.id) throw started(session);
      return taskOf(session);
    },
  },
  'empty-marker-taken-over': {
    of: buildMarker,
    fix: 'exclusive-create',
    does: 'O_EXCL, but takes over a marker that is empty, as one left by a session that died',
    why: "B's read comes between A's creation of the marker and A's write to it: B takes it for abandoned.",
    shows: ['DOUBLE_CONSUME'],
    perform: (session) => {
      if (!createExclusively(markerOf(session), session.id)) {
        if (readFileSync(markerOf(session), 'utf8') !== '') throw started(session);
        writeFileSync(markerOf(session), session.id);
      }
      return taskOf(session);
    },
  },
  'version-retried-with-the-old-text': {
    of: instructionHistory,
    fix: 'version-cas',
    does: 'links the same text under the next number where one is taken, and does not read again',
    why: "B's link comes between A's read of the newest version and A's link: the version that A then adds does not build on B's.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const newest = newestVersion(versionsOf(session));
      const temporary = join(versionsOf(session), `${session.uuid}.tmp`);
      writeFileSync(temporary, withOneMore(readFileSync(newest, 'utf8'), session));
      let number = Number(newest.slice(versionsOf(session).length + 2)) + 1;
      while (!linkExclusively(temporary, versionOf(session, number))) number++;
      unlinkSync(temporary);
    },
  },
  'version-from-a-shared-temporary': {
    of: instructionHistory,
    fix: 'version-cas',
    does: 'the temporary file has the same name for all sessions',
    why: "B's write of the temporary file comes between A's write of it and A's link: A links B's text, and says that its own is there.",
    shows: ['LAST_WRITER_WINS', 'TORN_STATE', 'DUPLICATE_ENTRY'],
    perform: (session) => compareAndSwap(versionsOf(session), 'next', (current) => withOneMore(current, session)),
  },
  'version-by-rename': {
    of: instructionHistory,
    fix: 'version-cas',
    does: 'rename where link is meant',
    why: "B's listing comes between A's listing and A's rename: both rename to one number, and the second takes the first away.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const newest = newestVersion(versionsOf(session));
      const temporary = join(versionsOf(session), `${session.uuid}.tmp`);
      writeFileSync(temporary, withOneMore(readFileSync(newest, 'utf8'), session));
      renameSync(temporary, versionOf(session, Number(newest.slice(versionsOf(session).length + 2)) + 1));
    },
  },
  'task-id-by-rename': {
    of: taskList,
    fix: 'link-id',
    does: 'looks for a free id, and renames the temporary file to it',
    why: "B's look comes between A's look and A's rename: both rename to one id, and the second takes the first away.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const temporary = session.path('tasks', `.${session.uuid}`);
      writeFileSync(temporary, task(session));
      let id = highestId(session) + 1;
      while (existsSync(taskFile(session, id))) id++;
      renameSync(temporary, taskFile(session, id));
      return id;
    },
  },
  'task-from-a-shared-temporary': {
    of: taskList,
    fix: 'link-id',
    does: 'the temporary file has the same name for all sessions',
    why: "B's opening of the temporary file comes between A's link and A's removal of it: it empties the task that A has just linked, and a reader finds nothing.",
    shows: ['TORN_STATE'],
    perform: (session) => {
      const temporary = session.path('tasks', '.new');
      writeFileSync(temporary, task(session));
      let id = highestId(session) + 1;
      while (!linkExclusively(temporary, taskFile(session, id))) id++;
      unlinkSync(temporary);
      return id;
    },
  },
  'task-id-taken-all-the-same': {
    of: taskList,
    fix: 'link-id',
    does: 'a link that is refused is taken for one of its own, made before',
    why: "B's listing comes between A's listing and A's link: B's link is refused, and both say that the id is theirs.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const temporary = session.path('tasks', `.${session.uuid}`);
      writeFileSync(temporary, task(session));
      const id = highestId(session) + 1;
      linkExclusively(temporary, taskFile(session, id));
      unlinkSync(temporary);
      return id;
    },
  },
  'conversation-lock-by-rename': {
    of: sessionTranscript,
    fix: 'exclusive-id',
    does: 'looks for a lock, and renames one of its own into place',
    why: "B's look comes between A's look and A's rename, and B's read of the conversation before A's append: both answer one turn.",
    shows: ['CONTAMINATED'],
    perform: (session) => {
      const lock = `${conversationOf(session)}.lock`;
      if (existsSync(lock)) {
        if (readFileSync(lock, 'utf8') !== session.uuid) throw taken();
      } else {
        replaceFile(lock, session.uuid, session.uuid);
      }
      takeTurn(conversationOf(session), session);
    },
  },
  'conversation-lock-of-nobody': {
    of: sessionTranscript,
    fix: 'exclusive-id',
    does: 'O_EXCL, but refuses only where the lock names somebody else',
    why: "B's read of the lock comes between A's creation of it and A's write to it, and B's read of the conversation before A's append: both answer one turn.",
    shows: ['CONTAMINATED'],
    perform: (session) => {
      const lock = `${conversationOf(session)}.lock`;
      if (!createExclusively(lock, session.uuid)) {
        const holder = readFileSync(lock, 'utf8');
        if (holder && holder !== session.uuid) throw taken();
      }
      takeTurn(conversationOf(session), session);
    },
  },
  'fork-of-the-next-number': {
    of: sessionTranscript,
    fix: 'resume-fork',
    does: 'counts the forks that are there, and copies to the next number, which may be taken by then',
    why: "B's count comes between A's count and A's copy: both speak in one fork, and the second copy takes away what the first session has said.",
    shows: ['LAST_WRITER_WINS', 'CONTAMINATED'],
    open: () => ({}),
    perform: (session) => {
      const own = session.memory as { fork?: string };
      if (own.fork === undefined) {
        const forks = readdirSync(session.path()).filter((name) => name.startsWith('fork-'));
        own.fork = session.path(`fork-${forks.length + 1}.jsonl`);
        copyFileSync(conversationOf(session), own.fork);
      }
      takeTurn(own.fork, session);
    },
  },
  'fork-prepared-under-a-shared-name': {
    of: sessionTranscript,
    fix: 'resume-fork',
    does: 'copies to a name that is the same for all sessions, takes the first turn there, and renames',
    why: "B's copy comes between A's turn and A's rename: A renames a copy without its turn.",
    shows: ['LAST_WRITER_WINS', 'CONTAMINATED'],
    perform: (session) => {
      const fork = session.path(`${session.uuid}.jsonl`);
      if (existsSync(fork)) return takeTurn(fork, session);
      const temporary = session.path('fork.tmp');
      copyFileSync(conversationOf(session), temporary);
      takeTurn(temporary, session);
      renameSync(temporary, fork);
    },
  },
};
