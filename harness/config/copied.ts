/** What is copied for every execution: a directory, which must not be large. */

import { cpSync, existsSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import { ConfigError } from './schema.ts';

/** Large, and only read: not copied, but linked to. */
const LINKED = 'node_modules';

const isLinked = (dir: string, path: string): boolean => path === join(dir, LINKED);

/** @param to is made, or added to. */
export function copy(dir: string, to: string): void {
  cpSync(dir, to, { recursive: true, verbatimSymlinks: true, filter: (path) => !isLinked(dir, path) });
  if (existsSync(join(dir, LINKED))) symlinkSync(join(dir, LINKED), join(to, LINKED));
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
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      if (isLinked(dir, join(at, entry.name))) continue;
      if (entry.isDirectory()) walk(join(at, entry.name));
      else if (entry.isFile()) bytes += statSync(join(at, entry.name)).size;
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
