import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createPool, type SessionPool } from '../session/pool.ts';
import { sweepAll } from '../session/sweep.ts';
import { GatedSession } from './gated-session.ts';
import { Player } from './player.ts';

/** Sessions behind the gate, and a directory for them to work on. */
export interface Stage {
  readonly player: Player;
  readonly sessions: readonly GatedSession[];
  /** Ends the sessions and all that they have started. */
  close(): Promise<void>;
}

/** @param sandbox an existing directory of this stage's own. */
export async function setUpStage(
  catalogue: string,
  sandbox: string,
  sessions: number,
  interrupted: () => boolean,
): Promise<Stage> {
  const own = mkdtempSync(join(sandbox, 'stage-'));
  const pool = await createPool({ writers: sessions, readers: 0, catalogue, sandbox: own, forGate: true });
  const gated: GatedSession[] = [];
  try {
    for (const session of pool.writers) gated.push(await GatedSession.start(session, interrupted));
    const root = join(own, 'resource');
    mkdirSync(root);
    return { player: new Player(gated, root), sessions: gated, close: () => close(pool, gated, own) };
  } catch (error) {
    await close(pool, gated, own);
    throw error;
  }
}

/** A gated process can't even exit without the gate's leave: it is killed. */
async function close(pool: SessionPool, gated: readonly GatedSession[], sandbox: string): Promise<void> {
  sweepAll(sandbox);
  for (const session of gated) session.close();
  await pool.close();
}
