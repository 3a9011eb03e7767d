import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { limits } from '../limits.ts';
import { isLinked } from '../scenario/commands.ts';
import { UsageError } from './exit.ts';

/** One command for each session: as they are given, or the only one for all. */
export function linesOf(writers: number | undefined, commands: readonly string[]): readonly string[] {
  if (commands.length === 1) return Array.from({ length: writers ?? limits.writersMin }, () => commands[0]!);
  if (writers !== undefined && writers !== commands.length) {
    throw new UsageError(
      `--writers ${writers}: ${commands.length} commands are given, and each is a session; give one, or leave the flag out`,
    );
  }
  if (commands.length > limits.writersMax) {
    throw new UsageError(`${commands.length} commands: expected ${limits.writersMax} at most`);
  }
  return commands;
}

/** It is copied for every execution, so it must not be large. */
export function checkCopied(path: string, flag: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`${flag} ${path}: there is no such directory`);
  if (!found.isDirectory()) throw new UsageError(`${flag} ${path}: that is not a directory`);
  let files = 0;
  let bytes = 0;
  const walk = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (isLinked(resolve(path), join(dir, entry.name))) continue;
      if (entry.isDirectory()) walk(join(dir, entry.name));
      else if (entry.isFile()) bytes += statSync(join(dir, entry.name)).size;
      if (++files > limits.copiedFiles || bytes > limits.copiedBytes) {
        throw new UsageError(
          `${flag} ${path}: holds more than ${limits.copiedFiles} files or ${limits.copiedBytes / 2 ** 20} MiB, and is copied for ` +
            'every execution; name a directory with nothing but what the commands work on',
        );
      }
    }
  };
  walk(resolve(path));
  return resolve(path);
}

/** A word, as a shell must be told it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
