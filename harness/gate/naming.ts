/** How calls say what they are about: by a path, by two, by a descriptor, or by one of those as they like. */

import { dirname } from 'node:path';
import type { Call } from '../history/step.ts';
import type { OpenFile } from './descriptors.ts';
import type { Notification } from './listener.ts';
import { linkOf, stringAt } from './process.ts';
import type { Reader, Request, View } from './request.ts';

// fcntl.h
const AT_FDCWD = -100;
export const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;

/** Where a path is in the registers of a call. */
export interface PathAt {
  readonly directory?: number;
  readonly path: number;
  /** A path that begins with `/` begins at the directory. */
  readonly within?: boolean;
}

/** What a path names: a place below the root or, through a magic link, what a descriptor is open on. */
type Named = { readonly path: string } | { readonly path: string; readonly file: OpenFile };

export function named(n: Notification, at: PathAt, follows: boolean, view: View): Named | undefined {
  const { tid } = n;
  const { resource, descriptors } = view;
  let path = stringAt(tid, n.args[at.path]!);
  if (path === '') return undefined;
  if (!path.startsWith('/') || at.within) {
    const directory = at.directory === undefined ? AT_FDCWD : n.ints[at.directory]!;
    let base = linkOf(tid, directory === AT_FDCWD ? 'cwd' : `fd/${directory}`);
    if (base === undefined) return undefined;
    // A directory that has been removed knows the one above it still.
    for (; path === '..' || path.startsWith('../'); path = path.slice(3)) base = dirname(base);
    path = `${base}/${path}`;
  }
  const way = resource.way(path, follows, tid);
  if (way === undefined || 'path' in way) return way;
  const file = descriptors.find(way.magic.tid, way.magic.fd, resource);
  return file === undefined ? undefined : { path: file.path, file };
}

export type Extras = Omit<Partial<Request>, 'call' | 'path'>;

/** A slash at its end has a link followed that lstat(2) and the like would look at. */
const endsInSlash = (n: Notification, { path }: PathAt): boolean => stringAt(n.tid, n.args[path]!).endsWith('/');

/** A call that names a path, alone (`stat`) or below a descriptor (`newfstatat`). */
export const byPath =
  (call: Call, at: PathAt, extras: (n: Notification) => Extras = () => ({})): Reader =>
  (n, view) => {
    const { follows = true, ...rest } = extras(n);
    const through = follows || (LOOKING.has(call) && endsInSlash(n, at));
    const found = named(n, at, through, view);
    return found === undefined ? undefined : { call, flags: [], follows: through, ...rest, ...found };
  };

const LOOKING: ReadonlySet<Call> = new Set(['stat', 'open', 'attributes', 'access', 'readlink']);

/** A call that makes another name outside of the resource may have made a way into it. */
export const makingNames =
  (reader: Reader): Reader =>
  (n, view) => {
    const request = reader(n, view);
    if (request === undefined || request.to === OUTSIDE) view.resource.ways.forget();
    return request;
  };

/** A call that names two paths. Only where both lie in the resource, or one of them does, is it a step. */
export const byTwoPaths = (
  call: Call,
  from: PathAt,
  to: PathAt,
  extras: (n: Notification) => Extras = () => ({}),
): Reader =>
  makingNames((n, view) => {
    const { follows = false, ...rest } = extras(n);
    const source = named(n, from, follows, view);
    const destination = named(n, to, false, view);
    if (source === undefined && destination === undefined) return undefined;
    const { path: way = OUTSIDE } = destination ?? {};
    return { call, path: OUTSIDE, to: way, flags: [], follows, ...rest, ...source };
  });

/** The path of what lies outside of the resource. */
export const OUTSIDE = '/';

/** What a descriptor is open on, as a path would name it. */
export function onDescriptor(n: Notification, argument: number, { resource, descriptors }: View): Named | undefined {
  const file = descriptors.find(n.tid, n.ints[argument]!, resource);
  return file === undefined ? undefined : { path: file.path, file };
}

export const byDescriptor =
  (call: Call, extras: (n: Notification) => Extras = () => ({}), descriptor = 0): Reader =>
  (n, { resource, descriptors }) => {
    const fd = n.ints[descriptor]!;
    const file = descriptors.find(n.tid, fd, resource);
    return file === undefined ? undefined : { call, path: file.path, flags: [], follows: true, file, fd, ...extras(n) };
  };

/** A call that names a path, or with AT_EMPTY_PATH, or NULL for a path (Linux 6.11), nothing but the descriptor. */
export const byEither = (
  call: Call,
  flagsAt: number,
  extras: (n: Notification) => Extras = () => ({}),
  directory = 0,
  pathAt = 1,
): Reader => {
  const path = byPath(call, { directory, path: pathAt }, (n) => ({
    ...extras(n),
    follows: (n.ints[flagsAt]! & AT_SYMLINK_NOFOLLOW) === 0,
  }));
  const descriptor = byDescriptor(call, extras, directory);
  return (n, view) =>
    (n.ints[flagsAt]! & AT_EMPTY_PATH) !== 0 && (n.args[pathAt] === 0 || stringAt(n.tid, n.args[pathAt]!) === '')
      ? descriptor(n, view)
      : path(n, view);
};

/** Of the link itself. */
export const ofLink = (extras: Extras = {}): Extras => ({ ...extras, follows: false });
