import { expect, test } from 'vitest';
import { criticalPair } from '../../harness/explore/critical.ts';
import type { Step } from '../../harness/history/step.ts';
import type { Candidate, Choose, Decision } from '../../harness/schedule/scheduler.ts';

/** Session 0 and 1 each read, then write one file. */
const program = [0, 1].map((session) =>
  (['read', 'write'] as const).map(
    (call): Step => ({ session, operation: 0, call, path: 'x', accesses: [{ object: 'inode x', mode: call }] }),
  ),
);

/** The sessions in the order in which these choices let them step. */
function play(choose: Choose): readonly Decision[] {
  const made = [0, 0];
  const decisions: Decision[] = [];
  for (;;) {
    const enabled = [0, 1].flatMap((session): readonly Candidate[] => {
      const step = program[session]![made[session]!];
      return step === undefined ? [] : [{ session, step }];
    });
    if (enabled.length === 0) return decisions;
    const chosen = choose({ enabled, blocked: [] })!;
    made[chosen.session]!++;
    decisions.push({ enabled, blocked: [], chosen, preemption: false });
  }
}

const inOrder = (order: readonly number[]): Choose => {
  const left = [...order];
  return ({ enabled }) =>
    enabled.find(({ session }) => session === left[0] && left.shift() !== undefined) ?? enabled[0];
};

const orderOf = (decisions: readonly Decision[]): string => decisions.map(({ chosen }) => chosen.session).join('');

test('the pair whose order decides is found by turning pairs round, the closest first', () => {
  const decisions = play(inOrder([0, 1, 1, 0]));
  const tried: string[] = [];
  const pair = criticalPair(decisions, (choose) => {
    const order = orderOf(play(choose));
    tried.push(order);
    return order !== '0011' && order !== '1100'; // lost, unless one comes wholly before the other
  });
  expect(tried).toEqual(['0101', '1100']);
  // The write of session 1 came between the read and the write of session 0.
  expect(pair).toEqual({ first: 0, second: 2, last: 3 });
});

test('where the first one does nothing more to it, no later step is named', () => {
  const decisions = play(inOrder([0, 1, 1, 0]));
  const pair = criticalPair(decisions, (choose) => orderOf(play(choose)) !== '0011');
  expect(pair).toEqual({ first: 1, second: 3 });
});

test('where no order of two steps decides, there is none', () => {
  expect(criticalPair(play(inOrder([0, 0, 1, 1])), () => true)).toBeUndefined();
});
