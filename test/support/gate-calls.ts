/** Single calls on a small directory: as requests to the gate, and as what the file system does when they are made. */

import {
  accessSync,
  chmodSync,
  closeSync,
  type Dir,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  type Stats,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { OpenFile } from '../../harness/gate/descriptors.ts';
import type { Request } from '../../harness/gate/request.ts';

/** How a call ends: with an errno, or with what the session learns from it. */
export type Ending = { readonly error: string } | { readonly learns: unknown };

/** A call that is about to be made. Its descriptor, if it has one, is open already. */
export interface Ready {
  readonly request: Request;
  readonly make: () => Ending;
  readonly close: () => void;
}

export type Flag = 'CREAT' | 'EXCL' | 'TRUNC';

/** `at`: on the descriptor of what this path leads to before anybody moves. */
export type SmallCall =
  | { readonly do: 'open'; readonly path: string; readonly flags: readonly Flag[] }
  | { readonly do: 'stat' | 'lstat' | 'access' | 'executable' | 'readlink' | 'touch'; readonly path: string }
  | { readonly do: 'unlink' | 'mkdir' | 'rmdir'; readonly path: string }
  | { readonly do: 'rename' | 'link'; readonly path: string; readonly to: string }
  | { readonly do: 'symlink'; readonly path: string; readonly target: string }
  | { readonly do: 'truncate' | 'chmod' | 'date'; readonly path: string; readonly value: number }
  | { readonly do: 'fstat' | 'list' | 'read'; readonly at: string }
  | { readonly do: 'pread'; readonly at: string; readonly from: number; readonly bytes: number }
  | { readonly do: 'pwrite'; readonly at: string; readonly from: number; readonly text: string }
  | { readonly do: 'write'; readonly at: string; readonly text: string }
  | { readonly do: 'ftruncate' | 'fchmod'; readonly at: string; readonly value: number };

const O = { RDWR: 2, CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000 } as const;

/** Times that a session has set itself are from then; all others are the time of day. */
const LONG_AGO_MS = 10_000;

/** What a session learns of a file. That something has changed just now is all that there is to say of its time. */
const seen = ({ mode, size, nlink, mtimeMs }: Stats): unknown => ({
  mode,
  size,
  nlink,
  changed: mtimeMs < LONG_AGO_MS ? mtimeMs : 'now',
});

function ending(call: () => unknown): Ending {
  try {
    return { learns: call() ?? null };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code! };
  }
}

/** Undefined where the path of a descriptor does not lead to what the call is made on. */
export function ready(call: SmallCall, root: string): Ready | undefined {
  const absolute = (path: string): string => join(root, path);
  const plain = (request: Partial<Request> & Pick<Request, 'call' | 'path'>, make: () => unknown): Ready => ({
    request: { flags: [], follows: false, ...request },
    make: () => ending(make),
    close: () => {},
  });
  switch (call.do) {
    case 'open':
      return plain({ call: 'open', path: call.path, flags: call.flags, follows: !call.flags.includes('EXCL') }, () =>
        closeSync(
          openSync(
            absolute(call.path),
            call.flags.reduce((all, flag) => all | O[flag], 0),
          ),
        ),
      );
    case 'stat':
      return plain({ call: 'stat', path: call.path, follows: true }, () => seen(statSync(absolute(call.path))));
    case 'lstat':
      return plain({ call: 'stat', path: call.path }, () => seen(lstatSync(absolute(call.path))));
    case 'access':
      return plain({ call: 'access', path: call.path, follows: true, attribute: 'existence' }, () =>
        accessSync(absolute(call.path)),
      );
    case 'executable':
      return plain(
        { call: 'access', path: call.path, follows: true, attribute: 'mode' },
        () => (statSync(absolute(call.path)).mode & 0o111) !== 0,
      );
    case 'touch':
      return plain({ call: 'attributes', path: call.path, follows: true, attribute: 'now' }, () => {
        const now = Date.now() / 1000;
        utimesSync(absolute(call.path), now, now);
      });
    case 'date':
      return plain({ call: 'attributes', path: call.path, follows: true, attribute: 'times' }, () =>
        utimesSync(absolute(call.path), call.value, call.value),
      );
    case 'readlink':
      return plain({ call: 'readlink', path: call.path }, () => readlinkSync(absolute(call.path)));
    case 'unlink':
      return plain({ call: 'unlink', path: call.path }, () => unlinkSync(absolute(call.path)));
    case 'mkdir':
      return plain({ call: 'mkdir', path: call.path }, () => mkdirSync(absolute(call.path)));
    case 'rmdir':
      return plain({ call: 'rmdir', path: call.path }, () => rmdirSync(absolute(call.path)));
    case 'rename':
      return plain({ call: 'rename', path: call.path, to: call.to }, () =>
        renameSync(absolute(call.path), absolute(call.to)),
      );
    case 'link':
      return plain({ call: 'link', path: call.path, to: call.to }, () =>
        linkSync(absolute(call.path), absolute(call.to)),
      );
    case 'symlink':
      return plain({ call: 'symlink', path: call.path }, () => symlinkSync(call.target, absolute(call.path)));
    case 'truncate':
      return plain({ call: 'truncate', path: call.path, follows: true }, () =>
        truncateSyncOnPath(absolute(call.path), call.value),
      );
    case 'chmod':
      return plain({ call: 'attributes', path: call.path, follows: true, attribute: 'mode' }, () =>
        chmodSync(absolute(call.path), call.value),
      );
    case 'list':
      return onDirectory(absolute(call.at), call.at);
    default:
      return onFile(call, absolute(call.at));
  }
}

/** Node's truncateSync opens the file first; what matters here is what it comes to. */
const truncateSyncOnPath = (path: string, length: number): void => truncateSync(path, length);

function onDirectory(absolute: string, path: string): Ready | undefined {
  let open: Dir;
  try {
    open = opendirSync(absolute);
  } catch {
    return undefined;
  }
  const file: OpenFile = { path, ino: statSync(absolute).ino, sizeNow: () => 0, isDirectory: true };
  return {
    request: { call: 'list', path, flags: [], follows: true, file },
    make: () =>
      ending(() => {
        const names: string[] = [];
        for (let entry = open.readSync(); entry !== null; entry = open.readSync()) names.push(entry.name);
        return names.sort();
      }),
    close: () => open.closeSync(),
  };
}

function onFile(call: Extract<SmallCall, { at: string }>, absolute: string): Ready | undefined {
  let fd: number;
  try {
    fd = openSync(absolute, O.RDWR);
  } catch {
    return undefined;
  }
  const file: OpenFile = { path: call.at, ino: fstatSync(fd).ino, sizeNow: () => fstatSync(fd).size };
  const base = { path: call.at, flags: [], follows: true, file, fd };
  const on = (request: Pick<Request, 'call' | 'offset' | 'bytes' | 'attribute'>, make: () => unknown): Ready => ({
    request: { ...base, ...request },
    make: () => ending(make),
    close: () => closeSync(fd),
  });
  switch (call.do) {
    case 'fstat':
      return on({ call: 'stat' }, () => seen(fstatSync(fd)));
    case 'read':
      return on({ call: 'read', bytes: 100 }, () => readAt(fd, 100, null));
    case 'pread':
      return on({ call: 'read', offset: call.from, bytes: call.bytes }, () => readAt(fd, call.bytes, call.from));
    case 'pwrite':
      return on({ call: 'write', offset: call.from, bytes: call.text.length }, () =>
        writeSync(fd, call.text, call.from),
      );
    case 'write':
      return on({ call: 'write', bytes: call.text.length }, () => writeSync(fd, call.text));
    case 'ftruncate':
      return on({ call: 'truncate' }, () => ftruncateSync(fd, call.value));
    case 'fchmod':
      return on({ call: 'attributes', attribute: 'mode' }, () => fchmodSync(fd, call.value));
    case 'list':
      throw new Error('a list is of a directory');
  }
}

function readAt(fd: number, bytes: number, from: number | null): string {
  const buffer = Buffer.alloc(bytes);
  return buffer.toString('latin1', 0, readSync(fd, buffer, 0, bytes, from));
}

/** All that can be seen in a directory: kinds, attributes, contents, and which names are one file. */
export function listing(root: string): unknown {
  const firstNames = new Map<number, string>();
  const walk = (below: string): readonly unknown[] =>
    readdirSync(join(root, below))
      .sort()
      .flatMap((name) => {
        const path = join(below, name);
        const stats = lstatSync(join(root, path));
        if (stats.isSymbolicLink()) return [[path, readlinkSync(join(root, path))]];
        if (stats.isDirectory()) return [[path, seen(stats)], ...walk(path)];
        const first = firstNames.get(stats.ino) ?? path;
        firstNames.set(stats.ino, first);
        return [[path, seen(stats), first, readFileSync(join(root, path), 'latin1')]];
      });
  return walk('');
}

/** `d` directory, `f` file with its content, `l` symbolic link with its target, `h` hard link to another path. */
export type Entry = readonly [path: string, kind: 'd'] | readonly [path: string, kind: 'f' | 'l' | 'h', what: string];

/** Makes these one after another; what can't be made is left out. */
export function furnish(root: string, entries: readonly Entry[]): void {
  for (const [path, kind, what = ''] of entries) {
    try {
      const absolute = join(root, path);
      if (kind === 'd') mkdirSync(absolute);
      else if (kind === 'f') writeFileSync(absolute, what, { flag: 'wx' });
      else if (kind === 'l') symlinkSync(what, absolute);
      else linkSync(join(root, what), absolute);
    } catch {
      // taken, or nowhere to put it
    }
  }
}
