import { describe, expect, test } from 'vitest';
import { label, summary } from '../../harness/report/summary.ts';
import { colliding, results, unstormed, verdict } from '../support/verdict.ts';

const expected = [
  verdict(),
  colliding({ LAST_WRITER_WINS: 120, TORN_STATE: 3 }, { startSkew: { medianUs: 30, p95Us: 200 } }),
  verdict({ strategy: 'link', startSkew: { medianUs: 10, p95Us: 50 } }),
  verdict({
    target: 'token',
    strategy: 'rm',
    status: 'NOT_PROVOKED',
    notProvoked: ['DOUBLE_CONSUME'],
    reason: 'not provoked by storm; it takes a chosen schedule: B comes between.',
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
         2  SAFE               no anomaly in a sample; the strength says how far that goes
         1  not provoked       known to collide, but free running did not hit it: not SAFE
         1  SKIPPED            cannot be run on this machine

      token/rm: not provoked by storm; it takes a chosen schedule: B comes between.
      log/rewrite: LAST_WRITER_WINS not provoked by storm
      token/jq: SKIPPED, needs jq, which is not on PATH
      All 5 rows that could be run are as their truth says, as far as a storm can tell.

      800 rounds in 12.3 s, 4 writers, seed 1; sessions started within 20 µs of each other (median; 200 µs at the worst row's 95th percentile)."
    `);
  });

  test('names every row that differs from its truth, or has no verdict', () => {
    const differing = [
      verdict(),
      colliding({ TORN_LINES: 2 }, { asExpected: false, reason: 'the truth says SAFE, and TORN_LINES was found' }),
      unstormed('BROKEN_ALONE', 'with one session already: TORN_LINES', { strategy: 'echo' }),
      unstormed('INCONCLUSIVE', 'no round came through: session 0 died', { strategy: 'dies', mode: 'per-session' }),
      verdict({ strategy: 'slow', status: 'VACUOUS', asExpected: false, reason: 'the sessions never overlapped' }),
    ];
    expect(summary(results(differing, { sessionsReplaced: 2 }))).toMatchInlineSnapshot(`
      "   1  TORN_LINES         a ledger holds a line that no session wrote: cut, merged or interleaved
         1  SAFE               no anomaly in a sample; the strength says how far that goes
         1  VACUOUS            the sessions never overlapped, so nothing was tested
         1  BROKEN_ALONE       wrong with one session already: no race
         1  INCONCLUSIVE       too little came through to say anything: the reason is below

      ✗ ledger/rewrite: TORN_LINES: the truth says SAFE, and TORN_LINES was found
      ✗ ledger/echo: BROKEN_ALONE: with one session already: TORN_LINES
      ✗ ledger/dies (a copy for each session): INCONCLUSIVE: no round came through: session 0 died
      ✗ ledger/slow: VACUOUS: the sessions never overlapped
      4 of 5 rows differ from their truth.

      800 rounds in 12.3 s, 4 writers, seed 1; sessions started within 20 µs of each other (median; 90 µs at the worst row's 95th percentile); 2 sessions died and were replaced."
    `);
  });

  test('does not say that all is as expected where the run was interrupted', () => {
    const interrupted = summary(results([verdict()], { interrupted: true }));
    expect(interrupted).toContain('Interrupted: 1 rows were done; the others have no verdict.');
    expect(interrupted).not.toContain('as their truth says');
  });

  test('says so where no start was measured', () => {
    expect(summary(results([unstormed('SKIPPED', 'no jq')]))).toContain('seed 1; no start was measured.');
  });
});

test('a label tells rows apart: target, strategy, and whether each session had a copy', () => {
  expect(label(verdict())).toBe('ledger/flock');
  expect(label(verdict({ mode: 'per-session' }))).toBe('ledger/flock (a copy for each session)');
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
