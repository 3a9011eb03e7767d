import koffi from 'koffi';
import { describe, expect, test } from 'vitest';
import type { TrappedCall } from '../../harness/gate/calls.ts';
import type { Notification } from '../../harness/gate/listener.ts';
import { endSleep, sleepOf } from '../../harness/gate/sleeps.ts';
import { onLinux } from '../support/explore-stage.ts';

const SECOND_AND_A_HALF = { timespec: [1n, 500_000_000n], timeval: [1n, 500_000n] } as const;

function time(parts: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(16);
  for (const [at, part] of parts.entries()) bytes.writeBigInt64LE(part, at * 8);
  return bytes;
}

/** A call of this very process. */
const asked = (call: TrappedCall, ...args: readonly (number | Buffer)[]): Notification => {
  const numbers = args.map((arg) => (typeof arg === 'number' ? arg : Number(koffi.address(arg))));
  return { tid: process.pid, call, args: numbers, ints: numbers.map((number) => number | 0), cookie: [0, 0] };
};

describe.skipIf(!onLinux)('a call sleeps', () => {
  const timespec = time(SECOND_AND_A_HALF.timespec);
  const timeval = time(SECOND_AND_A_HALF.timeval);

  test.each<[TrappedCall, number, Notification]>([
    ['nanosleep', 1500, asked('nanosleep', timespec, 0)],
    ['clock_nanosleep', 1500, asked('clock_nanosleep', 1, 0, timespec, 0)],
    ['poll', 70, asked('poll', 0, 0, 70)],
    ['ppoll', 1500, asked('ppoll', 0, 0, timespec)],
    ['select', 1500, asked('select', 0, 0, 0, 0, timeval)],
    ['pselect6', 1500, asked('pselect6', 0, 0, 0, 0, timespec)],
  ])('%s for %d ms', (_, ms, notification) => {
    expect(sleepOf(notification)).toBe(ms);
  });

  test('until a moment, in round numbers', () => {
    const inASecond = process.hrtime.bigint() + 990_000_000n;
    const moment = time([inASecond / 1_000_000_000n, inASecond % 1_000_000_000n]);
    expect(sleepOf(asked('clock_nanosleep', 1, 1, moment, 0))).toBe(990);
    expect(sleepOf(asked('clock_nanosleep', 1, 1, time([1n, 0n]), 0))).toBe(0);
  });

  test('for ever, or not at all', () => {
    expect(sleepOf(asked('poll', 0, 0, -1))).toBeUndefined();
    expect(sleepOf(asked('select', 0, 0, 0, 0, 0))).toBeUndefined();
    expect(sleepOf(asked('read', 0, 0, 0))).toBeUndefined();
  });

  test('and nothing is left of its time, where the kernel would say so', () => {
    for (const [call, left] of [
      ['select', 0n],
      ['nanosleep', 1n],
    ] as const) {
      const bytes = time(SECOND_AND_A_HALF.timeval);
      endSleep(call === 'select' ? asked(call, 0, 0, 0, 0, bytes) : asked(call, bytes, 0));
      expect(bytes.readBigInt64LE(0)).toBe(left);
    }
  });
});
