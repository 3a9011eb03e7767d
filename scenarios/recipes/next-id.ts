import { readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkExclusively } from './exclusive.ts';

const numbered = /^(\d+)\.json$/;

/**
 * The first free id behind the highest, in a folder of files `1.json`, `2.json`, …
 *
 * @param take takes a name, or says that it is not free.
 */
export function firstFree(dir: string, take: (file: string) => boolean): number {
  let id = highestId(dir) + 1;
  while (!take(join(dir, `${id}.json`))) id++;
  return id;
}

export const highestId = (dir: string): number =>
  Math.max(0, ...readdirSync(dir).map((name) => Number(numbered.exec(name)?.[1] ?? 0)));

/**
 * Writes a file under the next free id, and returns that.
 *
 * Works because link(2) gives a name to one caller only, and because the file has its content before it has that name.
 *
 * @param unique makes the temporary name the writer's own.
 */
export function writeUnderNextId(dir: string, unique: string, content: string): number {
  const temporary = join(dir, `.${unique}`);
  writeFileSync(temporary, content);
  try {
    return firstFree(dir, (file) => linkExclusively(temporary, file));
  } finally {
    unlinkSync(temporary);
  }
}
