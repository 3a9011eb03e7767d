/**
 * How soon each way of searching finds what is wrong with each colliding strategy of the catalogue: executions, or rounds of
 * the storm, and milliseconds until the first finding. As few writers as it takes with one operation each, and the reader if
 * there is one; the storm has its usual operations.
 */

import Table from 'cli-table3';
import { needsOf } from '../../harness/campaign/plan.ts';
import type { Cast } from '../../harness/explore/cast.ts';
import { exploredWriters } from '../../harness/explore/examine.ts';
import type { Player } from '../../harness/explore/player.ts';
import { findingsOf } from '../../harness/explore/search.ts';
import { setUpStage } from '../../harness/explore/stage.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { exhaustive } from '../../harness/schedule/exhaustive.ts';
import { pct } from '../../harness/schedule/pct.ts';
import { uniformRandom } from '../../harness/schedule/random.ts';
import { createSandbox, inMemory } from '../../harness/schedule/sandbox.ts';
import { stay } from '../../harness/schedule/schedule.ts';
import type { Scheduler } from '../../harness/schedule/scheduler.ts';
import { type StormPlan, storm } from '../../harness/schedule/storm.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import { endpointFor, Servers } from '../../harness/session/servers.ts';
import { judge } from '../../harness/verdict/verdict.ts';
import { catalogue } from '../../scenarios/index.ts';

/** Where a search is given up, per strategy. */
const GIVE_UP_MS = 2_000;

const url = new URL('../../scenarios/index.ts', import.meta.url).href;

const searches: Readonly<Record<string, () => Scheduler>> = {
  exhaustive,
  'PCT d=3': () => pct('1', 3),
  random: () => uniformRandom('1'),
};

/** Attempts and milliseconds to the first finding; undefined: given up. */
type Effort = { readonly attempts: number; readonly ms: number } | undefined;

const WRITERS_MAX = Math.max(...catalogue.map(exploredWriters));

const explored = await createSandbox(inMemory());
const stormed = await createSandbox();
const stage = await setUpStage(url, explored.path, WRITERS_MAX + 1, () => false);
const pool = await createPool({ writers: WRITERS_MAX, readers: 1, catalogue: url, sandbox: stormed.path });
const servers = new Servers(stormed.path);
const serverFor = endpointFor(servers, catalogue);
const skipped = new Map<string, string[]>();
try {
  const table = new Table({
    head: ['strategy', ...Object.keys(searches), 'storm'],
    style: { head: [], border: [], compact: true },
  });
  for (const scenario of catalogue) {
    for (const [strategy, { truth, ...rest }] of Object.entries(scenario.strategies)) {
      if (truth === 'SAFE') continue;
      const row = `${scenario.id}/${strategy}`;
      try {
        const missing = await missingNeed(needsOf({ truth, ...rest }));
        if (missing !== undefined) throw new Error(missing);
        table.push([row, ...(await effortsOf(scenario, strategy)).map(words)]);
      } catch (error) {
        const reason = (error as Error).message;
        skipped.set(reason, [...(skipped.get(reason) ?? []), row]);
      }
    }
  }
  process.stdout.write(
    `executions (or rounds) and time to the first finding; "-": none within ${GIVE_UP_MS} ms\n${table}\n`,
  );
  for (const [reason, rows] of skipped) process.stdout.write(`SKIPPED, ${reason}: ${rows.join(', ')}\n`);
} finally {
  await Promise.all([stage.close(), pool.close(), servers.close()]);
  await Promise.all([explored.remove(), stormed.remove()]);
}

async function effortsOf(scenario: Scenario, strategy: string): Promise<readonly Effort[]> {
  const writers = exploredWriters(scenario);
  const readers = (scenario.strategies[strategy]!.read ?? scenario.read) === undefined ? 0 : 1;
  const participants = Array.from({ length: writers + readers }, (_, index) => index);
  const at = await serverFor(scenario.id, strategy, 'stage');
  const cast: Cast = { scenario, strategy, writers, participants, operations: 1, ...(at && { server: at }) };
  const ways = Object.values(searches);
  const unexplored = scenario.strategies[strategy]!.unexplored !== undefined;
  const efforts = ways.map((start) => (unexplored ? undefined : exploring(stage.player, cast, start())));
  const server = await serverFor(scenario.id, strategy, 'storm');
  const plan = { scenario, strategy, mode: 'shared', seed: 1, writers, readers, sandbox: stormed.path } as const;
  return [...efforts, await storming(pool, { ...plan, ...(server && { server }) })];
}

function exploring(player: Player, cast: Cast, scheduler: Scheduler): Effort {
  player.loops.forget();
  player.take(cast);
  player.play(stay); // warm
  const began = performance.now();
  const search = scheduler.explore();
  let attempts = 0;
  for (let next = search.next(); !next.done && performance.now() - began < GIVE_UP_MS; ) {
    const played = player.play(next.value);
    attempts++;
    if (findingsOf(cast, played).length > 0) return { attempts, ms: performance.now() - began };
    next = search.next(played.trace);
  }
  return undefined;
}

async function storming(pool: SessionPool, plan: StormPlan): Promise<Effort> {
  const began = performance.now();
  let attempts = 0;
  for await (const { execution } of storm(pool, plan)) {
    attempts++;
    if (judge(plan.scenario, execution).length > 0) return { attempts, ms: performance.now() - began };
    if (performance.now() - began > GIVE_UP_MS) return undefined;
  }
  return undefined;
}

function words(effort: Effort): string {
  return effort === undefined ? '-' : `${effort.attempts} · ${effort.ms.toFixed(0)} ms`;
}
