/** Calls that wait for something to happen, but only so long. Those that wait for nothing but time are sleeps. */

import { archOf, type Numbers, numberIn } from './calls.ts';
import { sleepsIn } from './process.ts';

interface Timeout {
  readonly argument: number;
  /** In ms, where one below 0 is none; else where it is found, NULL is none. */
  readonly as: 'ms' | 'address';
}

/** [x64, arm64], as in calls.ts. */
const calls = {
  poll: [7, undefined, { argument: 2, as: 'ms' }],
  ppoll: [271, 73, { argument: 2, as: 'address' }],
  select: [23, undefined, { argument: 4, as: 'address' }],
  pselect6: [270, 72, { argument: 4, as: 'address' }],
  epoll_wait: [232, undefined, { argument: 3, as: 'ms' }],
  epoll_pwait: [281, 22, { argument: 3, as: 'ms' }],
  epoll_pwait2: [441, 441, { argument: 3, as: 'address' }],
  futex: [202, 98, { argument: 3, as: 'address' }],
  futex_wait: [455, 455, { argument: 4, as: 'address' }],
  futex_waitv: [449, 449, { argument: 3, as: 'address' }],
  rt_sigtimedwait: [128, 137, { argument: 2, as: 'address' }],
  semtimedop: [220, 192, { argument: 3, as: 'address' }],
  mq_timedsend: [242, 182, { argument: 4, as: 'address' }],
  mq_timedreceive: [243, 183, { argument: 4, as: 'address' }],
  recvmmsg: [299, 243, { argument: 4, as: 'address' }],
  io_getevents: [208, 4, { argument: 4, as: 'address' }],
  io_pgetevents: [333, 292, { argument: 4, as: 'address' }],
} as const satisfies Readonly<Record<string, readonly [...Numbers, Timeout]>>;

/** FUTEX_WAIT, FUTEX_LOCK_PI, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2 of linux/futex.h: of others it is no timeout. */
const FUTEX_WAITS: readonly number[] = [0, 6, 9, 11, 13];
const FUTEX_CMD_MASK = 0x7f;

const arch = archOf(process.arch);
const byNumber = new Map(
  Object.entries(calls).flatMap(([name, call]) => {
    const number = arch === undefined ? undefined : numberIn(call, arch);
    return number === undefined ? [] : [[number, { name, ...call[2] }] as const];
  }),
);

/** The call in which a thread sleeps, if that ends by itself after a time. */
export function timedWaitOf(tid: number): string | undefined {
  const asleep = sleepsIn(tid);
  const call = asleep && byNumber.get(asleep.number);
  if (call === undefined) return undefined;
  const { name, argument, as } = call;
  if (name === 'futex' && !FUTEX_WAITS.includes(Number(asleep!.args[1]! & BigInt(FUTEX_CMD_MASK)))) return undefined;
  const value = asleep!.args[argument]!;
  return (as === 'ms' ? BigInt.asIntN(32, value) >= 0n : value !== 0n) ? name : undefined;
}
