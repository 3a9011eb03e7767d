/** What a session does behind the gate: one order after another, for as long as somebody holds the gate. */

import { closeSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { installFilter } from '../gate/filter.ts';
import type { Perform, Scenario, Session } from '../scenario/scenario.ts';
import { type Answer, answerOf, answerOfCommand } from './attempt.ts';
import { bendClocks } from './bent-clock.ts';
import { fork, forkApart } from './fork.ts';
import { exchange, type Order, type Report } from './orders.ts';
import { adoptOrphans, runAndWait } from './spawn.ts';

type Taken = Extract<Order, { type: 'take' }>;

/** Returns only where the filter can't be installed: by throwing. Ends the process when nobody holds the gate any more. */
export async function obeyBehindTheGate(scenarios: ReadonlyMap<string, Scenario>, scratch: string): Promise<never> {
  const printed = mkdtempSync(join(scratch, 'gated-'));
  const listener = installFilter();
  const clock = bendClocks();
  let taken: Taken | undefined;
  let memory: unknown;
  let report: Report = null;
  for (let first = true; ; first = false) {
    const order = orderAfter(report);
    if (first) listener.close(); // the explorer has its own by now
    if (order.type === 'take') {
      taken = order;
      report = { clock };
      continue;
    }
    if (order.type === 'fork') {
      report = copied(order.apart);
      continue;
    }
    if (order.type === 'close') {
      for (const descriptor of order.descriptors) closeSync(descriptor);
      report = null;
      continue;
    }
    const { target, strategy: name } = taken!;
    const scenario = scenarios.get(target)!;
    const strategy = scenario.strategies[name]!;
    const session = sessionOf(taken!, order.type === 'operate' ? order.operation : 0, order.type, memory);
    switch (order.type) {
      case 'prepare':
        report = await done(async () => strategy.prepare!(session));
        break;
      case 'open':
        report = await done(async () => {
          memory = await strategy.open?.(session);
        });
        break;
      case 'operate':
        report =
          taken!.role === 'reader'
            ? await answerOf(strategy.read ?? scenario.read!, session)
            : await operate(strategy.perform, session, printed);
        break;
      case 'finally':
        report = await answerOf(strategy.finally ?? scenario.finally!, session);
        break;
    }
  }

  async function operate(
    perform: Scenario['strategies'][string]['perform'],
    session: Session,
    scratch: string,
  ): Promise<Answer> {
    if (typeof perform === 'function') return await answerOf(perform satisfies Perform, session);
    const ended = runAndWait(perform, taken!.dir, [session.id, session.uuid], scratch);
    return answerOfCommand(perform, session.index, ended);
  }
}

/** Null in the copy itself. */
function copied(apart: boolean): Report {
  try {
    const copy = fork();
    if (copy > 0) return { copy };
    if (apart) forkApart();
    adoptOrphans();
    return null;
  } catch (error) {
    return { failed: (error as Error).message };
  }
}

/** What comes before an execution, and must not fail. */
async function done(act: () => Promise<unknown>): Promise<Report> {
  try {
    await act();
    return null;
  } catch (error) {
    return { failed: `threw: ${(error as Error).message}` };
  }
}

/** The gate is gone when the supervisor is: there is no other way to end, since the filter traps exit too. */
function orderAfter(report: Report): Order {
  try {
    return exchange(report);
  } catch {
    process.kill(process.pid, 'SIGKILL');
    throw new Error('unreachable');
  }
}

const sessionOf = (
  { index, uuid, writers, role, dir, server, space }: Taken,
  operation: number,
  type: Order['type'],
  memory: unknown,
): Session => ({
  index,
  uuid,
  writers,
  id: `${role === 'reader' ? 'r' : 's'}${index}.${type === 'finally' ? 'end' : operation}`,
  operation,
  memory,
  server,
  space,
  path: (...names) => join(dir, ...names),
});
