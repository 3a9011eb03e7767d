/** The program of a session process: loaded by tinypool, kept warm from one execution to the next. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { perform } from './perform.ts';
import type { Hello, HelloTask, Performed, Task } from './protocol.ts';
import { sweep, sweepAll } from './sweep.ts';

const uuid = randomUUID();
let scratch = '';
const scenarios = new Map<string, Scenario>();

/** Standard output is the supervisor's, for its results: what a strategy prints goes where progress goes. */
process.stdout.write = process.stderr.write.bind(process.stderr);

/** Ctrl-C reaches every process of the terminal; what it means is for the supervisor to decide. */
process.on('SIGINT', () => {});

export default async function handle(task: Task): Promise<Hello | Performed> {
  switch (task.type) {
    case 'hello':
      return await hello(task);
    case 'perform':
      return await perform(task, scenarioOf(task.target), { uuid, scratch });
    case 'gate': {
      // Only here, because the functions of libc that it names are not on every system.
      const { obeyBehindTheGate } = await import('./gated.ts');
      flushCompileCache();
      return await obeyBehindTheGate(scenarios, scratch);
    }
  }
}

function scenarioOf(target: string): Scenario {
  const scenario = scenarios.get(target);
  if (scenario === undefined) throw new Error(`the catalogue has no target '${target}'`);
  return scenario;
}

async function hello({ catalogue, sandbox }: HelloTask): Promise<Hello> {
  const module = (await import(catalogue)) as { readonly catalogue: readonly Scenario[] };
  for (const scenario of module.catalogue) scenarios.set(scenario.id, scenario);
  flushCompileCache(); // with NODE_COMPILE_CACHE: who is killed in the end writes none then
  scratch = mkdtempSync(join(sandbox, 'session-'));
  process.on('disconnect', () => clearUp(sandbox));
  return { uuid, pid: process.pid };
}

/**
 * The supervisor died without a word (SIGKILL), and nobody else is left to clear up after it. A session that is stuck in an
 * operation never gets here, so the others end it, once all that can have had the time to.
 */
function clearUp(sandbox: string): void {
  sweep(sandbox);
  rmSync(sandbox, { recursive: true, force: true, maxRetries: 5 });
  setTimeout(() => {
    sweepAll(sandbox);
    process.exit(1);
  }, limits.clearUpMs);
}
