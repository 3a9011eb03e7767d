/** Real processes behind the gate: what each way of reaching a file amounts to, step by step. */

import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingNeed } from '../../harness/scenario/needs.ts';
import { follow, parseSchedule, stay } from '../../harness/schedule/schedule.ts';
import type { Choose } from '../../harness/schedule/scheduler.ts';
import { inWords, onLinux, playOnce, python, type Setting, setting } from '../support/explore-stage.ts';

/** Its struct sigaction is another one. */
const isMusl = existsSync('/etc/alpine-release');

const flockMissing = (await missingNeed(['flock', 'flock(2)'])) !== undefined;

describe.skipIf(!onLinux)('behind the gate', () => {
  let here: Setting;

  beforeAll(async () => {
    here = await setting(2);
  });

  afterAll(async () => here?.close());

  const alone = (target: string, strategy: string): ReturnType<typeof playOnce> =>
    playOnce(here.player, target, strategy, { participants: [0] });
  const together = (target: string, strategy: string, choose?: Choose): ReturnType<typeof playOnce> =>
    playOnce(here.player, target, strategy, choose === undefined ? {} : { choose });

  /** What shells and utilities look at besides differs from one version to the next. */
  const changesOf = (steps: readonly string[]): readonly string[] =>
    steps.filter((step) =>
      /^\d (write|rename|unlink|mkdir|rmdir|copy|sleep|(un|try)?lock|open .*(CREAT|TRUNC))/.test(step),
    );

  /** A copy takes as many calls as the utility likes; which ones is not its contract either. */
  const written = (steps: readonly string[]): readonly string[] => [
    ...new Set(
      changesOf(steps).flatMap(
        (step) => /^\d open (\S+) CREAT|-> (\S+)(?!.*EEXIST)/.exec(step)?.slice(1).find(Boolean) ?? [],
      ),
    ),
  ];

  test.skipIf(isMusl)('the end of a child fails no call that waits at the gate', () => {
    const SA_RESTART = 0x10000000;
    const { execution } = alone('ways', 'signals');
    expect(Number(execution.final.flags) & SA_RESTART).toBe(SA_RESTART);
  });

  test('calls of fs, with paths, flags, data and errors', () => {
    const { steps, execution } = alone('ways', 'sync');
    expect(steps).toEqual([
      '0 mkdir own',
      '0 open own/new CREAT|TRUNC',
      '0 write own/new "text"',
      '0 open own/new CREAT|APPEND',
      '0 write own/new " and more"',
      '0 rename own/new -> own/moved',
      '0 link own/moved -> own/linked',
      '0 symlink own/symbolic',
      '0 readlink own/symbolic',
      '0 open own/symbolic',
      '0 read own/moved "text and more"',
      '0 read own/moved ""',
      '0 open own/linked',
      '0 truncate own/linked',
      '0 stat own/moved',
      '0 open own',
      '0 stat own',
      '0 list own',
      '0 list own',
      '0 unlink own/linked',
      '0 unlink own/moved',
      '0 unlink own/symbolic',
      '0 rmdir own',
      '0 access own: ENOENT',
    ]);
    expect(execution.operations.map(({ outcome, output }) => [outcome, output])).toEqual([
      ['ok', { seen: ['moved', 'text and more'], size: 4, names: ['linked', 'moved', 'symbolic'], gone: true }],
    ]);
    expect(execution.final).toEqual({ state: '0' });
  });

  test('calls that fail say in advance how, and what the session is told is the same', () => {
    const { steps, execution } = alone('ways', 'failing');
    expect(steps.slice(0, 6)).toEqual([
      '0 open state CREAT|EXCL|TRUNC: EEXIST',
      '0 open missing: ENOENT',
      '0 mkdir dir: EEXIST',
      '0 unlink missing: ENOENT',
      '0 rename missing -> state: ENOENT',
      '0 link state -> dir: EEXIST',
    ]);
    expect(steps).toHaveLength(8);
    expect(execution.operations[0]!.output).toEqual([
      'EEXIST',
      'ENOENT',
      'EEXIST',
      'ENOENT',
      'ENOENT',
      'EEXIST',
      'ENOTDIR',
      'ENAMETOOLONG',
    ]);
  });

  test('fs.promises, which other threads carry out', () => {
    const { steps, execution } = together('ways', 'promises');
    const of = (session: number, before: number): readonly string[] =>
      [
        'open state',
        'stat state',
        `read state "${before}"`,
        'open new CREAT|TRUNC',
        `write new "${before + 1}"`,
        'rename new -> state',
      ].map((step) => `${session} ${step}`);
    expect(steps).toEqual([...of(0, 0), ...of(1, 1)]);
    expect(execution.final).toEqual({ state: '2' });
  });

  test('several promises at once come in an order that is not chance', () => {
    const lists = Array.from({ length: 10 }, () => alone('ways', 'promises-at-once').steps.join());
    expect(new Set(lists).size).toBe(1);
  });

  test('reads and writes at places of a file', () => {
    const { steps, execution } = alone('ways', 'positioned');
    expect(steps).toEqual(['0 open state', '0 write state "abcdef"', '0 read state "de"']);
    expect(execution.steps!.at(-1)).toMatchObject({ bytes: 2, accesses: [{ from: 3, to: 5 }] });
    expect(execution.operations[0]!.output).toBe('de');
  });

  test('what lies outside is no step', () => {
    expect(alone('ways', 'outside').steps).toEqual([]);
  });

  test('what another session has put in place by renaming is what is read', () => {
    expect(together('ways', 'rename').steps).toEqual([
      '0 open new CREAT|TRUNC',
      '0 write new "fresh"',
      '0 rename new -> state',
      '1 open state',
      '1 read state "fresh"',
      '1 read state ""',
    ]);
  });

  test('a descriptor stays with its file when another one takes the name', () => {
    const readFirst: Choose = ({ enabled }) =>
      enabled.find(({ session, step }) => session === 1 && step.call === 'open') ??
      enabled.find(({ session }) => session === 0) ??
      enabled[0];
    const { steps } = together('ways', 'rename', readFirst);
    expect(steps[0]).toBe('1 open state');
    expect(steps.slice(-2)).toEqual(['1 read state "0"', '1 read state ""']);
  });

  test('ids of sessions and numbers of processes are masked in paths', () => {
    expect(together('ways', 'id-in-name').steps).toEqual(
      [0, 1].flatMap((session) => [
        `${session} open tmp.% CREAT|TRUNC`,
        `${session} write tmp.% "1"`,
        `${session} rename tmp.% -> state`,
      ]),
    );
    expect(written(alone('ways', 'shell-pid').steps)).toEqual(['tmp.%', 'state']);
  });

  test('a shell that a function starts', () => {
    const { steps, execution } = together('ways', 'child');
    expect(changesOf(steps)).toEqual([
      '0 open state CREAT|TRUNC',
      '0 write state "1\\n"',
      '1 open state CREAT|TRUNC',
      '1 write state "1\\n"',
    ]);
    expect(execution.operations.map(({ output }) => output)).toEqual([
      { status: 0, stdout: '0' },
      { status: 0, stdout: '1\n' },
    ]);
  });

  test('a pipeline, a subshell, and a command in the background', () => {
    const { steps, execution } = together('ways', 'shell');
    const [one, two] = [steps.filter((step) => step.startsWith('0 ')), steps.filter((step) => step.startsWith('1 '))];
    expect(steps).toEqual([...one, ...two]);
    expect(one.map((step) => step.slice(2).replaceAll('"0', '"1'))).toHaveLength(two.length);
    expect(written(one)).toEqual(['next', 'dir/inside', 'copy', 'state']);
    expect(execution.final).toEqual({ state: '2', copy: '2', 'dir/inside': '2' });
  });

  test.each(['shell-race', 'shell-jobs'])('commands at once come in an order that is not chance: %s', (strategy) => {
    const lists = Array.from({ length: 10 }, () => alone('ways', strategy).steps.join());
    expect(new Set(lists).size).toBe(1);
  });

  test('a call that the kernel could not read either is let through', () => {
    const { steps, execution } = alone('ways', 'bad-pointer');
    expect(steps).toEqual([]);
    expect(execution.operations.map(({ output }) => output)).toEqual([-1]);
  });

  test('nobody waits for a sleeping command', () => {
    const { steps } = together('ways', 'shell-sleep');
    expect(changesOf(steps)).toEqual(
      [0, 1].flatMap((session) => [
        `${session} sleep`,
        `${session} open state CREAT|TRUNC`,
        `${session} write state "1\\n"`,
      ]),
    );
    expect(changesOf(alone('ways', 'spawning').steps)).toEqual([
      '0 sleep',
      '0 open state CREAT|TRUNC',
      '0 write state "1\\n"',
    ]);
  });

  test('what a command leaves behind ends with the execution it belongs to', () => {
    alone('ways', 'shell-left');
    expect(alone('ways', 'outside').steps).toEqual([]);
    const lists = Array.from({ length: 5 }, () => together('ways', 'shell-left').steps.join());
    expect(new Set(lists).size).toBe(1);
  });

  test('a command that was killed before its turn has made no step', () => {
    const { steps, execution } = alone('ways', 'shell-kill');
    expect(changesOf(steps).at(-1)).toBe('0 write state "1\\n"');
    expect(steps.filter((step) => /copy -> |-> copy/.test(step))).toEqual([]);
    expect(execution.operations.map(({ outcome }) => outcome)).toEqual(['ok']);
  });

  test.skipIf(python === undefined)('Python', () => {
    const { steps, execution } = together('ways', 'python');
    expect(steps.filter((step) => /read|write|rename/.test(step))).toEqual([
      '0 read state "0"',
      '0 read state ""',
      '0 write new "1"',
      '0 rename new -> state',
      '1 read state "1"',
      '1 read state ""',
      '1 write new "2"',
      '1 rename new -> state',
    ]);
    expect(execution.final).toEqual({ state: '2' });
  });

  describe('locks', () => {
    /** Whoever holds the lock is interrupted as often as can be. */
    const alternately: Choose = ({ enabled }) => enabled.at(-1);

    const passesOn = (steps: readonly string[], gives: string): void => {
      const given = steps.indexOf(gives);
      const taken = steps.findIndex((step) => step.startsWith(`${gives.startsWith('0') ? 1 : 0} lock`));
      expect({ given, taken }).toEqual({ given: expect.any(Number), taken: expect.any(Number) });
      expect(given).toBeGreaterThan(-1);
      expect(taken).toBeGreaterThan(given);
    };

    test.each([
      ['unlock', 'unlock lock'],
      ['close', 'close lock'],
    ])('are passed on by %s', (strategy, gives) => {
      const { steps, execution, trace } = together('locking', strategy, alternately);
      expect(execution.final).toEqual({ state: '2', lock: '', other: '' });
      const first = steps.find((step) => / lock lock/.test(step))!.slice(0, 1);
      passesOn(steps, `${first} ${gives}`);
      expect(trace.decisions.some(({ blocked }) => blocked.length > 0)).toBe(true);
    });

    test.skipIf(flockMissing).each(['exit', 'block'])('of a shell are passed on by %s', (strategy) => {
      const { execution, trace } = together('locking', strategy, alternately);
      expect(Number(execution.final.state)).toBe(2);
      expect(trace.stuck).toEqual([]);
    });

    test('that are tried for are not waited for', () => {
      const interrupted = follow(parseSchedule('0@open:state,1'), stay, () => {});
      const { steps, execution } = together('locking', 'try', interrupted);
      expect(Number(execution.final.state)).toBe(2);
      expect(steps.some((step) => /trylock lock EX: EAGAIN/.test(step))).toBe(true);
    });

    test('can be converted by who holds them', () => {
      const { steps, trace } = alone('locking', 'upgrade');
      expect(trace.stuck.map(({ step }) => inWords(step))).toEqual([]);
      expect(steps.filter((step) => step.includes(' lock lock'))).toHaveLength(3);
    });

    test('that are shared can be asked for again while others have their share', () => {
      const { execution, trace } = together(
        'ways',
        'share',
        follow(parseSchedule('0@lock.2:state,1'), stay, () => {}),
      );
      expect(trace.decisions.flatMap(({ blocked }) => blocked)).toEqual([]);
      expect(execution.operations.map(({ output }) => output)).toEqual([
        [true, true],
        [true, true],
      ]);
    });

    test.skipIf(python === undefined)('of fcntl(2) pass on what is protected', () => {
      const { execution, trace } = together('ways', 'python-lockf', alternately);
      expect(execution.final).toEqual({ state: '2' });
      expect(trace.decisions.some(({ blocked }) => blocked.length > 0)).toBe(true);
    });

    test.skipIf(python === undefined).each(['python-upgrade', 'python-ofd'])(
      'of fcntl(2) can be converted by who holds them: %s',
      (strategy) => {
        const { steps, trace } = alone('ways', strategy);
        expect(trace.stuck.map(({ step }) => inWords(step))).toEqual([]);
        expect(steps.filter((step) => step === '0 lock state')).toHaveLength(2);
      },
    );
  });
});
