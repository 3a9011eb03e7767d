import { describe, expect, test } from 'vitest';
import { type Arch, archOf, namesByNumber, numberOf, trappedCalls } from '../../harness/gate/calls.ts';

/** Copied by hand: arch/x86/entry/syscalls/syscall_64.tbl. */
const x64 = {
  read: 0,
  write: 1,
  open: 2,
  close: 3,
  stat: 4,
  lseek: 8,
  pread64: 17,
  dup2: 33,
  nanosleep: 35,
  sendfile: 40,
  fcntl: 72,
  flock: 73,
  ftruncate: 77,
  rename: 82,
  creat: 85,
  unlink: 87,
  getdents64: 217,
  clock_nanosleep: 230,
  exit_group: 231,
  openat: 257,
  newfstatat: 262,
  unlinkat: 263,
  dup3: 292,
  process_vm_readv: 310,
  renameat2: 316,
  seccomp: 317,
  copy_file_range: 326,
  pwritev2: 328,
  statx: 332,
  io_uring_setup: 425,
  pidfd_open: 434,
  close_range: 436,
  openat2: 437,
  pidfd_getfd: 438,
  faccessat2: 439,
  fchmodat2: 452,
} as const;

/** Copied by hand: include/uapi/asm-generic/unistd.h. */
const arm64 = {
  dup3: 24,
  fcntl: 25,
  flock: 32,
  mkdirat: 34,
  unlinkat: 35,
  linkat: 37,
  renameat: 38,
  ftruncate: 46,
  faccessat: 48,
  fchmodat: 53,
  openat: 56,
  close: 57,
  getdents64: 61,
  lseek: 62,
  read: 63,
  write: 64,
  pread64: 67,
  sendfile: 71,
  newfstatat: 79,
  fstat: 80,
  fsync: 82,
  utimensat: 88,
  exit_group: 94,
  nanosleep: 101,
  clock_nanosleep: 115,
  process_vm_readv: 270,
  renameat2: 276,
  seccomp: 277,
  copy_file_range: 285,
  statx: 291,
  io_uring_setup: 425,
  pidfd_getfd: 438,
  fchmodat2: 452,
} as const;

type Known = Parameters<typeof numberOf>[0];

test.each([
  ['x64', x64],
  ['arm64', arm64],
] as const)('numbers are those of the kernel on %s', (arch, known) => {
  const asked = Object.fromEntries(Object.keys(known).map((call) => [call, numberOf(call as Known, arch)]));
  expect(asked).toEqual(known);
});

describe.each(['x64', 'arm64'] as const)('on %s', (arch: Arch) => {
  const numbers = trappedCalls.flatMap((call) => numberOf(call, arch) ?? []);

  test('no two calls have one number', () => {
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('numbers lead back to the calls', () => {
    const names = namesByNumber(arch);
    const there = trappedCalls.filter((call) => numberOf(call, arch) !== undefined);
    expect(there.map((call) => names[numberOf(call, arch)!])).toEqual(there);
    expect(names.filter(Boolean)).toHaveLength(there.length);
  });
});

test('arm64 has none of the calls that name a path without a directory, and all the others', () => {
  const missing = trappedCalls.filter((call) => numberOf(call, 'arm64') === undefined);
  expect(missing.toSorted()).toEqual(
    [
      ...[
        'access',
        'chmod',
        'chown',
        'creat',
        'dup2',
        'futimesat',
        'getdents',
        'lchown',
        'link',
        'lstat',
        'mkdir',
        'mknod',
      ],
      ...['open', 'poll', 'readlink', 'rename', 'rmdir', 'select', 'stat', 'symlink', 'unlink', 'utime', 'utimes'],
    ].toSorted(),
  );
});

test('x64 has all of them', () => {
  expect(trappedCalls.filter((call) => numberOf(call, 'x64') === undefined)).toEqual([]);
});

test('other architectures are not known', () => {
  expect(['x64', 'arm64', 'ia32', 'riscv64', ''].map(archOf)).toEqual([
    'x64',
    'arm64',
    undefined,
    undefined,
    undefined,
  ]);
});
