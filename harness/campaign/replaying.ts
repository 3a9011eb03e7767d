/** Executions that a run has found, once more: each from its witness alone. */

import { startExplorers } from '../explore/explorers.ts';
import type { Replayed } from '../explore/protocol.ts';
import { castOf } from '../explore/replay.ts';
import type { SerialRun } from '../oracle/serial.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createSandbox, inMemory } from '../schedule/sandbox.ts';
import { withSandboxes } from '../schedule/sandboxes.ts';
import { endpointFor, Servers } from '../session/servers.ts';
import { learnedRuns } from './learning.ts';

export interface ReplayOptions {
  readonly scenarios: readonly Scenario[];
  /** URL of the module that exports `catalogue`. */
  readonly catalogue: string;
  readonly times: number;
  /** Where the sandbox is made; in memory, without it. */
  readonly dir?: string;
  /** Told what servers have to say while they start. */
  readonly told: (message: string) => void;
}

/**
 * Plays each witness as often as asked for. Leaves no process and no directory behind.
 *
 * @throws {WitnessError} before any work is done, where one is not of this catalogue.
 */
export async function replayWitnesses(
  witnesses: readonly string[],
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<readonly WitnessReplayed[]> {
  const casts = witnesses.map((witness) => ({ witness, ...castOf(witness, options.scenarios) }));
  const make = { stage: () => createSandbox(options.dir ?? inMemory()), servers: () => createSandbox() };
  return await withSandboxes(make, (sandboxes) => replayedIn(sandboxes, casts, options, signal));
}

interface WitnessReplayed {
  readonly witness: string;
  readonly replayed: Replayed;
}

async function replayedIn(
  sandboxes: { readonly stage: string; readonly servers: string },
  casts: readonly (ReturnType<typeof castOf> & { readonly witness: string })[],
  { scenarios, catalogue, times, told }: ReplayOptions,
  signal: AbortSignal,
): Promise<readonly WitnessReplayed[]> {
  const servers = new Servers(sandboxes.servers, told, signal);
  const results: WitnessReplayed[] = [];
  try {
    const learned = new Map<string, readonly SerialRun[]>();
    for (const { scenario, writers } of casts) {
      if (scenario.serial === undefined || learned.has(`${scenario.id}:${writers}`)) continue;
      const runs = await learnedRuns(scenario, writers, { catalogue, sandbox: sandboxes.stage }, signal);
      learned.set(`${scenario.id}:${writers}`, runs);
    }
    const serverFor = endpointFor(servers, scenarios);
    const explorers = await startExplorers({ catalogue, sandbox: sandboxes.stage, count: 1, serverFor }, signal);
    try {
      for (const { witness, scenario, writers } of casts) {
        const runs = learned.get(`${scenario.id}:${writers}`);
        const task = { witness, times, ...(runs === undefined ? {} : { serialRuns: runs }) };
        results.push({ witness, replayed: await explorers.replay(task) });
      }
    } finally {
      await explorers.close();
    }
  } finally {
    await servers.close();
  }
  return results;
}
