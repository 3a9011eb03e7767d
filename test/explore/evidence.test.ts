import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Evidence, traceKey } from '../../harness/explore/evidence.ts';
import { type Access, dependent, type Step } from '../../harness/history/step.ts';
import type { Candidate, Decision } from '../../harness/schedule/scheduler.ts';

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

  test('a range that another does not meet, one that it does, and what could be anything', () => {
    const write = (session: number, from: number, to: number): Step => ({
      ...stepOf(`${session}wx`),
      accesses: [{ object: 'x', mode: 'write', from, to }],
    });
    const { accesses: _, ...anything } = stepOf('1wz');
    const count = (one: Step, other: Step): number => {
      const evidence = new Evidence();
      for (const order of [[one, other], [other, one]]) evidence.add(decisionsOf(order)); // biome-ignore format: a pair
      return evidence.traces;
    };
    expect(count(write(0, 0, 4), write(1, 4, 8))).toBe(1);
    expect(count(write(0, 0, 4), write(1, 3, 8))).toBe(2);
    expect(count(write(0, 0, 4), anything)).toBe(2);
  });

  test('who outwaits the others comes after all that they have done', () => {
    const [waiting, other] = [stepOf('0rx'), stepOf('1wy')];
    const key = (...chosen: readonly Candidate[]): string => traceKey(chosen);
    const outwaits: Candidate = { session: 0, step: waiting, outwait: true };
    const tries: Candidate = { session: 0, step: waiting };
    const goesOn: Candidate = { session: 1, step: other };
    expect(key(tries, goesOn)).toBe(key(goesOn, tries));
    expect(key(outwaits, goesOn)).not.toBe(key(goesOn, outwaits));
    expect(key(outwaits)).not.toBe(key(tries));
  });

  const access = fc
    .record({
      object: fc.constantFrom('x', 'y', 'z'),
      mode: fc.constantFrom('read' as const, 'write' as const, 'add' as const),
      range: fc.constantFrom<Pick<Access, 'from' | 'to'>>({}, {}, { from: 0, to: 2 }, { from: 2, to: 3 }, { from: 1 }),
    })
    .map(({ range, ...rest }): Access => ({ ...rest, ...range }));
  const step: fc.Arbitrary<Step> = fc
    .record({
      session: fc.nat(2),
      accesses: fc.option(fc.uniqueArray(access, { maxLength: 2, selector: ({ object }) => object }), { freq: 8 }),
    })
    .map(({ session, accesses }) => ({
      ...{ session, operation: 0, call: 'write' as const, path: '' },
      ...(accesses === null ? {} : { accesses }),
    }));

  test('two executions are one exactly if swapping independent neighbours leads from one to the other', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 6 }), (steps) => {
        const same = reachable(steps);
        for (const order of ordersOf(steps)) {
          const key = traceKey(order.map((at) => candidateOf(steps[at]!)));
          expect(key === traceKey(steps.map(candidateOf))).toBe(same.has(order.join()));
        }
      }),
      { numRuns: 300 },
    );
  });
});

const candidateOf = (step: Step): Candidate => ({ session: step.session, step });

/** Every order that leaves the steps of each session in theirs, as places in the list. */
function ordersOf(steps: readonly Step[]): readonly (readonly number[])[] {
  const extend = (order: readonly number[]): readonly (readonly number[])[] => {
    if (order.length === steps.length) return [order];
    const isNext = (at: number): boolean =>
      !order.includes(at) &&
      steps.every(({ session }, other) => other >= at || session !== steps[at]!.session || order.includes(other));
    return [...steps.keys()].filter(isNext).flatMap((at) => extend([...order, at]));
  };
  return extend([]);
}

/** All that swaps of independent neighbours make of the steps. */
function reachable(steps: readonly Step[]): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [[...steps.keys()]];
  for (let order = left.pop(); order !== undefined; order = left.pop()) {
    if (found.has(order.join())) continue;
    found.add(order.join());
    for (let at = 1; at < order.length; at++) {
      const [one, other] = [order[at - 1]!, order[at]!];
      if (!dependent(steps[one]!, steps[other]!)) left.push(order.with(at - 1, other).with(at, one));
    }
  }
  return found;
}

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
