import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KnownLoops, LoopWatch, nameOf } from '../../harness/explore/loops.ts';
import type { Access, Call, Step } from '../../harness/history/step.ts';

/** A step that only looks at a path. */
const look = (call: Call, path: string, details: Partial<Step> = {}): Step => ({
  session: 0,
  operation: 0,
  call,
  path,
  accesses: [{ object: path, mode: 'read' }],
  ...details,
});

const change = (path: string, session = 0): Step =>
  look('write', path, { session, accesses: [{ object: path, mode: 'write' }] });

const stat = (path: string): Step => look('stat', path);
const taken = look('open', 'lock', { flags: ['CREAT', 'EXCL'], error: 'EEXIST' });
const sleep: Step = { session: 0, operation: 0, call: 'sleep', path: '', accesses: [] };

const times = (count: number, ...steps: readonly Step[]): readonly Step[] =>
  Array.from({ length: count }, () => steps).flat();

function watching(...steps: readonly Step[]): LoopWatch {
  const watch = new LoopWatch();
  for (const step of steps) watch.did(step);
  return watch;
}

describe('a loop is recognised', () => {
  test('after two rounds where it sleeps', () => {
    expect(watching(taken, sleep).roundBefore(taken)).toBeUndefined();
    expect(watching(...times(2, taken, sleep)).roundBefore(taken)).toMatchObject({ length: 2 });
  });

  test('after three where it does not', () => {
    expect(watching(...times(2, stat('a'), stat('b'))).roundBefore(stat('a'))).toBeUndefined();
    expect(watching(...times(3, stat('a'), stat('b'))).roundBefore(stat('a'))).toMatchObject({ length: 2 });
  });

  test('whatever came before it', () => {
    const watch = watching(change('a'), stat('x'), stat('y'), sleep, ...times(2, taken, sleep));
    expect(watch.roundBefore(taken)?.length).toBe(2);
  });

  test('at every step from then on, however long it goes on', () => {
    for (let length = 1; length <= 16; length++) {
      const round = Array.from({ length }, (_, at) => stat(`${at}`));
      const watch = watching(...times(3, ...round));
      for (let at = 0; at < 300; at++) {
        const next = round[at % length]!;
        expect(watch.roundBefore(next)?.length).toBe(length);
        watch.did(next);
      }
    }
  });

  test('with rounds of 16 steps, and no longer ones', () => {
    const round = Array.from({ length: 17 }, (_, at) => stat(`${at}`));
    expect(watching(...times(9, ...round)).roundBefore(round[0]!)).toBeUndefined();
    expect(watching(...times(9, ...round.slice(1))).roundBefore(round[1]!)?.length).toBe(16);
  });
});

describe('no loop is', () => {
  test('what goes on otherwise', () => {
    const watch = watching(...times(3, stat('a'), stat('b')));
    for (const next of [stat('b'), stat('c'), look('open', 'a'), look('stat', 'a', { error: 'ENOENT' })]) {
      expect(watch.roundBefore(next)).toBeUndefined();
    }
  });

  test('what had different answers', () => {
    const missing = look('stat', 'a', { error: 'ENOENT' });
    expect(watching(stat('a'), missing, stat('a')).roundBefore(stat('a'))).toBeUndefined();
  });

  test('what is done again in the next operation', () => {
    const again = look('stat', 'a', { operation: 1 });
    expect(watching(...times(3, stat('a'))).roundBefore(again)).toBeUndefined();
  });

  test.each([
    ['writes', change('a')],
    ['adds', look('mkdir', 'a', { accesses: [{ object: 'names .', mode: 'add' }] })],
    ['takes a lock', look('lock', 'a')],
    ['does what nobody knows', (({ accesses: _, ...step }) => step)(stat('a'))],
  ])('what %s in each round', (_, step) => {
    expect(watching(...times(9, stat('x'), step, sleep)).roundBefore(stat('x'))).toBeUndefined();
  });

  test('what has written since', () => {
    const watch = watching(...times(2, taken, sleep), change('a'));
    expect(watch.roundBefore(taken)).toBeUndefined();
    for (const step of [taken, sleep]) watch.did(step);
    expect(watch.roundBefore(taken)).toBeUndefined();
  });

  test.each(['read', 'list'] as const)('one %s after another', (call) => {
    expect(watching(...times(9, look(call, 'a'))).roundBefore(look(call, 'a'))).toBeUndefined();
    expect(watching(...times(9, look(call, 'a'), look('close', 'a'))).roundBefore(look(call, 'a'))).toBeUndefined();
  });

  test('but reading anew is', () => {
    const round = [look('open', 'a'), look('read', 'a'), look('close', 'a')];
    expect(watching(...times(3, ...round)).roundBefore(round[0]!)?.length).toBe(3);
  });
});

describe('a shared lock', () => {
  const shared = (call: 'trylock' | 'unlock', name = 'l'): Step =>
    look(call, name, { accesses: [{ object: `lock ${name}`, mode: 'add' }] });

  test('that is given back in each round is no change, and a round begins where there is none', () => {
    const round = [shared('trylock'), stat('a'), shared('unlock'), sleep];
    const watch = watching(...times(3, ...round));
    expect(watch.roundBefore(round[0]!)?.length).toBe(4);
    watch.did(round[0]!);
    expect(watch.roundBefore(round[1]!)).toBeUndefined(); // it would be made to wait with a lock that others wait for
    watch.did(round[1]!);
    expect(watch.roundBefore(round[2]!)).toBeUndefined();
    watch.did(round[2]!);
    expect(watch.roundBefore(round[3]!)?.length).toBe(4);
  });

  test('that is not given back makes no loop', () => {
    const round = [shared('trylock'), stat('a'), sleep];
    expect(watching(...times(9, ...round)).roundBefore(round[0]!)).toBeUndefined();
  });

  test('that was refused is not held', () => {
    const round = [{ ...shared('trylock'), error: 'EAGAIN' }, sleep];
    expect(watching(...times(3, ...round)).roundBefore(round[0]!)?.length).toBe(2);
  });
});

describe('a step of another session', () => {
  test('makes no difference where nobody looks', () => {
    const watch = watching(...times(2, taken, sleep));
    watch.saw(change('other', 1));
    watch.saw(look('stat', 'lock', { session: 1 }));
    expect(watch.roundBefore(taken)).toBeDefined();
  });

  test('makes another round worth while where it changed what the loop looks at', () => {
    const watch = watching(...times(2, taken, sleep));
    watch.saw(change('lock', 1));
    for (let rounds = 0; rounds < 2; rounds++) {
      expect(watch.roundBefore(taken)).toBeUndefined();
      for (const step of [taken, sleep]) watch.did(step);
    }
    expect(watch.roundBefore(taken)).toBeDefined();
  });

  test('outdates all up to the last look at what it changed, and nothing after that', () => {
    const both = [stat('a'), stat('a'), ...times(3, stat('b'))];
    const watch = watching(...both);
    watch.saw(change('a', 1));
    expect(watch.roundBefore(stat('b'))?.length).toBe(1);
    watch.saw(change('b', 1));
    expect(watch.roundBefore(stat('b'))).toBeUndefined();
  });

  test('outdates everything where nobody knows what it touches', () => {
    const watch = watching(...times(3, stat('a')));
    watch.saw({ session: 1, operation: 0, call: 'sync', path: '' });
    expect(watch.roundBefore(stat('a'))).toBeUndefined();
  });
});

describe('who only looks, and neither sleeps nor fails', () => {
  test('is not taken for a loop again after as many rounds as it has once made before it went on', () => {
    const known = new KnownLoops();
    const round = watching(...times(3, stat('.'))).roundBefore(stat('.'), known)!;
    expect(round).toMatchObject({ onlySucceeds: true, rounds: 3 });
    known.passed(round, 5);
    expect(known.lessons).toBe(1);
    expect(watching(...times(9, stat('.'))).roundBefore(stat('.'), known)).toBeUndefined();
    expect(watching(...times(10, stat('.'))).roundBefore(stat('.'), known)).toMatchObject({ rounds: 10 });
    expect(watching(...times(3, stat('a'))).roundBefore(stat('a'), known)).toBeDefined();
    known.forget();
    expect(watching(...times(3, stat('.'))).roundBefore(stat('.'), known)).toBeDefined();
  });

  test.each([
    ['sleeps', [stat('a'), sleep]],
    ['fails', [taken]],
  ])('is another one than who %s', (_, round) => {
    expect(watching(...times(3, ...round)).roundBefore(round[0]!)).toMatchObject({ onlySucceeds: false });
  });
});

test.each<[string, readonly Step[]]>([
  ['mkdir lock', [stat('a'), look('mkdir', 'lock', { error: 'EEXIST' }), sleep]],
  ['link lock', [look('link', 'own', { to: 'lock', error: 'EEXIST' }), sleep]],
  ['stat a', [sleep, stat('a'), stat('b')]],
  ['sleep', [sleep]],
])('a loop is named after what it waits for: %s', (name, round) => {
  expect(watching(...times(3, ...round)).roundBefore(round[0]!)?.name).toBe(name);
});

test('to empty a file that is empty is no change, though that has a time', () => {
  const accesses: readonly Access[] = [
    { object: 'inode l', mode: 'read' },
    { object: 'status l', mode: 'add' },
  ];
  const round = [look('open', 'l', { flags: ['CREAT', 'TRUNC'], accesses }), sleep];
  expect(watching(...times(2, ...round)).roundBefore(round[0]!)?.length).toBe(2);
  const touch = look('attributes', 'l', { accesses });
  expect(watching(...times(9, touch, sleep)).roundBefore(touch)).toBeUndefined();
});

test('a round has the accesses of all its steps', () => {
  const accesses: readonly Access[] = [
    { object: 'entry a', mode: 'read' },
    { object: 'inode a', mode: 'read', from: 0, to: 9 },
  ];
  const round = [look('open', 'a', { accesses }), stat('b'), sleep];
  expect(watching(...times(2, ...round)).roundBefore(round[0]!)?.accesses).toEqual([
    ...accesses,
    { object: 'b', mode: 'read' },
  ]);
});

test('a loop has the same signature at whichever step it is met', () => {
  const rounds = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 });
  fc.assert(
    fc.property(rounds, fc.boolean(), (paths, sleeps) => {
      const round = [...paths.map(stat), ...(sleeps ? [sleep] : [])];
      const watch = watching(...times(3, ...round));
      const signatures = round.map((next) => {
        const { signature, length } = watch.roundBefore(next)!;
        expect(length).toBe(round.length);
        watch.did(next);
        return signature;
      });
      expect(new Set(signatures).size).toBe(1);
      for (const step of round) expect(signatures[0]).toContain(nameOf(step));
    }),
  );
});

test.each<[string, Partial<Step>]>([
  ['0 stat a', {}],
  ['2 stat a', { operation: 2 }],
  ['0 rename a b', { call: 'rename', to: 'b' }],
  ['0 stat a ENOENT', { error: 'ENOENT' }],
])('a step is called "%s"', (name, details) => {
  expect(nameOf(look('stat', 'a', details))).toBe(name);
});
