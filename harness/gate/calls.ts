/**
 * The system calls of which the gate knows what they do to a shared resource, or to the server of one, with their numbers on each
 * architecture that it knows. All the others are in harmless-calls.ts or in other-calls.ts.
 */

export type Arch = 'x64' | 'arm64';

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 of linux/audit.h. */
export const auditArch: Readonly<Record<Arch, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** [x64, arm64]; undefined: that architecture never had it. */
export type Numbers = readonly [x64: number | undefined, arm64: number | undefined, ...unknown[]];

/**
 * [x64, arm64], from arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (Linux 6.18).
 * arm64 never had the calls that name a path without a directory descriptor.
 */
const numbers = {
  open: [2, undefined],
  openat: [257, 56],
  openat2: [437, 437],
  creat: [85, undefined],
  read: [0, 63],
  readv: [19, 65],
  pread64: [17, 67],
  preadv: [295, 69],
  preadv2: [327, 286],
  write: [1, 64],
  writev: [20, 66],
  pwrite64: [18, 68],
  pwritev: [296, 70],
  pwritev2: [328, 287],
  sendfile: [40, 71],
  copy_file_range: [326, 285],
  splice: [275, 76],
  ioctl: [16, 29],
  truncate: [76, 45],
  ftruncate: [77, 46],
  fallocate: [285, 47],
  stat: [4, undefined],
  lstat: [6, undefined],
  fstat: [5, 80],
  newfstatat: [262, 79],
  statx: [332, 291],
  access: [21, undefined],
  faccessat: [269, 48],
  faccessat2: [439, 439],
  readlink: [89, undefined],
  readlinkat: [267, 78],
  getdents: [78, undefined],
  getdents64: [217, 61],
  lseek: [8, 62],
  rename: [82, undefined],
  renameat: [264, 38],
  renameat2: [316, 276],
  link: [86, undefined],
  linkat: [265, 37],
  symlink: [88, undefined],
  symlinkat: [266, 36],
  unlink: [87, undefined],
  unlinkat: [263, 35],
  mkdir: [83, undefined],
  mkdirat: [258, 34],
  rmdir: [84, undefined],
  mknod: [133, undefined],
  mknodat: [259, 33],
  chmod: [90, undefined],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  chown: [92, undefined],
  lchown: [94, undefined],
  fchown: [93, 55],
  fchownat: [260, 54],
  utime: [132, undefined],
  utimes: [235, undefined],
  futimesat: [261, undefined],
  utimensat: [280, 88],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  setxattrat: [463, 463],
  getxattr: [191, 8],
  lgetxattr: [192, 9],
  fgetxattr: [193, 10],
  getxattrat: [464, 464],
  listxattr: [194, 11],
  llistxattr: [195, 12],
  flistxattr: [196, 13],
  listxattrat: [465, 465],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  removexattrat: [466, 466],
  fsync: [74, 82],
  fdatasync: [75, 83],
  flock: [73, 32],
  fcntl: [72, 25],
  close: [3, 57],
  close_range: [436, 436],
  dup2: [33, undefined],
  dup3: [292, 24],
  chdir: [80, 49],
  fchdir: [81, 50],
  getcwd: [79, 17],
  socket: [41, 198],
  bind: [49, 200],
  chroot: [161, 51],
  execve: [59, 221],
  execveat: [322, 281],
  connect: [42, 203],
  sendto: [44, 206],
  sendmsg: [46, 211],
  recvfrom: [45, 207],
  recvmsg: [47, 212],
  shutdown: [48, 210],
  mmap: [9, 222],
  nanosleep: [35, 101],
  clock_nanosleep: [230, 115],
  poll: [7, undefined],
  ppoll: [271, 73],
  select: [23, undefined],
  pselect6: [270, 72],
  exit_group: [231, 94],
  rt_sigaction: [13, 134],
} as const satisfies Readonly<Record<string, Numbers>>;

export type TrappedCall = keyof typeof numbers;

/** Calls that the gate makes itself. */
const own = {
  seccomp: [317, 277],
  pidfd_open: [434, 434],
  pidfd_getfd: [438, 438],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
} as const;

export const archOf = (name: string): Arch | undefined => (name === 'x64' || name === 'arm64' ? name : undefined);

export const numberIn = (numbers: Numbers, arch: Arch): number | undefined => numbers[arch === 'x64' ? 0 : 1];

export const numberOf = (call: TrappedCall | keyof typeof own, arch: Arch): number | undefined =>
  numberIn(call in numbers ? numbers[call as TrappedCall] : own[call as keyof typeof own], arch);

export const trappedCalls = Object.keys(numbers) as readonly TrappedCall[];

/** The names of an architecture's trapped calls, by number. */
export function namesByNumber(arch: Arch): readonly (TrappedCall | undefined)[] {
  const names: (TrappedCall | undefined)[] = [];
  for (const call of trappedCalls) {
    const number = numberOf(call, arch);
    if (number !== undefined) names[number] = call;
  }
  return names;
}
