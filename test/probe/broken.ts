/** Guarantees as people believe to have them: each of these is broken, and the probe must see it. */

import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { claimed, held, replacedOrRead } from '../../harness/probe/attempts.ts';
import { APPENDS, contestScenario, scenarioOf } from '../../harness/probe/catalogue.ts';
import { type Contest, contests } from '../../harness/probe/contests.ts';
import * as libc from '../../harness/probe/libc.ts';
import { F_SETLKW, F_UNLCK, LOCK_UN, type LockFile, record } from '../../harness/probe/locks.ts';
import { type AppendWriter, inNode } from '../../harness/probe/writers.ts';
import type { Perform, Session } from '../../harness/scenario/scenario.ts';

const goal = ({ path, operation }: Session): string => path(`goal-${operation}`);
const own = ({ path, operation, index }: Session): string => path(`own-${operation}-${index}`);

/** A contest in which the processes do something else. */
const instead = (id: string, how: string, perform: Perform): Contest => ({
  ...contests.find((contest) => contest.id === id)!,
  id: `${id}, ${how}`,
  perform,
});

const attempt =
  (act: () => void): (() => undefined) =>
  () => {
    act();
  };

const LOCK_SH = 1;
const F_RDLCK = 0;

export const brokenContests: readonly Contest[] = [
  instead('open-exclusive', 'without O_EXCL', (session) => {
    const opened: libc.Opened[] = [];
    const claim = claimed(session, 'EEXIST', () => {
      opened.push(libc.open(goal(session), constants.O_WRONLY | constants.O_CREAT));
      return opened[0]!.error;
    });
    opened[0]!.close();
    return claim;
  }),
  instead('mkdir', 'with -p', (session) =>
    claimed(
      session,
      'EEXIST',
      attempt(() => mkdirSync(goal(session), { recursive: true })),
    ),
  ),
  instead('symlink', 'with ln -sf', (session) => {
    libc.symlink(String(session.index), own(session));
    return claimed(session, 'EEXIST', () => libc.rename(own(session), goal(session)));
  }),
  instead('rename-file', 'as a copy', (session) =>
    claimed(
      session,
      'ENOENT',
      attempt(() => copyFileSync(goal(session), own(session))),
    ),
  ),
  instead('rename-noreplace', 'without the flag', (session) => {
    writeFileSync(own(session), '');
    return claimed(session, 'EEXIST', () => libc.rename(own(session), goal(session)));
  }),
  instead('rename-replaces', 'in place', (session) => replacedOrRead(session, { replace: writeFileSync })),
  instead('rename-replaces', 'removed before', (session) => {
    const temporary = session.path(`new-${session.index}`);
    return replacedOrRead(session, {
      prepare: (_, content) => writeFileSync(temporary, content),
      replace: (path) => {
        rmSync(path, { force: true });
        libc.rename(temporary, path);
      },
    });
  }),
  instead('flock', 'shared', (session) => {
    const { fd, flock } = session.memory as LockFile;
    return held(
      session,
      () => flock(fd, LOCK_SH),
      () => flock(fd, LOCK_UN),
    );
  }),
  instead('fcntl', 'shared', (session) => {
    const { fd, fcntlLock } = session.memory as LockFile;
    return held(
      session,
      () => fcntlLock(fd, F_SETLKW, record(F_RDLCK)),
      () => fcntlLock(fd, F_SETLKW, record(F_UNLCK)),
    );
  }),
];

export const brokenWriters: readonly AppendWriter[] = [
  {
    name: 'the newline by itself',
    needs: [],
    perform: inNode((path) => {
      const fd = openSync(path, 'a');
      const append = (line: string): void => {
        writeSync(fd, line.slice(0, -1));
        writeSync(fd, '\n');
      };
      return { append, close: () => closeSync(fd) };
    }),
  },
  {
    name: 'without O_APPEND',
    needs: [],
    perform: inNode((path) => {
      const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT);
      return { append: (line) => writeSync(fd, line, fstatSync(fd).size), close: () => closeSync(fd) };
    }),
  },
];

export const catalogue = [
  contestScenario([...contests, ...brokenContests]),
  scenarioOf(APPENDS, Object.fromEntries(brokenWriters.map(({ name, perform }) => [name, { perform }]))),
];
