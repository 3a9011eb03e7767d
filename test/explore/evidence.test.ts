import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Evidence, traceKey } from '../../harness/explore/evidence.ts';
import { type Access, dependent, type Step } from '../../harness/history/step.ts';
import type { Decision } from '../../harness/schedule/scheduler.ts';

const modes = { r: 'read', w: 'write', a: 'add' } as const;

/** `0rx`: session 0 reads x. */
function stepOf(text: string): Step {
  const [session, mode, object] = [...text] as [string, keyof typeof modes, string];
  const accesses = [{ object, mode: modes[mode] }];
  return { session: Number(session), operation: 0, call: mode === 'r' ? 'read' : 'write', path: object, accesses };
}

const stepsOf = (text: string): readonly Step[] => text.split(' ').map(stepOf);

const decisionsOf = (steps: readonly Step[]): readonly Decision[] =>
  steps.map((step) => {
    const chosen = { session: step.session, step };
    return { enabled: [chosen], blocked: [], chosen, preemption: false };
  });

function evidenceOf(...executions: readonly string[]): Evidence {
  const evidence = new Evidence();
  for (const execution of executions) evidence.add(decisionsOf(stepsOf(execution)));
  return evidence;
}

/** Every order of the steps of two sessions. */
function interleavings(one: readonly string[], other: readonly string[]): readonly string[] {
  const merge = (a: readonly string[], b: readonly string[]): readonly (readonly string[])[] => {
    if (a.length === 0 || b.length === 0) return [[...a, ...b]];
    const begin = (first: string, rest: readonly (readonly string[])[]) => rest.map((order) => [first, ...order]);
    return [...begin(a[0]!, merge(a.slice(1), b)), ...begin(b[0]!, merge(a, b.slice(1)))];
  };
  return merge(one, other).map((order) => order.join(' '));
}

test('what was explored before counts, and is not counted twice', () => {
  const before = evidenceOf('0wx 1wx', '0wy 1wx');
  const both = new Evidence(before);
  for (const execution of ['1wx 0wx', '0wx 1wx']) both.add(decisionsOf(stepsOf(execution)));
  expect([both.executions, both.traces, both.reordered, both.longest]).toEqual([4, 3, 1, 2]);
  expect([before.executions, before.traces, before.reordered]).toEqual([2, 2, 0]);
});

test('nothing has been seen at first', () => {
  expect(evidenceOf()).toMatchObject({ executions: 0, longest: 0, traces: 0, reordered: 0 });
});

test('executions are counted, the same one as well, and the longest is known', () => {
  expect(evidenceOf('0rx', '0rx 0wx 1rx', '0rx 0wx', '0rx')).toMatchObject({ executions: 4, longest: 3, traces: 3 });
});

describe('traces', () => {
  test.each([
    ['two reads', '0rx 1rx', '1rx 0rx', 1],
    ['two that add', '0ax 1ax', '1ax 0ax', 1],
    ['writes of different objects', '0wx 1wy', '1wy 0wx', 1],
    ['two writes', '0wx 1wx', '1wx 0wx', 2],
    ['a read and a write', '0rx 1wx', '1wx 0rx', 2],
    ['a look at what is added to', '0rx 1ax', '1ax 0rx', 2],
    ['reads before and after a write', '0rx 1rx 2wx', '0rx 2wx 1rx', 2],
  ])('%s', (_, one, other, traces) => {
    expect(evidenceOf(one, other).traces).toBe(traces);
  });

  test('of two sessions that read and then write: the reads commute with each other, and with nothing else', () => {
    expect(evidenceOf(...interleavings(['0rx', '0wx'], ['1rx', '1wx'])).traces).toBe(4);
  });

  const access = fc.record<Access>({
    object: fc.constantFrom('x', 'y', 'z'),
    mode: fc.constantFrom('read', 'write', 'add'),
  });
  const step: fc.Arbitrary<Step> = fc.record({
    session: fc.nat(3),
    operation: fc.constant(0),
    call: fc.constant('write' as const),
    path: fc.constant(''),
    accesses: fc.uniqueArray(access, { maxLength: 2, selector: ({ object }) => object }),
  });

  test('two neighbours can be swapped exactly where they commute', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2 }), (steps) => {
        for (let at = 1; at < steps.length; at++) {
          const [one, other] = [steps[at - 1]!, steps[at]!];
          if (one.session === other.session) continue;
          const same = traceKey(steps) === traceKey(steps.with(at - 1, other).with(at, one));
          expect(same).toBe(!dependent(one, other));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('reordered pairs', () => {
  test.each([
    ['none in one execution', ['0wx 1wx'], 0],
    ['none where nothing conflicts', ['0rx 1wy 1rx', '1wy 1rx 0rx'], 0],
    ['one, seen in both orders', ['0wx 1wx', '1wx 0wx'], 1],
    ['one, however often', ['0wx 1wx', '1wx 0wx', '0wx 1wx', '1wx 0wx'], 1],
    ['like steps of a session are told apart', ['0wx 0wx 1wx', '0wx 1wx 0wx'], 1],
    ['and each counts', ['0wx 0wx 1wx', '0wx 1wx 0wx', '1wx 0wx 0wx'], 2],
    ['in a different order each', ['0wx 1wx 0wy 1wy', '1wx 0wx 0wy 1wy', '0wx 1wx 1wy 0wy'], 2],
    ['three sessions turned round', ['0wx 1wx 2wx', '2wx 1wx 0wx'], 3],
  ])('%s', (_, executions, reordered) => {
    expect(evidenceOf(...executions).reordered).toBe(reordered);
  });

  test('of two sessions that read and then write: each write with both steps of the other', () => {
    expect(evidenceOf(...interleavings(['0rx', '0wx'], ['1rx', '1wx'])).reordered).toBe(3);
  });
});
