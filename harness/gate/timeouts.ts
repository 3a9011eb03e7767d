/** Calls that wait for something to happen, but only so long. Those that wait for nothing but time are sleeps. */

import { archOf } from './calls.ts';
import { type EveryCall, numberOfEvery } from './every-call.ts';
import { sleepsIn } from './process.ts';

interface Timeout {
  readonly argument: number;
  /** In ms, where one below 0 is none; else where it is found, NULL is none. */
  readonly as: 'ms' | 'address';
}

const timeouts = {
  poll: { argument: 2, as: 'ms' },
  ppoll: { argument: 2, as: 'address' },
  select: { argument: 4, as: 'address' },
  pselect6: { argument: 4, as: 'address' },
  epoll_wait: { argument: 3, as: 'ms' },
  epoll_pwait: { argument: 3, as: 'ms' },
  epoll_pwait2: { argument: 3, as: 'address' },
  futex: { argument: 3, as: 'address' },
  futex_wait: { argument: 4, as: 'address' },
  futex_waitv: { argument: 3, as: 'address' },
  rt_sigtimedwait: { argument: 2, as: 'address' },
  semtimedop: { argument: 3, as: 'address' },
  mq_timedsend: { argument: 4, as: 'address' },
  mq_timedreceive: { argument: 4, as: 'address' },
  recvmmsg: { argument: 4, as: 'address' },
  io_getevents: { argument: 4, as: 'address' },
  io_pgetevents: { argument: 4, as: 'address' },
} as const satisfies Partial<Readonly<Record<EveryCall, Timeout>>>;

/** FUTEX_WAIT, FUTEX_LOCK_PI, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2 of linux/futex.h: of others it is no timeout. */
const FUTEX_WAITS: readonly number[] = [0, 6, 9, 11, 13];
const FUTEX_CMD_MASK = 0x7f;

const arch = archOf(process.arch);
const byNumber = new Map(
  (Object.keys(timeouts) as (keyof typeof timeouts)[]).flatMap((name) => {
    const number = arch === undefined ? undefined : numberOfEvery(name, arch);
    return number === undefined ? [] : [[number, { name, ...timeouts[name] }] as const];
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
  return (as === 'ms' ? msIn(value) >= 0 : value !== 0n) ? name : undefined;
}

/** Does a thread wait for a moment to pass, and if so, how long at most, in ms? Infinity where it waits for others to do something. */
export function wakesWithin(tid: number): number {
  const asleep = sleepsIn(tid);
  const call = asleep && byNumber.get(asleep.number);
  if (call?.as !== 'ms') return Number.POSITIVE_INFINITY;
  const ms = msIn(asleep!.args[call.argument]!);
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}

/** An int. */
const msIn = (value: bigint): number => Number(BigInt.asIntN(32, value));
