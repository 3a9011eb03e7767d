/** A scenario of the user's own commands: each is a session, and nobody has said what is right. */

import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';
import { TEMPORARY, viewOf } from './view.ts';

/** Commands and what they work on. Plain data. */
export interface CommandSet {
  readonly id: string;
  /** A line for the shell of each session, by index. */
  readonly lines: readonly string[];
  /** A script that runs the line of the session whose operation is `$1`. */
  readonly script: string;
  /** What is copied for each execution; the commands are run in its copy. */
  readonly dir: string;
  /** What their home directory is copied from; without it, it is empty at first. */
  readonly home?: string;
}

/** The name of the only strategy. */
export const COMMANDS = 'commands';

/** Where a copy lies below the resource. */
export const PLACES = { dir: 'work', home: 'home', temporary: TEMPORARY } as const;

/** Large, and only read: not copied, but linked to. */
const LINKED = 'node_modules';

export const isLinked = (dir: string, path: string): boolean => path === join(dir, LINKED);

export const scenarioOf = ({ id, lines, script, dir, home }: CommandSet): Scenario => ({
  id,
  priority: 'P1',
  source: 'a command line',
  resource: `a copy of ${dir}`,
  place: 'project',
  touchedBy: 'every session',
  writers: 'the commands',
  // All of them, where they differ: without one of them it would be another question.
  writersMin: new Set(lines).size === 1 ? 2 : lines.length,
  writersMax: lines.length,
  operations: 1,
  setup: (at) => {
    cpSync(dir, join(at, PLACES.dir), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !isLinked(dir, path),
    });
    if (existsSync(join(dir, LINKED))) symlinkSync(join(dir, LINKED), join(at, PLACES.dir, LINKED));
    if (home === undefined) mkdirSync(join(at, PLACES.home));
    else cpSync(home, join(at, PLACES.home), { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(at, PLACES.temporary));
  },
  view: viewOf,
  judgedBySerialOrders: lines,
  learnsNames: true,
  oracles: [],
  strategies: {
    [COMMANDS]: {
      does: [...new Set(lines)].join(' | '),
      truth: 'SAFE',
      why: 'nobody knows yet',
      perform: { kind: 'command', shell: 'sh', script, refusesWithAnyCode: true },
    },
  },
});

/** `{session}`, `{op}` and `{uuid}` of a line, filled in. */
export const filledIn = (line: string, session: number, uuid: string): string =>
  line.replaceAll('{session}', String(session)).replaceAll('{op}', '0').replaceAll('{uuid}', uuid);

/** What programs do besides, now and then, and not because they were asked to. */
const QUIET = 'NODE_DISABLE_COMPILE_CACHE=1 NO_UPDATE_NOTIFIER=1 PYTHONDONTWRITEBYTECODE=1';

/** The script of all sessions: each finds its own line by the id of its operation, `s1.0`. */
export function scriptOf(lines: readonly string[], uuids: readonly string[]): string {
  const cases = lines.map((line, session) => `${session}) uuid=${uuids[session]} line=${quoted(line)} ;;`);
  return `session=\${1#s}
session=\${session%%.*}
case $session in
${cases.join('\n')}
esac
root=$PWD
cd ${PLACES.dir} || exit 127
HOME=$root/${PLACES.home} TMPDIR=$root/${PLACES.temporary} COLLIDE_SESSION=$session COLLIDE_OP=0 COLLIDE_UUID=$uuid
export HOME TMPDIR COLLIDE_SESSION COLLIDE_OP COLLIDE_UUID ${QUIET}
exec sh -c "$line"
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
