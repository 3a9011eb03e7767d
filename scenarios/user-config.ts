import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { type CollisionClass, findingIf, type Oracle, someOf } from '../harness/oracle/finding.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Perform, Refused, type Session, type UnderFault } from '../harness/scenario/scenario.ts';
import { renamed, rewritten } from './kinds/under-faults.ts';
import { createExclusively } from './recipes/exclusive.ts';
import { withFlock } from './recipes/flock.ts';
import { readJson } from './recipes/json.ts';
import { replaceDurably, replaceFile } from './recipes/replace.ts';

interface Config {
  readonly theme: string;
  readonly projects: Readonly<Record<string, Project>>;
}

interface Project {
  readonly allowedTools: readonly string[];
  readonly history: readonly string[];
}

/** About 30 KiB, as such files are after some months. */
const grown: Config = {
  theme: 'dark',
  projects: Object.fromEntries(
    Array.from({ length: 120 }, (_, at) => [
      `/home/user/project-${at}`,
      { allowedTools: ['read', 'edit', 'bash'], history: Array.from({ length: 5 }, (_, n) => `prompt ${n} of ${at}`) },
    ]),
  ),
};

const configOf = (session: Session): string => session.path('config.json');

/** Every operation opens a project of its own. */
const withProject = (config: Config, { id }: Session): Config => ({
  ...config,
  projects: { ...config.projects, [id]: { allowedTools: [], history: [`first prompt of ${id}`] } },
});

const inText = (config: Config): string => JSON.stringify(config, null, 1);

const readThenRename: Perform = (session) => {
  replaceFile(configOf(session), session.uuid, inText(withProject(readJson<Config>(configOf(session)), session)));
};

const readThenRenameDurably: Perform = (session) => {
  replaceDurably(configOf(session), session.uuid, inText(withProject(readJson<Config>(configOf(session)), session)));
};

const readThenWriteInPlace: Perform = (session) => {
  writeFileSync(configOf(session), inText(withProject(readJson<Config>(configOf(session)), session)));
};

/** The config that a text holds; undefined where it can't be parsed. */
function parsed(text: string): Config | undefined {
  try {
    return JSON.parse(text) as Config;
  } catch {
    return undefined;
  }
}

const projectsIn = (final: Files): readonly string[] =>
  Object.keys((JSON.parse(final['config.json'] ?? '') as Config).projects);

/** Every project is there that a session has added, and every one that was there before (LAST_WRITER_WINS). */
const everyProjectKept: Oracle = (execution) => {
  const lost = everyEntryOnce(projectsIn)(execution);
  if (lost.length > 0) return lost;
  const there = new Set(projectsIn(execution.final));
  const gone = Object.keys(grown.projects).filter((project) => !there.has(project));
  return findingIf('LAST_WRITER_WINS', gone, () => `there before, and gone: ${someOf(gone, 1)}`);
};

const lostByReset = (kind: CollisionClass, how: string): UnderFault => ({
  truth: [kind],
  why: `${how}; the next session takes it for a corrupt one and starts afresh: all projects are gone, and nobody is told.`,
});

export default defineScenario({
  id: 'user-config',
  priority: 'P1',
  source: 'A',
  resource: "one big JSON file with a user's settings and all of their projects",
  place: 'home',
  touchedBy: 'every session',
  writers: 'every session, which rewrites the whole for each change (Node)',
  fix: 'lock-rename',
  operations: 5,
  setup: (dir) => writeFileSync(join(dir, 'config.json'), inText(grown)),
  read: (session) => Object.keys(readJson<Config>(configOf(session)).projects).length,
  oracles: [neverTorn(projectsIn), everyProjectKept],
  counts: ({ operations, final }) => ({
    'corrupt backups': Object.keys(final).filter((path) => path.includes('config.json.corrupt.')).length,
    'configs reset': operations.filter(({ output }) => output === 'started afresh').length,
  }),

  strategies: {
    rewrite: {
      does: 'read, parse, write in place; back up and refuse what cannot be parsed',
      truth: ['LAST_WRITER_WINS', 'TORN_STATE'],
      why: "B reads between A's read and A's write, and writes A's project away. Or B reads between A's truncation and A's write, finds an empty file, and backs that up as corrupt.",
      underFaults: rewritten,
      perform: (session) => {
        const text = readFileSync(configOf(session), 'utf8');
        const config = parsed(text);
        if (config === undefined) {
          writeFileSync(session.path(`config.json.corrupt.${session.id}`), text);
          throw new Refused('the configuration is corrupt; a backup has been made');
        }
        writeFileSync(configOf(session), inText(withProject(config, session)));
      },
    },
    rename: {
      does: 'read, parse, write a temporary file, rename it',
      truth: ['LAST_WRITER_WINS'],
      why: "Every state is whole, but B still reads between A's read and A's rename.",
      perform: readThenRename,
    },
    'stale-memory': {
      does: 'read once at the start; change the copy in memory, write it aside, rename',
      truth: ['LAST_WRITER_WINS'],
      why: 'It takes no race: whatever B has changed since A started is not in the copy that A writes. The JSON is valid throughout.',
      open: (session) => ({ config: readJson<Config>(configOf(session)) }),
      perform: (session) => {
        const memory = session.memory as { config: Config };
        memory.config = withProject(memory.config, session);
        replaceFile(configOf(session), session.uuid, inText(memory.config));
      },
    },
    'lock-or-write-anyway': {
      does: 'O_EXCL lock file around read and rename; without the lock where it is taken',
      truth: ['LAST_WRITER_WINS'],
      why: 'A holds the lock and has read; B finds it taken, reads and renames all the same, before or after A.',
      underFaults: renamed,
      perform: (session) => {
        const lock = session.path('config.json.lock');
        const locked = createExclusively(lock, session.id);
        try {
          readThenRename(session);
        } finally {
          if (locked) unlinkSync(lock);
        }
      },
    },
    'rename-or-write-in-place': {
      does: 'read, write aside, rename; in place where rename fails with EPERM or EXDEV',
      truth: ['LAST_WRITER_WINS'],
      why: "B reads between A's read and A's rename. Where rename(2) fails, as it does between file systems, readers meet an empty file as well (TORN_STATE): that takes the fault.",
      underFaults: {
        ...renamed,
        errno: {
          truth: ['TORN_STATE'],
          why: 'Where rename fails with EPERM or EXDEV, it writes in place: a reader meets an empty file, or a part of one.',
        },
      },
      perform: (session) => {
        const text = inText(withProject(readJson<Config>(configOf(session)), session));
        try {
          replaceFile(configOf(session), session.uuid, text);
        } catch (error) {
          if (!['EPERM', 'EXDEV'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
          writeFileSync(configOf(session), text);
        }
      },
    },
    'reset-on-corrupt': {
      does: 'read, parse, write in place; start afresh from what cannot be parsed',
      truth: ['LAST_WRITER_WINS', 'TORN_STATE'],
      why: "B reads between A's truncation and A's write, takes the empty file for a corrupt one, and writes a new configuration over everybody's projects.",
      underFaults: {
        crash: lostByReset('LOST_ON_CRASH', 'A writer that is killed after the truncation leaves an empty file'),
        errno: lostByReset('LAST_WRITER_WINS', 'Where the write fails, the file has been truncated already'),
        full: lostByReset('LAST_WRITER_WINS', 'There is no room for the new text, and the old one is gone already'),
        'power-posix': lostByReset('LOST_ON_CRASH', 'The truncation can be on the disk without the data'),
        'power-ext4': lostByReset('LOST_ON_CRASH', 'The truncation can be on the disk without the data'),
      },
      perform: (session) => {
        const config = parsed(readFileSync(configOf(session), 'utf8'));
        writeFileSync(configOf(session), inText(withProject(config ?? { theme: 'dark', projects: {} }, session)));
        return config === undefined ? 'started afresh' : 'added';
      },
    },
    'lock-rename': {
      does: 'flock(2) on a sidecar around read, write, rename',
      truth: 'SAFE',
      why: 'One holder at a time, and each reads what the one before has renamed into place.',
      cost: 'Writers wait for each other, without a limit, and one that hangs inside holds up all; a crash releases the lock. Node has no flock of its own, so it takes a native call; and a local file system, or NFSv4. The rename drops hard links and the old owner and mode.',
      needs: ['flock(2)'],
      underFaults: renamed,
      perform: (session) => withFlock(session.path('config.json.flock'), () => readThenRename(session)),
    },
    'lock-rename-fsync': {
      does: 'the same, with fsync of the temporary file before the rename, and of the directory after it',
      truth: 'SAFE',
      why: 'As lock-rename; and what was acknowledged is on the disk.',
      cost: 'As lock-rename, and two flushes for each change, some milliseconds each on a disk.',
      needs: ['flock(2)'],
      perform: (session) => withFlock(session.path('config.json.flock'), () => readThenRenameDurably(session)),
    },
    'lock-in-place': {
      does: 'the same lock around read, write in place',
      truth: ['TORN_STATE'],
      why: 'The lock keeps the writers apart; a reader who takes none still finds the file empty.',
      needs: ['flock(2)'],
      underFaults: rewritten,
      perform: (session) => withFlock(session.path('config.json.flock'), () => readThenWriteInPlace(session)),
    },
  },
});
