import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeLedger } from '../../harness/probe/ledger.ts';
import type { Order } from '../../harness/probe/writers.ts';

const lineOf = (process: number, bytes: number): Buffer => Buffer.from(`${String(process).repeat(bytes - 1)}\n`);

/** Lines of several processes, in an order. */
interface Ledger {
  readonly order: Order;
  /** Whose each line is. */
  readonly owners: readonly number[];
}

const ledgers: fc.Arbitrary<Ledger> = fc
  .record({
    // Around the size of the blocks that are compared at once.
    bytes: fc.oneof(fc.integer({ min: 2, max: 70 }), fc.integer({ min: 4_090, max: 4_100 }), fc.constant(8_192)),
    lines: fc.integer({ min: 1, max: 4 }),
    processes: fc.integer({ min: 1, max: 4 }),
  })
  .chain((order) => {
    const all = Array.from({ length: order.lines * order.processes }, (_, at) => at % order.processes);
    return fc.shuffledSubarray(all, { minLength: all.length }).map((owners) => ({ order, owners }));
  });

const textOf = ({ order, owners }: Ledger): Buffer =>
  Buffer.concat(owners.map((process) => lineOf(process, order.bytes)));

/** The bytes in pieces, cut at any places. */
function chunks(text: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.subarray(at[index], end));
}

const cuts = fc.array(fc.nat(100_000), { maxLength: 6 });

describe('lines', () => {
  test('that are whole are found whole, in any order, however the file is read', () => {
    fc.assert(
      fc.property(ledgers, cuts, (ledger, at) => {
        const tally = judgeLedger(chunks(textOf(ledger), at), ledger.order);
        expect(tally).toMatchObject({ torn: 0, missingBytes: 0, lines: ledger.owners.length });
        expect(tally).not.toHaveProperty('example');
      }),
    );
  });

  test('of which one lands within another are torn', () => {
    fc.assert(
      fc.property(ledgers, fc.nat(), cuts, (ledger, place, at) => {
        const { order, owners } = ledger;
        fc.pre(owners.length > 1);
        const within = lineOf(owners[0]!, order.bytes);
        const cut = 1 + (place % (order.bytes - 1));
        const torn = Buffer.concat([within.subarray(0, cut), lineOf(owners[1]!, order.bytes), within.subarray(cut)]);
        const rest = textOf({ order, owners: owners.slice(2) });
        const tally = judgeLedger(chunks(Buffer.concat([torn, rest]), at), order);
        expect(tally.torn).toBeGreaterThan(0);
        expect(tally.missingBytes).toBe(0);
      }),
    );
  });

  test('that were overwritten are missing, whatever is left of them', () => {
    fc.assert(
      fc.property(ledgers, fc.integer({ min: 1, max: 10_000 }), (ledger, lost) => {
        const text = textOf(ledger);
        const left = text.subarray(0, Math.max(0, text.length - lost));
        expect(judgeLedger([left], ledger.order).missingBytes).toBe(text.length - left.length);
      }),
    );
  });

  test('that are of no process are torn, and so is one without an end', () => {
    const order = { bytes: 4, lines: 1, processes: 2 };
    const tornOf = (text: string) => judgeLedger([Buffer.from(text)], order).torn;
    expect(
      ['000\n111\n', '000\n222\n', '000\n11\n', '000\n111', '000\n\0\0\0\n', '\n111\n', '001\n110\n', ''].map(tornOf),
    ).toEqual([0, 1, 1, 1, 1, 1, 2, 0]);
  });
});

describe('turns', () => {
  const turnsOf = (owners: readonly number[], processes: number): number => {
    const order = { bytes: 4, lines: owners.length / processes, processes };
    return judgeLedger([textOf({ order, owners })], order).turns;
  };

  test('are none where the processes came one after another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 }), (processes, lines) => {
        const owners = Array.from({ length: processes }, (_, process) => Array(lines).fill(process)).flat();
        expect(turnsOf(owners, processes)).toBe(0);
      }),
    );
  });

  test('are counted where somebody comes back', () => {
    expect(turnsOf([0, 1, 0, 1], 2)).toBe(2);
    expect(turnsOf([0, 0, 1, 0, 1, 1], 2)).toBe(2);
    expect(turnsOf([0, 1, 2, 0, 1, 2], 3)).toBe(3);
  });
});

test('a torn line is told by whose its pieces are', () => {
  const order = { bytes: 8, lines: 1, processes: 2 };
  const example = (text: string) => judgeLedger([Buffer.from(text)], order).example;
  expect(example('00011111110000\n\n')).toBe('3 bytes of process 0, 7 of process 1, 4 of process 0');
  expect(example('01010101\n1111\n')).toBe(
    '1 byte of process 0, 1 of process 1, 1 of process 0, 1 of process 1, 4 more pieces',
  );
  expect(example('\n0000000\n')).toBe('an empty line');
  expect(example('\0\0\x000000\n')).toBe("3 bytes of nobody's (0), 4 of process 0");
});
