/**
 * Calls on files as the kernel has them: nothing of Node's around them, so that the time between two looks at the clock is the
 * time of the call. All return the name of the error, or undefined where it worked.
 */

import { constants } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

const libc = koffi.load(null);

type Call = (...args: readonly (string | number)[]) => number;

/** Bound when it is first called: not every system has them all. */
function bound(declaration: string): Call {
  let call: Call | undefined;
  return (...args) => {
    call ??= libc.func(declaration) as Call;
    return call(...args);
  };
}

const openCall = bound('int open(const char *path, int flags, ...)');
const closeCall = bound('int close(int fd)');
const mkdirCall = bound('int mkdir(const char *path, unsigned int mode)');
const symlinkCall = bound('int symlink(const char *target, const char *path)');
const linkCall = bound('int link(const char *from, const char *to)');
const linkatCall = bound('int linkat(int fromDir, const char *from, int toDir, const char *to, int flags)');
const renameCall = bound('int rename(const char *from, const char *to)');
const renameat2Call = bound(
  'int renameat2(int fromDir, const char *from, int toDir, const char *to, unsigned int flags)',
);

const failed = (result: number): string | undefined => (result < 0 ? getSystemErrorName(-koffi.errno()) : undefined);

const MODE = 0o600;

export interface Opened {
  readonly error: string | undefined;
  close(): void;
}

export function open(path: string, flags: number): Opened & { readonly fd: number } {
  const fd = openCall(path, flags, 'int', MODE);
  return { fd, error: failed(fd), close: () => void closeCall(fd) };
}

export const mkdir = (path: string): string | undefined => failed(mkdirCall(path, 0o700));
export const symlink = (target: string, path: string): string | undefined => failed(symlinkCall(target, path));
export const link = (from: string, to: string): string | undefined => failed(linkCall(from, to));
export const rename = (from: string, to: string): string | undefined => failed(renameCall(from, to));

const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;

/** Gives a name to a file that has none: open(2), O_TMPFILE. */
export const linkUnnamed = (fd: number, to: string): string | undefined =>
  failed(linkatCall(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, to, AT_SYMLINK_FOLLOW));

/** __O_TMPFILE of asm-generic/fcntl.h, with O_DIRECTORY, as that must be. */
export const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;
const renameWith =
  (flag: number) =>
  (from: string, to: string): string | undefined =>
    failed(renameat2Call(AT_FDCWD, from, AT_FDCWD, to, flag));

export const renameNoReplace = renameWith(RENAME_NOREPLACE);
export const renameExchange = renameWith(RENAME_EXCHANGE);
