import type { Execution, Operation } from '../history/execution.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Endpoint } from '../scenario/server.ts';
import { endOfBackground, leftRunningWords } from '../session/background.ts';
import { nowUs } from '../session/clock.ts';
import type { SessionPool } from '../session/pool.ts';
import type { PerformTask } from '../session/protocol.ts';
import { createRoundSandbox } from './sandbox.ts';

export interface SerialPlan {
  readonly scenario: Scenario;
  readonly strategy: string;
  /** Places in the pool, in order; `writers` are told of. */
  readonly sessions: readonly number[];
  readonly writers: number;
  readonly operations: number;
  /** The directory of the run. */
  readonly sandbox: string;
  readonly server?: Endpoint | undefined;
}

/** A session did not come through though nobody else was there. */
export class NotSerial extends Error {
  override readonly name = 'NotSerial';
  constructor(session: number, reason: string) {
    super(`even when it runs alone, session ${session} ${reason}`);
  }
}

/** What a session does goes on after it has said that it is done: what it comes to is not known then. */
export class LeftRunning extends Error {
  override readonly name = 'LeftRunning';
  constructor(session: number, programs: readonly string[]) {
    super(leftRunningWords(session, programs));
  }
}

/**
 * Each session performs all of its operations before the next one begins. What had happened before the first, and after each.
 *
 * @throws {NotSerial} where a session does not come through, with the reason; {LeftRunning}.
 */
export async function serially(pool: SessionPool, plan: SerialPlan): Promise<readonly Execution[]> {
  const { scenario, strategy, sessions, writers, operations, sandbox, server } = plan;
  const { prepare, finally: ending = scenario.finally } = scenario.strategies[strategy]!;
  const round = await createRoundSandbox(sandbox, scenario, 'shared', writers);
  const startUs = nowUs();
  const identities = pool.writers.slice(0, writers).map(({ identity }, index) => ({ ...identity, index }));
  const performed: Operation[] = [];
  const after: Execution[] = [];

  async function perform(index: number, kind: PerformTask['kind']): Promise<readonly Operation[]> {
    const task: PerformTask = {
      type: 'perform',
      target: scenario.id,
      strategy,
      index,
      writers,
      role: 'writer',
      kind,
      dir: round.resource,
      ...(server === undefined ? {} : { server: server.address, space: server.space }),
      operations,
      stopFile: round.stopFile,
      startUs,
      beatUs: 0,
      jitterUs: 0,
      seed: 'serial',
    };
    const result = await pool.writers[index]!.perform(task);
    if (result.kind !== 'performed') throw new NotSerial(index, result.reason);
    return result.performed.operations;
  }

  function note(): void {
    const common = { target: scenario.id, strategy, mode: 'shared', seed: 0, round: 0 } as const;
    after.push({ ...common, sessions: identities, operations: [...performed], final: round.snapshot() });
  }

  try {
    if (prepare !== undefined) {
      const [prepared] = await perform(sessions[0]!, 'prepare');
      if (prepared!.outcome !== 'ok') throw new Error(prepared!.error?.message);
    }
    note();
    for (const [at, index] of sessions.entries()) {
      performed.push(...(await perform(index, 'write')));
      const left = await endOfBackground(pool.writers[index]!);
      if (left.length > 0) throw new LeftRunning(index, left);
      const last = at === sessions.length - 1;
      if (last && ending !== undefined)
        for (const each of sessions) performed.push(...(await perform(each, 'finally')));
      note();
    }
    return after;
  } finally {
    await round.remove();
  }
}
