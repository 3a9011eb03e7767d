/** Where targets are written down: code hosts point at a line. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

export interface Place {
  /** Relative to the root of the repository, with `/`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/**
 * The line of each target in a configuration, by its `id: '…'`; the first line, where that is written down elsewhere.
 *
 * @param file an absolute path.
 */
export function placesIn(file: string, targets: readonly string[]): Readonly<Record<string, Place>> {
  const path = relative(rootOf(dirname(file)), file)
    .split(sep)
    .join('/');
  const lines = readFileSync(file, 'utf8').split('\n');
  const lineOf = (id: string): number => {
    const said = new RegExp(`\\bid["']?\\s*:\\s*(["'\`])${id}\\1`); // ids are lower case, digits and dashes
    return (
      Math.max(
        0,
        lines.findIndex((line) => said.test(line)),
      ) + 1
    );
  };
  return Object.fromEntries(targets.map((id) => [id, { path, line: lineOf(id) }]));
}

/** Of the repository that a directory is in; itself, where it is in none. */
function rootOf(dir: string): string {
  for (let at = resolve(dir); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return dir;
  }
}
