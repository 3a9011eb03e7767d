/** Which files of a directory are read, and as what. */

import { relative } from 'node:path';
import picomatch from 'picomatch';
import { type Format, formatByName, formatOf } from '../damage/formats.ts';
import { isIgnoredByName } from './watcher.ts';

/** Formats that say when they are torn; the rest is read where it is asked for. */
const READ: ReadonlySet<Format> = new Set(['json', 'jsonl', 'yaml', 'toml']);

/** @param globs that were asked for; without any: formats that can be torn, logs, and names without a dot. */
export function readBy(globs: readonly string[] | undefined): (path: string) => boolean {
  if (globs !== undefined) return picomatch([...globs], { dot: true });
  return (path) => {
    const format = formatByName(path);
    if (format !== undefined) return READ.has(format) || path.endsWith('.log');
    return !path.slice(path.lastIndexOf('/') + 2).includes('.') && !/(^|\/)\.git\//.test(path);
  };
}

const HEAD_BYTES = 64 * 1024;

/** A number that stands alone is told from a text by what is in it; of what is empty nothing can be told yet. */
export const formatsFor =
  (globs: readonly string[] | undefined) =>
  (path: string, bytes: Uint8Array): Format | undefined => {
    if (bytes.length === 0) return formatByName(path);
    const format = formatOf(path, bytes.subarray(0, HEAD_BYTES));
    if (format !== 'text' || globs !== undefined) return format;
    return /^\s*\d{1,15}\s*$/.test(Buffer.from(bytes).toString('latin1')) ? 'text' : undefined;
  };

/** @param out where cases are written: it may lie below what is watched. */
export function ignoredBy(root: string, out: string, globs: readonly string[] | undefined): (path: string) => boolean {
  const own = relative(root, out);
  const isLeftOut = globs === undefined ? () => false : picomatch([...globs], { dot: true });
  return (path) =>
    path !== '' && (path === own || path.startsWith(`${own}/`) || isIgnoredByName(path) || isLeftOut(path));
}
