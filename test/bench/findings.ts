/**
 * How soon each way of searching finds what is wrong with each colliding strategy of the catalogue: executions, or rounds of
 * the storm, and milliseconds until the first finding. Two writers with one operation each, and the reader if there is one;
 * the storm has its usual operations.
 */

import Table from 'cli-table3';
import { needsOf } from '../../harness/campaign/plan.ts';
import type { Player } from '../../harness/explore/player.ts';
import type { Cast } from '../../harness/explore/scene.ts';
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
import { storm } from '../../harness/schedule/storm.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
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

const explored = await createSandbox(inMemory());
const stormed = await createSandbox();
const stage = await setUpStage(url, explored.path, 3, () => false);
const pool = await createPool({ writers: 2, readers: 1, catalogue: url, sandbox: stormed.path });
try {
  const table = new Table({
    head: ['strategy', ...Object.keys(searches), 'storm'],
    style: { head: [], border: [], compact: true },
  });
  for (const scenario of catalogue) {
    for (const [strategy, { truth, ...rest }] of Object.entries(scenario.strategies)) {
      if (truth === 'SAFE' || (await missingNeed(needsOf({ truth, ...rest }))) !== undefined) continue;
      const efforts: readonly Effort[] = [
        ...Object.values(searches).map((start) => exploring(stage.player, scenario, strategy, start())),
        await storming(pool, scenario, strategy),
      ];
      table.push([`${scenario.id}/${strategy}`, ...efforts.map(words)]);
    }
  }
  process.stdout.write(
    `executions (or rounds) and time to the first finding; "-": none within ${GIVE_UP_MS} ms\n${table}\n`,
  );
} finally {
  await Promise.all([stage.close(), pool.close()]);
  await Promise.all([explored.remove(), stormed.remove()]);
}

function readersOf(scenario: Scenario, strategy: string): number {
  return (scenario.strategies[strategy]!.read ?? scenario.read) === undefined ? 0 : 1;
}

function exploring(player: Player, scenario: Scenario, strategy: string, scheduler: Scheduler): Effort {
  const participants = [0, 1, 2].slice(0, 2 + readersOf(scenario, strategy));
  const cast: Cast = { scenario, strategy, writers: 2, participants, operations: 1 };
  player.endless.clear();
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

async function storming(pool: SessionPool, scenario: Scenario, strategy: string): Promise<Effort> {
  const readers = readersOf(scenario, strategy);
  const plan = { scenario, strategy, mode: 'shared', seed: 1, writers: 2, readers, sandbox: stormed.path } as const;
  const began = performance.now();
  let attempts = 0;
  for await (const { execution } of storm(pool, plan)) {
    attempts++;
    if (judge(scenario, execution).length > 0) return { attempts, ms: performance.now() - began };
    if (performance.now() - began > GIVE_UP_MS) return undefined;
  }
  return undefined;
}

function words(effort: Effort): string {
  return effort === undefined ? '-' : `${effort.attempts} · ${effort.ms.toFixed(0)} ms`;
}
