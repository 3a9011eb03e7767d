import { accessSync, constants, mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { dir as temporaryDir } from 'tmp-promise';
import { entriesIn } from '../history/entries.ts';
import { copyOf, type Files, type Mode } from '../history/execution.ts';
import { textOf } from '../history/text.ts';
import { limits } from '../limits.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** A temporary directory and the way to be rid of it. */
export interface Sandbox {
  readonly path: string;
  remove(): Promise<void>;
}

/** The directory of a run, under which each round gets one of its own. Created in `parent`, by default the system's. */
export async function createSandbox(parent?: string, prefix = 'collide-'): Promise<Sandbox> {
  const { path } = await temporaryDir({
    template: `${prefix}XXXXXX`,
    ...(parent === undefined ? {} : { tmpdir: parent }),
  });
  // Not tmp's own clean-up: it fails where a process that is being killed still writes a file.
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }) };
}

/** Where Linux keeps files in memory: tmpfs(5). */
const MEMORY = '/dev/shm';

/**
 * A directory in memory, for executions that are many and small: ext4 writes a file that was emptied and filled again to disk
 * when it is closed, which takes longer than all else. Undefined where there is none, or little room.
 */
export function inMemory(): string | undefined {
  try {
    accessSync(MEMORY, constants.W_OK);
    return freeBytes(MEMORY) >= limits.freeBytesMin ? MEMORY : undefined;
  } catch {
    return undefined;
  }
}

/** One round's sandbox: the resource, fresh, and beside it the file that tells the readers to stop. */
export interface RoundSandbox extends Sandbox {
  readonly resource: string;
  readonly stopFile: string;
  /** The directory that a session works in. */
  dirOf(session: number): string;
  /** Every file that is there now. */
  snapshot(): Files;
}

export async function createRoundSandbox(
  parent: string,
  scenario: Scenario,
  mode: Mode,
  writers: number,
): Promise<RoundSandbox> {
  const sandbox = await createSandbox(parent, 'round-');
  const resource = join(sandbox.path, 'resource');
  const apart = mode === 'per-session';
  const dirOf = (session: number): string => (apart ? join(resource, copyOf(session, writers)) : resource);
  const copies = apart ? Array.from({ length: writers }, (_, index) => dirOf(index)) : [resource];
  for (const copy of copies) {
    mkdirSync(copy, { recursive: true });
    scenario.setup(copy);
  }
  const { view = (_, files) => files } = scenario;
  const stopFile = join(sandbox.path, 'stop');
  return { ...sandbox, resource, stopFile, dirOf, snapshot: () => view(resource, snapshot(resource)) };
}

function snapshot(dir: string): Files {
  const files: string[] = [];
  const walk = (at: string): void => {
    for (const entry of entriesIn(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) files.push(path);
    }
  };
  walk(dir);
  return Object.fromEntries(files.sort().map((path) => [relative(dir, path), textOf(readFileSync(path))]));
}

/** Bytes that are left on the file system of a directory (statfs(2)). */
export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}
