/** What a request would do in the present state: whether it fails, and what it touches. After RacePro (SOSP 2011). */

import type { Stats } from 'node:fs';
import type { Access } from '../history/step.ts';
import type { Holdings } from './holdings.ts';
import { OUTSIDE, type Request } from './request.ts';
import type { Found, Resource } from './resource.ts';
import { contentOf, type Inode, looked as lookedAt, permitted, set, timed, touched } from './touches.ts';

export interface Meaning {
  /** Errno that the call will end with. */
  readonly error?: string;
  readonly accesses: readonly Access[];
  /** It makes a file or directory of this path: an inode that nobody has met yet. */
  readonly creates?: string;
}

/** Takes what differs from execution to execution, pids and session ids, out of a path. */
export type Mask = (path: string) => string;

export function meaningOf(request: Request, resource: Resource, mask: Mask, holdings: Holdings): Meaning {
  const { error, accesses, ...rest } = seenOf(request, resource, mask, holdings);
  const beside: readonly Access[] = [...closed(request), ...holdings.unseen(request)];
  return {
    ...rest,
    ...(error === undefined ? {} : { error }),
    accesses: beside.length === 0 ? accesses : [...accesses, ...beside],
  };

  function closed({ closes = [] }: Request): readonly Access[] {
    return closes.map(({ ino, path }) => ({ object: `lock ${resource.label(ino, mask(path))}`, mode: 'write' }));
  }
}

function seenOf(request: Request, resource: Resource, mask: Mask, holdings: Holdings): Meaning {
  const { call, path, file } = request;
  switch (call) {
    case 'read':
      return { accesses: [contentOf(opened(), 'read', range(request))] };
    case 'write':
      return { accesses: [contentOf(opened(), 'write', rangeWithin(request)), touched(opened())] };
    case 'list':
      return { accesses: listing(opened().label) };
    case 'copy':
      return {
        accesses: [
          ...(request.file === undefined ? [] : [contentOf(opened(), 'read')]),
          ...(request.copiesTo === undefined ? [] : written(opened(request.copiesTo))),
        ],
      };
    case 'sync':
    case 'sleep':
    case 'receive': // what comes on a session's own connection comes to nobody else
    case 'map': // what is done through it comes unseen
    case 'power': // no session makes it
      return { accesses: [] };
    case 'connect':
      return { accesses: request.noticed ? [{ object: `server ${path}`, mode: 'write' }] : [] };
    case 'send':
    case 'disconnect':
      return { accesses: [{ object: `server ${path}`, mode: 'write' }] };
    case 'lock':
    case 'trylock':
    case 'unlock':
    case 'close': // only one that may give a lock back is a step at all
      return { accesses: [locking()] };
    case 'exit': {
      const objects = holdings.labels.map((label) => `lock ${label}`);
      if (request.noticed) objects.push(`server ${path}`);
      return { accesses: objects.map((object) => ({ object, mode: 'write' })) };
    }
    case 'truncate':
      return file === undefined
        ? onPath((inode) => [permitted(inode), ...written(inode)])
        : { accesses: written(opened()) };
    case 'attributes':
      return file === undefined ? settingOnPath() : { accesses: attributesSet(opened(), find(path)) };
    case 'stat':
      return file === undefined
        ? onPath((inode) => [...looks(inode), ...timed(inode, request)])
        : { accesses: [...looks(opened()), ...timed(opened(), request)] };
    case 'access':
      return file === undefined ? onPath(looks) : { accesses: looks(opened()) };
    case 'readlink':
      return file === undefined ? onPath(() => []) : { accesses: [] };
    case 'execute':
      return file === undefined ? onPath(executed) : { accesses: executed(opened()) };
    case 'open':
      return opening();
    case 'mkdir':
    case 'symlink':
      return creating(find(path, false));
    case 'unlink':
      return removing();
    case 'rmdir':
      return removingDirectory();
    case 'link':
      return linking();
    case 'rename':
      return renaming();
  }

  /** Shared locks come and go without regard to each other. */
  function locking(): Access {
    const object = `lock ${resource.label(file!.ino, mask(path))}`;
    const { lock } = request;
    if (lock?.kind !== 'fcntl') return { object, mode: 'write' };
    const shared = call === 'unlock' ? holdings.shares(request) : lock.shared;
    return { object, mode: shared ? 'add' : 'write', ...lock.range };
  }

  /** What a descriptor is open on. */
  function opened({ ino, path: where, isDirectory = false } = file!): Inode {
    return { label: resource.label(ino, mask(where)), isDirectory };
  }

  /** What a path has led to; undefined where that lies outside. */
  function at({ stats, path: where }: Found): Inode | undefined {
    return stats && { label: resource.label(stats.ino, mask(where)), isDirectory: stats.isDirectory() };
  }

  function looks(inode: Inode): readonly Access[] {
    return lookedAt(inode, request.attribute, request.mask);
  }

  function written(inode: Inode): readonly Access[] {
    return [contentOf(inode, 'write'), touched(inode)];
  }

  /** The kernel reads how a program begins, and may find the name of another one. */
  function executed(inode: Inode): readonly Access[] {
    return [permitted(inode), contentOf(inode, 'read')];
  }

  function listing(label: string): readonly Access[] {
    const names: Access = { object: `names ${label}`, mode: 'read' };
    if (!resource.listsInOrder) return [names];
    resource.listed.add(label);
    return [names, { object: `order ${label}`, mode: 'read' }];
  }

  function find(where: string, follows = request.follows): Found {
    return resource.find(where, follows, mask);
  }

  /** Looking it up alone: what was read on the way, and the entry itself where that was reached. */
  function looked({ entries, entry, error }: Found): readonly Access[] {
    return [...entries, ...(error === undefined ? [entry] : [])].map((object) => ({ object, mode: 'read' }));
  }

  /** Changing where the last component leads. Two changed entries of one directory commute; a list of it sees both. */
  function changed({ entries, entry, names }: Found): readonly Access[] {
    return [
      ...entries.map((object) => ({ object, mode: 'read' as const })),
      { object: entry, mode: 'write' },
      { object: names, mode: 'add' },
    ];
  }

  /** The same, where an entry is made: a list shows when, in relation to the others. */
  function made(found: Found): readonly Access[] {
    const directory = found.names.slice('names '.length);
    const ordered = resource.listed.has(directory);
    return [...changed(found), ...(ordered ? [{ object: `order ${directory}`, mode: 'write' as const }] : [])];
  }

  /** Its times and the number of its names change with an entry that leads to it. */
  function status(found: Found): readonly Access[] {
    const inode = at(found);
    return inode === undefined ? [] : [touched(inode)];
  }

  function failed(error: string, ...found: readonly Found[]): Meaning {
    return { error, accesses: found.flatMap(looked) };
  }

  /** What keeps a call from reaching something that is there. */
  function missing({ stats, error }: Found): string | undefined {
    if (error === 'outside') return undefined;
    return error ?? (stats === undefined ? 'ENOENT' : undefined);
  }

  function onPath(touches: (inode: Inode) => readonly Access[]): Meaning {
    const found = find(path);
    const error = missing(found);
    if (error !== undefined) return failed(error, found);
    const inode = at(found);
    return { accesses: [...looked(found), ...(inode === undefined ? [] : touches(inode))] };
  }

  function settingOnPath(): Meaning {
    const found = find(path);
    const error = missing(found);
    if (error !== undefined) return failed(error, found);
    const inode = at(found);
    return { accesses: [...looked(found), ...(inode === undefined ? [] : attributesSet(inode, found))] };
  }

  /** Whoever goes through a directory depends on its mode, as he does on its entry. */
  function attributesSet(inode: Inode, { entry, error }: Found): readonly Access[] {
    const accesses = set(inode, request.attribute);
    if (!inode.isDirectory || error !== undefined) return accesses;
    return accesses.some(({ object, mode }) => mode === 'write' && object.startsWith('mode '))
      ? [...accesses, { object: entry, mode: 'write' }]
      : accesses;
  }

  function opening(): Meaning {
    const has = (flag: string): boolean => request.flags.includes(flag);
    const { opens } = request;
    if (file !== undefined) return { accesses: openedAs(opened(), file.sizeNow(), has('TRUNC') && !file.isDirectory) };
    const found = find(path);
    const { stats } = found;
    if (found.error === undefined && stats === undefined && has('CREAT')) return creating(found);
    const error = missing(found) ?? unfit(found);
    if (error !== undefined) return failed(error, found);
    if (has('CREAT') && has('EXCL')) return failed('EEXIST', found);
    const inode = at(found);
    const accesses = inode === undefined ? [] : openedAs(inode, stats!.size, has('TRUNC') && stats!.isFile());
    return { accesses: [...looked(found), ...accesses] };

    /** What is there is of a kind that can't be opened so. */
    function unfit({ stats: there }: Found): string | undefined {
      if (there === undefined || opens === undefined) return undefined;
      if (there.isSymbolicLink()) return opens.placeOnly || (has('CREAT') && has('EXCL')) ? undefined : 'ELOOP';
      if (opens.directory && !there.isDirectory()) return 'ENOTDIR';
      const changes = opens.writes || has('TRUNC') || has('CREAT');
      return there.isDirectory() && changes && !opens.nameless && !has('EXCL') ? 'EISDIR' : undefined;
    }

    function openedAs(inode: Inode, size: number, empties: boolean): readonly Access[] {
      if (opens?.placeOnly) return [];
      if (!empties) return [permitted(inode)];
      return [permitted(inode), contentOf(inode, size === 0 ? 'read' : 'write'), touched(inode)];
    }
  }

  function creating(found: Found): Meaning {
    if (found.error === 'outside') return { accesses: looked(found) };
    if (found.error !== undefined) return failed(found.error, found);
    if (found.stats !== undefined) return failed('EEXIST', found);
    return { accesses: made(found), creates: found.path };
  }

  function removing(): Meaning {
    const found = find(path, false);
    const error = missing(found) ?? (found.stats?.isDirectory() ? 'EISDIR' : undefined);
    return error === undefined ? { accesses: [...changed(found), ...status(found)] } : failed(error, found);
  }

  /** It must be empty, and is no more: all that is made in it, and who lists it, is concerned. */
  function removingDirectory(): Meaning {
    const found = find(path, false);
    const error = missing(found) ?? (found.stats?.isDirectory() === false ? 'ENOTDIR' : undefined);
    if (error !== undefined) return failed(error, found);
    const inside = emptied(found);
    if (inside.error !== undefined) return { error: inside.error, accesses: [...looked(found), ...inside.accesses] };
    return { accesses: [...changed(found), ...inside.accesses] };
  }

  /** What goes has to be empty, if it is a directory. */
  function emptied(found: Found): Meaning {
    const inode = at(found);
    if (!inode?.isDirectory) return { accesses: [] };
    const object = `names ${inode.label}`;
    return resource.isEmpty(found.path)
      ? { accesses: [{ object, mode: 'write' }] }
      : { error: 'ENOTEMPTY', accesses: [{ object, mode: 'read' }] };
  }

  /** A path outside of the resource is no concern of any step. */
  function within(where: string, follows: boolean): readonly Found[] {
    return where === OUTSIDE ? [] : [find(where, follows)];
  }

  function linking(): Meaning {
    const source = file === undefined ? within(path, request.follows) : [];
    const to = within(request.to!, false);
    const error =
      source.map(missing).find(Boolean) ??
      to.map((found) => unreached(found) ?? taken(found)).find(Boolean) ??
      (source.some(({ stats }) => stats?.isDirectory()) ? 'EPERM' : undefined);
    if (error !== undefined) return failed(error, ...source, ...to);
    const linked = file === undefined ? source.flatMap(status) : [touched(opened())];
    return { accesses: [...source.flatMap(looked), ...linked, ...to.flatMap(made)] };
  }

  function renaming(): Meaning {
    const source = within(path, false);
    const to = within(request.to!, false);
    const exchanges = request.flags.includes('EXCHANGE');
    const kept = request.flags.includes('NOREPLACE') ? to.map(taken) : exchanges ? to.map(missing) : [];
    const [from, over] = [source[0]?.stats, to[0]?.stats];
    // In the kernel's order: first both directories, then what is in them.
    const error =
      [...[...source, ...to].map(unreached), ...source.map(missing), ...kept].find(Boolean) ??
      (exchanges ? undefined : unequal(from, over));
    if (error !== undefined) return failed(error, ...source, ...to);
    // Two names of one file: rename(2) does nothing.
    if (from !== undefined && from.ino === over?.ino) return { accesses: [...source, ...to].flatMap(looked) };
    const replaced: readonly Meaning[] = exchanges ? [] : to.map(emptied);
    const inside = replaced.flatMap(({ accesses }) => accesses);
    const full = replaced.find((meaning) => meaning.error !== undefined)?.error;
    if (full !== undefined) return { error: full, accesses: [...[...source, ...to].flatMap(looked), ...inside] };
    const left = exchanges ? source.flatMap(made) : source.flatMap(changed);
    return { accesses: [...left, ...to.flatMap(made), ...[...source, ...to].flatMap(status), ...inside] };
  }
}

/** A directory only takes the place of a directory, and nothing else does. */
function unequal(from: Stats | undefined, over: Stats | undefined): string | undefined {
  if (from === undefined || over === undefined || from.isDirectory() === over.isDirectory()) return undefined;
  return over.isDirectory() ? 'EISDIR' : 'ENOTDIR';
}

const unreached = ({ error }: Found): string | undefined => (error === 'outside' ? undefined : error);

const taken = ({ stats }: Found): string | undefined => (stats === undefined ? undefined : 'EEXIST');

const range = ({ offset, bytes }: Request): { readonly from?: number; readonly to?: number } =>
  offset === undefined || bytes === undefined ? {} : { from: offset, to: offset + bytes };

/**
 * A write that makes the file longer touches its size, and so all who read up to the end. Where it was opened with O_APPEND, the
 * offset of pwrite(2) counts for nothing (there, under BUGS).
 */
function rangeWithin(request: Request): ReturnType<typeof range> {
  const { offset, bytes, file } = request;
  if (offset === undefined || bytes === undefined || file === undefined || file.appends?.()) return {};
  return offset + bytes <= file.sizeNow() ? range(request) : {};
}
