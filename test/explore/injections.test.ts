/** What a plan has for the steps of an execution, and what has come about of it. */

import { describe, expect, test } from 'vitest';
import { Injections } from '../../harness/explore/injections.ts';
import { parsePlan } from '../../harness/faults/plan.ts';
import type { Call, Step } from '../../harness/history/step.ts';

const step = (call: Call, session = 0, more: Partial<Step> = {}): Step => ({
  session,
  operation: 0,
  call,
  path: 'x',
  ...more,
});

const injections = (plan: string): Injections => new Injections(parsePlan(plan));

describe('a fault', () => {
  test('comes at its step, to its session, once', () => {
    const plan = injections('0@write.2:x=EIO');
    expect(plan.at(step('write'))).toBeUndefined();
    plan.made(step('write'));
    expect(plan.at(step('write', 1))).toBeUndefined();
    expect(plan.at(step('open'))).toBeUndefined();
    expect(plan.at(step('write'))).toEqual({ kind: 'errno', errno: 'EIO' });
    expect(plan.unspent).toHaveLength(1);
    expect(plan.made(step('write'))).toBe(false);
    expect(plan.unspent).toEqual([]);
    expect(plan.at(step('write'))).toBeUndefined();
  });

  test('that was told of is still to come until the step is made', () => {
    const plan = injections('0@write:x=crash');
    expect([plan.at(step('write')), plan.at(step('write'))]).toEqual([
      { kind: 'crash', at: 'before' },
      { kind: 'crash', at: 'before' },
    ]);
    expect(plan.unspent).toHaveLength(1);
  });

  test('can come about before its step is made: who stands still goes on with the same one', () => {
    const plan = injections('0@write:x=stall');
    plan.spend(step('write'));
    expect([plan.at(step('write')), plan.unspent]).toEqual([undefined, []]);
  });

  test('can be followed by another', () => {
    const plan = injections('0@write:x=EIO,0@rename:x=crash');
    plan.made(step('write'));
    expect(plan.at(step('rename'))).toEqual({ kind: 'crash', at: 'before' });
    expect(plan.unspent).toHaveLength(1);
  });
});

describe('a disk that is full', () => {
  const full = (): Injections => {
    const plan = injections('0@write:x=ENOSPC.on');
    expect(plan.at(step('write', 1))).toBeUndefined();
    expect(plan.made(step('write'))).toBe(true);
    return plan;
  };

  test('is so for everybody, from then on, wherever a step takes space', () => {
    const plan = full();
    for (const session of [0, 1]) expect(plan.at(step('write', session))).toEqual({ kind: 'errno', errno: 'ENOSPC' });
    expect(plan.at(step('rename', 1))).toEqual({ kind: 'errno', errno: 'ENOSPC' });
    expect(plan.at(step('read', 1))).toBeUndefined();
    expect(plan.made(step('write', 1))).toBe(false);
  });

  test('has room once it has been cleared up', () => {
    const plan = full();
    plan.clearUp();
    expect(plan.at(step('write', 1))).toBeUndefined();
  });
});

test('without a plan nothing goes wrong, and nothing is left of it', () => {
  const none = new Injections();
  expect([none.at(step('write')), none.made(step('write')), none.unspent]).toEqual([undefined, false, []]);
});
