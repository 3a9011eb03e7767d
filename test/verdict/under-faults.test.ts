/** What an execution shows in which something was made to go wrong. */

import { describe, expect, test } from 'vitest';
import { type Execution, KILLED, type Operation } from '../../harness/history/execution.ts';
import type { CollisionClass, Finding } from '../../harness/oracle/finding.ts';
import { freshAreGranted, underFaults, unsaid } from '../../harness/verdict/under-faults.ts';
import { execution, refused, unknown, write } from '../support/execution.ts';

/** Session 2 comes when 0 and 1 are at their end. */
function upset(faults: string, ...operations: readonly Operation[]): Execution {
  const { sessions, ...rest } = execution({ faults, operations, writers: 3 });
  return { ...rest, sessions: sessions.map((each) => (each.index === 2 ? { ...each, recovers: true } : each)) };
}

const CRASH = '0@write:x=crash';
const ERROR = '0@write:x=EIO';
const POWER = 'power.ext4.3';
const killed = unknown(0, 0, { error: { name: KILLED, message: 'the session was killed' } });
const found = (...kinds: readonly CollisionClass[]): readonly Finding[] =>
  kinds.map((kind) => ({ class: kind, count: 1, message: kind }));
const classes = (findings: readonly Finding[]): readonly string[] => findings.map((finding) => finding.class);

describe('a finding is named after what did it', () => {
  test.each<[string, CollisionClass, CollisionClass]>([
    [CRASH, 'LAST_WRITER_WINS', 'LOST_ON_CRASH'],
    [CRASH, 'TORN_STATE', 'CORRUPT_ON_CRASH'],
    [POWER, 'TORN_LINES', 'CORRUPT_ON_CRASH'],
    [POWER, 'DOUBLE_CONSUME', 'DOUBLE_CONSUME'],
    [ERROR, 'LAST_WRITER_WINS', 'LAST_WRITER_WINS'],
    ['same-pids', 'TORN_STATE', 'TORN_STATE'],
  ])('%s: %s is %s', (faults, kind, expected) => {
    expect(classes(underFaults(found(kind), upset(faults, write(2, 0))))).toEqual([expected]);
  });

  test('once, where two have the same name then', () => {
    expect(classes(underFaults(found('TORN_STATE', 'TORN_LINES'), upset(CRASH)))).toEqual(['CORRUPT_ON_CRASH']);
  });
});

describe('who was told of a failure that was made up was told nothing of the resource', () => {
  const outcomes = (faults: string): readonly string[] =>
    unsaid(upset(faults, refused(0, 0), refused(1, 0), refused(2, 0), write(0, 1))).operations.map(
      ({ id, outcome }) => `${id} ${outcome}`,
    );

  test('so the refusal of the session that it happened to says nothing', () => {
    expect(outcomes(ERROR)).toEqual(['s0.0 unknown', 's1.0 refused', 's2.0 refused', 's0.1 ok']);
  });

  test("nor does anybody's while the disk is full, but for who comes once there is room", () => {
    expect(outcomes('0@write:x=ENOSPC.on')).toEqual(['s0.0 unknown', 's1.0 unknown', 's2.0 refused', 's0.1 ok']);
  });

  test('and without any fault at a step all are heard', () => {
    expect(outcomes('same-pids')).toEqual(['s0.0 refused', 's1.0 refused', 's2.0 refused', 's0.1 ok']);
  });
});

test('fresh sessions are granted what they ask for where none of them is told otherwise', () => {
  expect(freshAreGranted(upset('', refused(0, 0), write(2, 0)))).toBe(true);
  expect(freshAreGranted(upset('', write(0, 0), refused(2, 0)))).toBe(false);
  expect(freshAreGranted(upset('', write(0, 0), unknown(2, 0)))).toBe(false);
});

describe('it is STUCK', () => {
  const stuck = (fresh: Operation, more: readonly Operation[] = [], granted = false): readonly Finding[] =>
    underFaults([], upset(CRASH, killed, ...more, fresh), granted);

  test('where a fresh session fails', () => {
    expect(stuck(unknown(2, 0), [write(1, 0)])).toEqual([
      { class: 'STUCK', count: 1, message: 'no fresh session can go on: s2.0 fails: no idea' },
    ]);
  });

  test('where a fresh session is refused, and nobody was granted anything', () => {
    expect(stuck(refused(2, 0), [refused(1, 0)])).toMatchObject([
      { message: 'no fresh session can go on: s2.0 is refused (not now), though nobody has it any more' },
    ]);
  });

  test('where somebody was granted it, and still nobody is ever refused while all goes well', () => {
    expect(stuck(refused(2, 0), [write(1, 0)])).toEqual([]);
    expect(classes(stuck(refused(2, 0), [write(1, 0)], true))).toEqual(['STUCK']);
  });

  test('and not where a fresh session goes on, was killed itself, or where only others fail', () => {
    expect(stuck(write(2, 0), [refused(1, 0)], true)).toEqual([]);
    expect(stuck(unknown(2, 0, { error: { name: KILLED, message: '' } }))).toEqual([]);
    expect(stuck(write(2, 0), [unknown(1, 0)])).toEqual([]);
  });

  test('and not where something worse is found: that is why', () => {
    expect(classes(underFaults(found('TORN_STATE'), upset(CRASH, killed, unknown(2, 0))))).toEqual([
      'CORRUPT_ON_CRASH',
    ]);
  });

  test('in the words of the command, or in none', () => {
    const error = { name: 'CommandFailed', message: ' `sh x.sh` ended with exit code 1\n' };
    expect(stuck(unknown(2, 0, { error }))[0]!.message).toMatch(/s2\.0 fails: `sh x\.sh` ended with exit code 1$/);
    const script = { ...error, message: '/home/me/collide/fixtures/daily-log/x.sh ended with exit code 2' };
    expect(stuck(unknown(2, 0, { error: script }))[0]!.message).toMatch(
      /fails: daily-log\/x\.sh ended with exit code 2$/,
    );
    const { error: _, ...silent } = unknown(2, 0);
    expect(stuck(silent)[0]!.message).toMatch(/s2\.0 fails: no word$/);
  });
});
