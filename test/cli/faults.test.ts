/** `collide faults` and `collide exec --faults`: what goes wrong, what is said of it, and the exit code. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf, defaultFaultBudgetMs, faultReport, kindsOf } from '../../harness/cli/faults.ts';
import { faultResultsAt, writeFaultResults } from '../../harness/report/fault-results.ts';
import { faultKindNames } from '../../harness/scenario/faults.ts';
import { type Ended, start } from '../support/collide.ts';
import { onLinux } from '../support/explore-stage.ts';
import { faultResultsOf, faultVerdictOf, stuck } from '../support/fault-verdict.ts';
import { scenario } from '../support/scenario.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the kinds', () => {
  const all = faultKindNames;

  test('are all but a power loss, where nothing is said', () => {
    expect(kindsOf({})).toEqual(all.slice(0, -2));
    expect(kindsOf({ powerLoss: true })).toEqual(all);
  });

  test('are those that are named, and a power loss once', () => {
    expect(kindsOf({ kinds: ['errno'] })).toEqual(['errno']);
    expect(kindsOf({ kinds: ['power-ext4', 'errno'], powerLoss: true })).toEqual([
      'power-ext4',
      'errno',
      'power-posix',
    ]);
  });
});

test('the exit code says whether all is as expected', () => {
  expect(codeOf(faultResultsOf([faultVerdictOf(), stuck()]))).toBe(0);
  expect(codeOf(faultResultsOf([faultVerdictOf(), stuck({ asExpected: false })]))).toBe(1);
  expect(codeOf(faultResultsOf([stuck({ asExpected: false })], { interrupted: true }))).toBe(130);
});

test('the report says why there is none', () => {
  expect(faultReport(faultResultsOf([]))).toBe(
    'None of these targets has a strategy that is SAFE while all goes well.\n',
  );
  expect(faultReport(faultResultsOf([], { interrupted: true }))).toBe('Interrupted before any strategy was done.\n');
  expect(faultReport(faultResultsOf([stuck()]))).toMatch(/│ ledger +│ flock +│ STUCK │[\s\S]*All 1 cell/);
});

test('there is time for each strategy that is tried', () => {
  const each = defaultFaultBudgetMs([scenario()], ['crash']);
  expect(each).toBeGreaterThan(0);
  expect(defaultFaultBudgetMs([scenario(), scenario()], ['crash'])).toBe(2 * each);
  expect(defaultFaultBudgetMs([], ['crash'])).toBe(0);
});

test('results that are only a part do not take the place of a whole; what is none is not read', () => {
  const [whole, part] = [faultResultsOf([stuck()]), faultResultsOf([], { interrupted: true })];
  const path = writeFaultResults(dir, whole);
  expect(writeFaultResults(dir, part)).not.toBe(path);
  expect(faultResultsAt(path)).toEqual(whole);
  expect(faultResultsAt(join(dir, 'none.json'))).toBeUndefined();
  expect(faultResultsAt(writeFaultResults(dir, { ...whole, format: 'other' as typeof whole.format }))).toBeUndefined();
});

describe.skipIf(!onLinux)('the command', () => {
  const collide = (cwd: string, ...args: readonly string[]): Promise<Ended> =>
    start(args, { cwd, temporary: dir }).ended;

  test('tries a target, and leaves the results', async () => {
    const args = ['--targets', 'evidence-ledger', '--kinds', 'full,server', '--preemptions', '0', '--budget', '2m'];
    const { code, stdout, stderr } = await collide(dir, 'faults', ...args);
    expect(stdout).toMatch(/│ evidence-ledger │ append-fsync │ SAFE \d+·0 +│ – +│/);
    expect(stdout).toContain('All 2 cells are as their truth says, as far as they were tried: 1 SAFE, 0 not.');
    expect(stderr).toContain('[1/1] evidence-ledger/append-fsync: nothing breaks it\n');
    expect(code).toBe(0);
    const { faults, options } = faultResultsAt(join(dir, 'reports/faults.json'))!;
    expect(faults.map(({ kind, status }) => [kind, status])).toEqual([
      ['full', 'SAFE'],
      ['server', 'NONE'],
    ]);
    expect(options).toMatchObject({ targets: ['evidence-ledger'], preemptions: 0, budgetMs: 120_000 });
    expect(readdirSync(dir)).toEqual(['reports']);
  });

  test('tries commands: nothing is said of one that stands still while nobody else goes on', async () => {
    const work = join(dir, 'given');
    mkdirSync(work);
    const commands = ['[ -e a ] || echo 1 > a', 'echo 2 > b'];
    const { code, stdout } = await collide(work, 'exec', '--faults', '--kinds', 'full,stall', '--json', ...commands);
    const { faults } = JSON.parse(stdout);
    expect(faults).toMatchObject([
      { kind: 'full', status: 'COLLIDES', asExpected: false },
      { kind: 'stall', status: 'SKIPPED', why: 'nobody is beside it who could go on meanwhile' },
    ]);
    expect(code).toBe(1);
    expect(readdirSync(dir)).toEqual(['given']);
    expect(readdirSync(work)).toEqual([]);
  });
});
