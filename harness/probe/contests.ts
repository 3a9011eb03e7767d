/** The guarantees: what several processes do at the same time, and what must come of it. */

import { constants, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Perform, Session } from '../scenario/scenario.ts';
import { CallFailed, CONTENT_BYTES, claimed, held, replacedOrRead } from './attempts.ts';
import { judgeClaims, judgeHolds, judgeLooks } from './judges.ts';
import * as libc from './libc.ts';
import { F_SETLKW, F_UNLCK, F_WRLCK, LOCK_EX, LOCK_UN, type LockFile, openLock, record } from './locks.ts';
import type { Tally } from './result.ts';

/** Rounds in one go: between two of these, everything is made fresh. */
export const ROUNDS = 200;

/** One guarantee, and how it is put to the test. An operation of a session is its part of one round. */
export interface Contest {
  readonly id: string;
  readonly operation: string;
  /** What people build on it. */
  readonly purpose: string;
  /** What must be so in each round. */
  readonly held: string;
  /** Puts what the rounds need into an empty directory. */
  readonly setup?: (dir: string, processes: number) => void;
  readonly open?: Perform;
  readonly perform: Perform;
  /** @param rounds for each round, what its processes returned. */
  readonly judge: (rounds: readonly (readonly unknown[])[]) => Tally;
}

const WINNER = '1 winner';
const HOLDER = '1 holder at a time';
const THERE = 'there and whole at every read';

const claims = { held: WINNER, judge: judgeClaims as Contest['judge'] } as const;
const holds = { held: HOLDER, judge: judgeHolds as Contest['judge'] } as const;

/** What all of a round go for, and what is a process's own in it. */
const goal = ({ path, operation }: Session): string => path(`goal-${operation}`);
const own = ({ path, operation, index }: Session): string => path(`own-${operation}-${index}`);

/** Makes one thing for each round, under the name of what all go for. */
const forEachRound =
  (make: (path: string) => void): NonNullable<Contest['setup']> =>
  (dir) => {
    for (let round = 0; round < ROUNDS; round++) make(join(dir, `goal-${round}`));
  };

export const contests: readonly Contest[] = [
  {
    id: 'rename-replaces',
    operation: 'rename a file over another',
    purpose: 'replace state whole',
    held: THERE,
    judge: judgeLooks as Contest['judge'],
    setup: (dir) => writeFileSync(join(dir, 'state'), '0'.repeat(CONTENT_BYTES)),
    perform: (session) => {
      const temporary = session.path(`new-${session.index}`);
      return replacedOrRead(session, {
        prepare: (_, content) => writeFileSync(temporary, content),
        replace: (path) => {
          const error = libc.rename(temporary, path);
          if (error !== undefined) throw new CallFailed(error);
        },
      });
    },
  },
  {
    id: 'open-exclusive',
    operation: 'open with O_CREAT|O_EXCL',
    purpose: 'lock file, marker, free name',
    ...claims,
    perform: (session) => {
      let opened: libc.Opened | undefined;
      const claim = claimed(session, 'EEXIST', () => {
        opened = libc.open(goal(session), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
        return opened.error;
      });
      if (claim.won) opened!.close();
      return claim;
    },
  },
  {
    id: 'mkdir',
    operation: 'mkdir',
    purpose: 'lock of shell scripts',
    ...claims,
    perform: (session) => claimed(session, 'EEXIST', () => libc.mkdir(goal(session))),
  },
  {
    id: 'symlink',
    operation: 'symlink',
    purpose: 'lock that says who has it',
    ...claims,
    perform: (session) => claimed(session, 'EEXIST', () => libc.symlink(String(session.index), goal(session))),
  },
  {
    id: 'link',
    operation: 'link',
    purpose: 'create with content',
    ...claims,
    setup: (dir, processes) => {
      for (let process = 0; process < processes; process++) writeFileSync(join(dir, `source-${process}`), '');
    },
    perform: (session) =>
      claimed(session, 'EEXIST', () => libc.link(session.path(`source-${session.index}`), goal(session))),
  },
  {
    id: 'rename-file',
    operation: 'rename a file away',
    purpose: 'take a one-shot token',
    ...claims,
    setup: forEachRound((path) => writeFileSync(path, '')),
    perform: (session) => claimed(session, 'ENOENT', () => libc.rename(goal(session), own(session))),
  },
  {
    id: 'rename-directory',
    operation: 'rename a directory away',
    purpose: 'take a job with its files',
    ...claims,
    setup: forEachRound((path) => mkdirSync(path)),
    perform: (session) => claimed(session, 'ENOENT', () => libc.rename(goal(session), own(session))),
  },
  {
    id: 'rename-noreplace',
    operation: 'rename with RENAME_NOREPLACE',
    purpose: 'create with content',
    ...claims,
    setup: (dir, processes) => {
      for (let round = 0; round < ROUNDS; round++)
        for (let process = 0; process < processes; process++) writeFileSync(join(dir, `own-${round}-${process}`), '');
    },
    perform: (session) => claimed(session, 'EEXIST', () => libc.renameNoReplace(own(session), goal(session))),
  },
  {
    id: 'tmpfile-linkat',
    operation: 'O_TMPFILE, then linkat',
    purpose: 'create with content, no litter',
    ...claims,
    open: openUnnamed,
    perform: (session) => {
      const file = (session.memory as readonly Unnamed[])[session.operation]!;
      const claim = claimed(session, 'EEXIST', () => libc.linkUnnamed(file.fd, goal(session)));
      file.close();
      return claim;
    },
  },
  {
    id: 'flock',
    operation: 'flock LOCK_EX',
    purpose: 'critical section',
    ...holds,
    open: openLock,
    perform: (session) => {
      const { fd, flock } = session.memory as LockFile;
      return held(
        session,
        () => flock(fd, LOCK_EX),
        () => flock(fd, LOCK_UN),
      );
    },
  },
  {
    id: 'fcntl',
    operation: 'fcntl F_SETLKW, F_WRLCK',
    purpose: 'critical section (SQLite)',
    ...holds,
    open: openLock,
    perform: (session) => {
      const { fd, fcntlLock } = session.memory as LockFile;
      return held(
        session,
        () => fcntlLock(fd, F_SETLKW, record(F_WRLCK)),
        () => fcntlLock(fd, F_SETLKW, record(F_UNLCK)),
      );
    },
  },
];

type Unnamed = ReturnType<typeof libc.open>;

/** Files without a name, one for each round: to open one then would keep the processes from meeting. */
function openUnnamed(session: Session): readonly Unnamed[] {
  return Array.from({ length: ROUNDS }, () => {
    const opened = libc.open(session.path(), constants.O_WRONLY | libc.O_TMPFILE);
    if (opened.error !== undefined) throw new CallFailed(opened.error);
    return opened;
  });
}
