import { renameSync, writeFileSync } from 'node:fs';

/**
 * Replaces a file as a whole: written under a temporary name, then renamed over the old one.
 *
 * Works because rename(2) is atomic: whoever opens the name gets the whole old file or the whole new one. It orders nothing
 * between two writers who both read the old file. Not synced to the disk: see fsync(2) where a power loss matters.
 *
 * @param unique makes the temporary name the writer's own, within the directory of the file.
 */
export function replaceFile(file: string, unique: string, content: string): void {
  const temporary = `${file}.${unique}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}
