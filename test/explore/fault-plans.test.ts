/** What is tried of a kind of fault, and among whom. */

import { describe, expect, test } from 'vitest';
import type { Cast } from '../../harness/explore/cast.ts';
import { levelsOf, type Point, plansFor, type Undisturbed } from '../../harness/explore/fault-plans.ts';
import { formatPlan } from '../../harness/faults/plan.ts';
import type { Call } from '../../harness/history/step.ts';
import { sh } from '../../harness/scenario/command.ts';
import type { FaultKind } from '../../harness/scenario/faults.ts';
import { scenario, strategy } from '../support/scenario.ts';

/** Session 0 is what something happens to; the last one comes afterwards. */
const cast = (writers: number, details: Partial<Cast> = {}): Cast => ({
  scenario: scenario(),
  strategy: 'flock',
  writers,
  participants: Array.from({ length: writers }, (_, index) => index),
  operations: 1,
  recoverers: 1,
  ...details,
});

const three = cast(3);
const two = cast(2);
const twoAndReader = cast(2, { participants: [0, 1, 2] });

const point = (call: Call, occurrence: number, last = false): Point => {
  const name = { call, operation: 0, path: 'x', occurrence };
  return { name, step: { session: 0, ...name }, last };
};

const seen = (details: Partial<Undisturbed> = {}): Undisturbed => ({
  points: [point('open', 1), point('rename', 1, true)],
  asksClock: false,
  hasServer: false,
  freshAreGranted: true,
  partial: false,
  ...details,
});

describe('among whom', () => {
  const levels = (kind: FaultKind, preemptions: number, of = three) =>
    levelsOf(of, kind, preemptions).map(({ extent, participants, preemptions }) => [
      extent,
      participants.join(),
      preemptions,
    ]);

  test('first nobody is beside, then there are more and more preemptions', () => {
    expect(levels('crash', 1)).toEqual([
      ['alone', '0,2', 0],
      [0, '0,1,2', 0],
      [1, '0,1,2', 1],
    ]);
    expect(levels('crash', -1)).toEqual([['alone', '0,2', 0]]);
  });

  test('somebody is beside who stands still, from the first pass on', () => {
    expect(levels('stall', 1)).toEqual([
      [0, '0,1,2', 0],
      [1, '0,1,2', 1],
    ]);
    expect(levels('stall', -1)).toEqual([[0, '0,1,2', 0]]);
    expect(levels('stall', -1, twoAndReader)).toEqual([[0, '0,1,2', 0]]);
  });
});

type Planned = Parameters<typeof plansFor>[0];

describe('what', () => {
  const plans = (kind: Planned, undisturbed = seen(), faults = 1): readonly string[] =>
    plansFor(kind, three, undisturbed, faults).plans.map(formatPlan);

  test('is tried at every step, and after the last one', () => {
    expect(plans('crash')).toEqual(['0@open:x=crash', '0@rename:x=crash', '0@rename:x=crash.after']);
    expect(plans('stall')).toEqual(['0@open:x=stall', '0@rename:x=stall']);
    expect(plans('short')).toEqual([]);
  });

  test('is odd from the start', () => {
    expect(plans('pids')).toEqual(['same-pids']);
    expect(plans('clock', seen({ asksClock: true, points: [point('stat', 1)] }))).toEqual([
      'same-time',
      '0@stat:x=clock.3600000',
      '0@stat:x=clock.-3600000',
    ]);
  });

  test('comes in pairs, of one kind and at two steps', () => {
    expect(plans('stall', seen(), 2).slice(2)).toEqual(['0@open:x=stall,0@rename:x=stall']);
    expect(plans('crash', seen(), 2)).toEqual(plans('crash'));
    expect(plans('full', seen({ points: [point('write', 1), point('write', 2)] }), 2)).toHaveLength(2);
  });

  test.each<[Planned, Undisturbed, string]>([
    ['clock', seen(), 'it does not look at the clock'],
    ['server', seen(), 'it talks to no server'],
  ])('does not apply: %s', (kind, undisturbed, inapplicable) => {
    expect(plansFor(kind, three, undisturbed, 1)).toEqual({ plans: [], inapplicable });
  });

  test('can not be tried: the clock of commands, and to stand still while nobody else goes on', () => {
    const commands = { ...three, scenario: scenario({ strategies: { flock: strategy({ perform: sh('x.sh') }) } }) };
    expect(plansFor('clock', commands, seen({ asksClock: true }), 1).untried).toBe(
      'the clock of commands can not be changed',
    );
    expect(plansFor('stall', two, seen(), 1)).toEqual({
      plans: [],
      untried: 'nobody is beside it who could go on meanwhile',
    });
    expect(plansFor('stall', twoAndReader, seen(), 1).plans).toHaveLength(2);
  });
});
