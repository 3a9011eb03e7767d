/** The program of a session process: loaded by tinypool, kept warm from one execution to the next. */

import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Scenario } from '../scenario/scenario.ts';
import { perform } from './perform.ts';
import type { Hello, HelloTask, Performed, Task } from './protocol.ts';
import { sweep } from './sweep.ts';

const uuid = randomUUID();
const scenarios = new Map<string, Scenario>();

/** Ctrl-C reaches every process of the terminal; what it means is for the supervisor to decide. */
process.on('SIGINT', () => {});

export default async function handle(task: Task): Promise<Hello | Performed> {
  switch (task.type) {
    case 'hello':
      return await hello(task);
    case 'perform':
      return await perform(task, scenarios.get(task.target)!, uuid);
  }
}

async function hello({ catalogue, sandbox }: HelloTask): Promise<Hello> {
  const module = (await import(catalogue)) as { readonly catalogue: readonly Scenario[] };
  for (const scenario of module.catalogue) scenarios.set(scenario.id, scenario);
  // The supervisor died without a word (SIGKILL): nobody else is left to clear up after it.
  process.on('disconnect', () => {
    sweep(sandbox);
    rmSync(sandbox, { recursive: true, force: true, maxRetries: 5 });
    process.exit(1);
  });
  return { uuid, pid: process.pid };
}
