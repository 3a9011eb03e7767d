/** How far a search with faults says that it went, told by a player that only acts. */

import { describe, expect, test } from 'vitest';
import { type Cast, recovers } from '../../harness/explore/cast.ts';
import { SessionLost } from '../../harness/explore/lost.ts';
import type { Player } from '../../harness/explore/player.ts';
import { type Upsetting, upset } from '../../harness/explore/upset.ts';
import { formatPlan } from '../../harness/faults/plan.ts';
import type { Step } from '../../harness/history/step.ts';
import type { Choose, Decision } from '../../harness/schedule/scheduler.ts';
import type { FaultSearch } from '../../harness/verdict/fault-verdict.ts';
import { execution, refused, write } from '../support/execution.ts';
import { scenario } from '../support/scenario.ts';

/** Each session makes these steps on one file, and nothing ever goes wrong. */
const CALLS = ['open', 'write', 'rename'] as const;

interface Acting {
  /** What a step is called in the nth execution with a fault. */
  readonly path?: (execution: number) => string;
  readonly lost?: true;
  /** Who is told, where something goes wrong, that it did not work; what it wrote is there all the same. */
  readonly refuses?: (session: number) => boolean;
}

function playing({ path = () => 'x', lost, refuses = () => false }: Acting = {}): Player {
  let cast: Cast;
  let faulty = 0;
  const play = (choose: Choose) => {
    const isFaulty = cast.faults !== undefined && cast.faults.injections.length > 0;
    if (isFaulty && lost) throw new SessionLost('it died');
    const at = isFaulty ? path(++faulty) : 'x';
    const left = new Map(cast.participants.map((session) => [session, [...CALLS]]));
    const steps: Step[] = [];
    const decisions: Decision[] = [];
    let last: number | undefined;
    for (;;) {
      const able = [...left].filter(([, calls]) => calls.length > 0).map(([session]) => session);
      if (able.length === 0) break;
      const enabled = able
        .sort((a, b) => Number(b === last) - Number(a === last) || a - b)
        .map((session) => {
          const accesses = [{ object: 'x', mode: 'write' as const }];
          return { session, step: { session, operation: 0, call: left.get(session)![0]!, path: at, accesses } };
        });
      const chosen = choose({ enabled, blocked: [] }) ?? enabled[0]!;
      decisions.push({
        enabled,
        blocked: [],
        chosen,
        preemption: last === enabled[0]!.session && chosen !== enabled[0],
      });
      steps.push(chosen.step);
      left.get(chosen.session)!.shift();
      last = chosen.session;
    }
    const operations = cast.participants.map((session) =>
      isFaulty && refuses(session) ? refused(session, 0) : write(session, 0),
    );
    const final = { entries: JSON.stringify(operations.map(({ id }) => id)) };
    const faults = cast.faults === undefined ? {} : { faults: formatPlan(cast.faults) };
    const { sessions, ...made } = execution({ operations, final, steps, ...faults });
    return {
      trace: { decisions, stuck: [] },
      execution: {
        ...made,
        sessions: sessions.map((each) => (recovers(cast, each.index) ? { ...each, recovers: true } : each)),
      },
      begins: [...steps.keys()],
      redundant: false,
      learned: false,
      unspent: [],
    };
  };
  const player = {
    take: (taken: Cast): void => {
      cast = taken;
    },
    play,
    clocksAsked: () => 0,
    renew: () => {},
    metOutside: [],
    omitted: [],
    outside: [],
  };
  return player as unknown as Player;
}

const task: Upsetting = {
  scenario: scenario(),
  strategy: 'flock',
  seed: 1,
  budgetMs: 60_000,
  kinds: ['full'],
  faults: 1,
  preemptions: 0,
};

const searched = (details: Partial<Upsetting> = {}, acting?: Acting): FaultSearch =>
  upset(playing(acting), { ...task, ...details }, () => {}).searches[0]!;

describe('an extent', () => {
  test('is claimed where every schedule was tried', () => {
    expect(searched({ preemptions: -1 })).toMatchObject({ extent: 'alone', points: 2, findings: [] });
    expect(searched({ preemptions: 0 })).toMatchObject({ extent: 0, points: 2 });
    expect(searched({ preemptions: 1 })).toMatchObject({ extent: 1, points: 2 });
    expect(searched({ kinds: ['stall'], preemptions: -1 })).toMatchObject({ extent: 0, points: 3 });
    expect(searched()).not.toHaveProperty('partial');
  });

  test('is not claimed where the time was over, and there may be more steps than were seen', () => {
    expect(searched({ budgetMs: 0 })).toMatchObject({ extent: 'none', partial: true, findings: [] });
  });

  test('is not claimed where executions do not repeat, and that is the doubt', () => {
    const { extent, doubt } = searched({}, { path: (execution) => `x${execution}` });
    expect(extent).toBe('none');
    expect(doubt).toMatch(
      /^a schedule could not be repeated: decision 1: session \d did open x\d+ in operation 0 before/,
    );
  });
});

test('a session that is lost leaves a doubt of that kind only', () => {
  const { searches } = upset(playing({ lost: true }), { ...task, kinds: ['full', 'pids'] }, () => {});
  expect(searches).toMatchObject([
    { kind: 'full', extent: 'none', doubt: 'it died' },
    { kind: 'pids', extent: 0, points: 1 },
  ]);
});

describe('who is refused', () => {
  /** Whoever is refused, it is wrong: nobody has it. */
  const free = scenario({
    oracles: [
      ({ operations }) =>
        operations.some(({ outcome }) => outcome === 'refused')
          ? [{ class: 'FORKED_CHAIN', count: 1, message: 'nobody has it' }]
          : [],
    ],
  });
  const found = (who: number, of = scenario()): readonly string[] =>
    searched(
      { scenario: of, preemptions: -1, kinds: ['errno'] },
      { refuses: (session) => session === who },
    ).findings.map((finding) => finding.class);

  test('where something went wrong for it was told nothing of the resource', () => {
    expect(found(0, free)).toEqual([]);
    expect(found(2, free)).toEqual(['FORKED_CHAIN']);
  });

  test('though nothing went wrong for it, and never is while all goes well, is stuck', () => {
    expect(found(2)).toEqual(['STUCK']);
  });
});
