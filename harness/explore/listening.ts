import { setTimeout as sleep } from 'node:timers/promises';
import { attach, type Listener } from '../gate/listener.ts';
import type { PooledSession } from '../session/pool.ts';

/** Sends a warm session behind the gate, and takes its listener. @throws where that can't be done here, with the reason. */
export async function listenerOf(pooled: PooledSession): Promise<Listener> {
  let failure: Error | undefined;
  pooled.gate().catch((error: Error) => {
    failure = error;
  });
  const { pid } = pooled.identity;
  for (;;) {
    if (failure !== undefined) throw failure;
    const listener = pid > 0 ? attach(pid) : undefined;
    if (listener !== undefined) return listener;
    await sleep(1);
  }
}
