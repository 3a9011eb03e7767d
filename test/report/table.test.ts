import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isolationTable, verdictTable } from '../../harness/report/table.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { colliding, counts, explored, foundByChoice, probed, stormed, unstormed, verdict } from '../support/verdict.ts';

const verdicts = [
  colliding({ LAST_WRITER_WINS: 120, TORN_STATE: 3 }, { target: 'state' }),
  verdict({ target: 'state', counts: counts({ refused: 4 }) }),
  verdict({ target: 'token', priority: 'P2', strategy: 'rm', status: 'NOT_PROVOKED', notProvoked: ['STUCK'] }),
  unstormed('SKIPPED', 'needs jq, which is not on PATH', { target: 'token', priority: 'P2', strategy: 'jq' }),
  colliding({ TORN_LINES: 2 }, { target: 'log', strategy: 'echo', asExpected: false }),
];

const plain = (columns: number) => ({ columns, colour: false });

const widest = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => [...line].length),
  );

describe('verdictTable', () => {
  test('has a row for each verdict, and names a target once', () => {
    expect(verdictTable(verdicts, plain(100))).toMatchInlineSnapshot(`
      "┌────────┬────┬──────────┬───────────────────────┬────────────────────────┬────────────────────────┐
      │ target │    │ strategy │ verdict               │ strength               │ what was lost          │
      ├────────┼────┼──────────┼───────────────────────┼────────────────────────┼────────────────────────┤
      │ state  │ P1 │ rewrite  │ LAST_WRITER_WINS +    │ 100 of 400 rounds      │ 120 of 1000 updates    │
      │        │    │          │ TORN_STATE            │                        │ lost; seen or left     │
      │        │    │          │                       │                        │ torn 3 times           │
      │        │    │ flock    │ SAFE                  │ 0 of 400 rounds, p <   │ 4 refused              │
      │        │    │          │                       │ 0.75 %                 │                        │
      │ token  │ P2 │ rm       │ not provoked (STUCK)  │ 0 of 400 rounds, p <   │                        │
      │        │    │          │                       │ 0.75 %                 │                        │
      │        │    │ jq       │ SKIPPED               │                        │ needs jq, which is not │
      │        │    │          │                       │                        │ on PATH                │
      │ log    │ P1 │ echo     │ ✗ TORN_LINES          │ 100 of 400 rounds      │ 2 torn lines           │
      └────────┴────┴──────────┴───────────────────────┴────────────────────────┴────────────────────────┘"
    `);
  });

  test('says how sessions have each target where they do not share all', () => {
    const alone = verdict({ target: 'log', mode: 'alone', strength: { alone: 11 } });
    const apart = verdict({ target: 'token', mode: 'per-session', strategy: 'mv' });
    expect(verdictTable([verdict(), alone, { ...alone, strategy: 'echo' }, apart], plain(120))).toMatchInlineSnapshot(`
      "┌────────┬────┬─────────────┬──────────┬─────────┬─────────────────────────────────────────────────┬───────────────┐
      │ target │    │ sessions    │ strategy │ verdict │ strength                                        │ what was lost │
      ├────────┼────┼─────────────┼──────────┼─────────┼─────────────────────────────────────────────────┼───────────────┤
      │ ledger │ P1 │ share it    │ flock    │ SAFE    │ 0 of 400 rounds, p < 0.75 %                     │               │
      │ log    │ P1 │ one writes  │ flock    │ SAFE    │ 11 rounds of one session: nothing to interleave │               │
      │        │    │             │ echo     │ SAFE    │ 11 rounds of one session: nothing to interleave │               │
      │ token  │ P1 │ a copy each │ mv       │ SAFE    │ 0 of 400 rounds, p < 0.75 %                     │               │
      └────────┴────┴─────────────┴──────────┴─────────┴─────────────────────────────────────────────────┴───────────────┘"
    `);
  });

  test('wraps what does not fit', () => {
    const torn = colliding({ TORN_LINES: 120, TORN_STATE: 3 }, { target: 'state' });
    expect(verdictTable([torn, ...verdicts.slice(1)], plain(80))).toMatchInlineSnapshot(`
      "┌────────┬────┬──────────┬─────────────────┬─────────────────┬─────────────────┐
      │ target │    │ strategy │ verdict         │ strength        │ what was lost   │
      ├────────┼────┼──────────┼─────────────────┼─────────────────┼─────────────────┤
      │ state  │ P1 │ rewrite  │ TORN_LINES +    │ 100 of 400      │ 120 torn lines; │
      │        │    │          │ TORN_STATE      │ rounds          │ seen or left    │
      │        │    │          │                 │                 │ torn 3 times    │
      │        │    │ flock    │ SAFE            │ 0 of 400        │ 4 refused       │
      │        │    │          │                 │ rounds, p <     │                 │
      │        │    │          │                 │ 0.75 %          │                 │
      │ token  │ P2 │ rm       │ not provoked    │ 0 of 400        │                 │
      │        │    │          │ (STUCK)         │ rounds, p <     │                 │
      │        │    │          │                 │ 0.75 %          │                 │
      │        │    │ jq       │ SKIPPED         │                 │ needs jq, which │
      │        │    │          │                 │                 │ is not on PATH  │
      │ log    │ P1 │ echo     │ ✗ TORN_LINES    │ 100 of 400      │ 2 torn lines    │
      │        │    │          │                 │ rounds          │                 │
      └────────┴────┴──────────┴─────────────────┴─────────────────┴─────────────────┘"
    `);
  });

  test('has the same rows for what was explored, with a storm and without', () => {
    const rows = [
      foundByChoice('LAST_WRITER_WINS', { target: 'state' }),
      verdict({ target: 'state', strength: { explored: explored(), probed: probed(), ...stormed(400, 0, 0) } }),
      colliding({ TORN_STATE: 0 }, { target: 'token', strategy: 'rm' }),
    ];
    expect(verdictTable(rows, plain(140))).toMatchInlineSnapshot(`
      "┌────────┬────┬──────────┬──────────────────┬────────────────────────────────────────────────────┬─────────────────────────────────────────┐
      │ target │    │ strategy │ verdict          │ strength                                           │ what was lost                           │
      ├────────┼────┼──────────┼──────────────────┼────────────────────────────────────────────────────┼─────────────────────────────────────────┤
      │ state  │ P1 │ rewrite  │ LAST_WRITER_WINS │ 2 interleavings                                    │ LAST_WRITER_WINS of s0.1                │
      │        │    │ flock    │ SAFE             │ all 6 interleavings of 3 sessions; PCT d=3, 200    │                                         │
      │        │    │          │                  │ schedules of 5 sessions, p ≥ 4.3 %; 0 of 400       │                                         │
      │        │    │          │                  │ rounds, p < 0.75 %                                 │                                         │
      │ token  │ P1 │ rm       │ TORN_STATE       │ 100 of 400 rounds                                  │ TORN_STATE under a chosen schedule only │
      └────────┴────┴──────────┴──────────────────┴────────────────────────────────────────────────────┴─────────────────────────────────────────┘"
    `);
  });

  test('is no wider than asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 80, max: 200 }),
        fc.shuffledSubarray(verdicts, { minLength: 1 }),
        (columns, some) => {
          expect(widest(verdictTable(some, plain(columns)))).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });

  test('is no wider than its content', () => {
    expect(widest(verdictTable(verdicts, plain(10_000)))).toBe(widest(verdictTable(verdicts, plain(200))));
  });

  test('names a target again behind another', () => {
    const [first, second] = [verdict({ target: 'state' }), verdict({ target: 'token' })];
    const rows = verdictTable([first, second, first], plain(100));
    expect(rows.match(/state/g)).toHaveLength(2);
  });
});

describe('isolationTable', () => {
  const copy = { mode: 'per-session' } as const;
  const both = [
    colliding({ LAST_WRITER_WINS: 9, TORN_STATE: 9 }),
    colliding({ TORN_STATE: 9 }, copy),
    colliding({ TORN_LINES: 9 }, { strategy: 'split' }),
    colliding({ TORN_LINES: 9 }, { strategy: 'split', ...copy }),
    verdict({ target: 'marker' }),
    colliding({ DOUBLE_CONSUME: 9 }, { target: 'marker', strategy: 'flock', ...copy }),
    verdict({ target: 'marker', strategy: 'link' }),
    verdict({ target: 'marker', strategy: 'link', ...copy }),
    verdict({ target: 'marker', strategy: 'alone' }),
  ];

  test('sets a shared copy beside private ones, and says what that changes', () => {
    expect(isolationTable(both, plain(140))).toMatchInlineSnapshot(`
      "┌────────┬────┬──────────┬───────────────────────────────┬─────────────────────────┬─────────────────────────────────────────────────┐
      │ target │    │ strategy │ shared                        │ a copy for each session │ what that changes                               │
      ├────────┼────┼──────────┼───────────────────────────────┼─────────────────────────┼─────────────────────────────────────────────────┤
      │ ledger │ P1 │ rewrite  │ LAST_WRITER_WINS + TORN_STATE │ TORN_STATE              │ ends LAST_WRITER_WINS                           │
      │        │    │ split    │ TORN_LINES                    │ TORN_LINES              │ nothing: it still collides                      │
      │ marker │ P1 │ flock    │ SAFE                          │ DOUBLE_CONSUME          │ brings DOUBLE_CONSUME: it existed to coordinate │
      │        │    │ link     │ SAFE                          │ SAFE                    │                                                 │
      │        │    │ alone    │ SAFE                          │                         │                                                 │
      └────────┴────┴──────────┴───────────────────────────────┴─────────────────────────┴─────────────────────────────────────────────────┘"
    `);
  });

  test('claims no change of what was not found, but is expected', () => {
    const expected = { notProvoked: ['LAST_WRITER_WINS'] } as const;
    const [before, after] = [colliding({ LAST_WRITER_WINS: 9, TORN_STATE: 9 }), colliding({ TORN_STATE: 9 }, copy)];
    const words = (one: Verdict, other: Verdict) => isolationTable([one, other], plain(140));
    expect(words(before, after)).toContain('ends LAST_WRITER_WINS');
    expect(words(before, { ...after, ...expected })).toContain('nothing: it still collides');
    const swapped = [
      { ...after, mode: 'shared' as const },
      { ...before, ...copy },
    ] as const;
    expect(words(...swapped)).toContain('brings LAST_WRITER_WINS');
    expect(words({ ...swapped[0], ...expected }, swapped[1])).toContain('nothing: it still collides');
  });

  test.each(['INCONCLUSIVE', 'SKIPPED', 'VACUOUS', 'NOT_PROVOKED', 'BROKEN_ALONE'] as const)(
    'claims no change where either is %s',
    (status) => {
      const [before, after] = [colliding({ TORN_LINES: 9 }), verdict({ strategy: 'rewrite', ...copy })];
      const changed = (first: Verdict, second: Verdict) => isolationTable([first, second], plain(140)).includes('ends');
      expect(changed(before, after)).toBe(true);
      expect(changed(before, { ...after, status })).toBe(false);
      expect(changed({ ...before, status }, after)).toBe(false);
    },
  );

  test('is no wider than asked', () => {
    for (const columns of [80, 100, 120])
      expect(widest(isolationTable(both, plain(columns)))).toBeLessThanOrEqual(columns);
  });
});

describe('colour', () => {
  const ESC = String.fromCharCode(27);

  test('is nowhere where it is not wanted', () => {
    expect(verdictTable(verdicts, plain(100))).not.toContain(ESC);
    expect(isolationTable(verdicts, plain(100))).not.toContain(ESC);
  });

  test('changes nothing but the colour', () => {
    for (const columns of [80, 100, 140]) {
      const coloured = verdictTable(verdicts, { columns, colour: true });
      expect(coloured).toContain(ESC);
      expect(stripVTControlCharacters(coloured)).toBe(verdictTable(verdicts, plain(columns)));
    }
  });

  test('is another for what is SAFE, what collides as it should, what was not provoked, and what differs', () => {
    const coloured = (row: (typeof verdicts)[number]): string | undefined =>
      new RegExp(`${ESC}\\[(\\d+)m`).exec(verdictTable([row], { columns: 140, colour: true }))?.[1];
    const colours = [verdicts[0]!, verdicts[1]!, verdicts[2]!, verdicts[3]!, verdicts[4]!].map(coloured);
    expect(colours).toEqual(['33', '32', '36', '90', '31']);
  });
});

describe('a table narrower than its longest words', () => {
  const verdicts = [colliding({ LAST_WRITER_WINS: 12 }, { target: 'override-token', strategy: 'check-then-remove' })];

  test.each([60, 80])('is no wider than %i columns, and cuts nothing off', (columns) => {
    for (const table of [verdictTable, isolationTable]) {
      const text = table(verdicts, { columns, colour: false });
      expect(table(verdicts, { columns, colour: true })).toBe(text);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(text).not.toContain('…');
      const rows = text
        .split('\n')
        .slice(3, -1)
        .map((line) => line.split('│').map((cell) => cell.trim()));
      const column = (at: number): string => rows.map((cells) => cells[at]).join('');
      expect([column(1), column(3), column(4)]).toEqual(['override-token', 'check-then-remove', 'LAST_WRITER_WINS']);
    }
  });
});
