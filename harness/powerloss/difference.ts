import type { Disk, Inode } from './disk.ts';
import { applied, type Begins, type Effect, entriesIn, type Move, type Place } from './effects.ts';

/**
 * What one call did, found by comparing the disk before and after it. An entry that is gone while another leads to its inode is
 * a rename: no other call does both.
 *
 * What snapshots do not tell is taken as usual: bytes that were overwritten by the same bytes were not written, zeros at the
 * end of a file came by truncate(2) or by a write that began beyond them, and what came in from outside was written on
 * arrival. An exchange of two entries (RENAME_EXCHANGE of renameat2(2)) becomes two removals and two entries.
 *
 * @returns effects that make `after` of `before`, as far as sessions can tell; of several calls too, but then not each as it was.
 */
export function effectsBetween(before: Disk, after: Disk): readonly Effect[] {
  const moves = movesBetween(before, after);
  const moved = moves.reduce(applied, before);
  const directories: Effect[] = [];
  const files: Effect[] = [];
  for (const number of reachable(after)) {
    const then = moved.inodes.get(number);
    const now = after.inodes.get(number)!;
    if (now.kind === 'directory') directories.push(...entriesBetween(then, now.entries, number, moved, after));
    else if (now.kind === 'file') files.push(...contentBetween(then, now, number));
  }
  return [...moves, ...directories, ...files];
}

/** Numbers of all inodes that sessions can get at, directories before what is in them. */
function reachable(disk: Disk): ReadonlySet<number> {
  const found = new Set([disk.root]);
  for (const number of found) {
    const inode = disk.inodes.get(number)!;
    if (inode.kind === 'directory') for (const child of inode.entries.values()) found.add(child);
  }
  return found;
}

function movesBetween(before: Disk, after: Disk): readonly Move[] {
  const gone = new Map<number, Place>();
  const there = reachable(after);
  for (const directory of reachable(before)) {
    if (before.inodes.get(directory)!.kind !== 'directory' || !there.has(directory)) continue;
    const now = entriesIn(after, directory);
    for (const [name, file] of entriesIn(before, directory)) {
      if (!now.has(name)) gone.set(file, { directory, name });
    }
  }
  const moves: Move[] = [];
  for (const directory of there) {
    const then = before.inodes.get(directory);
    if (then?.kind !== 'directory') continue;
    for (const [name, file] of entriesIn(after, directory)) {
      const from = gone.get(file);
      const replaces = then.entries.get(name);
      if (from === undefined || replaces === file) continue;
      gone.delete(file);
      moves.push({ kind: 'move', file, from, to: { directory, name }, ...(replaces !== undefined && { replaces }) });
    }
  }
  return moves;
}

function* entriesBetween(
  then: Inode | undefined,
  now: ReadonlyMap<string, number>,
  directory: number,
  before: Disk,
  after: Disk,
): Generator<Effect> {
  const old = then?.kind === 'directory' ? then.entries : new Map<string, number>();
  for (const [name, file] of old) if (now.get(name) !== file) yield { kind: 'remove', directory, name };
  for (const [name, file] of now) {
    if (old.get(name) === file) continue;
    const isNew = !before.inodes.has(file);
    yield { kind: 'enter', directory, name, file, ...(isNew && { begins: begins(after.inodes.get(file)!) }) };
  }
}

function begins(inode: Inode): Begins {
  if (inode.kind === 'directory') return { kind: 'directory' };
  return inode.kind === 'file' ? { kind: 'file', mode: inode.mode } : inode;
}

function* contentBetween(
  then: Inode | undefined,
  now: Extract<Inode, { readonly kind: 'file' }>,
  file: number,
): Generator<Effect> {
  const old = then?.kind === 'file' ? then : { content: Buffer.alloc(0), mode: now.mode };
  if (old.mode !== now.mode) yield { kind: 'mode', file, mode: now.mode };
  if (old.content === now.content || old.content.equals(now.content)) return;
  const before = old.content;
  const after = now.content;
  const common = Math.min(before.length, after.length);
  if (after.length < before.length) yield { kind: 'resize', file, size: after.length };
  let from = 0;
  while (from < common && before[from] === after[from]) from++;
  let to = after.length > before.length ? after.length : common;
  if (to === common) while (to > from && before[to - 1] === after[to - 1]) to--;
  if (from === before.length) while (from < to && after[from] === 0) from++;
  if (from < to) yield { kind: 'write', file, from, bytes: after.subarray(from, to) };
  else if (after.length > before.length) yield { kind: 'resize', file, size: after.length };
}
