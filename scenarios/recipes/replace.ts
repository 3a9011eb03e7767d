import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file as a whole: written under a temporary name, then renamed over the old one.
 *
 * Works because rename(2) is atomic: whoever opens the name gets the whole old file or the whole new one. It orders nothing
 * between two writers who both read the old file. Not synced to the disk: see `replaceDurably` where a power loss matters.
 *
 * @param unique makes the temporary name the writer's own, within the directory of the file.
 */
export function replaceFile(file: string, unique: string, content: string): void {
  const temporary = `${file}.${unique}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

/**
 * The same, and on the disk when it returns.
 *
 * Works because the content is on the disk before the name leads to it, and the name before anybody is told: fsync(2) of the file,
 * rename, fsync(2) of its directory. Without the first, a power loss can leave the new name with nothing behind it; without the
 * second, the old content.
 */
export function replaceDurably(file: string, unique: string, content: string): void {
  const temporary = `${file}.${unique}.tmp`;
  writeFileSync(temporary, content, { flush: true });
  renameSync(temporary, file);
  sync(dirname(file));
}

/** What a name leads to is on the disk when it returns: a file, or the names in a directory. */
export function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
