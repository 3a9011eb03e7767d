/** What a tally makes of explored interleavings, with rounds of a storm and without. */

import { describe, expect, test } from 'vitest';
import type { CollisionClass } from '../../harness/oracle/finding.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import type { Exploration, Probing } from '../../harness/verdict/exploration.ts';
import { Tally } from '../../harness/verdict/tally.ts';
import type { RecordedFinding, Verdict } from '../../harness/verdict/verdict.ts';
import { execution, unknown, write } from '../support/execution.ts';
import { scenario, strategy } from '../support/scenario.ts';
import { explored, probed, roundsEnough, stormed } from '../support/verdict.ts';

type Round = Parameters<Tally['add']>[0];

/** Two writers with one operation each, at the same time; the file of entries is what they left. */
const leaving = (entries: string, details: Partial<Round> = {}): Round => ({
  execution: execution({ operations: [write(0, 0), write(1, 0)], final: { entries } }),
  failures: [],
  skewUs: 10,
  reads: 0,
  ...details,
});

const clean = leaving('["s0.0","s1.0"]');
const lost = leaving('["s0.0"]');
const torn = leaving('["s0.');
const died: Round = { ...clean, failures: [{ kind: 'died', message: 'session 1 died' }] };
/** Just enough for a storm to say anything by itself. */
const enough = Array.from({ length: roundsEnough }, () => clean);

/** As exploration and probing record it. */
const chosen = (kind: CollisionClass, schedule = '0,1,0'): RecordedFinding => ({
  class: kind,
  rounds: 0,
  count: 0,
  message: `${kind} under ${schedule}`,
  witness: execution({ operations: [write(0, 0), write(1, 0)] }),
  replay: `ledger/rewrite:2:${schedule}`,
  critical: { first: 1, second: 2 },
});

const exploration = (details: Partial<Exploration> = {}): Exploration => ({
  explored: explored(),
  findings: [],
  counts: { acknowledged: 16, refused: 1, unknown: 0, reads: 8 },
  effort: { executions: 8, ms: 40 },
  ...details,
});

const probing = (details: Partial<Probing> = {}): Probing => ({
  probed: probed(),
  findings: [],
  counts: { acknowledged: 800, refused: 3, unknown: 0, reads: 200 },
  effort: { executions: 200, ms: 900 },
  ...details,
});

const bounded = explored({ kind: 'bounded', preemptions: 2 });
const partial = explored({ kind: 'partial' });

interface Found {
  readonly exploration?: Exploration;
  readonly probing?: Probing;
  readonly rounds?: readonly Round[];
  readonly scenario?: Scenario;
}

/** In the order of a campaign: first what was explored, then what was drawn, then the storm. */
function tallyOf(name: string, { exploration, probing, rounds = [], scenario: of = scenario() }: Found): Tally {
  const gathered = {
    ...(exploration === undefined ? {} : { exploration }),
    ...(probing === undefined ? {} : { probing }),
  };
  const tally = new Tally(of, name, 'shared', gathered);
  for (const round of rounds) tally.add(round);
  return tally;
}

/** Of a strategy that is said to be SAFE. */
const onSafe = (found: Found): Verdict => tallyOf('flock', found).verdict(2, 0);

/** Of a strategy that is said to lose updates. */
const onLosing = (found: Found): Verdict => tallyOf('rewrite', found).verdict(2, 0);

describe('a strategy that is said to be SAFE', () => {
  test.each(['exhaustive', 'bounded'] as const)('is SAFE after %s exploration, without a single round', (kind) => {
    const searched = exploration({ explored: kind === 'bounded' ? bounded : explored() });
    const verdict = onSafe({ exploration: searched });
    expect(verdict).toMatchObject({ status: 'SAFE', asExpected: true, findings: [] });
    expect(verdict.strength).toEqual({ explored: searched.explored });
    expect(verdict).not.toHaveProperty('reason');
    expect(verdict).not.toHaveProperty('startSkew');
  });

  test('rests on everything that there was', () => {
    expect(onSafe({ exploration: exploration(), probing: probing(), rounds: [clean] })).toMatchObject({
      status: 'SAFE',
      strength: { explored: explored(), probed: probed(), ...stormed(1, 0, 0) },
      startSkew: { medianUs: 10, p95Us: 10 },
    });
  });

  test('is INCONCLUSIVE where some interleavings were explored, and the storm said too little', () => {
    const some = exploration({ explored: partial });
    for (const rounds of [[], enough.slice(1)]) {
      const drawn = probing({ probed: probed({ executions: 58 }) });
      const verdict = onSafe({ exploration: some, probing: drawn, rounds });
      expect(verdict).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
      expect(verdict.reason).toContain(rounds.length === 0 ? 'only 6 interleavings and' : '58 overlapping rounds');
      expect(verdict.reason).toContain(rounds.length === 0 ? '--engine both --rounds 80' : '--rounds 65');
    }
    expect(onSafe({ exploration: some, rounds: enough })).toMatchObject({ status: 'SAFE', level: 'sampled' });
    const probed200 = onSafe({ exploration: some, probing: probing() });
    expect(probed200).toMatchObject({ status: 'SAFE', level: 'sampled', asExpected: true });
  });

  test('is INCONCLUSIVE where exploration is in doubt, however often it was stormed', () => {
    const doubt = 'the writer is not deterministic';
    for (const rounds of [[], enough]) {
      const verdict = onSafe({ exploration: exploration({ doubt }), probing: probing(), rounds });
      expect(verdict).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false, reason: doubt });
    }
  });

  test('is INCONCLUSIVE where exploration could not be begun, or not be brought to its end', () => {
    const unexplored = 'could not be explored: session 1 died';
    for (const found of [{ rounds: enough }, { exploration: exploration(), rounds: enough }]) {
      const verdict = tallyOf('flock', found).verdict(2, 0, { unexplored });
      expect(verdict).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false, reason: unexplored });
    }
    expect(tallyOf('flock', { rounds: enough }).verdict(2, 0)).toMatchObject({ status: 'SAFE', level: 'sampled' });
  });

  test('may be sampled where something was left out, and is INCONCLUSIVE without that', () => {
    const omitted = [{ kind: 'signals', what: 'kill' }] as const;
    const some = exploration({ explored: explored({ kind: 'partial', omitted }) });
    const drawn = probing({ probed: probed({ omitted }) });
    expect(onSafe({ exploration: some, probing: drawn })).toMatchObject({ status: 'INCONCLUSIVE' });
    expect(onSafe({ exploration: some, rounds: enough })).toMatchObject({ status: 'SAFE', level: 'sampled' });
  });

  test('is not as expected where a schedule that was chosen, or drawn, shows a collision', () => {
    const finding = chosen('LAST_WRITER_WINS');
    const unexpected = {
      status: 'COLLIDES',
      asExpected: false,
      reason: 'the truth says SAFE, and LAST_WRITER_WINS was found',
      findings: [finding],
    };
    expect(onSafe({ exploration: exploration({ findings: [finding] }) })).toMatchObject(unexpected);
    const byMore = {
      ...finding,
      witness: execution({ operations: [write(0, 0), write(1, 0), write(2, 0), write(3, 0)] }),
    };
    expect(onSafe({ exploration: exploration(), probing: probing({ findings: [byMore] }) })).toMatchObject({
      ...unexpected,
      findings: [byMore],
    });
    expect(onSafe({ exploration: exploration({ findings: [finding] }), rounds: enough })).toMatchObject(unexpected);
  });

  test('is VACUOUS where no step ever reached the resource, however often it was stormed', () => {
    const untouched = exploration({ explored: explored({ steps: 0, traces: 1 }) });
    for (const rounds of [[], enough]) {
      expect(onSafe({ exploration: untouched, rounds })).toMatchObject({
        status: 'VACUOUS',
        asExpected: false,
        reason: 'no session ever touched the resource, so nothing was tested',
        strength: { explored: untouched.explored },
      });
    }
  });

  test('is not VACUOUS where the rounds of the storm never overlapped, but the interleavings were explored', () => {
    const serial = leaving('["s0.0","s1.1"]', {
      execution: execution({ operations: [write(0, 0), write(1, 1)], final: { entries: '["s0.0","s1.1"]' } }),
    });
    expect(onSafe({ exploration: exploration(), rounds: [serial] })).toMatchObject({
      status: 'SAFE',
      strength: { explored: explored(), ...stormed(0, 0, 1) },
    });
  });
});

describe('nothing found is not SAFE', () => {
  const quiet = { acknowledged: 2, refused: 0, unknown: 0, reads: 0 };

  test('where an operation failed under a chosen schedule, or a drawn one', () => {
    const failing = { counts: { ...quiet, unknown: 2 }, doubt: 'an operation failed: ENOENT' };
    for (const found of [
      { exploration: exploration(failing) },
      { exploration: exploration(), probing: probing(failing) },
      { exploration: exploration(), probing: probing(failing), rounds: enough },
    ]) {
      const verdict = onSafe(found);
      expect(verdict).toMatchObject({ status: 'INCONCLUSIVE', asExpected: false });
      expect(verdict.reason).toBe('an operation failed: ENOENT');
    }
  });

  test('where operations failed here and there, which are all counted', () => {
    const failing = { counts: { ...quiet, unknown: 2 }, doubt: 'ENOENT' };
    const throwing = leaving('["s0.0","s1.0"]', {
      execution: execution({
        operations: [write(0, 0), write(1, 0), unknown(0, 1)],
        final: { entries: '["s0.0","s1.0"]' },
      }),
    });
    const found = { exploration: exploration(failing), probing: probing(failing), rounds: [throwing] };
    expect(onSafe(found).reason).toBe('ENOENT');
    const { exploration: _, probing: __, ...stormed } = found;
    expect(onSafe(stormed).reason).toBe('1 operations failed, the first with: no idea');
  });

  test('where nothing was ever acknowledged, in none of the three', () => {
    const refusing = { ...quiet, acknowledged: 0, refused: 16 };
    expect(onSafe({ exploration: exploration({ counts: refusing }) })).toMatchObject({
      status: 'INCONCLUSIVE',
      asExpected: false,
      reason: 'no operation was acknowledged, so nothing could be lost or granted twice',
    });
    for (const found of [
      { exploration: exploration({ counts: refusing }), probing: probing() },
      { exploration: exploration({ counts: refusing }), rounds: [clean] },
    ]) {
      expect(onSafe(found).status).toBe('SAFE');
    }
  });

  test('where there is a reader that never read, in none of the three', () => {
    const status = (found: Found): string => tallyOf('flock', found).verdict(2, 1).status;
    const unread = exploration({ counts: quiet });
    expect(status({ exploration: unread })).toBe('INCONCLUSIVE');
    expect(status({ exploration: exploration() })).toBe('SAFE');
    expect(status({ exploration: unread, probing: probing() })).toBe('SAFE');
    expect(status({ exploration: unread, rounds: [{ ...clean, reads: 1 }] })).toBe('SAFE');
  });

  test('where sessions did not come through the storm, though all was explored', () => {
    expect(onSafe({ exploration: exploration(), rounds: [died] })).toMatchObject({
      status: 'INCONCLUSIVE',
      asExpected: false,
      reason: 'sessions did not come through 1 of 1 rounds: session 1 died',
    });
  });
});

describe('a strategy that is said to collide', () => {
  test('collides as expected without a single round', () => {
    const finding = chosen('LAST_WRITER_WINS');
    const found = exploration({ explored: partial, findings: [finding] });
    const verdict = onLosing({ exploration: found });
    expect(verdict).toMatchObject({ status: 'COLLIDES', asExpected: true, findings: [finding] });
    expect(verdict.strength).toEqual({ explored: partial });
    expect(verdict).not.toHaveProperty('reason');
  });

  test('says what is missing where some of its classes were found', () => {
    const both = scenario({ strategies: { rewrite: strategy({ truth: ['LAST_WRITER_WINS', 'TORN_STATE'] }) } });
    const found = exploration({ findings: [chosen('TORN_STATE')] });
    expect(onLosing({ exploration: found, scenario: both })).toMatchObject({
      status: 'COLLIDES',
      asExpected: true,
      notProvoked: ['LAST_WRITER_WINS'],
      reason: 'LAST_WRITER_WINS not found',
    });
  });

  test('is NOT_PROVOKED, and not as expected, where every interleaving was tried and none shows it', () => {
    for (const rounds of [[], enough]) {
      expect(onLosing({ exploration: exploration(), probing: probing(), rounds })).toMatchObject({
        status: 'NOT_PROVOKED',
        asExpected: false,
        notProvoked: ['LAST_WRITER_WINS'],
        reason: 'no interleaving of two writers with one operation each shows what the truth says: B comes between.',
      });
    }
  });

  test.each<[string, Exploration]>([
    ['some interleavings were explored', exploration({ explored: partial })],
    ['those with few preemptions were', exploration({ explored: bounded })],
    ['all were, but that is in doubt', exploration({ doubt: 'the writer is not deterministic' })],
  ])('is NOT_PROVOKED, as expected and never SAFE, where %s', (_, some) => {
    for (const rounds of [[], enough]) {
      const verdict = onLosing({ exploration: some, rounds });
      expect(verdict).toMatchObject({ status: 'NOT_PROVOKED', asExpected: true, notProvoked: ['LAST_WRITER_WINS'] });
      expect(verdict.reason).toMatch(/^not provoked; .*: B comes between\.$/);
    }
  });

  test('collides as expected where only drawn schedules of more writers, or only the storm, show it', () => {
    const drawn = probing({ findings: [chosen('LAST_WRITER_WINS', '0,2,1')] });
    expect(onLosing({ exploration: exploration(), probing: drawn })).toMatchObject({
      status: 'COLLIDES',
      asExpected: true,
    });
    expect(onLosing({ exploration: exploration(), rounds: [lost] })).toMatchObject({
      status: 'COLLIDES',
      asExpected: true,
    });
  });
});

describe('a collision that all interleavings do not show', () => {
  const contradiction =
    /; LAST_WRITER_WINS was met by no more sessions than were explored, .*: collide contradicts itself/;

  test('takes the claim back, and is kept', () => {
    const verdict = onSafe({ exploration: exploration(), rounds: [clean, lost] });
    expect(verdict).toMatchObject({ status: 'COLLIDES', strength: { explored: { kind: 'partial' } } });
    expect(verdict.reason).toMatch(contradiction);
    expect(verdict.findings[0]!.witness).toEqual(lost.execution);
  });

  test('is no contradiction where fewer sessions were explored, or fewer operations of each', () => {
    const more = leaving('["s0.0"]', {
      execution: execution({ operations: [write(0, 0), write(1, 0), write(1, 5)], final: { entries: '["s0.0"]' } }),
    });
    const four = leaving('["s0.0"]', {
      execution: execution({
        operations: [0, 1, 2, 3].map((session) => write(session, 0)),
        final: { entries: '["s0.0"]' },
      }),
    });
    for (const round of [more, four]) {
      const verdict = onSafe({ exploration: exploration(), rounds: [round] });
      expect(verdict).toMatchObject({ status: 'COLLIDES', strength: { explored: { kind: 'exhaustive' } } });
      expect(verdict.reason).toBe('the truth says SAFE, and LAST_WRITER_WINS was found');
    }
  });

  test('is none where exploration found it too, claimed less, or is in doubt', () => {
    for (const explored of [
      exploration({ findings: [chosen('LAST_WRITER_WINS')] }),
      exploration({ explored: bounded }),
      exploration({ explored: partial }),
      exploration({ doubt: 'not deterministic' }),
    ]) {
      expect(onSafe({ exploration: explored, rounds: [lost] }).reason).not.toMatch(contradiction);
    }
  });
});

describe('a finding', () => {
  test('of exploration keeps its message, witness and replay; the storm adds how often it shows', () => {
    const finding = chosen('LAST_WRITER_WINS');
    const found = exploration({ explored: partial, findings: [finding] });
    const verdict = onLosing({ exploration: found, rounds: [lost, clean, lost] });
    expect(verdict.findings).toEqual([{ ...finding, rounds: 2, count: 2 }]);
    expect(verdict.strength).toEqual({ explored: partial, ...stormed(3, 2, 0) });
  });

  test('of exploration goes before one of more writers', () => {
    const [short, long] = [chosen('LAST_WRITER_WINS', '0,1,0'), chosen('LAST_WRITER_WINS', '0,2,1,3,0')];
    const torn = chosen('TORN_STATE', '0,2');
    const verdict = onLosing({
      exploration: exploration({ findings: [short] }),
      probing: probing({ findings: [long, torn] }),
    });
    expect(verdict.findings).toEqual([short, torn]);
  });

  test('of the storm alone has a round for its witness, and no replay', () => {
    const found = exploration({ findings: [chosen('LAST_WRITER_WINS')] });
    const { findings } = onLosing({ exploration: found, rounds: [torn] });
    expect(findings.map((one) => [one.class, one.rounds])).toEqual([
      ['LAST_WRITER_WINS', 0],
      ['TORN_STATE', 1],
    ]);
    expect(findings[1]!.witness).toEqual(torn.execution);
    expect(findings[1]).not.toHaveProperty('replay');
  });
});

describe('what is summed up', () => {
  const failedRounds = 0;

  test('is that of exploration where there was no storm', () => {
    const { counts } = onSafe({ exploration: exploration(), probing: probing() });
    expect(counts).toEqual({ acknowledged: 16, refused: 1, unknown: 0, reads: 8, failedRounds, others: {} });
  });

  test('is that of the storm alone where there was one', () => {
    const { counts } = onSafe({ exploration: exploration(), probing: probing(), rounds: [{ ...clean, reads: 3 }] });
    expect(counts).toEqual({ acknowledged: 2, refused: 0, unknown: 0, reads: 3, failedRounds, others: {} });
  });

  test('is that of the storm even where no session came through it', () => {
    const { counts } = onSafe({ exploration: exploration(), rounds: [died] });
    expect(counts).toEqual({ acknowledged: 0, refused: 0, unknown: 0, reads: 0, failedRounds: 1, others: {} });
  });
});

describe('rounds', () => {
  const some = exploration({ explored: explored({ kind: 'bounded', preemptions: 1 }) });
  const after = (found: Found): readonly string[] => {
    const { tooFew, told, exhausted } = tallyOf('flock', found);
    return Object.entries({ tooFew, told, exhausted }).flatMap(([name, is]) => (is ? [name] : []));
  };
  const ten = enough.slice(0, 10);

  test.each<[string, Found, readonly string[]]>([
    ['settle what was not exhausted', { exploration: some, rounds: ten }, ['tooFew']],
    ['are enough where there are 59', { exploration: some, rounds: enough }, ['told']],
    ['are enough where as many schedules were drawn', { exploration: some, probing: probing(), rounds: ten }, ['told']],
    ['do not help where there is a doubt', { exploration: exploration({ doubt: 'why' }), rounds: [] }, []],
    [
      'do not help a doubt, and end',
      { exploration: exploration({ doubt: 'why' }), rounds: ten },
      ['told', 'exhausted'],
    ],
    ['add nothing to all interleavings, and end', { exploration: exploration(), rounds: ten }, ['told', 'exhausted']],
    ['are not too few without one, where all was explored', { exploration: exploration() }, []],
  ])('%s', (_, found, expected) => {
    expect(after(found)).toEqual(expected);
  });

  test('do not help where more than a sample is required', () => {
    const tally = new Tally(scenario(), 'flock', 'shared', { exploration: some }, { level: 'bounded', maxRate: 0.05 });
    for (const round of enough) tally.add(round);
    expect(tally.tooFew).toBe(false);
    expect(tally.verdict(2, 0)).toMatchObject({ status: 'INCONCLUSIVE', reason: expect.stringContaining('--budget') });
  });

  test('of a rate that has to be lower are more', () => {
    const tally = new Tally(scenario(), 'flock', 'shared', { exploration: some }, { level: 'sampled', maxRate: 0.01 });
    for (const round of enough) tally.add(round);
    expect(tally.tooFew).toBe(true);
    expect(tally.verdict(2, 0)).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: expect.stringContaining('--rounds 320'),
    });
  });
});

describe('drawn schedules', () => {
  test('that are in doubt are no SAFE, whatever was explored', () => {
    const doubt = 'the commands share /tmp/n, which is outside the directory';
    const found = { exploration: exploration(), probing: probing({ doubt }), rounds: enough };
    expect(onSafe(found)).toMatchObject({ status: 'INCONCLUSIVE', reason: doubt });
  });
});

describe('whether a row is settled', () => {
  const settled = (name: string, found: Found): readonly [boolean, boolean] => {
    const { settled, tooFew } = tallyOf(name, found);
    return [settled, tooFew];
  };

  test('a row that holds is, once it has been explored without a doubt, or stormed enough', () => {
    expect(settled('flock', { exploration: exploration() })).toEqual([true, false]);
    expect(settled('flock', { exploration: exploration({ explored: bounded }) })).toEqual([true, false]);
    const weak = exploration({ explored: partial });
    expect(settled('flock', { exploration: weak, rounds: enough.slice(1) })).toEqual([false, true]);
    expect(settled('flock', { exploration: weak, rounds: enough })).toEqual([true, false]);
    // No number of rounds makes up for a doubt.
    expect(settled('flock', { exploration: exploration({ doubt: 'why' }), rounds: [clean] })).toEqual([true, false]);
  });

  test('a row that collides is, once all of its classes were found', () => {
    expect(settled('rewrite', { exploration: exploration() })).toEqual([false, false]);
    const findings = [chosen('LAST_WRITER_WINS')];
    expect(settled('rewrite', { exploration: exploration({ findings }) })).toEqual([true, false]);
    expect(settled('rewrite', { probing: probing({ findings }) })).toEqual([true, false]);
  });
});
