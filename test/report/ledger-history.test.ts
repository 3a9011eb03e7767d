/** What a ledger has of the ledgers before it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../harness/limits.ts';
import type { LedgerChange } from '../../harness/report/ledger-changes.ts';
import { type Ledger, ledgerJsonl } from '../../harness/report/ledger-file.ts';
import { ledgerMarkdown } from '../../harness/report/ledger-markdown.ts';
import { parseLedger, readLast } from '../../harness/report/ledger-read.ts';
import { sinceWords } from '../../harness/report/ledger-since.ts';
import { writeResults } from '../../harness/report/results.ts';
import { levelled } from '../../harness/verdict/level.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { catalogue, ledgerAfter, runOn, verdicts } from '../support/ledger.ts';
import { colliding, explored, foundByChoice, unstormed, verdict } from '../support/verdict.ts';

const bytesOf = (ledger: Ledger): string => ledgerMarkdown(ledger) + ledgerJsonl(ledger);

/** The verdicts with others in the place of those on the same strategies. */
const but = (...others: readonly Verdict[]): readonly Verdict[] =>
  verdicts.map(
    (each) => others.find((other) => other.target === each.target && other.strategy === each.strategy) ?? each,
  );

const changesOf = (...runs: readonly (readonly Verdict[])[]): readonly LedgerChange[] =>
  ledgerAfter(runs.map((of, day) => runOn(day + 1, of))).header.changes;

const logCollides = colliding({ TORN_LINES: 2 }, { target: 'log' });
const stateSafe = verdict({ target: 'state', strategy: 'rewrite' });
const audit = { kind: 'audit', before: 'agrees', after: 'contradicted' } as const;

describe('what changed since the last ledger', () => {
  test('is nothing in the first one, and nothing where a run says the same again', () => {
    expect(ledgerAfter([runOn(1)]).header).toMatchObject({ last: null, changes: [] });
    const { last, changes } = ledgerAfter([runOn(1), runOn(2)]).header;
    expect(last?.startedAt).toBe('2026-11-01T16:03:00.000Z');
    expect(changes).toEqual([]);
  });

  test('is a promotion where a P2 target collides now', () => {
    expect(changesOf(verdicts, but(logCollides))).toEqual([
      { kind: 'promoted', target: 'log', before: 'SAFE', after: 'TORN_LINES' },
      { ...audit, target: 'log' },
    ]);
  });

  test('is a demotion where a target that collided is VERIFIED now', () => {
    const index = verdict({ target: 'index', strategy: 'rewrite' });
    expect(changesOf(verdicts, but(index, stateSafe))).toEqual([
      { kind: 'demoted', target: 'state', before: 'LAST_WRITER_WINS', after: 'SAFE' },
      { kind: 'demoted', target: 'index', before: 'DUPLICATE_ENTRY', after: 'SAFE' },
      { kind: 'verdict', target: 'state', of: 'fix', before: 'SAFE', after: null },
      { kind: 'audit', target: 'state', before: 'contradicted', after: 'agrees' },
      { kind: 'audit', target: 'index', before: 'contradicted', after: 'agrees' },
    ]);
  });

  test('is a collision where a P1 target was VERIFIED, and no demotion where it is only not provoked', () => {
    expect(changesOf(but(stateSafe), verdicts)).toContainEqual({
      kind: 'collides',
      target: 'state',
      before: 'SAFE',
      after: 'LAST_WRITER_WINS',
    });
    const gone = verdict({ ...stateSafe, status: 'NOT_PROVOKED', notProvoked: ['LAST_WRITER_WINS'] });
    expect(changesOf(verdicts, but(gone)).map(({ kind }) => kind)).toEqual(['verdict', 'status', 'audit']);
  });

  test('is another verdict of the fix, and the status that comes of it', () => {
    const fix = unstormed('SKIPPED', 'no flock', { target: 'state' });
    expect(changesOf(verdicts, but(fix))).toEqual([
      { kind: 'verdict', target: 'state', of: 'fix', before: 'SAFE', after: 'SKIPPED' },
      { kind: 'status', target: 'state', before: 'APPLIED-flock', after: 'DEFERRED-flock-not-shown' },
    ]);
  });

  test('is what a verdict rests on: less or more', () => {
    const all = verdict({ target: 'state', strength: { explored: explored() } });
    const some = verdict({ target: 'state', strength: { explored: explored({ kind: 'bounded', preemptions: 2 }) } });
    const unseen = colliding({ LAST_WRITER_WINS: 4 }, { target: 'state' });
    expect(changesOf(but(all), but(some))).toEqual([
      { kind: 'weaker', target: 'state', of: 'fix', before: 'all interleavings', after: '≤ 2 preemptions' },
    ]);
    expect(changesOf(verdicts, but(some))).toEqual([
      { kind: 'stronger', target: 'state', of: 'fix', before: 'storm only', after: '≤ 2 preemptions' },
    ]);
    expect(changesOf(verdicts, but(unseen))).toEqual([
      { kind: 'weaker', target: 'state', before: 'witness', after: 'storm only' },
    ]);
  });

  test('is what is new and what has vanished; what comes back is held against what was last said of it', () => {
    const without = verdicts.filter(({ target }) => target !== 'log');
    expect(changesOf(without, verdicts)).toEqual([
      { kind: 'new', target: 'log', before: null, after: 'VERIFIED: SAFE' },
    ]);
    expect(changesOf(verdicts, without)).toEqual([
      { kind: 'vanished', target: 'log', before: 'VERIFIED: SAFE', after: null },
    ]);
    expect(changesOf(verdicts, without, without)).toEqual([]);
    expect(changesOf(verdicts, without, verdicts)).toEqual([]);
    expect(changesOf(verdicts, without, but(logCollides)).map(({ kind }) => kind)).toEqual(['promoted', 'audit']);
  });

  test('can be read on a terminal', () => {
    const without = but(logCollides).filter(({ target }) => target !== 'config');
    const { header } = ledgerAfter([runOn(1), runOn(2, without)]);
    expect(sinceWords('old.jsonl', header.last!, header.changes)).toMatchInlineSnapshot(`
      "Since 2026-11-01 16:03 UTC (old.jsonl): 3 changes.
        promoted  log     SAFE → TORN_LINES
        audit     log     agrees → contradicted
        vanished  config  DEFERRED-not-provoked: not provoked (TORN_STATE)
      "
    `);
    expect(sinceWords('old.jsonl', { id: '0123456789ab' }, [])).toBe(
      'Since run 0123456789ab (old.jsonl): nothing has changed.\n',
    );
  });
});

describe('the history of a target', () => {
  const historyOf = (ledger: Ledger, target: string) =>
    ledger.entries.find((entry) => entry.target === target)!.history;

  test('begins with the run that first said what is said now, and grows where that changes', () => {
    const runs = [runOn(1), runOn(2), runOn(3, but(logCollides)), runOn(4, but(logCollides)), runOn(5)];
    const ledger = ledgerAfter(runs);
    expect(historyOf(ledger, 'log').map(({ startedAt, status }) => [startedAt?.slice(0, 10), status])).toEqual([
      ['2026-11-01', 'VERIFIED'],
      ['2026-11-03', 'PROMOTED'],
      ['2026-11-05', 'VERIFIED'],
    ]);
    expect(historyOf(ledger, 'state')).toHaveLength(1);
  });

  test('outlives ledgers of other targets', () => {
    const without = verdicts.filter(({ target }) => target !== 'log');
    const between = ledgerAfter([runOn(1), runOn(2, without), runOn(3, without)]);
    expect(between.header.absent).toMatchObject([{ target: 'log', history: [{ status: 'VERIFIED' }] }]);
    expect(ledgerMarkdown(between)).toContain('Not part of this run: `log`.');
    const again = ledgerAfter([runOn(1), runOn(2, without), runOn(3, without), runOn(4, but(logCollides))]);
    expect(historyOf(again, 'log').map(({ status }) => status)).toEqual(['VERIFIED', 'PROMOTED']);
    expect(again.header.absent).toEqual([]);
  });

  test('ends somewhere', () => {
    const many = Array.from({ length: limits.ledgerHistory + 3 }, (_, at) =>
      runOn(at, at % 2 ? but(logCollides) : verdicts),
    );
    const ledger = ledgerAfter(many);
    expect(historyOf(ledger, 'log')).toHaveLength(limits.ledgerHistory);
    expect(bytesOf(ledgerAfter([...many, many.at(-1)!]))).toBe(bytesOf(ledger));
  });
});

/** Runs that differ in targets, verdicts and strengths, and some that say the same. */
const someRuns = fc.array(
  fc.constantFrom<readonly Verdict[]>(
    verdicts,
    but(logCollides),
    but(stateSafe),
    verdicts.filter(({ target }) => target !== 'log'),
    but(foundByChoice('TORN_STATE', { target: 'state' })),
  ),
  { minLength: 1, maxLength: 5 },
);

test('entering a run again changes no byte, whatever was before it', () => {
  fc.assert(
    fc.property(someRuns, (all) => {
      const runs = all.map((of, day) => runOn(day + 1, of));
      const once = bytesOf(ledgerAfter(runs));
      expect(bytesOf(ledgerAfter([...runs, runs.at(-1)!]))).toBe(once);
      expect(bytesOf(ledgerAfter(runs.flatMap((run) => [run, run, run])))).toBe(once);
    }),
    { numRuns: 20 },
  );
});

test('results without a date are known again by what they hold; how long they took does not count', () => {
  const { startedAt: _, ...undated } = runOn(1);
  const again = { ...structuredClone({ ...undated }), durationMs: 1, sessionPeakKiB: 1 };
  expect(bytesOf(ledgerAfter([undated, again]))).toBe(bytesOf(ledgerAfter([undated])));
  expect(ledgerAfter([undated]).header.run.id).not.toBe(ledgerAfter([runOn(1)]).header.run.id);
});

describe('as the last ledger there can be', () => {
  const now = { results: runOn(2, but(logCollides)) };

  test('one of the format without a header: it says nothing of its run', () => {
    const older = ledgerAfter([runOn(1)]).entries.map(({ blocked: _, history: __, ...entry }) => {
      const { strength: ___, replay, ...before } = entry.before;
      const evidence = replay === undefined ? before.evidence : `${before.evidence}; replay ${replay}`;
      return `${JSON.stringify({ ...entry, before: { ...before, evidence } })}\n`;
    });
    const last = parseLedger(older.join(''), 'older.jsonl');
    expect(last.run).toEqual({ id: expect.stringMatching(/^[0-9a-f]{12}$/) });
    const { header, entries } = ledgerAfter([now.results], { last });
    expect(header.changes.map(({ kind, target }) => [kind, target])).toEqual([
      ['promoted', 'log'],
      ['audit', 'log'],
    ]);
    expect(entries.map(({ history }) => history.length)).toEqual([1, 1, 1, 2]);
  });

  test('the results of a run', () => {
    const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
    try {
      const last = readLast(writeResults(dir, runOn(1)), catalogue);
      const { header } = ledgerAfter([now.results], { last });
      const before = runOn(1);
      const read = { ...before, verdicts: levelled(before.verdicts, 0.05) };
      expect(header).toEqual(ledgerAfter([read, now.results]).header);
      const empty = join(dir, 'empty.jsonl');
      writeFileSync(empty, '\n');
      expect(() => readLast(empty, catalogue)).toThrow(`${empty} is empty: restore it, or move it away`);
      expect(() => readLast(dir, catalogue)).toThrow(`${dir} can't be read (EISDIR`);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test.each([
    ['{"format":"collide-ledger-3"}\n', 'has format "collide-ledger-3", expected \'collide-ledger-2\''],
    ['<<<<<<< HEAD\n', ':1 is no line of a ledger: it is not a JSON object'],
    ['{"target":"log"}\n', ':1 is no line of a ledger: before: '],
    [`${ledgerJsonl(ledgerAfter([runOn(1)]))}{"target":"log"}\n`, ':6 is no line of a ledger: priority: '],
  ])('none that is damaged: %j', (text, message) => {
    expect(() => parseLedger(text, 'it.jsonl')).toThrow(message);
    expect(() => parseLedger(text, 'it.jsonl')).toThrow('restore it, or move it away to begin a new history');
  });
});
