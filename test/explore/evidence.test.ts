import { expect, test } from 'vitest';
import { Evidence, traceKey } from '../../harness/explore/evidence.ts';
import type { Step } from '../../harness/history/step.ts';
import type { Decision } from '../../harness/schedule/scheduler.ts';

const step = (session: number, call: 'read' | 'write', path: string): Step => ({
  session,
  operation: 0,
  call,
  path,
  accesses: [{ object: `inode ${path}`, mode: call }],
});

const decisions = (...steps: readonly Step[]): readonly Decision[] =>
  steps.map((each) => ({
    enabled: [],
    blocked: [],
    chosen: { session: each.session, step: each },
    preemption: false,
  }));

const [readA, writeA] = [step(0, 'read', 'x'), step(0, 'write', 'x')];
const [readB, writeB] = [step(1, 'read', 'x'), step(1, 'write', 'x')];

test('executions that differ only in the order of steps that commute are one trace', () => {
  const elsewhere = step(1, 'write', 'y');
  expect(traceKey([readA, readB, writeA])).toBe(traceKey([readB, readA, writeA]));
  expect(traceKey([writeA, elsewhere])).toBe(traceKey([elsewhere, writeA]));
  expect(traceKey([readA, writeB])).not.toBe(traceKey([writeB, readA]));
  expect(traceKey([writeA, writeB])).not.toBe(traceKey([writeB, writeA]));
});

test('counts executions, traces, and pairs that were seen in both orders', () => {
  const evidence = new Evidence();
  evidence.add(decisions(readA, writeA, readB, writeB));
  evidence.add(decisions(readA, readB, writeA, writeB));
  expect([evidence.executions, evidence.traces, evidence.reordered, evidence.longest]).toEqual([2, 2, 1, 4]); // writeA, readB
  evidence.add(decisions(readB, readA, writeA, writeB));
  expect([evidence.executions, evidence.traces, evidence.reordered]).toEqual([3, 2, 1]);
  evidence.add(decisions(readB, writeB, readA, writeA));
  expect([evidence.executions, evidence.traces, evidence.reordered]).toEqual([4, 3, 3]); // readA, writeB and the two writes
});
