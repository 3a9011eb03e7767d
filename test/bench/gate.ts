/**
 * What the gate costs. A call that it traps against the same call without it, in one run; and how many executions a second
 * the exploration of a two-session read-modify-write makes, against what the trapped calls alone would allow.
 */

import { fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpStage } from '../../harness/explore/stage.ts';
import { defineScenario, type Scenario } from '../../harness/scenario/scenario.ts';
import { exhaustive } from '../../harness/schedule/exhaustive.ts';
import { inMemory } from '../../harness/schedule/sandbox.ts';
import { stay } from '../../harness/schedule/schedule.ts';
import { nowUs } from '../../harness/session/clock.ts';
import { catalogue as builtIn } from '../../scenarios/index.ts';

const CALLS = 20_000;

/** Calls on a file outside of the resource: they come to the gate, and are let through at once. Microseconds for each. */
function usPerCall(): number {
  const fd = openSync(import.meta.filename, 'r');
  const began = nowUs();
  for (let call = 0; call < CALLS; call++) fstatSync(fd);
  return (nowUs() - began) / CALLS;
}

const calls = defineScenario({
  id: 'calls',
  priority: 'P1',
  source: 'benchmark',
  resource: 'nothing that is shared',
  place: 'project',
  touchedBy: 'every session',
  writers: 'a session that makes many calls',
  setup: (dir) => writeFileSync(join(dir, 'unused'), ''),
  oracles: [],
  strategies: {
    many: { does: 'fstat, over and over', truth: 'SAFE', why: 'nothing is shared', perform: usPerCall },
  },
});

/** What the sessions load: the catalogue, and the benchmark's own. */
export const catalogue: readonly Scenario[] = [...builtIn, calls];

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const RUNS = 7;

async function main(): Promise<void> {
  const sandbox = mkdtempSync(join(inMemory() ?? tmpdir(), 'collide-bench-'));
  const stage = await setUpStage(import.meta.url, sandbox, 2, () => false);
  try {
    const { player } = stage;
    player.take({ scenario: calls, strategy: 'many', writers: 1, participants: [0], operations: 1 });
    const trapped = median(
      Array.from({ length: RUNS }, () => player.play(stay).execution.operations[0]!.output as number),
    );
    const free = median(Array.from({ length: RUNS }, usPerCall));
    const cost = trapped - free;
    print(
      `a trapped call takes ${cost.toFixed(1)} µs more than an untrapped one (${trapped.toFixed(1)} - ${free.toFixed(1)})`,
    );

    const scenario = builtIn.find(({ id }) => id === TARGET)!;
    player.take({ scenario, strategy: STRATEGY, writers: 2, participants: [0, 1], operations: 1 });
    player.play(stay);
    const arrivals = (): number => stage.sessions.reduce((sum, session) => sum + session.arrivals, 0);
    const before = arrivals();
    let executions = 0;
    let interleavings = 0;
    const began = performance.now();
    while (performance.now() - began < MEASURED_MS) {
      const search = exhaustive().explore();
      interleavings = 0;
      for (let next = search.next(); !next.done; executions++, interleavings++) {
        next = search.next(player.play(next.value).trace);
      }
    }
    const perSecond = executions / ((performance.now() - began) / 1000);
    const trapsEach = (arrivals() - before) / executions;
    const bare = 1e6 / (trapsEach * cost);
    print(
      `${TARGET}/${STRATEGY}, 2 sessions: all ${interleavings} interleavings, ${perSecond.toFixed(0)} executions/s`,
    );
    print(`  ${trapsEach.toFixed(1)} trapped calls each; those alone would allow ${bare.toFixed(0)} executions/s`);
    print(`  ratio ${(perSecond / bare).toFixed(2)}`);
  } finally {
    await stage.close();
    rmSync(sandbox, { recursive: true });
  }
}

const TARGET = 'instruction-history';
const STRATEGY = 'rmw';
const MEASURED_MS = 5_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

if (process.argv[1] === import.meta.filename) await main();
