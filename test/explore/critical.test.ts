import { describe, expect, test } from 'vitest';
import { criticalPair } from '../../harness/explore/critical.ts';
import type { Step } from '../../harness/history/step.ts';
import type { Candidate, Choose, Decision } from '../../harness/schedule/scheduler.ts';

/** `0rx`: session 0 reads x. */
function stepOf(text: string): Step {
  const [session, mode, object] = [...text] as [string, string, string];
  const accesses = [{ object, mode: mode === 'r' ? ('read' as const) : ('write' as const) }];
  return { session: Number(session), operation: 0, call: mode === 'r' ? 'read' : 'write', path: object, accesses };
}

const nameOf = ({ session, call, path }: Step): string => `${session}${call[0]}${path}`;

/** The same sessions under other choices. `waits`: who can't go on as long as session 0 has not ended. */
function played(execution: string, choose: Choose, waits = Number.NaN): string {
  const left = execution.split(' ').map(stepOf);
  const done: Step[] = [];
  while (left.length > 0) {
    const last = done.at(-1)?.session;
    const enabled: Candidate[] = [...new Set(left.map(({ session }) => session))]
      .filter((session, _, sessions) => session !== waits || !sessions.includes(0))
      .sort((a, b) => Number(b === last) - Number(a === last) || a - b)
      .map((session) => ({ session, step: left.find((step) => step.session === session)! }));
    const { step } = choose({ enabled, blocked: [] })!;
    left.splice(left.indexOf(step), 1);
    done.push(step);
  }
  return done.map(nameOf).join(' ');
}

/** What could have been chosen, and was. */
function decisionsOf(execution: string, waits?: number): readonly Decision[] {
  const steps = execution.split(' ');
  const decisions: Decision[] = [];
  played(
    execution,
    (choice) => {
      const chosen = choice.enabled.find(({ step }) => nameOf(step) === steps[decisions.length])!;
      decisions.push({ ...choice, chosen, preemption: false });
      return chosen;
    },
    waits,
  );
  return decisions;
}

/** The critical pair, and what was played to find it. */
function critical(
  execution: string,
  shows: (execution: string) => boolean,
  waits?: number,
  differs?: (first: number, second: number) => boolean,
) {
  const plays: string[] = [];
  const play = (choose: Choose): boolean => {
    const made = played(execution, choose, waits);
    plays.push(made);
    return shows(made);
  };
  const pair = criticalPair(decisionsOf(execution, waits), play, differs);
  return { pair, plays };
}

/** Both have read before one of them writes. */
const loses = (execution: string): boolean => /^.r. .r./.test(execution);

describe('the order that decides', () => {
  test('of a lost update: the write comes in between the other one reading and writing', () => {
    const { pair, plays } = critical('0rx 1rx 1wx 0wx', loses);
    expect(pair).toStrictEqual({ first: 0, second: 2, last: 3 });
    expect(plays).toEqual(['0rx 1rx 0wx 1wx', '1rx 1wx 0rx 0wx']);
  });

  test('of a read that comes too late', () => {
    const { pair } = critical('0wx 1rx', (execution) => execution === '0wx 1rx');
    expect(pair).toStrictEqual({ first: 0, second: 1 });
  });

  test('is asked for the closest pair first', () => {
    const { pair, plays } = critical('0wx 0wy 1ry 1rz 1rx', () => true);
    expect(pair).toBeUndefined();
    expect(plays).toEqual(['0wx 1ry 0wy 1rz 1rx', '1ry 1rz 1rx 0wx 0wy']);
  });

  test('is not asked for once it is known', () => {
    const { pair, plays } = critical('0wx 0wy 1ry 1rz 1rx', () => false);
    expect(pair).toStrictEqual({ first: 1, second: 2 });
    expect(plays).toHaveLength(1);
  });

  test('is not asked for in an execution that was played already', () => {
    const waiting = critical('0wx 0wy 1wx 1wy', () => true, 1);
    expect(waiting).toEqual({ pair: undefined, plays: [] });
    const { plays } = critical('0wx 2wx 0wy 1wx 1wy 2wy', () => true, 1);
    expect(plays.length).toBeGreaterThan(2);
    expect(plays).toEqual([...new Set(plays)]);
  });

  test('lets only the session of the second step go ahead', () => {
    const { pair, plays } = critical('0wx 2ry 1wy 1rx 2wz', () => false);
    expect(pair).toStrictEqual({ first: 1, second: 2 });
    expect(plays).toEqual(['0wx 1wy 2ry 1rx 2wz']);
  });
});

describe('of several that decide', () => {
  const execution = '0wx 1ry 0wy 1rx';

  test('it is the closest whose steps are told something else the other way round', () => {
    const { pair } = critical(
      execution,
      () => false,
      undefined,
      (first) => first === 0,
    );
    expect(pair).toStrictEqual({ first: 0, second: 3 });
  });

  test('or else the closest', () => {
    const { pair, plays } = critical(
      execution,
      () => false,
      undefined,
      () => false,
    );
    expect(pair).toStrictEqual({ first: 1, second: 2 });
    expect(plays).toHaveLength(2);
  });

  test('and of many, not all are tried', () => {
    const many = `${Array.from({ length: 30 }, (_, at) => `0w${String.fromCharCode(97 + at)}`).join(' ')} ${Array.from(
      { length: 30 },
      (_, at) => `1r${String.fromCharCode(97 + at)}`,
    ).join(' ')}`;
    const { plays } = critical(
      many,
      () => false,
      undefined,
      () => false,
    );
    expect(plays).toHaveLength(17);
  });
});

describe('there is none', () => {
  test('where no reversal removes the finding', () => {
    const { pair, plays } = critical('0rx 1rx 1wx 0wx', () => true);
    expect(pair).toBeUndefined();
    expect(plays).toHaveLength(3);
  });

  test.each(['0wx 0rx', '0rx 1rx', '0wx 1wy', '0rx 1wy 1rx'])('in %s, where nothing conflicts', (execution) => {
    expect(critical(execution, () => false)).toEqual({ pair: undefined, plays: [] });
  });

  test('in an execution of no steps', () => {
    expect(criticalPair([], () => expect.fail())).toBeUndefined();
  });
});

describe('the last step', () => {
  test.each<[string, string, number | undefined]>([
    ['is the next one of the first session that conflicts with the second', '0rx 1wx 0wy 0wx 0rx', 3],
    ['is not one that does not conflict', '0wx 1rx 0rx 0wy', undefined],
    ['is not one of another session', '0rx 1wx 2wx', undefined],
    ['is not one before the second', '0wx 0wx 1rx', undefined],
  ])('%s', (_, execution, last) => {
    const { pair } = critical(execution, () => false);
    expect(pair?.last).toBe(last);
    expect(pair).toBeDefined();
  });
});

test('who cannot go on is passed over, and in the end nobody is interrupted', () => {
  const [one, other, third] = ['0wx', '1wx', '2wx'].map((name) => ({ session: Number(name[0]), step: stepOf(name) }));
  criticalPair(decisionsOf('0wx 1wx'), (choose) => {
    expect(choose({ enabled: [one!], blocked: [other!] })).toBe(one);
    expect(choose({ enabled: [third!, one!], blocked: [] })).toBe(third);
    expect(choose({ enabled: [{ ...third!, outwait: true }, other!], blocked: [] })).toBe(other);
    return false;
  });
  expect.assertions(3);
});
