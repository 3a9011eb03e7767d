import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerOf, noRoomFor, orderFor, sizes, TURNS_MIN } from '../../harness/probe/append.ts';
import { inTime } from '../../harness/probe/appends.ts';
import { brokenIn, type Cell, isBroken } from '../../harness/probe/result.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

const tallies = fc.record({
  lines: fc.nat(100),
  torn: fc.nat(2),
  missingBytes: fc.nat(2),
  turns: fc.nat(10),
});
const counts = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });

describe('lines of one length', () => {
  test('are whole only where each was one write, none was torn, and the processes took turns', () => {
    fc.assert(
      fc.property(tallies, counts, (tally, writes) => {
        const { answer, reason } = answerOf(tally, writes);
        const seen = tally.torn > 0 || tally.missingBytes > 0;
        expect(answer === 'torn').toBe(seen);
        expect(answer === 'whole').toBe(!seen && writes === 1 && tally.turns >= TURNS_MIN);
        expect(answer === 'several writes').toBe(!seen && (writes ?? 1) > 1);
        expect(reason === undefined).toBe(answer !== 'not measured');
      }),
    );
  });

  test('that are torn break a promise only where each was one write, or bytes are gone', () => {
    const cell = (more: Partial<Cell>): Cell => ({
      bytes: 64,
      answer: 'torn',
      processes: 2,
      lines: 8,
      torn: 2,
      missingBytes: 0,
      turns: 0,
      ...more,
    });
    expect(isBroken(cell({ writes: 2 }))).toBe(false);
    expect(isBroken(cell({}))).toBe(false);
    expect(isBroken(cell({ writes: 1 }))).toBe(true);
    expect(isBroken(cell({ writes: 2, torn: 0, missingBytes: 64 }))).toBe(true);
    expect(isBroken(cell({ writes: 1, answer: 'whole' }))).toBe(false);
    const row = (writes: number) => ({ guarantees: [], appends: [{ writer: 'w', cells: [cell({ writes })] }] });
    expect([brokenIn(row(2)), brokenIn(row(1))]).toEqual([false, true]);
  });
});

describe('a round', () => {
  test('is powers of two long, since shells make their lines by doubling', () => {
    for (const bytes of sizes) expect(Math.log2(bytes) % 1).toBe(0);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });

  test('fits where it is said to fit, and leaves some room to others', () => {
    const free = fc.integer({ min: 0, max: 4 * GIB });
    fc.assert(
      fc.property(fc.constantFrom(...sizes), fc.integer({ min: 2, max: 4 }), free, (bytes, processes, free) => {
        const order = orderFor(bytes, {}, { processes, free });
        expect(order.lines).toBeGreaterThan(1);
        const left = free - order.bytes * order.lines * order.processes;
        if (noRoomFor(order, free, 64 * MIB) === undefined)
          expect(left).toBeGreaterThanOrEqual(Math.min(64 * MIB, free / 2));
        else expect(left).toBeLessThan(64 * MIB);
      }),
    );
  });

  test('has fewer lines on a small disk, and none that are too long for it', () => {
    const of = (bytes: number, free: number) => orderFor(bytes, {}, { processes: 2, free });
    expect(of(MIB, 4 * GIB).lines).toBeGreaterThan(of(MIB, 32 * MIB).lines);
    expect(noRoomFor(of(MIB, 32 * MIB), 32 * MIB, 64 * MIB)).toBeUndefined();
    expect(noRoomFor(of(16 * MIB, 32 * MIB), 32 * MIB, 64 * MIB)).toBe('takes 128 MiB, and 32 MiB are free');
  });

  test('has fewer lines where the one before it was slow, and is not made where it would take too long', () => {
    const order = orderFor(MIB, {}, { processes: 2, free: 4 * GIB });
    const took = (roundMs: number) => ({ order: { ...order, bytes: 64 * 1024, lines: 128 }, roundMs });
    expect(inTime(order, undefined)).toEqual(order);
    expect(inTime(order, took(100))).toEqual(order);
    expect(inTime(order, took(3_000))).toEqual({ ...order, lines: 5 });
    expect(inTime(order, took(100_000))).toBe('takes about 50 s a round');
  });

  test('is never made longer by the one before it', () => {
    const ms = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(fc.constantFrom(...sizes), fc.constantFrom(...sizes), ms, (bytes, earlier, roundMs) => {
        const of = (size: number) => orderFor(size, {}, { processes: 2, free: 4 * GIB });
        const made = inTime(of(bytes), { order: of(earlier), roundMs });
        if (typeof made !== 'string') expect(made.lines).toBeLessThanOrEqual(of(bytes).lines);
      }),
    );
  });
});
