import { readdirSync, readFileSync } from 'node:fs';

/**
 * Everything that a session spawns inherits this variable, and so can be told from all other processes:
 * the run's sandbox and the session's index, `/tmp/collide-Xy12:3`.
 */
export const SESSION_VARIABLE = 'COLLIDE_MARK';

export const sessionMark = (sandbox: string, index: number): string => `${sandbox}:${index}`;

/** Kills what the sessions of a run, or the one with this index, left running; the sessions themselves are spared. */
export function sweep(sandbox: string, index?: number): void {
  const owner = index === undefined ? `${sandbox}:` : `${sessionMark(sandbox, index)}\0`;
  killMarked(owner, (pid) => !isSession(pid));
}

/** Kills everything of a run, other sessions included. */
export const sweepAll = (sandbox: string): void => killMarked(`${sandbox}:`, () => true);

/** What the commands of a session have left running when they ended, and the names of the programs. */
export function leftRunning(
  sandbox: string,
  index: number,
): readonly { readonly pid: number; readonly name: string }[] {
  const all = marked(`${sessionMark(sandbox, index)}\0`);
  return all.flatMap((pid) => {
    try {
      // Whoever has a parent there still is waited for by it.
      const orphan = !isSession(pid) && !all.includes(parentOf(pid)) && !isZombie(pid);
      return orphan ? [{ pid, name: readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd() }] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** Kills that, and so often what is left then: generations of parents and children. */
export function endLeftRunning(sandbox: string, index: number): void {
  for (let generation = 0; generation < GENERATIONS_MAX; generation++) {
    const left = new Set(leftRunning(sandbox, index).map(({ pid }) => pid));
    if (left.size === 0) return;
    killMarked(`${sessionMark(sandbox, index)}\0`, (pid) => left.has(pid));
  }
}

const GENERATIONS_MAX = 100;

function killMarked(owner: string, chosen: (pid: number) => boolean): void {
  for (const pid of marked(owner)) {
    try {
      if (chosen(pid)) process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
}

/** Reads /proc/PID/environ (proc(5)), so Linux only: elsewhere the command of a killed session runs to its own end. */
function marked(owner: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  const mark = Buffer.from(`\0${SESSION_VARIABLE}=${owner}`);
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      return environmentOf(pid).includes(mark) ? [pid] : [];
    } catch {
      return []; // it is gone already, or belongs to someone else
    }
  });
}

const statusOf = (pid: number): string => readFileSync(`/proc/${pid}/status`, 'utf8');

const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)$/m.exec(statusOf(pid))?.[1]);

const isZombie = (pid: number): boolean => /^State:\tZ/m.test(statusOf(pid));

const isSession = (pid: number): boolean => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('tinypool');

/** Each variable with a NUL in front of it. Bytes, since a path may be anything. */
const environmentOf = (pid: number): Buffer => Buffer.concat([Buffer.alloc(1), readFileSync(`/proc/${pid}/environ`)]);
