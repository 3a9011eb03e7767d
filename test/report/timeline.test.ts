import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Execution } from '../../harness/history/execution.ts';
import type { Access, Call, Step } from '../../harness/history/step.ts';
import { timeline } from '../../harness/report/timeline.ts';
import { widthOf, wrapped } from '../../harness/report/wrap.ts';
import type { RecordedFinding } from '../../harness/verdict/verdict.ts';
import { execution, read, refused, unknown, write } from '../support/execution.ts';
import { scenario, strategy } from '../support/scenario.ts';

const health = scenario({
  id: 'ingest-health',
  resource: 'JSON health file; every ingest adds one to `fire_count`',
  strategies: { rmw: strategy({ does: 'read, parse, write in place' }) },
});

const finding = (witness: Execution, details: Partial<RecordedFinding> = {}): RecordedFinding => ({
  class: 'LAST_WRITER_WINS',
  rounds: 1,
  count: 1,
  message: 'acknowledged, then overwritten: s1.0 (based on setup)',
  witness,
  ...details,
});

const witness = (details: Parameters<typeof execution>[0]): Execution =>
  execution({ target: 'ingest-health', strategy: 'rmw', ...details });

type Details = Partial<Omit<Step, 'accesses'>> & { readonly accesses?: readonly Access[] | undefined };

const step = (session: number, call: Call, path: string, details: Details = {}): Step => {
  const made: Step = { session, operation: 0, call, path };
  const { accesses = accessesOf(call, path), ...rest } = details;
  return { ...made, ...rest, accesses };
};

/** As the gate has it for a file that is there. */
function accessesOf(call: Call, path: string): readonly Access[] {
  switch (call) {
    case 'read':
    case 'stat':
      return [{ object: `inode ${path}`, mode: 'read' }];
    case 'write':
      return [{ object: `inode ${path}`, mode: 'write' }];
    case 'lock':
    case 'unlock':
      return [{ object: `lock ${path}`, mode: 'write' }];
    case 'mkdir':
    case 'rmdir':
      return [{ object: `entry ./${path}`, mode: 'write' }];
    case 'sleep':
      return [];
    default:
      return [{ object: `entry ./${path}`, mode: 'read' }];
  }
}

const reads = (session: number, path: string, data: string): Step =>
  step(session, 'read', path, { data, bytes: data.length });

const writes = (session: number, path: string, data: string): Step =>
  step(session, 'write', path, { data, bytes: data.length });

const empties = (session: number, path: string): Step =>
  step(session, 'open', path, {
    flags: ['CREAT', 'TRUNC'],
    accesses: [
      { object: `entry ./${path}`, mode: 'read' },
      { object: `inode ${path}`, mode: 'write' },
    ],
  });

const looksInVain = (session: number, call: Call, path: string): Step =>
  step(session, call, path, {
    error: call === 'mkdir' ? 'EEXIST' : 'ENOENT',
    accesses: [{ object: `entry ./${path}`, mode: 'read' }],
  });

const state = (count: number, last: string): string => `{"fire_count":${count},"last":"${last}"}\n`;

const lostUpdate = witness({
  steps: [
    step(0, 'stat', ''),
    step(0, 'open', 'health.json'),
    reads(0, 'health.json', state(41, 'setup')),
    reads(0, 'health.json', ''),
    step(1, 'stat', ''),
    step(1, 'open', 'health.json'),
    reads(1, 'health.json', state(41, 'setup')),
    reads(1, 'health.json', ''),
    empties(1, 'health.json'),
    writes(1, 'health.json', state(42, 's1.0')),
    empties(0, 'health.json'),
    writes(0, 'health.json', state(42, 's0.0')),
  ],
  operations: [
    write(0, 0, { invokedUs: 1, respondedUs: 12, output: { basedOn: 'setup' } }),
    write(1, 0, { invokedUs: 5, respondedUs: 10, output: { basedOn: 'setup' } }),
  ],
  final: { 'health.json': state(42, 's0.0'), 'notes.txt': 'nobody touches these' },
});

const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf));

describe('the destructive step', () => {
  const found = finding(lostUpdate, { critical: { first: 2, second: 9 }, destructive: 10 });

  test('is named beside the order that decides, and marked apart from it', () => {
    const text = timeline(health, found);
    expect(text).toMatch(/^│ 10 │ +│ ◆ write/m);
    expect(text).toMatch(/^│ 11 │ ✗ open health.json, emptying it/m);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "Session 0's `open health.json, emptying it` (step 11) destroyed what session 1 was told it had written.",
    );
  });

  test.each([undefined, 99])('is not spoken of where it is not known: %s', (destructive) => {
    const { destructive: _, ...unknown } = found;
    const text = timeline(health, destructive === undefined ? unknown : { ...unknown, destructive });
    expect(text).not.toMatch(/✗|destroyed/);
  });
});

describe('timeline', () => {
  test('a lost update', () => {
    const found = finding(lostUpdate, {
      critical: { first: 2, second: 9, last: 10 },
      destructive: 10,
      replay: 'ingest-health/rmw:2:0@open.2:health.json,1',
    });
    expect(timeline(health, found)).toMatchInlineSnapshot(`
      "ingest-health/rmw: LAST_WRITER_WINS, an acknowledged update is missing from a well-formed final
        state
      JSON health file; every ingest adds one to \`fire_count\`. Every writer: read, parse, write in place
      acknowledged, then overwritten: s1.0 (based on setup)

      ┌────┬────────────────────────────────────────┬────────────────────────────────────────┐
      │    │ session 0                              │ session 1                              │
      ├────┼────────────────────────────────────────┼────────────────────────────────────────┤
      │  2 │ open health.json                       │                                        │
      │  3 │ read {"fire_count":41,"last":"setup"}↵ │                                        │
      │  4 │ read: nothing more                     │                                        │
      │  6 │                                        │ open health.json                       │
      │  7 │                                        │ read {"fire_count":41,"last":"setup"}↵ │
      │  8 │                                        │ read: nothing more                     │
      │  9 │                                        │ open health.json, emptying it          │
      │ 10 │                                        │ write {"fire_count":42,"last":"s1.0"}↵ │
      │    │                                        │ → ok: {"basedOn":"setup"}              │
      │ 11 │ ✗ open health.json, emptying it        │                                        │
      │ 12 │ write {"fire_count":42,"last":"s0.0"}↵ │                                        │
      │    │ → ok: {"basedOn":"setup"}              │                                        │
      └────┴────────────────────────────────────────┴────────────────────────────────────────┘
      Not shown: 2 steps that have no bearing on another session.

      Expected: every acknowledged update survives.
      Actual: acknowledged, then overwritten: s1.0 (based on setup).
      Left behind: health.json = {"fire_count":42,"last":"s0.0"}↵

      Session 1's \`write health.json\` (step 10) came between session 0's \`read health.json\` (step 3) and
      session 0's \`open health.json, emptying it\` (step 11). If it comes before step 3, the finding is
      gone.

      Session 0's \`open health.json, emptying it\` (step 11) destroyed what session 1 was told it had
      written.

      Replay it: collide replay ingest-health/rmw:2:0@open.2:health.json,1"
    `);
  });

  test('a torn state, seen by a reader', () => {
    const torn = witness({
      steps: [
        step(0, 'open', 'health.json'),
        reads(0, 'health.json', state(41, 'setup')),
        empties(0, 'health.json'),
        step(1, 'open', 'health.json'),
        reads(1, 'health.json', ''),
        writes(0, 'health.json', state(42, 's0.0')),
      ],
      operations: [
        write(0, 0, { invokedUs: 1, respondedUs: 6 }),
        read(1, 0, {
          invokedUs: 4,
          respondedUs: 5,
          outcome: 'unknown',
          error: { name: 'SyntaxError', message: 'Unexpected end of JSON input' },
        }),
      ],
      final: { 'health.json': state(42, 's0.0') },
    });
    const found = finding(torn, {
      class: 'TORN_STATE',
      message: 'a reader saw: Unexpected end of JSON input',
      critical: { first: 4, second: 5 },
      replay: "ingest-health/rmw:1:0@write:it's here,1",
    });
    expect(timeline(health, found)).toMatchInlineSnapshot(`
      "ingest-health/rmw: TORN_STATE, a whole-file resource was seen, or left, empty, partial or
        unparseable
      JSON health file; every ingest adds one to \`fire_count\`. Every writer: read, parse, write in place
      a reader saw: Unexpected end of JSON input

      ┌───┬──────────────────────────────────────────┬───────────────────────────────────────────────────┐
      │   │ session 0                                │ reader                                            │
      ├───┼──────────────────────────────────────────┼───────────────────────────────────────────────────┤
      │ 1 │ open health.json                         │                                                   │
      │ 2 │ read {"fire_count":41,"last":"setup"}↵   │                                                   │
      │ 3 │ open health.json, emptying it            │                                                   │
      │ 4 │                                          │ open health.json                                  │
      │ 5 │                                          │ read: empty                                       │
      │   │                                          │ → threw SyntaxError: Unexpected end of JSON input │
      │ 6 │ ◆ write {"fire_count":42,"last":"s0.0"}↵ │                                                   │
      │   │ → ok                                     │                                                   │
      └───┴──────────────────────────────────────────┴───────────────────────────────────────────────────┘

      Expected: whoever looks finds a whole state, be it the old one or the new one.
      Actual: a reader saw: Unexpected end of JSON input.
      Left behind: health.json = {"fire_count":42,"last":"s0.0"}↵

      The reader's \`read health.json\` (step 5) came before session 0's \`write health.json\` (step 6). The
      other way round, the finding is gone.

      Replay it: collide replay 'ingest-health/rmw:1:0@write:it'\\''s here,1'"
    `);
  });

  test('the rounds of a retry loop in one row', () => {
    const waiting = Array.from({ length: 100 }, () => [
      looksInVain(1, 'mkdir', 'verdicts.lock'),
      step(1, 'stat', 'verdicts.lock', { accesses: [{ object: 'entry ./verdicts.lock', mode: 'read' }] }),
      step(1, 'sleep', ''),
    ]).flat();
    const forked = witness({
      target: 'verdict-chain',
      strategy: 'mkdir-timeout',
      steps: [
        step(0, 'mkdir', 'verdicts.lock'),
        reads(0, 'verdicts.jsonl', ''),
        ...waiting,
        reads(1, 'verdicts.jsonl', ''),
        writes(1, 'verdicts.jsonl', '{"id":"s1.0","prev":"e3b0"}\n'),
        step(1, 'rmdir', 'verdicts.lock'),
        writes(0, 'verdicts.jsonl', '{"id":"s0.0","prev":"e3b0"}\n'),
        looksInVain(0, 'rmdir', 'verdicts.lock'),
      ],
      operations: [write(0, 0, { invokedUs: 1, respondedUs: 307 }), write(1, 0, { invokedUs: 3, respondedUs: 305 })],
      final: { 'verdicts.jsonl': '{"id":"s1.0","prev":"e3b0"}\n{"id":"s0.0","prev":"e3b0"}\n' },
    });
    const chain = scenario({
      id: 'verdict-chain',
      resource: 'JSONL ledger of verdicts; each line carries the SHA-256 of the line before it',
      strategies: { 'mkdir-timeout': strategy({ does: 'a lock directory: 100 tries, then write anyway' }) },
    });
    const found = finding(forked, {
      class: 'FORKED_CHAIN',
      message: 'line 2 does not continue line 1',
      critical: { first: 1, second: 303, last: 305 },
    });
    expect(timeline(chain, found)).toMatchInlineSnapshot(`
      "verdict-chain/mkdir-timeout: FORKED_CHAIN, a hash chain no longer verifies
      JSONL ledger of verdicts; each line carries the SHA-256 of the line before it. Every writer: a lock
        directory: 100 tries, then write anyway
      line 2 does not continue line 1

      ┌───────┬──────────────────────────────────────┬───────────────────────────────────────────────────┐
      │       │ session 0                            │ session 1                                         │
      ├───────┼──────────────────────────────────────┼───────────────────────────────────────────────────┤
      │     1 │ mkdir verdicts.lock                  │                                                   │
      │     2 │ read verdicts.jsonl: empty           │                                                   │
      │ 3–302 │                                      │ … 100 times: mkdir verdicts.lock: already there;  │
      │       │                                      │   stat: there; sleep                              │
      │   303 │                                      │ read verdicts.jsonl: empty                        │
      │   304 │                                      │ write {"id":"s1.0","prev":"e3b0"}↵                │
      │   305 │                                      │ rmdir verdicts.lock                               │
      │       │                                      │ → ok                                              │
      │   306 │ ◆ write {"id":"s0.0","prev":"e3b0"}↵ │                                                   │
      │   307 │ rmdir verdicts.lock: not there       │                                                   │
      │       │ → ok                                 │                                                   │
      └───────┴──────────────────────────────────────┴───────────────────────────────────────────────────┘

      Expected: every link continues the one before it.
      Actual: line 2 does not continue line 1.
      Left behind: verdicts.jsonl = {"id":"s1.0","prev":"e3b0"}↵{"id":"s0.0","prev":"e3b0"}↵

      Session 1's \`write verdicts.jsonl\` (step 304) came between session 0's \`read verdicts.jsonl\` (step
      2) and session 0's \`write verdicts.jsonl\` (step 306). If it comes before step 2, the finding is
      gone."
    `);
  });

  test('sessions that wait for each other for ever', () => {
    const stuck = witness({
      target: 'ledger',
      strategy: 'flock',
      steps: [step(0, 'lock', 'a.lock'), step(1, 'lock', 'b.lock'), step(0, 'stat', ''), step(2, 'open', 'ledger')],
      operations: [read(2, 0, { invokedUs: 4, respondedUs: 4, output: 7 })],
      writers: 2,
      final: { 'a.lock': '', 'b.lock': '' },
    });
    const found = finding(stuck, {
      class: 'STUCK',
      message: 'nobody can go on: session 0 before lock b.lock, session 1 before lock a.lock',
      replay: 'ledger/flock:2:0@lock.2:a.lock,1,2',
    });
    expect(timeline(scenario(), found)).toMatchInlineSnapshot(`
      "ledger/flock: STUCK, deadlock, livelock, or a lock that nobody can take again
      a ledger. Every writer: locks, then rewrites
      nobody can go on: session 0 before lock b.lock, session 1 before lock a.lock

      ┌───┬──────────────────────────┬──────────────────────────┬─────────┐
      │   │ session 0                │ session 1                │ reader  │
      ├───┼──────────────────────────┼──────────────────────────┼─────────┤
      │ 1 │ lock a.lock              │                          │         │
      │ 2 │                          │ lock b.lock              │         │
      │   │                          │                          │ → ok: 7 │
      │   │ waits, and never goes on │                          │         │
      │   │                          │ waits, and never goes on │         │
      └───┴──────────────────────────┴──────────────────────────┴─────────┘
      Not shown: 2 steps that have no bearing on another session.

      Expected: every session comes to an end.
      Actual: nobody can go on: session 0 before lock b.lock, session 1 before lock a.lock.
      Left behind: a.lock is empty
                   b.lock is empty

      Replay it: collide replay ledger/flock:2:0@lock.2:a.lock,1,2"
    `);
  });

  test('names a command as its users wrote it', () => {
    const error = { name: 'CommandFailed', message: '`./bin/a > /tmp/b` ended with exit code 137' };
    const killed = witness({
      steps: [step(0, 'unlink', 'health.json')],
      operations: [unknown(0, 0, { invokedUs: 0, respondedUs: 1, error })],
    });
    const text = timeline(health, finding(killed), { width: 120 });
    expect(text).toContain('→ failed: `./bin/a > /tmp/b` ended with exit code 137');
  });

  test('tells what each operation was told where it stands, and what came in the end', () => {
    const mixed = witness({
      steps: [
        step(0, 'mkdir', 'x.lock'),
        step(1, 'sync', 'own.log', { accesses: [] }),
        looksInVain(1, 'mkdir', 'x.lock'),
        step(0, 'rmdir', 'x.lock'),
        { ...step(1, 'mkdir', 'x.lock'), operation: 1 },
      ],
      operations: [
        refused(1, 0, { invokedUs: 3, respondedUs: 3 }),
        unknown(2, 0, { invokedUs: 0, respondedUs: 0, error: { name: 'Error', message: '' } }),
        write(0, 0, { invokedUs: 1, respondedUs: 4, output: 'token' }),
        unknown(1, 1, {
          invokedUs: 4,
          respondedUs: 5,
          error: { name: 'CommandFailed', message: '/some/where/rmw.sh ended with exit code 2: no space\n' },
        }),
        write(0, 1, { id: 's0.end', kind: 'finally', invokedUs: 5, respondedUs: 5, output: { holders: 2 } }),
      ],
    });
    expect(timeline(health, finding(mixed, { class: 'EXCLUSION_BROKEN', message: 'two' }))).toMatchInlineSnapshot(`
      "ingest-health/rmw: EXCLUSION_BROKEN, more holders inside a critical section than it admits
      JSON health file; every ingest adds one to \`fire_count\`. Every writer: read, parse, write in place
      two

      ┌───┬────────────────────────────────┬────────────────────────────────────────┬────────────────────┐
      │   │ session 0                      │ session 1                              │ session 2          │
      ├───┼────────────────────────────────┼────────────────────────────────────────┼────────────────────┤
      │   │                                │                                        │ s2.0 → threw Error │
      │ 1 │ mkdir x.lock                   │                                        │                    │
      │ 3 │                                │ mkdir x.lock: already there            │                    │
      │   │                                │ s1.0 → refused: not now                │                    │
      │ 4 │ rmdir x.lock                   │                                        │                    │
      │   │ s0.0 → ok: token               │                                        │                    │
      │ 5 │                                │ mkdir x.lock                           │                    │
      │   │                                │ s1.1 → failed: rmw.sh ended with exit  │                    │
      │   │                                │   code 2: no space                     │                    │
      │   │ in the end → ok: {"holders":2} │                                        │                    │
      └───┴────────────────────────────────┴────────────────────────────────────────┴────────────────────┘
      Not shown: 1 step that has no bearing on another session.

      Expected: no more sessions at once are in the critical section than it admits.
      Actual: two."
    `);
  });

  test('keeps what surrounds the steps it speaks of where there are too many', () => {
    const rounds = 40;
    const steps = Array.from({ length: rounds }, (_, at) => [
      step(0, 'stat', 'health.json'),
      reads(0, 'health.json', state(at, 's0')),
      writes(1, 'health.json', state(at, 's1')),
    ]).flat();
    const long = witness({ steps, operations: [] });
    const lines = timeline(health, finding(long, { critical: { first: 61, second: 62, last: 64 } })).split('\n');
    const rows = lines.filter((line) => /^│ +\d+ /.test(line));
    expect(rows).toHaveLength(40);
    expect(lines.filter((line) => line.includes('⋮ '))).toHaveLength(2);
    expect(lines).toContain('Left out (⋮), to keep the picture small: 80 steps.');
    expect(rows.filter((row) => row.includes('◆'))).toHaveLength(1);
    expect(rows.find((row) => row.includes('◆'))).toMatch(/^│ +65 │ ◆ read/);
  });

  test('puts all in one column where there are too many sessions for one each', () => {
    const steps = Array.from({ length: 8 }, (_, session) => writes(session, 'log', `${session}\n`));
    const crowd = witness({ steps, writers: 8, final: { log: '7\n' } });
    const picture = timeline(health, finding(crowd), { width: 80 });
    expect(picture).toMatch(/│ +│ who +│ does/);
    expect(picture).toContain('│ 8 │ session 7 │ write log: 7↵ │');
  });

  test('says nothing about an order that is not one of two sessions', () => {
    const silent = timeline(health, finding(lostUpdate));
    expect(silent).not.toMatch(/✗|◆|came before|came between/);
    for (const critical of [
      { first: 2, second: 3 },
      { first: 2, second: 400 },
      { first: 0, second: 9 },
      { first: 2, second: 9, last: 8 },
    ]) {
      expect(timeline(health, finding(lostUpdate, { critical }))).toBe(silent);
    }
  });

  test('finds the files that were left under masked names, and cuts long ones', () => {
    const masked = witness({
      steps: [writes(0, 'claims/%.json', 'a'), writes(1, 'claims/%.json', 'b')],
      final: { 'claims/8151.json': 'a'.repeat(400), 'claims/8152.json': '', 'claims/8152.json/own': '' },
    });
    const picture = timeline(health, finding(masked));
    expect(picture).toContain('Left behind: claims/8151.json = aaa');
    expect(picture).toContain('\n             claims/8152.json is empty');
    expect(picture).not.toContain('own');
    expect(picture).toMatch(/a…a/);
  });

  test('says so where a storm found it, which sees no steps', () => {
    const { steps: _, ...stormed } = lostUpdate;
    expect(timeline(health, finding(stormed))).toMatchInlineSnapshot(`
      "ingest-health/rmw: LAST_WRITER_WINS, an acknowledged update is missing from a well-formed final
        state
      JSON health file; every ingest adds one to \`fire_count\`. Every writer: read, parse, write in place
      acknowledged, then overwritten: s1.0 (based on setup)

      There is no picture: it was found by free running, in which single steps are not seen.

      Expected: every acknowledged update survives.
      Actual: acknowledged, then overwritten: s1.0 (based on setup)."
    `);
  });

  test('fits into any width that a table fits into', () => {
    const call = fc.constantFrom<Call>('read', 'write', 'mkdir', 'rename', 'stat', 'sleep');
    const anyStep = fc.record({
      session: fc.nat({ max: 2 }),
      call,
      data: fc.string({ unit: fc.constantFrom(...'abc ,:"{}\n\t\u001b大é'), maxLength: 200 }),
      path: fc.constantFrom('a', 'a-rather-long-name-of-a-file.json.%', ''),
    });
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), fc.integer({ min: 30, max: 140 }), (steps, width) => {
        const any = witness({
          writers: 3,
          steps: steps.map(({ session, call, path, data }) => step(session, call, path, { data, bytes: data.length })),
          operations: [refused(0, 0, { respondedUs: Math.min(1, steps.length) })],
        });
        expect(widest(timeline(health, finding(any), { width }))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('wrapped', () => {
  test('breaks behind spaces and commas, and within long words', () => {
    expect(wrapped('read {"a":1,"b":2} and more', 12, '  ')).toEqual(['read {"a":1,', '  "b":2} and', '  more']);
    expect(wrapped('abcdefghij', 4, '')).toEqual(['abcd', 'efgh', 'ij']);
  });

  test('counts columns, not characters', () => {
    expect(wrapped('大小大小', 5, '')).toEqual(['大小', '大小']);
  });
});
