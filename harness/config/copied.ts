/** What is copied for every execution: a directory, which must not be large. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  type Dirent,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { isHarmless } from '../gate/harmless-devices.ts';
import { entriesIn, NameIsNoText } from '../history/entries.ts';
import { limits } from '../limits.ts';
import { ConfigError } from './error.ts';

/** Large, and only read: not copied, but linked to. */
const LINKED = 'node_modules';

const isLinked = (dir: string, path: string): boolean => path === join(dir, LINKED);

/** @param to is made, or added to. */
export function copy(dir: string, to: string): void {
  const fifos: string[] = [];
  const filter = (path: string, copied: string): boolean => {
    if (isLinked(dir, path)) return false;
    if (lstatSync(path).isFIFO()) fifos.push(copied);
    return isCopied(path) && !isTurned(dir, path, copied);
  };
  cpSync(dir, to, { recursive: true, verbatimSymlinks: true, filter });
  if (fifos.length > 0) execFileSync('mkfifo', ['--', ...fifos]);
  if (existsSync(join(dir, LINKED))) symlinkSync(join(dir, LINKED), join(to, LINKED));
  copyAttributes(dir, to, (path) => !isLinked(dir, path) && (isCopied(path) || lstatSync(path).isFIFO()), new Map());
}

/** Times and modes, and which names are one file: commands may go by any of them. What is in a directory comes before its own times. */
function copyAttributes(
  from: string,
  to: string,
  isMeant: (path: string) => boolean,
  names: Map<number, string>,
): void {
  const stats = lstatSync(from);
  if (stats.isSymbolicLink()) return;
  if (stats.isDirectory()) {
    for (const name of readdirSync(from)) {
      if (isMeant(join(from, name))) copyAttributes(join(from, name), join(to, name), isMeant, names);
    }
  } else if (stats.nlink > 1) {
    const first = names.get(stats.ino);
    if (first !== undefined) {
      rmSync(to);
      linkSync(first, to);
      return;
    }
    names.set(stats.ino, to);
  }
  chmodSync(to, stats.mode);
  utimesSync(to, stats.atime, stats.mtime);
}

/** A socket belongs to the process that has it open. A FIFO has no content, and is made anew. */
function isCopied(path: string): boolean {
  const found = lstatSync(path);
  return found.isFile() || found.isDirectory() || found.isSymbolicLink();
}

/** A link that names its target from the root would lead from the copy to what was copied: it is made anew, within the copy. */
function isTurned(dir: string, path: string, copied: string): boolean {
  if (path === dir || !lstatSync(path).isSymbolicLink()) return false;
  const said = readlinkSync(path);
  const below = relative(dir, said);
  if (!isAbsolute(said) || below === '..' || below.startsWith('../')) return false;
  symlinkSync(relative(dirname(path), said) || '.', copied);
  return true;
}

/** Through it, the sessions would write to what is not a copy. Where it leads in the end counts, and not what it says. */
function leadsOut(dir: string, path: string): boolean {
  const said = resolve(dirname(path), readlinkSync(path));
  if (OF_THE_PROCESS.test(said)) return false;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && isHarmless(found)) return false;
  const target = found === undefined ? said : realpathSync(path);
  const root = found === undefined ? dir : realpathSync(dir);
  return target !== root && !target.startsWith(`${root}/`);
}

/** What each process has open itself, whatever that is. */
const OF_THE_PROCESS = /^\/(dev\/(stdin|stdout|stderr|fd(\/\d+)?)|proc\/(thread-)?self\/fd(\/\d+)?)$/;

function namedIn(dir: string, said: string): readonly Dirent[] {
  try {
    return entriesIn(dir);
  } catch (error) {
    throw error instanceof NameIsNoText ? new ConfigError(`${said}: ${error.message}`) : error;
  }
}

/**
 * @param dir an absolute path.
 * @param said what the user has said, for the message: `--dir .`.
 * @throws {ConfigError} where there is none, or it is too large.
 */
export function checkCopied(dir: string, said: string): void {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found === undefined) throw new ConfigError(`${said}: there is no such directory`);
  if (!found.isDirectory()) throw new ConfigError(`${said}: that is not a directory`);
  let files = 0;
  let bytes = 0;
  const walk = (at: string): void => {
    for (const entry of namedIn(at, said)) {
      if (isLinked(dir, join(at, entry.name))) continue;
      const path = join(at, entry.name);
      if (entry.isSymbolicLink() && leadsOut(dir, path)) {
        throw new ConfigError(
          `${said}: ${relative(dir, path)} is a link to ${readlinkSync(path)}, outside of what is copied: commands would write there, ` +
            'for real; copy what they need into one directory',
        );
      }
      if (entry.name === '.git' && entry.isFile()) {
        throw new ConfigError(
          `${said}: ${relative(dir, path)} is a file, as in a worktree or a submodule: commands would write to the repository that it ` +
            'names, for real; clone that into a directory of its own',
        );
      }
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) bytes += statSync(path).size;
      if (++files > limits.copiedFiles || bytes > limits.copiedBytes) {
        throw new ConfigError(
          `${said}: holds more than ${limits.copiedFiles} files or ${limits.copiedBytes / 2 ** 20} MiB, and is copied for ` +
            'every execution; name a directory with nothing but what the sessions work on',
        );
      }
    }
  };
  walk(dir);
}
