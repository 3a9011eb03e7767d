import { linkSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const numberOf = (name: string): number => Number(/^v(\d+)$/.exec(name)?.[1] ?? -1);

/** The path of the newest version in a directory of versions `v0`, `v1`, … */
export const newestVersion = (dir: string): string => join(dir, `v${Math.max(...readdirSync(dir).map(numberOf))}`);

/**
 * Optimistic concurrency: read the newest version, compute the next from it, and let that appear under the next number by
 * link(2). Whoever finds the number taken starts again from what the other wrote.
 *
 * Works because link(2) fails with EEXIST where the name exists, and because a version appears whole: it was written under
 * another name. Costs a retry for each collision. Nobody may remove an old version: where its number is free again, a writer that
 * still starts from the version before it is granted it, and nobody ever looks at what it wrote. It may be emptied.
 *
 * @param unique makes the temporary name the writer's own.
 */
export function compareAndSwap(dir: string, unique: string, next: (current: string) => string): void {
  const temporary = join(dir, `${unique}.tmp`);
  for (;;) {
    const current = newestVersion(dir);
    writeFileSync(temporary, next(readFileSync(current, 'utf8')));
    try {
      linkSync(temporary, join(dir, `v${numberOf(current.slice(dir.length + 1)) + 1}`));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      unlinkSync(temporary);
    }
  }
}
