import { describe, expect, test } from 'vitest';
import { label, summary } from '../../harness/report/summary.ts';
import { colliding, foundByChoice, results, unstormed, verdict } from '../support/verdict.ts';

const expected = [
  verdict(),
  colliding({ LAST_WRITER_WINS: 120, TORN_STATE: 3 }, { startSkew: { medianUs: 30, p95Us: 200 } }),
  verdict({ strategy: 'link', startSkew: { medianUs: 10, p95Us: 50 } }),
  verdict({
    target: 'token',
    strategy: 'rm',
    status: 'NOT_PROVOKED',
    notProvoked: ['DOUBLE_CONSUME'],
    reason: 'not provoked; it takes a chosen schedule: B comes between.',
  }),
  colliding({ TORN_LINES: 3 }, { target: 'log', notProvoked: ['LAST_WRITER_WINS'] }),
  unstormed('SKIPPED', 'needs jq, which is not on PATH', {
    target: 'token',
    strategy: 'jq',
    notProvoked: ['DOUBLE_CONSUME'],
  }),
];

describe('summary', () => {
  test('counts classes and statuses, and names what is missing', () => {
    expect(summary(results(expected))).toMatchInlineSnapshot(`
      "   1  LAST_WRITER_WINS   an acknowledged update is missing from a well-formed final state
         1  TORN_LINES         a ledger holds a line that no session wrote: cut, merged or interleaved
         1  TORN_STATE         a whole-file resource was seen, or left, empty, partial or unparseable
         2  SAFE               nothing was found; the strength says how far the search went
         1  not provoked       known to collide, but nothing that was tried shows it: not SAFE
         1  SKIPPED            cannot be run here: the reason is below

      token/rm: not provoked; it takes a chosen schedule: B comes between.
      log/rewrite: LAST_WRITER_WINS not found
      token/jq: SKIPPED, needs jq, which is not on PATH
      All 5 rows that could be run are as their truth says, as far as their strength goes.

      800 rounds stormed in 12.3 s, up to 4 writers, seed 1; sessions started within 20 µs of each other (median; 200 µs at the worst row's 95th percentile)."
    `);
  });

  test('counts each level of SAFE apart, the strongest first', () => {
    const { explored } = {
      explored: { kind: 'bounded', sessions: 2, operations: 1, executions: 9, traces: 9 },
    } as const;
    const upTo = (preemptions: number) =>
      verdict({ level: 'bounded', strength: { explored: { ...explored, preemptions, reordered: 1, steps: 4 } } });
    const rows = [
      verdict({ level: 'sampled' }),
      upTo(2),
      verdict({ level: 'all' }),
      upTo(3),
      verdict({ level: 'all' }),
    ];
    expect(
      summary(results(rows))
        .split('\n')
        .slice(0, 4)
        .map((line) => line.slice(0, 32).trimEnd()),
    ).toEqual([
      '   2  SAFE (all interleavings) n',
      '   1  SAFE (≤ 3 preemptions)   n',
      '   1  SAFE (≤ 2 preemptions)   n',
      '   1  SAFE (sampled)           n',
    ]);
  });

  test('says how different the explored executions were', () => {
    const explored = { kind: 'exhaustive', sessions: 2, operations: 1, executions: 1300, steps: 9 } as const;
    const rows = [
      verdict({ strength: { explored: { ...explored, traces: 1200, reordered: 30 } } }),
      verdict({ strategy: 'link', strength: { explored: { ...explored, traces: 4, reordered: 2 } } }),
    ];
    expect(summary(results(rows))).toContain(
      '\nExplored: 1,204 different interleavings, 32 pairs of conflicting steps seen in both orders.\n',
    );
  });

  test('names every row that differs from its truth, or has no verdict', () => {
    const differing = [
      verdict(),
      colliding({ TORN_LINES: 2 }, { asExpected: false, reason: 'the truth says SAFE, and TORN_LINES was found' }),
      unstormed('BROKEN_ALONE', 'even with one session: TORN_LINES', { strategy: 'echo' }),
      unstormed('INCONCLUSIVE', 'no round came through: session 0 died', { strategy: 'dies', mode: 'per-session' }),
      verdict({ strategy: 'slow', status: 'VACUOUS', asExpected: false, reason: 'the sessions never overlapped' }),
    ];
    expect(summary(results(differing, { sessionsReplaced: 2 }))).toMatchInlineSnapshot(`
      "   1  TORN_LINES         a ledger holds a line that no session wrote: cut, merged or interleaved
         1  SAFE               nothing was found; the strength says how far the search went
         1  VACUOUS            nothing was tested: the sessions never overlapped, or never touched what counts
         1  BROKEN_ALONE       wrong with one session already: no race
         1  INCONCLUSIVE       too little was shown, or the search broke off: the reason is below

      ✗ ledger/rewrite: TORN_LINES: the truth says SAFE, and TORN_LINES was found
      ✗ ledger/echo: BROKEN_ALONE: even with one session: TORN_LINES
      ✗ ledger/dies (a copy for each session): INCONCLUSIVE: no round came through: session 0 died
      ✗ ledger/slow: VACUOUS: the sessions never overlapped
      1 of 5 rows differs from its truth.
      3 of 5 rows have no verdict.

      800 rounds stormed in 12.3 s, up to 4 writers, seed 1; sessions started within 20 µs of each other (median; 90 µs at the worst row's 95th percentile); 2 sessions died and were replaced."
    `);
  });

  test('does not say that all is as expected where nothing could be run', () => {
    const text = summary(results([unstormed('SKIPPED', 'needs jq, which is not on PATH')]));
    expect(text).toContain('No row could be run: nothing was tested.');
    expect(text).not.toContain('as their truth says');
  });

  test('does not say that all is as expected where the run was interrupted', () => {
    const interrupted = summary(results([verdict()], { interrupted: true }));
    expect(interrupted).toContain('Interrupted: 1 row was done; the others have no verdict.');
    expect(interrupted).not.toContain('as their truth says');
  });

  describe('says how it was measured, and nothing about what was not', () => {
    const last = (...args: Parameters<typeof results>): string =>
      summary(results(...args))
        .split('\n')
        .at(-1)!;
    const start = "sessions started within 20 µs of each other (median; 90 µs at the worst row's 95th percentile)";

    test('by exploration and by storm', () => {
      expect(last([verdict()], { executions: 1204 })).toBe(
        `1,204 executions explored and 800 rounds stormed in 12.3 s, up to 4 writers, seed 1; ${start}.`,
      );
    });

    test('by exploration alone', () => {
      const found = foundByChoice('LAST_WRITER_WINS');
      expect(last([found], { rounds: 0, executions: 1 })).toBe(
        '1 execution explored in 12.3 s, up to 4 writers, seed 1.',
      );
    });

    test('by storm alone', () => {
      expect(last([verdict()])).toBe(`800 rounds stormed in 12.3 s, up to 4 writers, seed 1; ${start}.`);
    });

    test('not at all', () => {
      const skipped = unstormed('SKIPPED', 'no jq');
      expect(last([skipped], { rounds: 0 })).toBe('Nothing was run in 12.3 s, up to 4 writers, seed 1.');
    });

    test('by storm alone because there is no gate, and why', () => {
      const noGate = 'nothing can be explored here: seccomp: EPERM\nno more is known';
      const lines = summary(results([verdict()], { noGate })).split('\n');
      expect(lines.at(-2)).toBe('Storm only: nothing can be explored here: seccomp: EPERM no more is known');
      expect(summary(results([verdict()]))).not.toContain('Storm only');
    });
  });

  test('names a row once whose truth no interleaving shows', () => {
    const refuted = verdict({
      status: 'NOT_PROVOKED',
      truth: ['STUCK'],
      notProvoked: ['STUCK'],
      asExpected: false,
      reason: 'no interleaving shows it',
    });
    const lines = summary(results([refuted])).split('\n');
    expect(lines.filter((line) => line.includes('no interleaving shows it'))).toEqual([
      '✗ ledger/flock: not provoked (STUCK): no interleaving shows it',
    ]);
  });
});

test('a label tells rows apart: target, strategy, and whether each session had a copy', () => {
  expect(label(verdict())).toBe('ledger/flock');
  expect(label(verdict({ mode: 'per-session' }))).toBe('ledger/flock (a copy for each session)');
  expect(label(verdict({ mode: 'alone' }))).toBe('ledger/flock (one writer)');
});

test('a row is named once among what is missing or wrong', () => {
  const vacuous = verdict({
    status: 'VACUOUS',
    truth: ['STUCK'],
    notProvoked: ['STUCK'],
    asExpected: false,
    reason: 'never overlapped',
  });
  expect(summary(results([vacuous])).match(/never overlapped$/gm)).toHaveLength(1);
});
