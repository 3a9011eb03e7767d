/** The checker against its slower twin, which tries every order. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLinearizability } from '../../harness/history/linearizability.ts';
import type { History, Model } from '../../harness/history/model.ts';
import { models } from '../../harness/history/models/index.ts';
import type { LockInput } from '../../harness/history/models/lock.ts';
import { answersIn, anyHistory, explainable, explains } from '../support/history.ts';

const key = fc.constantFrom('a', 'a', 'b');
const few = fc.constantFrom(0, 1, 2);
const lists = fc.subarray([0, 1, 2]);
const owner = fc.constantFrom('x', 'y');
const f = <F extends string>(...fs: readonly F[]): fc.Arbitrary<F> => fc.constantFrom(...fs);

/** A register that may lose a write, and forbids to read 2: several steps are allowed, or none. */
const forgetful: Model<number, 'read' | number, number> = {
  init: 0,
  step(held, input) {
    if (input === 'read') return held === 2 ? [] : { output: held, state: held };
    return [
      { output: -1, state: held },
      { output: -1, state: input },
    ];
  },
};

const reads = fc.record({ f: f('read'), key });

/** For each model, any operations of it and anything it might be said to have answered. */
const anyHistories = {
  register: anyHistory(
    models.register,
    fc.oneof(
      reads,
      fc.record({ f: f('write'), key, value: few }),
      fc.record({ f: f('cas'), key, value: fc.tuple(few, few) }),
    ),
    fc.oneof(few, fc.boolean(), fc.constant(null)),
  ),
  counter: anyHistory(models.counter, fc.oneof(reads, fc.record({ f: f('add'), key, value: few })), few),
  log: anyHistory(models.log, fc.oneof(reads, fc.record({ f: f('append'), key, value: few })), lists),
  set: anyHistory(models.set, fc.oneof(reads, fc.record({ f: f('add', 'remove'), key, value: few })), lists),
  token: anyHistory(models.token, fc.record({ f: f('take'), key }), fc.boolean()),
  lock: anyHistory(
    models.lock,
    fc.record({ f: f('acquire', 'acquire', 'release', 'expire'), key, owner }) as fc.Arbitrary<LockInput>,
    fc.boolean(),
  ),
  queue: anyHistory(
    models.queue,
    fc.oneof(fc.record({ f: f('dequeue'), key }), fc.record({ f: f('enqueue'), key, value: few })),
    fc.oneof(few, fc.constant(null)),
  ),
  forgetful: anyHistory(forgetful, fc.oneof(fc.constant<'read'>('read'), few), few),
} satisfies Record<keyof typeof models | 'forgetful', unknown>;

describe('says of any history what trying every order says', () => {
  test.each(Object.entries({ ...models, forgetful }))('%s', (name, specific) => {
    const model = specific as Model<unknown, unknown, unknown>;
    const histories = anyHistories[name as keyof typeof anyHistories] as fc.Arbitrary<History<unknown, unknown>>;
    const verdicts = { linearizable: 0, violation: 0, unknown: 0 };
    fc.assert(
      fc.property(histories, (history) => {
        const verdict = checkLinearizability(model, history);
        verdicts[verdict.kind]++;
        expect(verdict.kind).toBe(explainable(model, history) === answersIn(history) ? 'linearizable' : 'violation');
        if (verdict.kind === 'linearizable') {
          expect(explains(model, verdict.order)).toBe(true);
          expect(answersIn(verdict.order)).toBe(answersIn(history));
        }
        if (verdict.kind === 'violation') {
          expect(explains(model, verdict.longest)).toBe(true);
          expect(answersIn(verdict.longest)).toBe(explainable(model, verdict.history));
          for (const { operation } of verdict.blocked)
            expect(explains(model, [...verdict.longest, operation])).toBe(false);
        }
      }),
      { numRuns: 5000 },
    );
    // Neither kind is rare, or little was tried.
    expect(verdicts.linearizable).toBeGreaterThan(500);
    expect(verdicts.violation).toBeGreaterThan(500);
  });
});
