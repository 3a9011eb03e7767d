import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Baseline, baselineOf, formatBaseline } from '../../harness/baseline/baseline.ts';
import type { Change, ChangeKind } from '../../harness/baseline/change.ts';
import { compare } from '../../harness/baseline/compare.ts';
import { readBaseline } from '../../harness/baseline/read.ts';
import { sameQuestion, updated } from '../../harness/baseline/update.ts';
import { fingerprintOf, rowName } from '../../harness/verdict/fingerprint.ts';
import type { Explored } from '../../harness/verdict/strength.ts';
import type { Verdict } from '../../harness/verdict/verdict.ts';
import { execution } from '../support/execution.ts';
import { explored, foundByChoice, probed, unstormed, verdict } from '../support/verdict.ts';

const run = { engine: 'explore', steps: 400, seed: 1, targets: ['all'], writers: 4 } as const;

const comparing = { path: 'reports/baseline.json', today: '2026-11-21', update: 'collide gate --update' };

const changesOf = (was: readonly Verdict[], is: readonly Verdict[]): readonly Change[] =>
  compare(baselineOf(run, was), is, comparing).changes;

/** What is said, and whether it fails. */
const shortly = (changes: readonly Change[]): readonly string[] =>
  changes.map(({ kind, row, fingerprint, fails }) => `${fails ? '✗' : '–'} ${kind} ${fingerprint ?? row}`);

const safe = (details: Partial<Explored> = {}, more = true): Verdict =>
  verdict({ strength: { explored: explored(details), ...(more ? { probed: probed() } : {}) } });

/** Collides, with these pairs of calls on one file. */
const collides = (kind: 'LAST_WRITER_WINS' | 'DUPLICATE_ENTRY', first: string, second: string): Verdict => {
  const found = foundByChoice(kind, { strategy: 'flock' });
  const steps = [first, second].map((call, session) => ({ session, operation: 0, call, path: 'n' }));
  const witness = execution({ steps: steps as never });
  return {
    ...found,
    findings: found.findings.map((each) => ({ ...each, witness, critical: { first: 0, second: 1 } })),
  };
};

const lost = collides('LAST_WRITER_WINS', 'read', 'write');
const lostOtherwise = collides('LAST_WRITER_WINS', 'open', 'write');
const doubled = collides('DUPLICATE_ENTRY', 'stat', 'write');

describe('what is said of one row', () => {
  test.each<readonly [string, Verdict, Verdict, readonly string[]]>([
    ['the same', safe(), safe({ executions: 900, traces: 800 }), []],
    ['a race', safe(), lost, ['✗ worse ledger/flock LAST_WRITER_WINS: read n < write n']],
    [
      'a race that is gone',
      lost,
      safe(),
      ['✗ stale ledger/flock LAST_WRITER_WINS: read n < write n', '– better ledger/flock'],
    ],
    [
      'a race in the place of another',
      lost,
      doubled,
      [
        '✗ stale ledger/flock LAST_WRITER_WINS: read n < write n',
        '✗ worse ledger/flock DUPLICATE_ENTRY: stat n < write n',
      ],
    ],
    [
      'the same class by other steps',
      lost,
      lostOtherwise,
      [
        '✗ stale ledger/flock LAST_WRITER_WINS: read n < write n',
        '✗ worse ledger/flock LAST_WRITER_WINS: open n < write n',
      ],
    ],
    ['less than all interleavings', safe(), safe({ kind: 'bounded', preemptions: 4 }), ['✗ weaker ledger/flock']],
    [
      'fewer preemptions',
      safe({ kind: 'bounded', preemptions: 2 }),
      safe({ kind: 'bounded', preemptions: 1 }),
      ['✗ weaker ledger/flock'],
    ],
    ['a sample', safe({ kind: 'bounded', preemptions: 0 }), safe({ kind: 'partial' }), ['✗ weaker ledger/flock']],
    [
      'a sample, after as many preemptions',
      { ...safe({ kind: 'bounded', preemptions: 2 }), level: 'bounded' },
      { ...safe({ kind: 'bounded', preemptions: 2 }), level: 'sampled' },
      ['✗ weaker ledger/flock'],
    ],
    [
      'a sample, as it was',
      { ...safe({ kind: 'partial' }), level: 'sampled' },
      { ...safe({ kind: 'partial' }), level: 'sampled' },
      [],
    ],
    ['two writers only', safe(), safe({}, false), ['✗ weaker ledger/flock']],
    ['two writers only, though all of them', safe({ kind: 'partial' }), safe({}, false), ['✗ weaker ledger/flock']],
    ['all interleavings', safe({ kind: 'partial' }), safe(), ['– stronger ledger/flock']],
    ['nothing', safe(), unstormed('BROKEN_ALONE', 'fails'), ['✗ worse ledger/flock']],
    ['nothing any more', lost, { ...unstormed('BROKEN_ALONE', 'fails') }, ['✗ worse ledger/flock']],
    ['something', unstormed('BROKEN_ALONE', 'fails'), safe(), ['– better ledger/flock']],
    ['a component that is missing', safe(), unstormed('SKIPPED', 'no Redis'), ['– uncompared ledger/flock']],
    ['a component that is missing, of a race', lost, unstormed('SKIPPED', 'no Redis'), ['– uncompared ledger/flock']],
    ['a session that was lost', lost, unstormed('INCONCLUSIVE', 'killed'), ['✗ uncompared ledger/flock']],
    ['a component that was missing', unstormed('SKIPPED', 'no Redis'), lost, ['– unknown ledger/flock']],
    ['another product', verdict({ product: 'FerretDB' }), verdict({}), ['– uncompared ledger/flock']],
  ])('%s', (_, was, is, said) => {
    expect(shortly(changesOf([was], [is]))).toEqual(said);
  });

  test('what was, what is, and what to do', () => {
    const [change] = changesOf([safe()], [lost]);
    expect(change).toMatchObject({ replay: 'ledger/rewrite:2:0@open:state.json,1' });
    expect(change!.message).toBe(
      'was SAFE, exhaustive, PCT; now LAST_WRITER_WINS, an acknowledged update is missing from a well-formed final state ' +
        '(read n < write n): LAST_WRITER_WINS of s0.1. If that is meant, `collide gate --update` accepts it',
    );
    expect(changesOf([lost], [lostOtherwise])[1]!.message).toMatch(
      /^was COLLIDES, with LAST_WRITER_WINS by other steps: read n < write n; now/,
    );
  });

  test('what is missing fails a strict gate', () => {
    const { changes, rows } = compare(baselineOf(run, [safe()]), [unstormed('SKIPPED', 'no Redis')], {
      ...comparing,
      strict: true,
    });
    expect(shortly(changes)).toEqual(['✗ uncompared ledger/flock']);
    expect(rows).toBe(0);
  });
});

describe('an entry of a race', () => {
  const fingerprint = fingerprintOf(lost, lost.findings[0]!);
  const accepted = (expires: string): Baseline => ({
    ...baselineOf(run, [lost]),
    findings: { [fingerprint]: { reason: 'the tool is replaced in spring', expires } },
  });

  test('is good until its last day', () => {
    expect(compare(accepted('2026-11-21'), [lost], comparing).changes).toEqual([]);
    const [change] = compare(accepted('2026-11-20'), [lost], comparing).changes;
    expect(change).toMatchObject({ kind: 'expired', fingerprint, fails: true });
    expect(change!.message).toContain('until 2026-11-20, because of: the tool is replaced in spring');
  });

  test('keeps what people wrote, as long as there is the race', () => {
    expect(updated(accepted('2026-12-31'), run, [lost]).baseline).toEqual(accepted('2026-12-31'));
    expect(updated(accepted('2026-12-31'), run, [safe()]).baseline.findings).toEqual({});
  });
});

describe('an update', () => {
  const other = { ...safe(), target: 'other' };

  test('keeps the entry of what can not be run here, and says so', () => {
    const skipped = unstormed('SKIPPED', 'no Redis');
    const { baseline, kept, without } = updated(baselineOf(run, [lost, other]), run, [skipped, other]);
    expect(baseline).toEqual(baselineOf(run, [lost, other]));
    expect({ kept, without }).toEqual({ kept: [skipped], without: [] });
    expect(updated(baselineOf({ ...run, seed: 2 }, [lost]), run, [skipped]).baseline).toEqual(
      baselineOf(run, [skipped]),
    );
  });

  test('names what is written down without a verdict', () => {
    const broken = unstormed('BROKEN_ALONE', 'fails');
    expect(updated(undefined, run, [broken, other])).toEqual({
      baseline: baselineOf(run, [broken, other]),
      kept: [],
      without: [broken],
    });
  });

  test('of some targets leaves the others alone', () => {
    const before = baselineOf(run, [lost, other]);
    const after = updated(before, run, [safe()], (target) => target === 'ledger').baseline;
    expect(after).toEqual(baselineOf(run, [safe(), other]));
    expect(sameQuestion(run, { ...run, targets: ['other'] })).toBe(true);
  });
});

const anyPair = fc.tuple(fc.constantFrom('open', 'read', 'stat'), fc.constantFrom('write', 'rename'));
const anySafe = fc
  .tuple(
    fc.constantFrom<Partial<Explored>>(
      {},
      { kind: 'partial' },
      { kind: 'bounded', preemptions: 1 },
      { kind: 'bounded', preemptions: 3 },
    ),
    fc.boolean(),
  )
  .map(([details, more]) => safe(details, more));
const anyLost = anyPair.map(([first, second]) => collides('LAST_WRITER_WINS', first, second));
const anyDoubled = anyPair.map(([first, second]) => collides('DUPLICATE_ENTRY', first, second));
const anyBoth = fc.tuple(anyLost, anyDoubled).map(
  ([one, two]): Verdict => ({
    ...one,
    classes: [...one.classes, ...two.classes],
    findings: [...one.findings, ...two.findings],
  }),
);
const anyVerdict = fc.oneof(
  anySafe,
  anyLost,
  anyDoubled,
  anyBoth,
  fc
    .constantFrom('SKIPPED' as const, 'BROKEN_ALONE' as const, 'INCONCLUSIVE' as const)
    .map((status) => unstormed(status, 'because')),
);
const named = (verdicts: readonly Verdict[]): readonly Verdict[] =>
  verdicts.map((each, at) => ({ ...each, target: `target-${at}` }));
const anyRun = fc.array(anyVerdict, { minLength: 1, maxLength: 8 }).map(named);

describe('whatever the rows are', () => {
  test('a run is as its own baseline, in any order', () => {
    fc.assert(
      fc.property(anyRun, fc.infiniteStream(fc.nat()), (verdicts, keys) => {
        const shuffled = verdicts
          .map((each) => [keys.next().value, each] as const)
          .toSorted(([a], [b]) => a - b)
          .map(([, each]) => each);
        expect(changesOf(verdicts, shuffled)).toEqual([]);
        expect(formatBaseline(baselineOf(run, shuffled))).toBe(formatBaseline(baselineOf(run, verdicts)));
      }),
    );
  });

  test('what is written is read again', () => {
    fc.assert(
      fc.property(anyRun, fc.string({ minLength: 1 }), (verdicts, reason) => {
        const plain = baselineOf(run, verdicts);
        const findings = Object.fromEntries(
          Object.keys(plain.findings).map((race, at) => [race, at % 2 === 0 ? { reason, expires: '2026-12-31' } : {}]),
        );
        const text = formatBaseline({ ...plain, findings });
        expect(readBaseline(text, 'b')).toEqual({ ...plain, findings });
        expect(formatBaseline(readBaseline(text, 'b'))).toBe(text);
      }),
    );
  });

  /** Of one row alone, what must be said; the races are told apart by their fingerprints. */
  test('a row is judged by itself: nothing that others do hides or adds anything', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyVerdict, anyVerdict), { minLength: 1, maxLength: 6 }), (pairs) => {
        const was = named(pairs.map(([one]) => one));
        const is = named(pairs.map(([, other]) => other));
        const alone = was.flatMap((each, at) => changesOf([each], [is[at]!]));
        const all = changesOf(was, is);
        expect(all).toHaveLength(alone.length);
        expect(all).toEqual(expect.arrayContaining([...alone]));
        expect(all.findLastIndex(({ fails }) => fails)).toBe(all.filter(({ fails }) => fails).length - 1);
      }),
    );
  });

  test('every race that is new, and every one that is gone, is told once; an update ends that', () => {
    fc.assert(
      fc.property(fc.oneof(anySafe, anyLost, anyBoth), fc.oneof(anySafe, anyDoubled, anyBoth), (was, is) => {
        const [before, after] = [was, is].map((each) => each.findings.map((finding) => fingerprintOf(each, finding)));
        const changes = changesOf([was], [is]);
        const told = (kind: ChangeKind): readonly string[] =>
          changes.flatMap((change) => (change.kind === kind ? (change.fingerprint ?? []) : []));
        const without = (all: readonly string[], others: readonly string[]): readonly string[] =>
          all.filter((each) => !others.includes(each)).sort();
        expect(told('worse')).toEqual(without(after!, before!));
        expect(told('stale')).toEqual(without(before!, after!));
        const next = updated(baselineOf(run, [was]), run, [is]).baseline;
        expect(compare(next, [is], comparing).changes).toEqual([]);
      }),
    );
  });

  test('a row that comes or goes is told, and nothing else', () => {
    fc.assert(
      fc.property(anyRun, (verdicts) => {
        const [first, ...rest] = verdicts as [Verdict, ...Verdict[]];
        const row = rowName(first);
        expect(shortly(changesOf(verdicts, rest))).toEqual([`✗ vanished ${row}`]);
        expect(shortly(changesOf(rest, verdicts))).toEqual([`✗ unknown ${row}`]);
        const among = (target: string): boolean => target !== first.target;
        expect(compare(baselineOf(run, verdicts), rest, { ...comparing, among }).changes).toEqual([]);
      }),
    );
  });
});
