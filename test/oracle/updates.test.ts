import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../harness/history/execution.ts';
import { Torn } from '../../harness/oracle/torn-state.ts';
import { everyUpdateBuiltUpon } from '../../harness/oracle/updates.ts';
import { anyOutcome, execution, read, refused, unknown, write } from '../support/execution.ts';
import { classesOf, found } from '../support/findings.ts';

/** A tiny resource: a value that carries the id of the write that it came from. */
const oracle = everyUpdateBuiltUpon(({ by = '' }) => by);

const leaving = (by: string, ...operations: readonly Operation[]) => oracle(execution({ operations, final: { by } }));

const on = (basedOn: string) => ({ output: { basedOn } });

describe('everyUpdateBuiltUpon', () => {
  test('finds nothing where the final state goes back over every acknowledged write', () => {
    const chain = [write(0, 0, on('')), write(1, 0, on('s0.0')), write(0, 1, on('s1.0')), write(2, 0, on('s0.1'))];
    expect(leaving('s2.0', ...chain)).toEqual([]);
  });

  test('names the writes that were overwritten unseen, and what they were based on', () => {
    const fork = [write(0, 0, on('')), write(1, 0, on('')), write(2, 0, on('s1.0')), write(0, 1, on('s0.0'))];
    expect(leaving('s0.1', ...fork)).toEqual([
      {
        class: 'LAST_WRITER_WINS',
        count: 2,
        message: 'acknowledged, then overwritten: s1.0 (based on nothing), s2.0 (based on s1.0)',
      },
    ]);
  });

  test('finds every write lost where the final state is the initial one', () => {
    expect(classesOf(leaving('', write(0, 0, on('')), write(1, 0, on('s0.0'))))).toEqual(
      found({ LAST_WRITER_WINS: 2 }),
    );
  });

  test('accuses nobody whose write was refused or ended in doubt', () => {
    expect(leaving('s0.0', write(0, 0, on('')), refused(1, 0, on('')), unknown(2, 0, on('')))).toEqual([]);
  });

  test('goes back over a write that ended in doubt and says what it was based on', () => {
    const chain = [write(0, 0, on('')), unknown(1, 0, on('s0.0')), write(2, 0, on('s1.0'))];
    expect(leaving('s2.0', ...chain)).toEqual([]);
  });

  test('takes readers for no writers', () => {
    expect(leaving('s0.0', write(0, 0, on('')), read(1, 0, on('')))).toEqual([]);
  });

  test('does not hide that the final state can not be read', () => {
    const failing = (error: Error) =>
      everyUpdateBuiltUpon(() => {
        throw error;
      })(execution({ operations: [write(0, 0, on(''))] }));
    expect(() => failing(new Torn('half a file'))).toThrow('half a file');
    expect(() => failing(new SyntaxError('no JSON'))).toThrow('no JSON');
    expect(() => failing(new RangeError('a bug'))).toThrow('a bug');
  });

  test('comes to an end where writes are based on each other in a circle', () => {
    const circle = [write(0, 0, on('s2.0')), write(1, 0, on('s0.0')), write(2, 0, on('s1.0'))];
    expect(leaving('s1.0', ...circle)).toEqual([]);
    const itself = write(3, 0, on('s3.0'));
    expect(classesOf(leaving('s3.0', ...circle, itself))).toEqual(found({ LAST_WRITER_WINS: 3 }));
  });

  test('comes to an end whatever the writers say, and spares the last of them', () => {
    const anySaying = fc.oneof(
      fc.anything(),
      fc.record({ basedOn: fc.anything() }),
      fc.record({ basedOn: fc.nat(5).map((session) => `s${session}.0`) }),
    );
    fc.assert(
      fc.property(fc.array(anySaying, { minLength: 1, maxLength: 6 }), (sayings) => {
        const operations = sayings.map((output, session) => write(session, 0, { output }));
        const [finding] = leaving('s0.0', ...operations);
        expect(finding?.count ?? 0).toBeLessThan(operations.length);
      }),
    );
  });

  test('counts exactly the acknowledged writes on branches that the final state does not go back over', () => {
    fc.assert(
      fc.property(anyHistory, ({ writes, tip }) => {
        const operations = writes.map(({ id, basedOn, outcome }) => ({ ...write(0, 0, on(basedOn)), id, outcome }));
        const lost = writes.filter(({ branch, outcome }) => branch && outcome === 'ok').length;
        expect(classesOf(leaving(tip, ...operations))).toEqual(found({ LAST_WRITER_WINS: lost }));
      }),
      { numRuns: 300 },
    );
  });
});

interface Written {
  readonly id: string;
  readonly basedOn: string;
  readonly outcome: Operation['outcome'];
  readonly branch: boolean;
}

/** Writes of which some continue the main line, which ends in `tip`, and others branch off from any write before. */
const anyHistory = fc
  .array(fc.record({ branch: fc.boolean(), from: fc.nat(), outcome: anyOutcome }), { maxLength: 20 })
  .map((steps) => {
    let tip = '';
    const writes: Written[] = [];
    for (const [n, { branch, from, outcome }] of steps.entries()) {
      const id = `w${n}`;
      const before = ['', ...writes.map((earlier) => earlier.id)];
      writes.push({ id, outcome, branch, basedOn: branch ? before[from % before.length]! : tip });
      if (!branch) tip = id;
    }
    return { writes, tip };
  });

test('a write in doubt that says nothing of what it was based on accuses nobody', () => {
  const operations = [write(0, 0, { output: { basedOn: '' } }), unknown(1, 0)];
  expect(everyUpdateBuiltUpon((final) => final.by!)(execution({ operations, final: { by: 's1.0' } }))).toEqual([]);
});
