import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Fault, type FaultPlan, formatPlan, noFaults, parsePlan } from '../../harness/faults/plan.ts';
import { faultsAt, kindOf, type StepFaultKind } from '../../harness/faults/points.ts';
import type { Call, Step } from '../../harness/history/step.ts';
import type { StepName } from '../../harness/schedule/schedule.ts';

const name: fc.Arbitrary<StepName> = fc.record({
  call: fc.constantFrom<Call>('open', 'write', 'rename', 'trylock', 'exit'),
  operation: fc.nat(12),
  path: fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('%', '=', '~', ',', '.', '@') })),
  occurrence: fc.integer({ min: 1, max: 12 }),
});

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('crash'), at: fc.oneof(fc.constantFrom('before', 'after'), fc.nat(100_000)) }),
  fc.record(
    { kind: fc.constant('errno'), errno: fc.constantFrom('ENOSPC', 'EIO', 'EINTR'), lasting: fc.constant(true) },
    { requiredKeys: ['kind', 'errno'] },
  ),
  fc.record({ kind: fc.constant('short'), bytes: fc.nat(100_000) }),
  fc.record({ kind: fc.constant('stall') }),
  fc.record({ kind: fc.constant('clock'), ms: fc.integer({ min: -1e9, max: 1e9 }) }),
) as fc.Arbitrary<Fault>;

const plans: fc.Arbitrary<FaultPlan> = fc.record(
  {
    injections: fc.array(fc.record({ session: fc.nat(63), step: name, fault }), { maxLength: 3 }),
    surroundings: fc.subarray(['same-time', 'same-pids']),
    power: fc.record({ model: fc.constantFrom('posix', 'ext4'), state: fc.nat(9_999) }),
  },
  { requiredKeys: ['injections', 'surroundings'] },
);

describe('a fault plan', () => {
  test('survives being written and read, and takes no quotes', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const text = formatPlan(plan);
        expect(parsePlan(text)).toEqual(plan);
        expect(text).toMatch(/^[\w./%@:+,=-]*$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('without anything is no plan at all', () => {
    expect(formatPlan(noFaults)).toBe('');
    expect(parsePlan('')).toEqual(noFaults);
  });

  test.each([
    ['0@write:state.json=crash', 'crash'],
    ['0@write:state.json=crash.12', 'crash'],
    ['0@write:state.json=ENOSPC', 'errno'],
    ['0@write:state.json=ENOSPC.on', 'full'],
    ['0@receive:Redis=ECONNRESET', 'server'],
    ['0@write:state.json=short.1', 'short'],
    ['0@open:lock=stall', 'stall'],
    ['0@open:lock=clock.-3600000', 'clock'],
    ['same-time', 'clock'],
    ['same-pids', 'pids'],
    ['power.ext4.3', 'power-ext4'],
  ] as const)('%s is a fault of the kind %s', (text, kind) => {
    expect(kindOf(parsePlan(text))).toBe(kind);
    expect(formatPlan(parsePlan(text))).toBe(text);
  });

  test.each([
    ['no fault', '0@write:x'],
    ['no step', '0=crash'],
    ['an unknown fault', '0@write:x=fire'],
    ['half of a fault', '0@write:x=short'],
    ['a model that there is not', 'power.zfs.1'],
    ['no session', 'write:x=crash'],
  ])('with %s is refused, with an example', (_, text) => {
    expect(() => parsePlan(text)).toThrow(/Right is, for example/);
  });
});

describe('faults at a step', () => {
  const step = (call: Call, more: Partial<Step> = {}): Step => ({ session: 0, operation: 0, call, path: 'x', ...more });
  const at = (kind: StepFaultKind, of: Step, last = false): readonly string[] =>
    faultsAt(of, kind, last).map((each) =>
      formatPlan({
        injections: [{ session: 0, step: { ...of, occurrence: 1 }, fault: each }],
        surroundings: [],
      }).replace(/^.*=/, ''),
    );
  const making = step('open', { flags: ['CREAT'], accesses: [{ object: 'entry ./x', mode: 'write' }] });

  test.each<[StepFaultKind, Step, readonly string[]]>([
    ['crash', step('rename'), ['crash']],
    ['crash', step('write', { bytes: 10 }), ['crash', 'crash.1', 'crash.5', 'crash.9']],
    ['crash', step('write', { bytes: 1 }), ['crash']],
    ['short', step('write', { bytes: 3 }), ['short.1', 'short.2']],
    ['short', step('read', { bytes: 10 }), []],
    ['errno', step('write'), ['ENOSPC', 'EDQUOT', 'EIO']],
    ['errno', step('open'), ['EACCES', 'EMFILE', 'EIO']],
    ['errno', making, ['EACCES', 'EMFILE', 'EIO', 'ENOSPC', 'EDQUOT']],
    ['errno', step('rename', { error: 'ENOENT' }), []],
    ['errno', step('stat'), []],
    ['full', making, ['ENOSPC.on']],
    ['full', step('open'), []],
    ['full', step('mkdir', { error: 'EEXIST' }), []],
    ['stall', step('stat'), ['stall']],
    ['clock', step('stat'), ['clock.3600000', 'clock.-3600000']],
    ['server', step('receive'), ['ECONNRESET']],
    ['server', step('write'), []],
  ])('%s: %j', (kind, of, expected) => {
    expect(at(kind, of)).toEqual(expected);
  });

  test('after the last step a session is killed as well', () => {
    expect(at('crash', step('rename'), true)).toEqual(['crash', 'crash.after']);
  });
});
