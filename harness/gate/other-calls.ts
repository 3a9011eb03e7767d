/**
 * System calls that are neither modelled nor harmless: each is let through, and looked at, because it may reach the resource or
 * carry something from one session to another that no step tells of. Their numbers are [x64, arm64], as in calls.ts.
 */

import { type Arch, type Numbers, numberIn } from './calls.ts';

type Named = Readonly<Record<string, Numbers>>;

/** Which arguments say what a call is about. */
export interface Reach {
  readonly directory?: number;
  readonly path?: number;
  readonly descriptor?: number;
}

/** Whoever makes one of these does something that the gate has no notion of, or to more than itself. */
export const named = {
  acct: [163, 89],
  adjtimex: [159, 171],
  bpf: [321, 280],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  delete_module: [176, 106],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  open_tree_attr: [467, 467],
  perf_event_open: [298, 241],
  pivot_root: [155, 41],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  reboot: [169, 142],
  setdomainname: [171, 162],
  sethostname: [170, 161],
  setns: [308, 268],
  settimeofday: [164, 170],
  swapoff: [168, 225],
  swapon: [167, 224],
  umount2: [166, 39],
  unshare: [272, 97],
} as const satisfies Named;

/** svipc(7), mq_overview(7). Known by numbers and names of their own, which every session can use. */
export const ipc = {
  semget: [64, 190],
  semop: [65, 193],
  semtimedop: [220, 192],
  semctl: [66, 191],
  msgget: [68, 186],
  msgsnd: [69, 189],
  msgrcv: [70, 188],
  msgctl: [71, 187],
  shmget: [29, 194],
  shmat: [30, 196],
  shmdt: [67, 197],
  shmctl: [31, 195],
  mq_open: [240, 180],
  mq_unlink: [241, 181],
  mq_timedsend: [242, 182],
  mq_timedreceive: [243, 183],
  mq_notify: [244, 184],
  mq_getsetattr: [245, 185],
} as const satisfies Named;

/** Of another process, by its number: which argument that is. */
export const toProcess = {
  kill: [62, 129, 0],
  tkill: [200, 130, 0],
  tgkill: [234, 131, 0],
  rt_sigqueueinfo: [129, 138, 0],
  rt_tgsigqueueinfo: [297, 240, 0],
  pidfd_open: [434, 434, 0],
  getpgid: [121, 155, 0],
  getsid: [124, 156, 0],
  process_vm_readv: [310, 270, 0],
  process_vm_writev: [311, 271, 0],
  ptrace: [101, 117, 1],
  sched_setparam: [142, 118, 0],
  sched_getparam: [143, 121, 0],
  sched_setscheduler: [144, 119, 0],
  sched_getscheduler: [145, 120, 0],
  sched_rr_get_interval: [148, 127, 0],
  sched_setaffinity: [203, 122, 0],
  sched_getaffinity: [204, 123, 0],
  sched_setattr: [314, 274, 0],
  sched_getattr: [315, 275, 0],
  prlimit64: [302, 261, 0],
} as const satisfies Readonly<Record<string, readonly [...Numbers, number]>>;

/**
 * Of a process, of a group, or of all of a user, whose number is the second argument: which of them, the first one says, and counts
 * from this. linux/resource.h, linux/ioprio.h
 */
export const toPriority = {
  getpriority: [140, 141, 0],
  setpriority: [141, 140, 0],
  ioprio_get: [252, 31, 1],
  ioprio_set: [251, 30, 1],
} as const satisfies Readonly<Record<string, readonly [...Numbers, number]>>;

/** Of another process, by a descriptor that stands for it: which argument that is. */
export const toPidfd = {
  pidfd_send_signal: [424, 424, 0],
  pidfd_getfd: [438, 438, 0],
  process_mrelease: [448, 448, 0],
} as const satisfies Readonly<Record<string, readonly [...Numbers, number]>>;

/** What sends a signal or wakes somebody up after a time, if nobody takes it back before. */
export const timers = {
  alarm: [37, undefined],
  setitimer: [38, 103],
  timer_settime: [223, 110],
  timerfd_settime: [286, 86],
} as const satisfies Named;

/** Of a file, by a path or a descriptor: which arguments these are. */
export const onFiles = {
  file_getattr: [468, 468, { directory: 0, path: 1 }],
  file_setattr: [469, 469, { directory: 0, path: 1 }],
  name_to_handle_at: [303, 264, { directory: 0, path: 1 }],
  statfs: [137, 43, { path: 0 }],
  inotify_add_watch: [254, 27, { path: 1 }],
  fanotify_mark: [301, 263, { directory: 3, path: 4 }],
} as const satisfies Readonly<Record<string, readonly [...Numbers, Reach]>>;

/** Each judged in a way of its own. */
export const apart = {
  io_submit: [209, 2],
  exit: [60, 93],
  sendmmsg: [307, 269],
  recvmmsg: [299, 243],
} as const satisfies Named;

/** Its ring would carry system calls past the gate: refused, as if the kernel did not have it. libuv does without. */
export const refused = {
  io_uring_setup: [425, 425],
} as const satisfies Named;

const others = { ...named, ...ipc, ...toProcess, ...toPriority, ...toPidfd, ...timers, ...onFiles, ...apart };

export type OtherCall = keyof typeof others;

export const otherCalls = Object.keys(others) as readonly OtherCall[];

export const otherNumberOf = (call: OtherCall, arch: Arch): number | undefined => numberIn(others[call], arch);

export function otherNamesByNumber(arch: Arch): ReadonlyMap<number, OtherCall> {
  return new Map(
    otherCalls.flatMap((call) => {
      const number = otherNumberOf(call, arch);
      return number === undefined ? [] : [[number, call] as const];
    }),
  );
}
