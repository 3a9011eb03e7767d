/** Calls that wait for nothing but a moment to pass. */

import type { TrappedCall } from './calls.ts';
import { writeMemory } from './kernel.ts';
import type { Notification } from './listener.ts';
import { bytesAt } from './process.ts';

/** Where a call has the time: in ms, or in a struct timespec or timeval, which is what is left of it afterwards where `updates`. */
type Place =
  | { readonly argument: number; readonly as: 'ms' }
  | { readonly argument: number; readonly as: 'timespec' | 'timeval'; readonly updates?: true };

/** Of the last four only those that wait for no descriptor are trapped. nanosleep(2), clock_nanosleep(2), poll(2), select(2) */
const places: Partial<Readonly<Record<TrappedCall, Place>>> = {
  nanosleep: { argument: 0, as: 'timespec' },
  clock_nanosleep: { argument: 2, as: 'timespec' },
  poll: { argument: 2, as: 'ms' },
  ppoll: { argument: 2, as: 'timespec', updates: true },
  select: { argument: 4, as: 'timeval', updates: true },
  pselect6: { argument: 4, as: 'timespec', updates: true },
};

const CLOCK_REALTIME = 0;
const TIMER_ABSTIME = 1;

/** May it be a call that does nothing but wait for time? */
export const isSleep = ({ call }: Notification): boolean => places[call] !== undefined;

/** How long a call sleeps, in ms. Undefined: it is no sleep, or only a signal ends it. @throws {KernelError} where nothing can be read there. */
export function sleepOf({ call, tid, args, ints }: Notification): number | undefined {
  const place = places[call];
  if (place === undefined) return undefined;
  if (place.as === 'ms') return ints[place.argument]! < 0 ? undefined : ints[place.argument];
  const address = args[place.argument]!;
  if (address === 0) return undefined;
  const time = bytesAt(tid, address, 16);
  if (time.length < 16) return undefined;
  const fraction = Number(time.readBigInt64LE(8)) / (place.as === 'timeval' ? 1e3 : 1e6);
  const ms = Number(time.readBigInt64LE(0)) * 1e3 + fraction;
  if (call !== 'clock_nanosleep' || (ints[1]! & TIMER_ABSTIME) === 0) return ms;
  const now =
    ints[0] === CLOCK_REALTIME
      ? performance.timeOrigin + performance.now()
      : Number(process.hrtime.bigint() / 1000n) / 1e3;
  return inRoundNumbers(Math.max(0, ms - now));
}

/** Until a moment: by the time that this is asked, a little of what was meant has passed. Up to two digits that count. */
function inRoundNumbers(ms: number): number {
  if (ms === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(ms)) - 1);
  return Math.ceil(ms / unit) * unit;
}

/** The call is about to be answered with 0: the time is over. */
export function endSleep({ call, tid, args }: Notification): void {
  const place = places[call];
  if (place?.as === 'ms' || place?.updates === undefined) return;
  writeMemory(tid, args[place.argument]!, Buffer.alloc(16), 16);
}
