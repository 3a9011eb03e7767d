/** What a request would do in the present state: whether it fails, and what it touches. After RacePro (SOSP 2011). */

import type { Access } from '../history/step.ts';
import type { OpenFile } from './descriptors.ts';
import { OUTSIDE, type Request } from './request.ts';
import type { Resource } from './resource.ts';

export interface Meaning {
  /** Errno that the call will end with. */
  readonly error?: string;
  readonly accesses: readonly Access[];
  /** It makes a file or directory of this path: an inode that nobody has met yet. */
  readonly creates?: string;
}

/** Takes what differs from execution to execution, pids and session ids, out of a path. */
export type Mask = (path: string) => string;

/** @param locked labels of the inodes on which the session holds a lock. */
export function meaningOf(request: Request, resource: Resource, mask: Mask, locked: readonly string[]): Meaning {
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
      return { accesses: [] };
    case 'lock':
    case 'trylock':
    case 'unlock':
    case 'close': // only one that may give a lock back is a step at all
      return { accesses: [{ object: `lock ${resource.label(file!.ino, mask(path))}`, mode: 'write' }] };
    case 'exit':
      return { accesses: locked.map((label) => ({ object: `lock ${label}`, mode: 'write' })) };
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
      return creating(path);
    case 'unlink':
      return removing();
    case 'rmdir':
      return removingDirectory();
    case 'link':
      return linking();
    case 'rename':
      return renaming();
  }

  function inode({ ino, path: where }: OpenFile): string {
    return `inode ${resource.label(ino, mask(where))}`;
  }

  function each(open: OpenFile | undefined, mode: 'read' | 'write'): readonly Access[] {
    return open === undefined ? [] : [{ object: inode(open), mode }];
  }

  function inodeAt(where: string, ino: number, mode: 'read' | 'write' | 'none'): readonly Access[] {
    return mode === 'none' ? [] : [{ object: `inode ${resource.label(ino, mask(where))}`, mode }];
  }

  /** Looking a path up, links included: what was read on the way, and what is there. */
  function lookUp(where: string): { readonly at: string; readonly ino?: number; readonly accesses: readonly Access[] } {
    const found = resource.stat(where);
    const accesses = resource.entry(where, 'read', mask);
    const target = request.follows ? resource.linkTarget(where, found) : undefined;
    if (target !== undefined) {
      const end = lookUp(target);
      return { ...end, accesses: [...accesses, ...end.accesses] };
    }
    return { at: where, accesses, ...(found === undefined ? {} : { ino: found.ino }) };
  }

  function onPath(mode: 'read' | 'write' | 'none'): Meaning {
    const { at, ino, accesses } = lookUp(path);
    return ino === undefined ? { error: 'ENOENT', accesses } : { accesses: [...accesses, ...inodeAt(at, ino, mode)] };
  }

  function opening(): Meaning {
    const { at, ino, accesses } = lookUp(path);
    const has = (flag: string): boolean => request.flags.includes(flag);
    if (ino === undefined) return has('CREAT') ? creating(at) : { error: 'ENOENT', accesses };
    if (has('CREAT') && has('EXCL')) return { error: 'EEXIST', accesses };
    return { accesses: has('TRUNC') ? [...accesses, ...inodeAt(at, ino, 'write')] : accesses };
  }

  function creating(where: string): Meaning {
    if (resource.stat(where) !== undefined) return { error: 'EEXIST', accesses: resource.entry(where, 'read', mask) };
    if (!parentExists(where)) return { error: 'ENOENT', accesses: resource.entry(where, 'read', mask) };
    return { accesses: resource.entry(where, 'write', mask), creates: where };
  }

  function parentExists(where: string): boolean {
    const slash = where.lastIndexOf('/');
    return slash < 0 || resource.stat(where.slice(0, slash)) !== undefined;
  }

  function removing(): Meaning {
    if (resource.stat(path) === undefined) return missing(path);
    return { accesses: resource.entry(path, 'write', mask) };
  }

  function missing(where: string): Meaning {
    return { error: 'ENOENT', accesses: resource.entry(where, 'read', mask) };
  }

  /** It must be empty: all that could be made in it is looked at. */
  function removingDirectory(): Meaning {
    const found = resource.stat(path);
    if (found === undefined) return missing(path);
    const names: Access = { object: `names ${resource.label(found.ino, mask(path))}`, mode: 'read' };
    return { accesses: [...resource.entry(path, 'write', mask), names] };
  }

  function linking(): Meaning {
    const to = request.to!;
    const source = path === OUTSIDE ? undefined : lookUp(path);
    if (source !== undefined && source.ino === undefined) return { error: 'ENOENT', accesses: source.accesses };
    if (to === OUTSIDE) return { accesses: source?.accesses ?? [] };
    const taken = resource.stat(to) !== undefined;
    const accesses = [...(source?.accesses ?? []), ...resource.entry(to, taken ? 'read' : 'write', mask)];
    return taken ? { error: 'EEXIST', accesses } : { accesses };
  }

  function renaming(): Meaning {
    const to = request.to!;
    const entry = (where: string, mode: 'read' | 'write'): readonly Access[] =>
      where === OUTSIDE ? [] : resource.entry(where, mode, mask);
    const both = (mode: 'read' | 'write'): readonly Access[] => [...entry(path, mode), ...entry(to, mode)];
    if (path !== OUTSIDE && resource.stat(path) === undefined)
      return { error: 'ENOENT', accesses: entry(path, 'read') };
    if (request.flags.includes('NOREPLACE') && to !== OUTSIDE && resource.stat(to) !== undefined) {
      return { error: 'EEXIST', accesses: both('read') };
    }
    return { accesses: both('write') };
  }
}

const range = ({ offset, bytes }: Request): { readonly from?: number; readonly to?: number } =>
  offset === undefined || bytes === undefined ? {} : { from: offset, to: offset + bytes };

/** A write that makes the file longer touches its size, and so all who read up to the end. */
function rangeWithin(request: Request): ReturnType<typeof range> {
  const { offset, bytes, file } = request;
  if (offset === undefined || bytes === undefined || file === undefined) return {};
  return offset + bytes <= file.sizeNow() ? range(request) : {};
}
