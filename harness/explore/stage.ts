import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createPool, type SessionPool } from '../session/pool.ts';
import { sweepAll } from '../session/sweep.ts';
import { GatedSession } from './gated-session.ts';
import { Player, type Renew } from './player.ts';
import { Template } from './template.ts';

/** Sessions behind the gate, and a directory for them to work on. */
export interface Stage {
  readonly player: Player;
  /** As they were at the start. */
  readonly sessions: readonly GatedSession[];
  readonly actors: Actors;
  /** Ends the sessions and all that they have started. */
  close(): Promise<void>;
}

/** The sessions themselves, or copies of them, which may be killed. */
export type Actors = 'sessions' | 'copies';

/** @param sandbox an existing directory of this stage's own. */
export async function setUpStage(
  catalogue: string,
  sandbox: string,
  sessions: number,
  interrupted: () => boolean,
  actors: Actors = 'sessions',
): Promise<Stage> {
  const place = mkdtempSync(join(sandbox, 'stage-'));
  const pool = await createPool({ writers: sessions, readers: 0, catalogue, sandbox: place, forGate: true });
  const gated: (GatedSession | Template)[] = [];
  const closing = (): Promise<void> => close(pool, gated, place);
  try {
    const root = join(place, 'resource');
    mkdirSync(root);
    if (actors === 'copies') {
      const templates: Template[] = [];
      for (const session of pool.writers) templates.push(await Template.start(session, interrupted));
      gated.push(...templates);
      const renew: Renew = (slot, apart) => templates[slot]!.copy(apart);
      const copies = templates.map((template) => template.copy(false));
      return { player: new Player(copies, root, renew), sessions: copies, actors, close: closing };
    }
    const own: GatedSession[] = [];
    for (const session of pool.writers) own.push(await GatedSession.start(session, interrupted));
    gated.push(...own);
    return { player: new Player(own, root), sessions: own, actors, close: closing };
  } catch (error) {
    await closing();
    throw error;
  }
}

/** A gated process can't even exit without the gate's leave: it is killed. */
async function close(pool: SessionPool, gated: readonly { close(): void }[], sandbox: string): Promise<void> {
  sweepAll(sandbox);
  for (const session of gated) session.close();
  await pool.close();
}
