/** The matrix of strategies under faults, and what is said below it and in the ledger. */

import { describe, expect, test } from 'vitest';
import { faultSection, faultsOf } from '../../harness/report/fault-ledger.ts';
import { cellWords, matrix, matrixSummary } from '../../harness/report/matrix.ts';
import type { FaultVerdict } from '../../harness/verdict/fault-verdict.ts';
import { faultResultsOf, faultVerdictOf, finding, stuck } from '../support/fault-verdict.ts';

const plain = { columns: 160, colour: false };

describe('a cell', () => {
  test.each<[string, Partial<FaultVerdict>]>([
    ['SAFE 13·2', {}],
    ['SAFE 13+·alone', { extent: 'alone', partial: true }],
    ['SAFE 13·0', { extent: 0 }],
    ['SAFE 46', { kind: 'power-ext4', points: 46, extent: 0 }],
    ['SAFE 46+', { kind: 'power-posix', points: 46, extent: 0, partial: true }],
    ['TORN_STATE + STUCK', { status: 'COLLIDES', classes: ['TORN_STATE', 'STUCK'] }],
    ['–', { status: 'NONE' }],
    ['not provoked', { status: 'NOT_PROVOKED' }],
    ['INCONCLUSIVE', { status: 'INCONCLUSIVE' }],
    ['SKIPPED', { status: 'SKIPPED' }],
  ])('%s', (words, details) => {
    expect(cellWords(faultVerdictOf(details))).toBe(words);
  });
});

const results = faultResultsOf([
  stuck(),
  faultVerdictOf({ kind: 'power-ext4', points: 46, extent: 0 }),
  stuck({ strategy: 'rename', truth: [], asExpected: false, why: 'nobody goes on', findings: [finding('STUCK')] }),
  faultVerdictOf({ strategy: 'rename', kind: 'power-ext4', status: 'SKIPPED', why: 'no fsync here', points: 0 }),
]);

describe('the matrix', () => {
  const rows = (of: Parameters<typeof matrix>[0], look = plain): readonly (readonly string[])[] =>
    matrix(of, look)
      .split('\n')
      .filter((line) => line.includes('│'))
      .map((line) =>
        line
          .split('│')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );

  test('has a row for each strategy and a column for each kind; what is not as expected is marked', () => {
    expect(rows(results)).toEqual([
      ['target', 'strategy', 'crash', 'power-ext4'],
      ['ledger', 'flock', 'STUCK', 'SAFE 46'],
      ['', 'rename', '✗ STUCK', 'SKIPPED'],
    ]);
  });

  test('leaves a cell empty that was not come to, and breaks classes where their words do', () => {
    const torn = stuck({ target: 'tasks', kind: 'full', classes: ['LAST_WRITER_WINS'] });
    expect(rows(faultResultsOf([faultVerdictOf(), torn])).slice(1)).toEqual([
      ['ledger', 'flock', 'SAFE 13·2', ''],
      ['tasks', 'flock', '', 'LAST_WRITER_ WINS'],
    ]);
  });

  test('has colours for people only', () => {
    const coloured = matrix(results, { ...plain, colour: true });
    expect(coloured).toContain('\u001b[33mSTUCK');
    expect(coloured).toContain('\u001b[32mSAFE 46');
    expect(matrix(results, plain)).not.toContain('\u001b');
  });
});

describe('below it stands', () => {
  const said = (of = results, replayWith?: (witness: string) => string): string => matrixSummary(of, 500, replayWith);

  test('why what breaks does so, and how to see it', () => {
    expect(said()).toContain(
      'ledger/flock, crash: STUCK. nobody takes the lock of the dead\n' +
        '  collide replay ledger/flock:2+1:0,2~0@write:x=crash\n\n',
    );
    expect(said()).toContain('ledger/rename, crash: STUCK (✗ expected: SAFE). nobody goes on\n');
    expect(said(results, (witness) => `again ${witness}`)).toContain('  again ledger/flock:2+1:');
  });

  test('each witness by its class, where there are several', () => {
    const findings = [finding('STUCK', { replay: 'one' }), finding('TORN_STATE', { replay: 'other' })];
    const text = said(faultResultsOf([stuck({ findings, classes: ['TORN_STATE', 'STUCK'] })]));
    expect(text).toContain('\n  STUCK: collide replay one\n  TORN_STATE: collide replay other\n');
  });

  test('why there is no verdict, once for all that have none for that reason', () => {
    const skipped = (kind: FaultVerdict['kind']) => faultVerdictOf({ kind, status: 'SKIPPED', why: 'no jq' });
    const text = said(faultResultsOf([skipped('crash'), skipped('full'), faultVerdictOf({ kind: 'stall' })]));
    expect(text).toContain('No verdict:\n  ledger/flock, crash, full: SKIPPED, no jq\n');
  });

  test('what the marks, the classes and the kinds mean', () => {
    expect(said()).toContain(
      'SAFE 13·2: nothing of it came out of 13 different faults of this kind, each in every schedule with at most 2 preemptions; ' +
        '13·alone: with no other session beside; SAFE 46: nor out of 46 states that the disk may be in when the power fails; ' +
        '13+: there may be more than were tried; –: nothing of this kind can happen to it.\n',
    );
    expect(said()).toContain('\n  STUCK              deadlock, livelock,');
    expect(said()).toContain('\n  crash: a session is killed:');
    expect(said()).not.toContain('\n  full: ');
  });

  test('how many are as their truth says, and what it took', () => {
    expect(said()).toMatch(
      /\n✗ 1 of 4 cells are not as expected\.\n56 different faults in 1,234 executions, in 12\.3 s, seed 1\.$/,
    );
    const right = faultResultsOf([stuck(), faultVerdictOf({ kind: 'full' })], { interrupted: true });
    expect(said(right)).toMatch(
      /\nAll 2 cells are as their truth says, as far as they were tried: 1 SAFE, 1 not\.\n.*; interrupted\.$/,
    );
  });
});

describe('the ledger', () => {
  const section = faultSection(results, (target) => `[${target}]`).join('\n');

  test('has the matrix, with the same marks', () => {
    expect(section).toContain('| target | strategy | crash | power-ext4 |\n| --- | --- | --- | --- |\n');
    expect(section).toContain('| [ledger] | `flock` | ✗ | 46 |');
    expect(section).toContain('`46`: nor out of 46 states that the disk may be in when the power fails; `13+`: ');
    expect(section).toContain('56 different faults in 1234 executions, seed 1, on linux 6.18.');
  });

  test('has each cell of a target, but what can not happen', () => {
    const all = faultResultsOf([
      stuck(),
      faultVerdictOf({ kind: 'server', status: 'NONE' }),
      stuck({ target: 'tasks' }),
    ]);
    expect(faultsOf('ledger', all)).toEqual([
      {
        strategy: 'flock',
        kind: 'crash',
        verdict: 'STUCK',
        why: 'nobody takes the lock of the dead',
        replay: ['ledger/flock:2+1:0,2~0@write:x=crash'],
      },
    ]);
  });
});
