/** What a request would do in the present state: whether it fails, and what it touches. After RacePro (SOSP 2011). */

import type { Access } from '../history/step.ts';
import type { OpenFile } from './descriptors.ts';
import type { Holdings } from './holdings.ts';
import { OUTSIDE, type Request } from './request.ts';
import type { Found, Resource } from './resource.ts';

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
  const unseen = holdings.unseen(request);
  return {
    ...rest,
    ...(error === undefined ? {} : { error }),
    accesses: unseen.length === 0 ? accesses : [...accesses, ...unseen],
  };
}

function seenOf(request: Request, resource: Resource, mask: Mask, holdings: Holdings): Meaning {
  const { call, path, file } = request;
  switch (call) {
    case 'read':
      return { accesses: [{ object: inode(file!), mode: 'read', ...range(request) }] };
    case 'write':
      return { accesses: [{ object: inode(file!), mode: 'write', ...rangeWithin(request) }] };
    case 'list':
      return { accesses: [{ object: `names ${resource.label(file!.ino, mask(path))}`, mode: 'read' }] };
    case 'copy':
      return { accesses: [...each(request.file, 'read'), ...each(request.copiesTo, 'write')] };
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
    case 'attributes':
    case 'stat':
      if (file !== undefined) return { accesses: each(file, call === 'stat' ? 'read' : 'write') };
      return onPath(call === 'stat' ? 'read' : 'write');
    case 'access':
    case 'readlink':
      return file === undefined ? onPath('none') : { accesses: [] };
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

  function inode({ ino, path: where }: OpenFile): string {
    return `inode ${resource.label(ino, mask(where))}`;
  }

  function each(open: OpenFile | undefined, mode: 'read' | 'write'): readonly Access[] {
    return open === undefined ? [] : [{ object: inode(open), mode }];
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

  function failed(error: string, ...found: readonly Found[]): Meaning {
    return { error, accesses: found.flatMap(looked) };
  }

  /** What keeps a call from reaching something that is there. */
  function missing({ stats, error }: Found): string | undefined {
    if (error === 'outside') return undefined;
    return error ?? (stats === undefined ? 'ENOENT' : undefined);
  }

  function onPath(mode: 'read' | 'write' | 'none'): Meaning {
    const found = find(path);
    const error = missing(found);
    if (error !== undefined) return failed(error, found);
    const touched = mode === 'none' || found.stats === undefined ? [] : [touch(found.stats.ino, found.path, mode)];
    return { accesses: [...looked(found), ...touched] };
  }

  function touch(ino: number, where: string, mode: 'read' | 'write'): Access {
    return { object: `inode ${resource.label(ino, mask(where))}`, mode };
  }

  function opening(): Meaning {
    const has = (flag: string): boolean => request.flags.includes(flag);
    const found = find(path);
    if (found.error === undefined && found.stats === undefined && has('CREAT')) return creating(found);
    const error = missing(found);
    if (error !== undefined) return failed(error, found);
    if (has('CREAT') && has('EXCL')) return failed('EEXIST', found);
    // To empty what is empty changes nothing; that it is, may be changed by others.
    const emptied = found.stats?.size === 0 ? 'read' : 'write';
    const touched = has('TRUNC') && found.stats?.isFile() ? [touch(found.stats.ino, found.path, emptied)] : [];
    return { accesses: [...looked(found), ...touched] };
  }

  function creating(found: Found): Meaning {
    if (found.error === 'outside') return { accesses: looked(found) };
    if (found.error !== undefined) return failed(found.error, found);
    if (found.stats !== undefined) return failed('EEXIST', found);
    return { accesses: changed(found), creates: found.path };
  }

  function removing(): Meaning {
    const found = find(path, false);
    const error = missing(found);
    return error === undefined ? { accesses: changed(found) } : failed(error, found);
  }

  /** It must be empty, and is no more: all that is made in it, and who lists it, is concerned. */
  function removingDirectory(): Meaning {
    const found = find(path, false);
    const error = missing(found);
    if (error !== undefined) return failed(error, found);
    const { stats } = found;
    const names = stats?.isDirectory() ? [`names ${resource.label(stats.ino, mask(found.path))}`] : [];
    return { accesses: [...changed(found), ...names.map((object) => ({ object, mode: 'write' as const }))] };
  }

  /** A path outside of the resource is no concern of any step. */
  function within(where: string, follows: boolean): readonly Found[] {
    return where === OUTSIDE ? [] : [find(where, follows)];
  }

  function linking(): Meaning {
    const source = within(path, request.follows);
    const to = within(request.to!, false);
    const error =
      source.map(missing).find(Boolean) ?? to.map((found) => unreached(found) ?? taken(found)).find(Boolean);
    if (error !== undefined) return failed(error, ...source, ...to);
    return { accesses: [...source.flatMap(looked), ...to.flatMap(changed)] };
  }

  function renaming(): Meaning {
    const source = within(path, false);
    const to = within(request.to!, false);
    const kept = request.flags.includes('NOREPLACE') ? to.map(taken) : [];
    // In the kernel's order: first both directories, then what is in them.
    const error = [...[...source, ...to].map(unreached), ...source.map(missing), ...kept].find(Boolean);
    if (error !== undefined) return failed(error, ...source, ...to);
    return { accesses: [...source, ...to].flatMap(changed) };
  }
}

const unreached = ({ error }: Found): string | undefined => (error === 'outside' ? undefined : error);

const taken = ({ stats }: Found): string | undefined => (stats === undefined ? undefined : 'EEXIST');

const range = ({ offset, bytes }: Request): { readonly from?: number; readonly to?: number } =>
  offset === undefined || bytes === undefined ? {} : { from: offset, to: offset + bytes };

/** A write that makes the file longer touches its size, and so all who read up to the end. */
function rangeWithin(request: Request): ReturnType<typeof range> {
  const { offset, bytes, file } = request;
  if (offset === undefined || bytes === undefined || file === undefined) return {};
  return offset + bytes <= file.sizeNow() ? range(request) : {};
}
