import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change, ChangeKind } from '../../harness/baseline/change.ts';
import { type Came, codeFor } from '../../harness/cli/exit.ts';
import { replayJudgement } from '../../harness/cli/replay.ts';
import { type Judgement, judgementsOf } from '../../harness/report/judged.ts';
import type { Report } from '../../harness/report/report.ts';
import type { FaultStatus, FaultVerdict } from '../../harness/verdict/fault-verdict.ts';
import { rowName } from '../../harness/verdict/fingerprint.ts';
import type { Status, Verdict } from '../../harness/verdict/verdict.ts';
import { inOneProcess } from '../support/collide.ts';
import { faultVerdictOf } from '../support/fault-verdict.ts';
import { results, verdict } from '../support/verdict.ts';

const reportOf = (verdicts: readonly Verdict[]): Report => ({ results: results(verdicts), scenarios: [] });

/** What came of it, and the exit code: the first that applies. */
const CODES: readonly (readonly [what: string, came: Came, code: number])[] = [
  ['all is fine', { judgements: ['fine', 'fine'] }, 0],
  ['some was skipped', { judgements: ['fine', 'skipped'] }, 0],
  ['all was skipped', { judgements: ['skipped', 'skipped'] }, 3],
  ['nothing was there to be run', { judgements: [] }, 3],
  ['all was skipped, and may be', { judgements: ['skipped'], allowSkipped: true }, 0],
  ['nothing was there, and need not be', { judgements: [], allowSkipped: true }, 0],
  ['one is wrong', { judgements: ['fine', 'wrong', 'skipped'] }, 1],
  ['one has no verdict', { judgements: ['fine', 'unjudged'] }, 3],
  ['one has no verdict, though skipping is allowed', { judgements: ['unjudged'], allowSkipped: true }, 3],
  ['one is wrong, another has no verdict', { judgements: ['unjudged', 'wrong'] }, 1],
  ['the harness broke off, and one is wrong', { judgements: ['wrong'], broken: true }, 3],
  ['the harness broke off', { judgements: ['fine'], broken: true }, 3],
  ['it was interrupted', { judgements: ['fine'], interrupted: true }, 130],
  ['it was interrupted, and one is wrong', { judgements: ['wrong'], interrupted: true }, 130],
  ['it was interrupted and broke off', { judgements: [], interrupted: true, broken: true }, 130],
];

test.each(CODES)('%s', (_, came, code) => {
  expect(codeFor(came)).toBe(code);
});

/** Of a run, by what a row comes to and whether that is what its truth says. */
const ROWS: readonly (readonly [status: Status, asExpected: boolean, judgement: Judgement])[] = [
  ['SAFE', true, 'fine'],
  ['COLLIDES', true, 'fine'],
  ['COLLIDES', false, 'wrong'],
  ['NOT_PROVOKED', true, 'fine'],
  ['NOT_PROVOKED', false, 'wrong'],
  ['INCONCLUSIVE', false, 'unjudged'],
  ['VACUOUS', false, 'unjudged'],
  ['BROKEN_ALONE', false, 'unjudged'],
  ['SKIPPED', false, 'skipped'],
];

test.each(ROWS)('a row that is %s, as expected: %s', (status, asExpected, judgement) => {
  expect(judgementsOf(reportOf([verdict({ status, asExpected })]))).toEqual([judgement]);
});

/** Against a baseline: what has changed decides. */
const CHANGES: readonly (readonly [
  status: Status,
  kind: ChangeKind | undefined,
  fails: boolean,
  judgement: Judgement,
])[] = [
  ['INCONCLUSIVE', undefined, false, 'fine'],
  ['INCONCLUSIVE', 'uncompared', true, 'unjudged'],
  ['INCONCLUSIVE', 'unknown', true, 'unjudged'],
  ['INCONCLUSIVE', 'unknown', false, 'unjudged'],
  ['INCONCLUSIVE', 'better', false, 'fine'],
  ['BROKEN_ALONE', 'worse', true, 'unjudged'],
  ['COLLIDES', undefined, false, 'fine'],
  ['COLLIDES', 'worse', true, 'wrong'],
  ['COLLIDES', 'stale', true, 'wrong'],
  ['COLLIDES', 'expired', true, 'wrong'],
  ['COLLIDES', 'unknown', false, 'fine'],
  ['SAFE', 'weaker', true, 'wrong'],
  ['SAFE', 'uncompared', true, 'unjudged'],
  ['SAFE', 'stronger', false, 'fine'],
  ['SKIPPED', 'uncompared', true, 'unjudged'],
  ['SKIPPED', 'uncompared', false, 'skipped'],
  ['SKIPPED', undefined, false, 'skipped'],
];

test.each(CHANGES)('a row that is %s, with a change that is %s and fails: %s', (status, kind, fails, judgement) => {
  const row = verdict({ status, asExpected: false });
  const changes: readonly Change[] = kind === undefined ? [] : [{ kind, row: rowName(row), message: '', fails }];
  const comparison = { baseline: 'baseline.json', rows: 1, changes };
  expect(judgementsOf({ ...reportOf([row]), comparison })).toEqual([judgement]);
});

test('a row that is gone is wrong', () => {
  const changes: readonly Change[] = [{ kind: 'vanished', row: 'gone/strategy', message: '', fails: true }];
  expect(judgementsOf({ ...reportOf([]), comparison: { baseline: '', rows: 0, changes } })).toEqual(['wrong']);
});

const CELLS: readonly (readonly [status: FaultStatus, asExpected: boolean, judgement: Judgement])[] = [
  ['SAFE', true, 'fine'],
  ['NONE', true, 'fine'],
  ['COLLIDES', true, 'fine'],
  ['COLLIDES', false, 'wrong'],
  ['NOT_PROVOKED', true, 'fine'],
  ['NOT_PROVOKED', false, 'wrong'],
  ['INCONCLUSIVE', false, 'unjudged'],
  ['SKIPPED', true, 'skipped'],
];

describe('under faults', () => {
  test.each(CELLS)('a strategy that is %s, as expected: %s', (status, asExpected, judgement) => {
    const cell: FaultVerdict = faultVerdictOf({ status, asExpected });
    expect(judgementsOf({ ...reportOf([]), faults: { faults: [cell] } as never })).toEqual([judgement]);
  });
});

test.each([
  ['shows what is known', { found: ['TORN_LINES'], diverged: [], stepLists: 1 }, 'fine'],
  ['shows nothing', { found: [], diverged: [], stepLists: 1 }, 'fine'],
  ['shows something else', { found: ['TORN_LINES', 'STUCK'], diverged: [], stepLists: 1 }, 'wrong'],
  ['left the schedule', { found: [], diverged: ['at step 2'], stepLists: 1 }, 'unjudged'],
  ['left the schedule, and shows something else', { found: ['STUCK'], diverged: ['at step 2'], stepLists: 1 }, 'wrong'],
  ['takes other steps each time', { found: [], diverged: [], stepLists: 2 }, 'unjudged'],
] as const)('a replay that %s', (_, { found, diverged, stepLists }, judgement) => {
  const replayed = { findings: found.map((kind) => ({ class: kind })), diverged, stepLists };
  expect(replayJudgement(replayed as never, ['TORN_LINES'])).toBe(judgement);
});

describe('where nothing could be run', () => {
  const many = inOneProcess();
  afterAll(() => many.close());

  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const run = async (...args: readonly string[]): Promise<number | null> => {
    const asked = ['run', '--targets', 'browser-page', '--engine', 'explore', '--budget', '1s', ...args];
    const { code, stdout } = await many.ask({ args: asked, cwd: dir, temporary: dir });
    expect(stdout).toContain('No row could be run: nothing was tested.');
    return code;
  };

  test('that is exit code 3, unless the command line or the configuration says that it may be', async () => {
    expect(await run()).toBe(3);
    expect(await run('--allow-skipped')).toBe(0);
    writeFileSync(join(dir, 'collide.config.json'), JSON.stringify({ targets: [], allowSkipped: true }));
    expect(await run()).toBe(0);
  });
});
