/** Fixes that hold by a lock: let go too early, taken too late, on another file, or no lock at all. */

import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import lockfile from 'proper-lockfile';
import { type Perform, Refused, type Session } from '../../harness/scenario/scenario.ts';
import evidenceIndex from '../../scenarios/evidence-index.ts';
import instructionHistory from '../../scenarios/instruction-history.ts';
import { createExclusively } from '../../scenarios/recipes/exclusive.ts';
import { withFlock } from '../../scenarios/recipes/flock.ts';
import { readJson } from '../../scenarios/recipes/json.ts';
import { parseLines } from '../../scenarios/recipes/jsonl.ts';
import { replaceDurably, replaceFile } from '../../scenarios/recipes/replace.ts';
import refreshToken from '../../scenarios/refresh-token.ts';
import teamConfig from '../../scenarios/team-config.ts';
import userConfig from '../../scenarios/user-config.ts';
import { LOCK_EX, LOCK_SH, lockFd, withFile } from '../support/flock.ts';
import type { Mutants } from './mutant.ts';

type Instructions = readonly { readonly id: string }[];

const historyOf = (session: Session): string => session.path('history.json');
const readHistory = (session: Session): Instructions => readJson<Instructions>(historyOf(session));

function replaceHistory(session: Session, before: Instructions): void {
  const text = JSON.stringify([...before, { id: session.id, text: `instruction of ${session.id}` }], null, 1);
  replaceFile(historyOf(session), session.uuid, text);
}

const retries = { retries: 1000, minTimeout: 1, maxTimeout: 4 };

const keyOf = (session: Session): string => `evidence-${session.operation}`;
const keysIn = (text: string): readonly string[] => parseLines<{ readonly key: string }>(text).map(({ key }) => key);
const indexOf = (session: Session): string => session.path('index.jsonl');
const entryOf = (session: Session): string => `${JSON.stringify({ key: keyOf(session), by: session.id })}\n`;

interface Team {
  readonly members: readonly object[];
}

const teamOf = (session: Session): string => session.path('team.json');

function joined(session: Session): string {
  const team = readJson<Team>(teamOf(session));
  return JSON.stringify({ ...team, members: [...team.members, { name: session.id, role: 'worker' }] }, null, 1);
}

interface Config {
  readonly projects: Readonly<Record<string, object>>;
}

const configOf = (session: Session): string => session.path('config.json');

/** Read, write aside, rename: the cycle that takes a lock. */
function withProject(session: Session): string {
  const config = readJson<Config>(configOf(session));
  const projects = { ...config.projects, [session.id]: { allowedTools: [], history: [] } };
  return JSON.stringify({ ...config, projects }, null, 1);
}

const addProject = (session: Session): void => replaceFile(configOf(session), session.uuid, withProject(session));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Takes a lock file with the holder's pid in it; one whose holder is no more is taken away. */
function takePidLock(file: string): void {
  while (!createExclusively(file, String(process.pid))) {
    const holder = Number.parseInt(readFileSync(file, 'utf8'), 10);
    if (isAlive(holder)) throw new Refused('the configuration is being changed by another session');
    rmSync(file, { force: true });
  }
}

const credentialsOf = (session: Session): string => session.path('credentials.json');
const storedToken = (session: Session): string =>
  readJson<{ readonly refreshToken: string }>(credentialsOf(session)).refreshToken;

/** Whether the issuer takes the token. */
const spend = (session: Session, token: string): boolean =>
  createExclusively(session.path('issuer', token), session.id);

const storeSuccessor = (session: Session): void =>
  replaceFile(credentialsOf(session), session.uuid, JSON.stringify({ refreshToken: `token-${session.id}` }));

const underPidLock: Perform = (session) => {
  const lock = session.path('config.json.lock');
  takePidLock(lock);
  try {
    addProject(session);
  } finally {
    rmSync(lock, { force: true });
  }
};

export const locks: Mutants = {
  'history-lock-released-after-the-read': {
    of: instructionHistory,
    fix: 'flock',
    does: 'one lock around the read, and another around the rename',
    why: "B's read and rename come between A's first lock and A's second: A renames what it read before.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const lock = session.path('history.json.flock');
      const before = withFlock(lock, () => readHistory(session));
      withFlock(lock, () => replaceHistory(session, before));
    },
  },
  'history-lock-on-the-file-itself': {
    of: instructionHistory,
    fix: 'flock',
    does: 'locks the history itself, reads it by the locked descriptor, and renames another over it',
    why: "B's open comes between A's open and A's rename: B then waits for a file that A replaces, and reads the old one.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) =>
      withFile(historyOf(session), 'r', (fd) => {
        if (lockFd(fd, LOCK_EX) !== 0) throw new Error('flock failed');
        replaceHistory(session, JSON.parse(readFileSync(fd, 'utf8')) as Instructions);
      }),
  },
  'lockfile-not-awaited': {
    of: instructionHistory,
    fix: 'lockfile-library',
    does: 'asks the library for the lock, and does not wait for it before the cycle',
    why: "B's read comes between A's read and A's rename; the lock is granted to both, one after the other, when all is over.",
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      const release = lockfile.lock(historyOf(session), { retries });
      replaceHistory(session, readHistory(session));
      await (await release)();
    },
  },
  'lockfile-of-ones-own': {
    of: instructionHistory,
    fix: 'lockfile-library',
    does: "a lock directory with the session's id in its name",
    why: "B's read comes between A's read and A's rename: A's lock is none that B asks for.",
    shows: ['LAST_WRITER_WINS'],
    perform: async (session) => {
      const lockfilePath = session.path(`history.json.${session.uuid}.lock`);
      const release = await lockfile.lock(historyOf(session), { retries, lockfilePath });
      try {
        replaceHistory(session, readHistory(session));
      } finally {
        await release();
      }
    },
  },
  'index-checked-before-the-lock': {
    of: evidenceIndex,
    fix: 'flock',
    does: 'looks for the entry without the lock, and takes it for the append only',
    why: "B's read comes between A's read and A's append: neither finds the entry, and both append it.",
    shows: ['DUPLICATE_ENTRY'],
    perform: (session) => {
      const known = keysIn(readFileSync(indexOf(session), 'utf8')).includes(keyOf(session));
      const lock = session.path('index.jsonl.flock');
      if (!known) withFlock(lock, () => appendFileSync(indexOf(session), entryOf(session)));
      return keyOf(session);
    },
  },
  'index-lock-around-a-promise': {
    of: evidenceIndex,
    fix: 'flock',
    does: 'the work under the lock is asynchronous, and not awaited: the lock is let go as soon as it has begun',
    why: "B's read comes between A's read and A's append, for which A has no lock any more.",
    shows: ['DUPLICATE_ENTRY'],
    perform: async (session) => {
      const append = async (): Promise<void> => {
        const known = keysIn(await readFile(indexOf(session), 'utf8')).includes(keyOf(session));
        if (!known) await appendFile(indexOf(session), entryOf(session));
      };
      await withFlock(session.path('index.jsonl.flock'), () => [append()])[0];
      return keyOf(session);
    },
  },
  'team-joined-under-a-shared-lock': {
    of: teamConfig,
    fix: 'flock',
    does: 'LOCK_SH where LOCK_EX is meant',
    why: "B's read comes between A's read and A's rename: both hold the lock.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) =>
      withFile(session.path('team.json.flock'), 'a', (fd) => {
        if (lockFd(fd, LOCK_SH) !== 0) throw new Error('flock failed');
        replaceFile(teamOf(session), session.uuid, joined(session));
      }),
  },
  'team-renamed-after-the-lock': {
    of: teamConfig,
    fix: 'flock',
    does: 'read and write aside under the lock, rename after it',
    why: "B's read comes between A's release of the lock and A's rename: B finds the team without A.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const temporary = `${teamOf(session)}.${session.uuid}.tmp`;
      withFlock(session.path('team.json.flock'), () => writeFileSync(temporary, joined(session)));
      renameSync(temporary, teamOf(session));
    },
  },
  'config-lock-without-a-pid-yet': {
    of: userConfig,
    fix: 'lock-rename',
    does: 'O_EXCL lock file with a pid in it; one whose process is no more is removed',
    why: "B's read of the lock comes between A's creation of it and A's write of the pid: B takes an empty lock for a dead one, and reads the configuration before A's rename.",
    shows: ['LAST_WRITER_WINS'],
    perform: underPidLock,
  },
  'config-renamed-after-the-lock': {
    of: userConfig,
    fix: 'lock-rename-fsync',
    does: 'reads under the lock, and replaces the file after it, because flushing takes long',
    why: "B's read comes between A's release of the lock and A's rename.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const text = withFlock(session.path('config.json.flock'), () => withProject(session));
      replaceDurably(configOf(session), session.uuid, text);
    },
  },
  'config-lock-of-each-session': {
    of: userConfig,
    fix: 'lock-rename-fsync',
    does: 'a lock file of its own for each session',
    why: "B's read comes between A's read and A's rename: they lock different files.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) =>
      withFlock(session.path(`config.json.${session.uuid}.flock`), () =>
        replaceDurably(configOf(session), session.uuid, withProject(session)),
      ),
  },
  'config-lock-removed-while-held': {
    of: userConfig,
    fix: 'lock-rename',
    does: 'removes the lock file as soon as it is locked, to leave nothing behind',
    why: "B's open of the lock file comes between A's removal of it and A's rename: it creates and locks another file, and reads what A has read.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const lock = session.path('config.json.flock');
      withFlock(lock, () => {
        rmSync(lock, { force: true });
        addProject(session);
      });
    },
  },
  'token-read-before-the-lock-only': {
    of: refreshToken,
    fix: 'lock-then-reread',
    does: 'takes the lock, and does not look again',
    why: "B's read comes between A's read and A's rename: B waits for the lock, and then presents the token that A has spent.",
    shows: ['DOUBLE_CONSUME'],
    perform: (session) => {
      const token = storedToken(session);
      return withFlock(session.path('credentials.json.flock'), () => {
        const accepted = spend(session, token);
        if (accepted) storeSuccessor(session);
        return { presented: token, accepted };
      });
    },
  },
  'successor-stored-after-the-lock': {
    of: refreshToken,
    fix: 'lock-then-reread',
    does: 'looks again and spends the token under the lock, but stores its successor after it',
    why: "B's two looks come between A's release of the lock and A's rename: B finds the token that A has spent, twice.",
    shows: ['DOUBLE_CONSUME'],
    perform: (session) => {
      const expired = storedToken(session);
      const refresh = withFlock(session.path('credentials.json.flock'), () => {
        const token = storedToken(session);
        return token === expired ? { presented: token, accepted: spend(session, token) } : { accepted: true };
      });
      if (refresh.accepted && 'presented' in refresh) storeSuccessor(session);
      return refresh;
    },
  },
};
