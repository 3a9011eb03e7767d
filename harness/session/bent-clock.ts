/**
 * The clocks of a session, which somebody else may bend: whoever holds the session at the gate writes into this memory. What
 * JavaScript asks for the time goes through here; timers, and the kernel's time stamps on files, are as ever.
 */

import koffi from 'koffi';

/** Four doubles: what is added to the time of day, in ms; to the time since the start; the one time that it is, or NaN; how often it was asked for. */
export const CLOCK_BYTES = 32;
const memory = Buffer.alloc(CLOCK_BYTES);
const [OF_DAY, SINCE_START, FROZEN, ASKED] = [0, 8, 16, 24];

/** The last one: whoever bends clocks leaves it as it is. */
export const ASKED_AT = ASKED;

/** What a bent clock shows. */
export interface Bend {
  readonly ofDayMs: number;
  readonly sinceStartMs: number;
  /** Every look shows this time, in ms since 1970. */
  readonly frozenMs?: number;
}

/** Returns where the memory is. */
export function bendClocks(): number {
  memory.writeDoubleLE(Number.NaN, FROZEN);
  const { now } = Date;
  const sinceStart = performance.now.bind(performance);
  Date.now = () => shown(now() + memory.readDoubleLE(OF_DAY));
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [target.now()] : args, self),
  });
  performance.now = () => {
    const frozen = memory.readDoubleLE(FROZEN);
    return shown(sinceStart() + memory.readDoubleLE(SINCE_START), frozen - performance.timeOrigin);
  };
  return Number(koffi.address(memory));
}

function shown(time: number, frozen: number = memory.readDoubleLE(FROZEN)): number {
  memory.writeDoubleLE(memory.readDoubleLE(ASKED) + 1, ASKED);
  return Number.isNaN(frozen) ? time : frozen;
}

/** The memory of clocks that show this. */
export function bent({ ofDayMs, sinceStartMs, frozenMs = Number.NaN }: Bend): Buffer {
  const bytes = Buffer.alloc(CLOCK_BYTES);
  bytes.writeDoubleLE(ofDayMs, OF_DAY);
  bytes.writeDoubleLE(sinceStartMs, SINCE_START);
  bytes.writeDoubleLE(frozenMs, FROZEN);
  return bytes;
}

/** How often clocks were asked. */
export const askedIn = (bytes: Buffer): number => bytes.readDoubleLE(ASKED);
