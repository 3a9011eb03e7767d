import { describe, expect, test } from 'vitest';
import { ledgerEntries, ledgerJsonl, ledgerMarkdown } from '../../harness/report/ledger.ts';
import type { Results } from '../../harness/report/results.ts';
import type { AuditStatus, Scenario } from '../../harness/scenario/scenario.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { scenario, strategy } from '../support/scenario.ts';
import {
  colliding,
  explored,
  foundByChoice,
  probed,
  results,
  stormed,
  unstormed,
  verdict,
} from '../support/verdict.ts';

const asFound = colliding({ LAST_WRITER_WINS: 120 });
const fixed = verdict();

/** The entry of one scenario, whose writer as found is `rewrite` and whose fix is `flock`. */
const entryOf = (verdicts: readonly Verdict[], details: Partial<Scenario> = {}) =>
  ledgerEntries([scenario({ fix: 'flock', ...details })], results(verdicts))[0]!;

describe('an entry of the ledger', () => {
  test('says what the writer does as found, what the fix does, and what else there is', () => {
    const strategies = { ...scenario().strategies, link: strategy() };
    const link = verdict({ strategy: 'link' });
    expect(entryOf([asFound, fixed, link], { strategies, deferred: { lease: 'needs a database' } })).toEqual({
      target: 'ledger',
      priority: 'P1',
      source: 'P1-1',
      resource: 'a ledger',
      writer: 'every session',
      pattern: 'reads and rewrites',
      before: {
        strategy: 'rewrite',
        verdict: 'LAST_WRITER_WINS',
        evidence: '100 of 400 rounds; 120 of 1000 updates lost; LAST_WRITER_WINS of s0.1',
      },
      after: { strategy: 'flock', verdict: 'SAFE', evidence: '0 of 400 rounds, p < 0.75 %' },
      others: [{ strategy: 'link', verdict: 'SAFE', evidence: '0 of 400 rounds, p < 0.75 %' }],
      status: 'APPLIED-flock',
      audit: null,
      contradicted: null,
      deferred: { lease: 'needs a database' },
    });
  });

  test('has the reason for evidence where nothing was stormed', () => {
    expect(entryOf([unstormed('SKIPPED', 'needs jq', { strategy: 'rewrite' })]).before).toEqual({
      strategy: 'rewrite',
      verdict: 'SKIPPED',
      evidence: 'needs jq',
    });
  });

  test('has the witness for evidence, to be replayed, where a schedule was chosen', () => {
    const safe = verdict({ strength: { explored: explored(), probed: probed() } });
    const { before, after } = entryOf([foundByChoice('LAST_WRITER_WINS'), safe]);
    expect(before.evidence).toBe(
      '2 interleavings; LAST_WRITER_WINS of s0.1; replay ledger/rewrite:2:0@open:state.json,1',
    );
    expect(after?.evidence).toBe('all 6 interleavings; PCT d=3, 200 schedules of 5 sessions, p ≥ 4.3 %');
  });

  test('has both for evidence where it was stormed as well, the message once', () => {
    const found = foundByChoice('LAST_WRITER_WINS');
    const strength = { ...found.strength, ...stormed(400, 0, 0) };
    expect(entryOf([{ ...found, strength }]).before.evidence).toBe(
      '2 interleavings; 0 of 400 rounds, p < 0.75 %; LAST_WRITER_WINS under a chosen schedule only; ' +
        'LAST_WRITER_WINS of s0.1; replay ledger/rewrite:2:0@open:state.json,1',
    );
  });

  test('has no fix where the writer needs none', () => {
    const { before, after, others } = entryOf([verdict({ strategy: 'rewrite' }), fixed]);
    expect(before.verdict).toBe('SAFE');
    expect(after).toBeNull();
    expect(others.map((other) => other.strategy)).toEqual(['flock']);
  });

  test('has the measure for evidence, and no reason, where there is one', () => {
    const reason = 'not provoked';
    expect(entryOf([verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', reason })]).before.evidence).toBe(
      '0 of 400 rounds, p < 0.75 %',
    );
  });

  test('is about the first strategy of the scenario, whichever was run first', () => {
    expect(entryOf([fixed, asFound])).toEqual(entryOf([asFound, fixed]));
  });

  test('is there for targets of the run, in the order of the catalogue', () => {
    const catalogue = ['c', 'a', 'b'].map((id) => scenario({ id }));
    const run = results([
      { ...asFound, target: 'a' },
      { ...asFound, target: 'c' },
    ]);
    expect(ledgerEntries(catalogue, run).map(({ target }) => target)).toEqual(['c', 'a']);
  });

  test('is of the shared copy, not of private ones', () => {
    const isolated = verdict({ strategy: 'rewrite', mode: 'per-session' });
    expect(ledgerEntries([scenario()], results([isolated]))).toEqual([]);
    expect(entryOf([isolated, asFound]).before.verdict).toBe('LAST_WRITER_WINS');
  });
});

describe('the status', () => {
  const safe = verdict({ strategy: 'rewrite' });
  const notProvoked = verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', notProvoked: ['LAST_WRITER_WINS'] });
  const vacuous = verdict({ strategy: 'rewrite', status: 'VACUOUS' });
  const alone = (status: 'SKIPPED' | 'BROKEN_ALONE' | 'INCONCLUSIVE') =>
    unstormed(status, 'why', { strategy: 'rewrite' });
  const notFixed = colliding({ TORN_STATE: 1 }, { strategy: 'flock' });
  const p2 = { priority: 'P2' } as const;

  test.each<[string, string, readonly Verdict[], Partial<Scenario>]>([
    ['VERIFIED', 'the writer as found is SAFE', [safe], {}],
    ['VERIFIED', 'so is that of a P2 target', [safe], p2],
    ['APPLIED-flock', 'it collides and the fix is SAFE', [asFound, fixed], {}],
    ['PROMOTED', 'that of a P2 target collides', [asFound], p2],
    ['PROMOTED', 'that of a P2 target collides and the fix is SAFE', [asFound, fixed], p2],
    ['DEFERRED-flock-not-shown', 'it collides and so does the fix', [asFound, notFixed], {}],
    ['DEFERRED-flock-not-shown', 'it collides and the fix was skipped', [asFound, unstormed('SKIPPED', 'why')], {}],
    ['DEFERRED-flock-not-shown', 'it collides and the fix was not run', [asFound], {}],
    ['DEFERRED-no-fix', 'it collides and there is no fix', [asFound, fixed], { fix: undefined as never }],
    ['DEFERRED-not-provoked', 'the collision was not shown', [notProvoked, fixed], {}],
    ['DEFERRED-not-provoked', 'that of a P2 target was not shown either', [notProvoked], p2],
    ['DEFERRED-vacuous', 'nothing overlapped', [vacuous, fixed], {}],
    ['DEFERRED-skipped', 'it can not be run here', [alone('SKIPPED'), fixed], {}],
    ['DEFERRED-broken-alone', 'it is broken alone', [alone('BROKEN_ALONE'), fixed], {}],
    ['DEFERRED-inconclusive', 'no round came through', [alone('INCONCLUSIVE'), fixed], {}],
  ])('is %s where %s', (status, _, verdicts, details) => {
    expect(entryOf(verdicts, details).status).toBe(status);
  });
});

describe("the audit's claim", () => {
  const audit = 'low';

  test('is contradicted where the writer as found collides, expected or not', () => {
    expect(entryOf([asFound], { audit }).contradicted).toBe(true);
    expect(entryOf([colliding({ TORN_LINES: 1 }, { truth: 'SAFE', asExpected: false })], { audit }).contradicted).toBe(
      true,
    );
  });

  test('is not contradicted where the writer as found is SAFE', () => {
    expect(entryOf([verdict({ strategy: 'rewrite' })], { audit }).contradicted).toBe(false);
  });

  test('is neither where the collision was not provoked, or the writer not run', () => {
    const truth = ['LAST_WRITER_WINS'] as const;
    const notProvoked = verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', truth, notProvoked: truth });
    expect(entryOf([notProvoked], { audit }).contradicted).toBeNull();
    expect(entryOf([unstormed('SKIPPED', 'no jq', { strategy: 'rewrite', truth })], { audit }).contradicted).toBeNull();
  });

  test('is neither where the audit says nothing', () => {
    expect(entryOf([asFound])).toMatchObject({ audit: null, contradicted: null });
    expect(entryOf([verdict({ strategy: 'rewrite' })])).toMatchObject({ audit: null, contradicted: null });
  });
});

describe("the audit's claim of a fix", () => {
  const safe = verdict({ strategy: 'rewrite' });
  const notFixed = colliding({ TORN_STATE: 1 }, { strategy: 'flock' });
  const notProvoked = verdict({ strategy: 'rewrite', status: 'NOT_PROVOKED', notProvoked: ['LAST_WRITER_WINS'] });

  test.each<[AuditStatus, string, readonly Verdict[], boolean | null]>([
    ['fix deferred', 'the writer as found collides', [asFound], false],
    ['fix deferred', 'it is SAFE', [safe], true],
    ['fix deferred', 'it was not provoked', [notProvoked], null],
    ['fix applied', 'it collides, and the fix is SAFE', [asFound, fixed], false],
    ['fix applied', 'it collides, and so does the fix', [asFound, notFixed], true],
    ['fix applied', 'it is SAFE', [safe, fixed], true],
    ['fix applied', 'it collides, and the fix was not run', [asFound], null],
    ['fix applied', 'it collides, and the fix was skipped', [asFound, unstormed('SKIPPED', 'no jq')], null],
    ['fix applied', 'it was not provoked, and the fix is SAFE', [notProvoked, fixed], null],
  ])('%s: where %s', (audit, _, verdicts, contradicted) => {
    expect(entryOf(verdicts, { audit }).contradicted).toBe(contradicted);
  });

  test('fix applied: where the fix is the writer as found, that alone counts', () => {
    const details = { audit: 'fix applied', fix: 'rewrite' } as const;
    expect(entryOf([safe], details).contradicted).toBe(false);
    expect(entryOf([asFound], details).contradicted).toBe(true);
    expect(entryOf([notProvoked], details).contradicted).toBeNull();
  });
});

describe('the rendered ledger', () => {
  const catalogue = [
    scenario({ id: 'state', fix: 'flock', audit: 'verified', deferred: { lease: 'needs a database' } }),
    scenario({ id: 'log', priority: 'P2', source: 'P2-8', audit: 'low' }),
    scenario({ id: 'index', priority: 'P2', source: 'P2-9', audit: 'low' }),
    scenario({ id: 'config' }),
  ];
  const run = results([
    { ...asFound, target: 'state' },
    { ...fixed, target: 'state' },
    verdict({ target: 'log', strategy: 'rewrite' }),
    verdict({ target: 'log', strategy: 'flock' }),
    colliding({ DUPLICATE_ENTRY: 7 }, { target: 'index' }),
    verdict({
      target: 'config',
      strategy: 'rewrite',
      status: 'NOT_PROVOKED',
      truth: ['TORN_STATE'],
      notProvoked: ['TORN_STATE'],
    }),
  ]);
  const entries = ledgerEntries(catalogue, run);

  test('reads like an audit ledger', () => {
    expect(ledgerMarkdown(entries, run)).toMatchInlineSnapshot(`
      "# Collision ledger

      Measured by \`collide run --engine storm --writers 4 --targets all\`: 800 rounds stormed, seed 1, on linux 6.18, 2 cores, Node v24.0.0.

      What a verdict rests on:

      - \`all N interleavings\`: every one of two writers with one operation each, up to the order of steps that commute.
      - \`N interleavings\`: some of these.
      - \`≤ N preemptions\`: every schedule of these writers with so many preemptions at most.
      - \`PCT d=N, p ≥ x\`: schedules of more writers, drawn at random. With at least this probability they would have shown a collision that depends on N orderings of two steps.
      - \`p < x\`: a storm of sessions that run free. It bounds the probability that a round collides, with 95 % confidence.

      \`replay x\` is a witness: \`collide replay x\` makes that execution again. "Not provoked" is not SAFE.

      ## P1: known to collide

      | target | source | resource | writer | pattern | before → after the fix | evidence | status |
      | --- | --- | --- | --- | --- | --- | --- | --- |
      | \`state\` | P1-1 | a ledger | every session | reads and rewrites | LAST_WRITER_WINS → SAFE (\`flock\`) | 100 of 400 rounds; 120 of 1000 updates lost; LAST_WRITER_WINS of s0.1 → 0 of 400 rounds, p &lt; 0.75 % | APPLIED-flock |
      | \`config\` | P1-1 | a ledger | every session | reads and rewrites | not provoked (TORN_STATE) | 0 of 400 rounds, p &lt; 0.75 % | DEFERRED-not-provoked |

      ## P2: said to be harmless

      | target | source | resource | writer | pattern | before → after the fix | evidence | status |
      | --- | --- | --- | --- | --- | --- | --- | --- |
      | \`log\` | P2-8 | a ledger | every session | reads and rewrites | SAFE | 0 of 400 rounds, p &lt; 0.75 % | VERIFIED |
      | \`index\` | P2-9 | a ledger | every session | reads and rewrites | DUPLICATE_ENTRY | 100 of 400 rounds; 7 entries doubled; DUPLICATE_ENTRY of s0.1 | PROMOTED |

      Other ways of writing to them:

      | target | strategy | verdict | evidence |
      | --- | --- | --- | --- |
      | \`log\` | \`flock\` | SAFE | 0 of 400 rounds, p &lt; 0.75 % |

      ## Counts

      - APPLIED: 1
      - DEFERRED: 1
      - PROMOTED: 1
      - VERIFIED: 1
      - targets: 4

      ## The reference audit's claims

      The audit's own status of a row, and what was measured here. \`low\`, \`verified\` and \`probed SAFE\` claim that the writer as found does not collide; \`fix deferred\`, that it does; \`fix applied\`, that it did, and that the fix holds.

      | target | source | the audit | measured | the evidence |
      | --- | --- | --- | --- | --- |
      | \`state\` | P1-1 | verified | LAST_WRITER_WINS → SAFE (\`flock\`) | **contradicted** |
      | \`log\` | P2-8 | low | SAFE | agrees |
      | \`index\` | P2-9 | low | DUPLICATE_ENTRY | **contradicted** |

      ## Deferred strategies

      - \`state/lease\`: needs a database
      "
    `);
  });

  test.each([
    ['explore', 1204, 0, '1,204 executions explored'],
    ['both', 1204, 800, '1,204 executions explored and 800 rounds stormed'],
    ['storm', 0, 800, '800 rounds stormed'],
    ['both', 0, 0, 'nothing was run'],
  ] as const)('says what was run, with --engine %s: %i executions, %i rounds', (engine, executions, rounds, words) => {
    const measured = results([], { options: { ...run.options, engine }, executions, rounds });
    expect(ledgerMarkdown([], measured)).toContain(
      `\`collide run --engine ${engine} --writers 4 --targets all\`: ${words}, seed 1, on linux`,
    );
  });

  test('says why nothing was explored where something should have been', () => {
    const noGate = 'nothing can be explored here:\nEPERM';
    expect(ledgerMarkdown([], { ...run, noGate })).toContain('. Storm only: nothing can be explored here: EPERM.\n');
    expect(ledgerMarkdown([], run)).not.toContain('Storm only');
  });

  test('says which topology was run', () => {
    const measured = results([], { options: { ...run.options, topology: 'same-directory' } });
    expect(ledgerMarkdown([], measured)).toContain('--targets all --topology same-directory`: ');
  });

  test('is the same, byte for byte, for the same results', () => {
    const explored = [...run.verdicts, foundByChoice('LAST_WRITER_WINS', { target: 'log', strategy: 'echo' })];
    const once = { ...run, verdicts: explored, executions: 12 };
    const again = { ...(JSON.parse(JSON.stringify(once)) as typeof once), durationMs: 1, sessionPeakKiB: 1 };
    const rendered = (each: Results): string => {
      const entries = ledgerEntries(catalogue, each);
      return ledgerMarkdown(entries, each) + ledgerJsonl(entries);
    };
    expect(rendered(again)).toBe(rendered(once));
  });

  test('is one JSON value a line for machines', () => {
    const lines = ledgerJsonl(entries).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line))).toEqual(entries);
    expect(ledgerJsonl([])).toBe('');
  });

  test('says where targets are missing because the run was interrupted', () => {
    expect(ledgerMarkdown(entries, { ...run, interrupted: true })).toContain('**The run did not come to its end');
    expect(ledgerMarkdown(entries, run)).not.toContain('interrupted');
  });

  test('has no section without content', () => {
    const [first] = ledgerEntries([scenario()], results([verdict({ strategy: 'rewrite' })]));
    const headings = ledgerMarkdown([first!], run).match(/^## .*/gm);
    expect(headings).toEqual(['## P1: known to collide', '## Counts']);
  });

  test('keeps its columns, whatever a message holds', () => {
    const nasty = 'a | b\n| c \\| <script> \\';
    const finding = asFound.findings[0]!;
    const written: Verdict = { ...asFound, findings: [{ ...finding, message: nasty }] };
    const hostile = scenario({ resource: nasty, writers: nasty, audit: nasty as never });
    const markdown = ledgerMarkdown(ledgerEntries([hostile], results([written])), run);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.filter((row) => row.includes('`ledger`')).map(cellsOf)).toEqual([
      [
        '`ledger`',
        'P1-1',
        shown,
        shown,
        'reads and rewrites',
        'LAST_WRITER_WINS',
        expect.stringContaining(shown),
        'DEFERRED-no-fix',
      ],
      ['`ledger`', 'P1-1', shown, 'LAST_WRITER_WINS', 'neither'],
    ]);
    expect(new Set(rows.map((row) => cellsOf(row).length))).toEqual(new Set([8, 5]));
    expect(markdown).not.toContain('<script>');
  });

  /** What a reader of the rendered table sees of the nasty message. */
  const shown = 'a | b | c \\| &lt;script> \\';
});

/** The cells of a row of a Markdown table: split at bars that no backslash escapes, escapes undone. */
const cellsOf = (row: string): readonly string[] =>
  [...row.matchAll(/((?:\\.|[^|\\])+)\|/g)].map(([, cell]) => cell!.trim().replaceAll(/\\(.)/g, '$1'));

test.each([
  ['SKIPPED', unstormed('SKIPPED', 'no jq', { strategy: 'rewrite', truth: 'SAFE' })],
  ['INCONCLUSIVE', unstormed('INCONCLUSIVE', 'all died', { strategy: 'rewrite' })],
  ['VACUOUS', verdict({ strategy: 'rewrite', status: 'VACUOUS' })],
] as const)('a target that is %s neither clears nor contradicts the audit', (_, shown) => {
  expect(ledgerEntries([scenario({ audit: 'low' })], results([shown]))[0]?.contradicted).toBeNull();
});

test('a fix that is the writer as found is no other writer', () => {
  const [entry] = ledgerEntries([scenario({ fix: 'rewrite' })], results([colliding({ TORN_LINES: 1 })]));
  expect(entry?.after).toBeNull();
});

test('a carriage return ends no row of the ledger', () => {
  const found = colliding({ TORN_STATE: 1 });
  const run = results([{ ...found, findings: [{ ...found.findings[0]!, message: 'a\rb' }] }]);
  expect(ledgerMarkdown(ledgerEntries([scenario()], run), run)).not.toContain('\r');
});
