import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from './replace.ts';

/**
 * Everybody has a file of their own in a directory, and whoever wants the whole reads them all.
 *
 * Works because no file has two writers, so nothing that one reads and replaces can be another's; and because each file is
 * replaced as a whole, so that readers need no lock. What is merged has no order beyond that within each file.
 *
 * @param owner names the file: unique among all who ever write there.
 * @param next makes the new content from the old; undefined where there is none yet.
 */
export function updateOwnFile(dir: string, owner: string, next: (mine: string | undefined) => string): void {
  const file = join(dir, `${owner}.json`);
  replaceFile(file, owner, next(existsSync(file) ? readFileSync(file, 'utf8') : undefined));
}

/** The contents of all files there, without those that are being written. */
export const allFiles = (dir: string): readonly string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(dir, name), 'utf8'));
