import { describe, expect, test } from 'vitest';
import type { Execution, Mode } from '../../harness/history/execution.ts';
import { limits } from '../../harness/limits.ts';
import { neverTorn } from '../../harness/oracle/torn-state.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { sampled } from '../../harness/verdict/strength.ts';
import { Tally, verdictFrom } from '../../harness/verdict/tally.ts';
import { expectationOf, judge } from '../../harness/verdict/verdict.ts';
import { execution, read, refused, unknown, write } from '../support/execution.ts';
import { scenario, strategy } from '../support/scenario.ts';
import { roundsEnough, stormed } from '../support/verdict.ts';

/** Two writers with one operation each, at the same time; the file of entries is what they left. */
const leaving = (entries: string, details: Parameters<typeof execution>[0] = {}): Execution =>
  execution({ operations: [write(0, 0), write(1, 0)], final: { entries }, ...details });

const clean = leaving('["s0.0","s1.0"]');
const lost = leaving('["s0.0"]');
const torn = leaving('["s0.');
const doubled = leaving('["s0.0","s1.0","s1.0"]');
/** One operation after the other: nothing could have gone wrong. */
const serial = leaving('["s0.0","s1.1"]', { operations: [write(0, 0), write(1, 1)] });

type Evidence = Parameters<Tally['add']>[0];

const round = (each: Execution, details: Partial<Evidence> = {}): Evidence => ({
  execution: each,
  failures: [],
  skewUs: 10,
  reads: 0,
  ...details,
});

interface Row {
  readonly scenario?: Scenario;
  readonly strategy?: string;
  readonly mode?: Mode;
}

function tally(rounds: readonly (Execution | Evidence)[], row: Row = {}): Tally {
  const result = new Tally(row.scenario ?? scenario(), row.strategy ?? 'rewrite', row.mode ?? 'shared');
  for (const each of rounds) result.add('execution' in each ? each : round(each));
  return result;
}

const verdictOn = (rounds: readonly (Execution | Evidence)[], row: Row = {}) => tally(rounds, row).verdict(2, 0);

describe('a strategy that is said to be SAFE', () => {
  const row = { strategy: 'flock' };

  test('is SAFE where nothing was found and operations overlapped', () => {
    expect(verdictOn([...Array.from({ length: roundsEnough }, () => clean), serial], row)).toEqual({
      target: 'ledger',
      priority: 'P1',
      strategy: 'flock',
      mode: 'shared',
      writers: 2,
      readers: 0,
      status: 'SAFE',
      level: 'sampled',
      classes: [],
      truth: 'SAFE',
      notProvoked: [],
      asExpected: true,
      strength: stormed(59, 0, 1),
      counts: { acknowledged: 120, refused: 0, unknown: 0, reads: 0, failedRounds: 0, others: {} },
      findings: [],
      startSkew: { medianUs: 10, p95Us: 10 },
    });
  });

  test('is not as expected where anything was found', () => {
    expect(verdictOn([clean, lost, clean], row)).toMatchObject({
      status: 'COLLIDES',
      asExpected: false,
      reason: 'the truth says SAFE, and LAST_WRITER_WINS was found',
      strength: stormed(3, 1, 0),
    });
  });

  test('is VACUOUS where operations never overlapped', () => {
    expect(verdictOn([serial, serial], row)).toMatchObject({
      status: 'VACUOUS',
      asExpected: false,
      reason: 'the sessions never overlapped in 2 rounds, so nothing was tested: try more --rounds',
      strength: stormed(0, 0, 2),
    });
  });
});

describe('a strategy that is said to collide', () => {
  const both = scenario({ strategies: { rewrite: strategy({ truth: ['LAST_WRITER_WINS', 'TORN_STATE'] }) } });

  test('collides as expected, and says nothing further, where all of its classes were found', () => {
    const verdict = verdictOn([torn, clean, lost], { scenario: both });
    expect(verdict).toMatchObject({
      status: 'COLLIDES',
      classes: ['LAST_WRITER_WINS', 'TORN_STATE'],
      notProvoked: [],
      asExpected: true,
      strength: stormed(3, 2, 0),
    });
    expect(verdict).not.toHaveProperty('reason');
  });

  test('collides as expected, and says what is missing, where some of its classes were found', () => {
    expect(verdictOn([lost], { scenario: both })).toMatchObject({
      status: 'COLLIDES',
      classes: ['LAST_WRITER_WINS'],
      notProvoked: ['TORN_STATE'],
      asExpected: true,
      reason: 'TORN_STATE not found',
    });
  });

  test('is NOT_PROVOKED and never SAFE where nothing was found', () => {
    expect(verdictOn([clean])).toMatchObject({
      status: 'NOT_PROVOKED',
      classes: [],
      notProvoked: ['LAST_WRITER_WINS'],
      asExpected: true,
      reason: 'not provoked; it takes a chosen schedule, or many more writers: B comes between.',
    });
  });

  test('is VACUOUS where nothing was found and operations never overlapped', () => {
    expect(verdictOn([serial])).toMatchObject({ status: 'VACUOUS', asExpected: false });
  });

  test('is not as expected where another class was found, whatever else was', () => {
    expect(verdictOn([lost, doubled, torn])).toMatchObject({
      status: 'COLLIDES',
      classes: ['LAST_WRITER_WINS', 'TORN_STATE', 'DUPLICATE_ENTRY'],
      asExpected: false,
      reason: 'the truth says LAST_WRITER_WINS, and TORN_STATE + DUPLICATE_ENTRY was found',
    });
    expect(verdictOn([doubled], { scenario: both })).toMatchObject({
      asExpected: false,
      reason: 'the truth says LAST_WRITER_WINS + TORN_STATE, and DUPLICATE_ENTRY was found',
    });
  });

  test('may show a class that is tolerated, which still is a collision', () => {
    const tolerant = scenario({
      strategies: { rewrite: strategy({ truth: ['LAST_WRITER_WINS'], may: ['DUPLICATE_ENTRY'] }) },
    });
    const verdict = verdictOn([lost, doubled], { scenario: tolerant });
    expect(verdict).toMatchObject({ status: 'COLLIDES', asExpected: true, notProvoked: [] });
    expect(verdict).not.toHaveProperty('reason');
    expect(verdictOn([doubled], { scenario: tolerant })).toMatchObject({
      status: 'COLLIDES',
      asExpected: true,
      reason: 'LAST_WRITER_WINS not found',
    });
    expect(verdictOn([torn], { scenario: tolerant })).toMatchObject({ asExpected: false });
  });

  test('counts a round that collided without overlap among those that could', () => {
    const loss = leaving('["s0.0"]', { operations: [write(0, 0), write(1, 1)] });
    expect(verdictOn([loss, serial]).strength).toEqual(stormed(1, 1, 1));
  });
});

describe('rounds that sessions did not come through', () => {
  const failed = round(lost, {
    failures: [{ kind: 'died', message: 'session 1 (pid 7) died' }],
    skewUs: 9999,
    reads: 5,
  });

  test('are INCONCLUSIVE by themselves, for the reason of the first', () => {
    const other = round(lost, { failures: [{ kind: 'threw', message: 'session 0 threw' }] });
    expect(verdictOn([failed, other])).toEqual({
      target: 'ledger',
      priority: 'P1',
      strategy: 'rewrite',
      mode: 'shared',
      writers: 2,
      readers: 0,
      status: 'INCONCLUSIVE',
      classes: [],
      truth: ['LAST_WRITER_WINS'],
      notProvoked: ['LAST_WRITER_WINS'],
      asExpected: false,
      reason: 'no round came through: session 1 (pid 7) died',
      counts: { acknowledged: 0, refused: 0, unknown: 0, reads: 0, failedRounds: 2, others: {} },
      findings: [],
    });
  });

  test('weaken the bound, and count for nothing else: not their findings, operations, reads or skew', () => {
    const row = { strategy: 'flock' };
    const whole = Array.from({ length: 100 }, () => clean);
    const { counts, strength, ...verdict } = verdictOn([...whole, failed], row);
    const { counts: without, strength: stronger, ...same } = verdictOn(whole, row);
    expect(verdict).toEqual(same);
    expect(counts).toEqual({ ...without, failedRounds: 1 });
    expect([strength, stronger]).toEqual([stormed(100, 0, 0, 1), stormed(100, 0, 0)]);
  });

  test('are counted apart from those that came through', () => {
    const { rounds, failedRounds } = tally([clean, failed, clean]);
    expect({ rounds, failedRounds }).toEqual({ rounds: 2, failedRounds: 1 });
  });

  test('are no different from none at all', () => {
    expect(verdictOn([])).toMatchObject({
      status: 'INCONCLUSIVE',
      asExpected: false,
      reason: 'no round came through: there was no time for any',
    });
  });
});

describe('private copies', () => {
  const apart = execution({
    mode: 'per-session',
    operations: [write(0, 0), write(1, 0)],
    final: { 'session-0/entries': '["s0.0"]', 'session-1/entries': '["s1.0"]' },
  });

  test('are judged apart: what another session wrote is not missed', () => {
    expect(judge(scenario(), apart)).toEqual([]);
    const enough = Array.from({ length: roundsEnough }, () => apart);
    expect(verdictOn(enough, { mode: 'per-session' })).toMatchObject({ status: 'SAFE', truth: 'SAFE' });
  });

  test('each have their own losses, which add up to one round', () => {
    const broken = { ...apart, final: { 'session-0/entries': '[]', 'session-1/entries': '[]' } };
    const { findings } = verdictOn([broken], { mode: 'per-session' });
    expect(findings).toEqual([
      {
        class: 'LAST_WRITER_WINS',
        rounds: 1,
        count: 2,
        message: 'acknowledged, but not there: s0.0',
        witness: broken,
      },
    ]);
  });

  test('are judged as a whole where the resource exists to coordinate sessions', () => {
    const twice = { class: 'DOUBLE_CONSUME', count: 1, message: 'each copy was granted' } as const;
    const coordinating = scenario({
      isolated: ['DOUBLE_CONSUME'],
      oracles: [({ final }) => (Object.keys(final).length > 1 ? [twice] : [])],
    });
    expect(judge(coordinating, apart)).toEqual([twice]);
    expect(verdictOn([apart], { scenario: coordinating, mode: 'per-session' })).toMatchObject({
      status: 'COLLIDES',
      truth: ['DOUBLE_CONSUME'],
      asExpected: true,
    });
  });
});

describe('one writer', () => {
  const row = { strategy: 'flock', mode: 'alone' } as const;
  const lone = execution({ mode: 'alone', operations: [write(0, 0)], final: { entries: '["s0.0"]' } });
  const seen = execution({ mode: 'alone', operations: [write(0, 0), read(1, 0)], final: { entries: '["s0.0"]' } });
  const unseen = execution({ ...seen, operations: [write(0, 0), read(1, 1)] });
  const often = (each: Execution, reads: number, length = roundsEnough) =>
    Array.from({ length }, () => round(each, { reads }));

  test('with nobody who reads is SAFE, and its strength is that nobody was there', () => {
    const verdict = verdictOn(often(lone, 0, limits.aloneRoundsMin), row);
    expect(verdict).toMatchObject({
      status: 'SAFE',
      truth: 'SAFE',
      level: 'all',
      strength: { alone: limits.aloneRoundsMin },
    });
    expect(verdict.strength).not.toHaveProperty('stormed');
  });

  test('needs as many rounds as others', () => {
    expect(verdictOn([lone], row)).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: expect.stringMatching(/^only 1 round was tried, .*--rounds 5/),
    });
  });

  test('with a reader is SAFE only where that looked while something was written', () => {
    expect(tally(often(seen, 1), row).verdict(1, 1)).toMatchObject({ status: 'SAFE', strength: stormed(59, 0, 0) });
    expect(tally(often(unseen, 1), row).verdict(1, 1)).toMatchObject({
      status: 'VACUOUS',
      strength: stormed(0, 0, 59),
    });
  });

  test('loses its update to nobody: a loss is not expected', () => {
    const verdict = verdictOn([{ ...lone, final: { entries: '[]' } }], { mode: 'alone' });
    expect(verdict).toMatchObject({ status: 'COLLIDES', truth: 'SAFE', asExpected: false });
  });

  test('is done after some rounds: more would show no more', () => {
    const rounds = Array.from({ length: limits.collidingRoundsMin }, () => lone);
    expect(tally(rounds.slice(1), row).exhausted).toBe(false);
    expect(tally(rounds, row).exhausted).toBe(true);
    expect(
      tally(
        rounds.map(() => clean),
        { strategy: 'flock' },
      ).exhausted,
    ).toBe(false);
  });
});

describe('what is expected', () => {
  const colliding = strategy({ truth: ['LAST_WRITER_WINS', 'TORN_STATE'], may: ['DUPLICATE_ENTRY'] });

  test('of one shared copy is the truth of the strategy', () => {
    expect(expectationOf(scenario({ isolated: ['DOUBLE_CONSUME'] }), colliding, 'shared')).toEqual({
      truth: ['LAST_WRITER_WINS', 'TORN_STATE'],
      may: ['DUPLICATE_ENTRY'],
    });
    expect(expectationOf(scenario(), strategy(), 'shared')).toEqual({ truth: 'SAFE', may: [] });
  });

  test('of private copies is only what a session and its own reader can do to each other', () => {
    expect(expectationOf(scenario(), colliding, 'per-session')).toEqual({
      truth: ['TORN_STATE'],
      may: ['DUPLICATE_ENTRY'],
    });
    const losing = strategy({ truth: ['LAST_WRITER_WINS', 'CONTAMINATED'] });
    expect(expectationOf(scenario(), losing, 'per-session')).toEqual({ truth: 'SAFE', may: [] });
    expect(expectationOf(scenario(), strategy(), 'per-session')).toEqual({ truth: 'SAFE', may: [] });
  });

  test('of one writer is only what it and a reader can do to each other, even of what coordinates sessions', () => {
    const coordinating = scenario({ isolated: ['DOUBLE_CONSUME'] });
    expect(expectationOf(coordinating, colliding, 'alone')).toEqual({
      truth: ['TORN_STATE'],
      may: ['DUPLICATE_ENTRY'],
    });
    expect(expectationOf(coordinating, strategy(), 'alone')).toEqual({ truth: 'SAFE', may: [] });
  });

  test('of private copies of what coordinates sessions is what the scenario says, and what its readers still see', () => {
    const coordinating = scenario({ isolated: ['DOUBLE_CONSUME'] });
    expect(expectationOf(coordinating, colliding, 'per-session')).toEqual({
      truth: ['DOUBLE_CONSUME', 'TORN_STATE'],
      may: ['LAST_WRITER_WINS', 'TORN_STATE', 'DUPLICATE_ENTRY'],
    });
    expect(expectationOf(coordinating, strategy(), 'per-session')).toEqual({ truth: ['DOUBLE_CONSUME'], may: [] });
  });
});

describe('what is summed up', () => {
  test('is how the writes ended, how many reads there were, and what the scenario counts', () => {
    const counting = scenario({ counts: ({ operations }) => ({ 'operations seen': operations.length }) });
    const failing = { outcome: 'unknown', error: { name: 'Torn', message: 'half' } } as const;
    const busy = execution({
      operations: [
        write(0, 0),
        write(1, 0),
        refused(0, 1),
        unknown(1, 1),
        unknown(0, 2),
        read(2, 0),
        read(2, 1, failing),
      ],
      final: { entries: '["s0.0","s1.0"]' },
    });
    const { counts } = verdictOn([round(busy, { reads: 40 }), round(clean, { reads: 2 })], { scenario: counting });
    expect(counts).toEqual({
      acknowledged: 4,
      refused: 1,
      unknown: 2,
      reads: 42,
      failedRounds: 0,
      others: { 'operations seen': 9 },
    });
  });

  test('is every finding of a class, with the first execution and message that showed it', () => {
    const three = [write(0, 0), write(1, 0), write(2, 0)];
    const first = leaving('["s0.0"]', { operations: three, round: 1 });
    const second = leaving('["s1.0","s2.0"]', { operations: three, round: 2 });
    expect(verdictOn([clean, first, clean, second]).findings).toEqual([
      {
        class: 'LAST_WRITER_WINS',
        rounds: 2,
        count: 3,
        message: 'acknowledged, but not there: s1.0, s2.0',
        witness: first,
      },
    ]);
  });

  test('is a finding of each class, worst first, each with its own witness', () => {
    const { findings } = verdictOn([doubled, torn, lost]);
    expect(findings.map((finding) => [finding.class, finding.witness])).toEqual([
      ['LAST_WRITER_WINS', lost],
      ['TORN_STATE', torn],
      ['DUPLICATE_ENTRY', doubled],
    ]);
  });

  test('is a round that collided in two ways once', () => {
    const twice = leaving('["s0.0","s0.0"]');
    expect(verdictOn([twice, clean])).toMatchObject({
      classes: ['LAST_WRITER_WINS', 'DUPLICATE_ENTRY'],
      strength: stormed(2, 1, 0),
    });
  });

  test('keeps no more of a long file than a witness needs, and says how long it was', () => {
    const chars = limits.witnessFileChars;
    const bulky = leaving('["s0.0"]', {
      final: { entries: '["s0.0"]', exact: 'x'.repeat(chars), long: `${'x'.repeat(chars)}yz` },
    });
    const [finding] = verdictOn([bulky]).findings;
    expect(finding?.witness.final).toEqual({
      entries: '["s0.0"]',
      exact: 'x'.repeat(chars),
      long: `${'x'.repeat(chars)}… (${chars + 2} characters in all)`,
    });
  });

  test('is how far apart the sessions started: the middle, and what 95 of 100 rounds stay within', () => {
    const skews = Array.from({ length: 100 }, (_, at) => round(clean, { skewUs: 100 - at }));
    expect(verdictOn(skews).startSkew).toEqual({ medianUs: 50, p95Us: 95 });
    expect(verdictOn([30.4, 10, 20.6].map((skewUs) => round(clean, { skewUs }))).startSkew).toEqual({
      medianUs: 21,
      p95Us: 30,
    });
  });
});

test('a tally can be asked at any time what is found, and what is missing', () => {
  const running = tally([clean]);
  expect([running.classes, running.notProvoked]).toEqual([[], ['LAST_WRITER_WINS']]);
  running.add(round(lost));
  expect([running.classes, running.notProvoked]).toEqual([['LAST_WRITER_WINS'], []]);
});

test('a strategy that was not stormed has a status and a reason, and no strength', () => {
  const row = {
    target: 'ledger',
    strategy: 'rewrite',
    mode: 'shared',
    writers: 4,
    readers: 0,
    concluded: true,
  } as const;
  const settled = { status: 'SKIPPED', reason: 'needs jq, which is not on PATH' } as const;
  const skipped = verdictFrom(scenario(), { ...row, settled });
  expect(skipped).toMatchObject({
    target: 'ledger',
    strategy: 'rewrite',
    status: 'SKIPPED',
    reason: 'needs jq, which is not on PATH',
    asExpected: false,
    truth: ['LAST_WRITER_WINS'],
    classes: [],
  });
  expect(skipped).not.toHaveProperty('strength');
  expect(skipped).not.toHaveProperty('startSkew');
});

test('a round that two sessions did not come through is one failed round', () => {
  const tally = new Tally(scenario(), 'flock', 'shared');
  tally.add({
    execution: execution({}),
    failures: [
      { kind: 'died', message: 'session 0 died' },
      { kind: 'died', message: 'session 1 died' },
    ],
    skewUs: 0,
    reads: 0,
  });
  expect(tally.failedRounds).toBe(1);
  expect(tally.verdict(2, 0)).toMatchObject({ reason: 'no round came through: session 0 died, session 1 died' });
});

test('a verdict does not change with rounds that come later', () => {
  const tally = new Tally(scenario({ counts: () => ({ warnings: 1 }) }), 'flock', 'shared');
  const evidence = { execution: execution({ final: { entries: '[]' } }), failures: [], skewUs: 0, reads: 0 };
  tally.add(evidence);
  const { others } = tally.verdict(2, 0).counts;
  tally.add(evidence);
  expect(others).toEqual({ warnings: 1 });
});

test('a row is settled once its known collisions were provoked, and once its sessions have overlapped', () => {
  const tally = new Tally(scenario(), 'flock', 'shared');
  tally.add({ execution: execution({ final: { entries: '[]' } }), failures: [], skewUs: 0, reads: 0 });
  expect(tally.settled).toBe(false);
});

describe('a state that can not be read', () => {
  const fails = (error: Error) => (): never => {
    throw error;
  };
  const unreadable = { class: 'TORN_STATE', count: 1, message: 'the state that was left can not be read' };

  test('is TORN_STATE, once, however many oracles stumble over it', () => {
    const oracles = [fails(new SyntaxError('no JSON')), fails(new TypeError('no such key'))];
    expect(judge(scenario({ oracles }), execution({}))).toEqual([unreadable]);
  });

  test('is not reported twice where neverTorn has reported it', () => {
    const parse = (): unknown => JSON.parse('');
    const oracles = [neverTorn(parse), fails(new SyntaxError('no JSON'))];
    const message = expect.stringContaining('left behind');
    expect(judge(scenario({ oracles }), execution({}))).toEqual([{ ...unreadable, message }]);
  });

  test('hides no bug of an oracle', () => {
    expect(() => judge(scenario({ oracles: [fails(new RangeError('a bug'))] }), execution({}))).toThrow('a bug');
  });
});

describe('nothing found is not SAFE', () => {
  const row = { strategy: 'flock' };
  const enough = Array.from({ length: roundsEnough }, () => clean);

  test('with too few overlapping rounds', () => {
    expect(verdictOn(enough, row)).toMatchObject({ status: 'SAFE', asExpected: true });
    expect(verdictOn(enough.slice(1), row)).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
  });

  test('where more than a tenth of the rounds failed; failed rounds weaken the bound', () => {
    const died = round(clean, { failures: [{ kind: 'died', message: 'session 0 died' }] });
    const few = verdictOn([...Array.from({ length: 92 }, () => clean), died], row);
    expect(few).toMatchObject({ status: 'SAFE', strength: stormed(92, 0, 0, 1) });
    expect(few.strength!.stormed!.upperBound).toBeGreaterThan(sampled(93, 0, 0).upperBound);
    expect(verdictOn([...enough, died], row)).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: expect.stringContaining('--rounds 170'),
    });
    const many = verdictOn([...enough, ...Array.from({ length: 6 }, () => died)], row);
    expect(many).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
    expect(many.reason).toContain('session 0 died');
  });

  test('where operations failed without a word', () => {
    const throwing = round({ ...clean, operations: [...clean.operations, unknown(0, 9)] });
    expect(verdictOn([...enough, throwing], row)).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
  });

  test('where the reader never read', () => {
    const unread = tally(enough, row).verdict(2, 1);
    expect(unread).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
    const read = enough.map((each) => round(each, { reads: 1 }));
    expect(tally(read, row).verdict(2, 1)).toMatchObject({ status: 'SAFE', asExpected: true });
  });

  test('where nothing was acknowledged', () => {
    const operations = clean.operations.map((operation) => ({ ...operation, outcome: 'refused' as const }));
    const refusing = round({ ...clean, operations, final: { entries: '[]' } });
    expect(
      verdictOn(
        enough.map(() => refusing),
        row,
      ),
    ).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
  });

  test('where sessions hung: they are STUCK', () => {
    const hung = round(clean, { failures: [{ kind: 'hung', message: 'session 1 had not answered' }] });
    expect(verdictOn([...enough, hung], row)).toMatchObject({
      status: 'COLLIDES',
      classes: ['STUCK'],
      asExpected: false,
      findings: [{ class: 'STUCK', rounds: 1, count: 1, message: 'session 1 had not answered' }],
    });
  });
});
