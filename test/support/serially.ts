import type { Execution, Operation } from '../../harness/history/execution.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import type { Endpoint } from '../../harness/scenario/server.ts';
import { createRoundSandbox } from '../../harness/schedule/sandbox.ts';
import { nowUs } from '../../harness/session/clock.ts';
import type { SessionPool } from '../../harness/session/pool.ts';
import type { PerformTask } from '../../harness/session/protocol.ts';

export interface Serial {
  readonly scenario: Scenario;
  readonly strategy: string;
  /** Places in the pool, in order; `writers` are told of. */
  readonly sessions: readonly number[];
  readonly writers: number;
  readonly operations: number;
  readonly sandbox: string;
  readonly server: Endpoint | undefined;
}

/** Each session performs all of its operations before the next one begins. */
export async function serially(pool: SessionPool, serial: Serial): Promise<Execution> {
  const { scenario, strategy, sessions, writers, operations, sandbox, server } = serial;
  const { prepare, finally: ending = scenario.finally } = scenario.strategies[strategy]!;
  const round = await createRoundSandbox(sandbox, scenario, 'shared', writers);
  const startUs = nowUs();

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
    if (result.kind !== 'performed') throw new Error(result.reason);
    return result.performed.operations;
  }

  const performed: Operation[] = [];
  if (prepare !== undefined) {
    const [prepared] = await perform(sessions[0]!, 'prepare');
    if (prepared!.outcome !== 'ok') throw new Error(prepared!.error?.message);
  }
  for (const index of sessions) performed.push(...(await perform(index, 'write')));
  if (ending !== undefined) for (const index of sessions) performed.push(...(await perform(index, 'finally')));
  const final = round.snapshot();
  await round.remove();
  const identities = pool.writers.slice(0, writers).map(({ identity }) => identity);
  const common = { target: scenario.id, strategy, mode: 'shared', seed: 0, round: 0 } as const;
  return { ...common, sessions: identities, operations: performed, final };
}
