import { appendFileSync } from 'node:fs';
import { neverMoreThan } from '../harness/oracle/exclusion.ts';
import { defineScenario, type Perform, Refused, type Session } from '../harness/scenario/scenario.ts';
import { createRepository, TEMPORARY_NAMES, unflushed } from './kinds/git-repository.ts';
import { ask } from './recipes/ask.ts';
import { claimByRef, releaseRef } from './recipes/git-claim.ts';
import { coordinator } from './servers/coordinator.ts';

/** What only the leader may do, for as long as it leads. */
export function lead({ path, id }: Session): void {
  appendFileSync(path('leaders.log'), `+${id}\n`);
  appendFileSync(path('leaders.log'), `-${id}\n`);
}

const refused = (): Refused => new Refused('another session leads');

export function leadByRef(session: Session): void {
  const claim = claimByRef(session.path(), session.id);
  if (claim === undefined) throw refused();
  try {
    lead(session);
  } finally {
    releaseRef(session.path(), claim);
  }
}

/** Sessions that were set up elsewhere look for the service where it is not. */
const socketOf = ({ server, index, path }: Session): string => (index % 2 === 0 ? server : path('coordinator.sock'));

/** True where the service has said yes, false where it has said no. @throws where it can't be reached. */
const claimed = async (session: Session): Promise<boolean> =>
  (await ask(socketOf(session), { claim: session.id })) === 'granted';

const leadByService: Perform = async (session) => {
  let granted: boolean;
  try {
    granted = await claimed(session);
  } catch {
    leadByRef(session);
    return;
  }
  if (!granted) throw refused();
  lead(session);
  await ask(socketOf(session), { release: session.id });
};

export default defineScenario({
  id: 'coordination-fallback',
  priority: 'P1',
  source: 'C',
  place: 'project',
  touchedBy: 'sessions with hooks',
  resource: 'who leads: a coordinator says it, and git where that can not be reached',
  writers: 'every session that wants to lead (Node, git)',
  fix: 'single-authority',
  operations: 3,
  setup: createRepository,
  randomNames: TEMPORARY_NAMES,
  oracles: [neverMoreThan(1, 'leaders.log')],
  isolated: ['EXCLUSION_BROKEN'],

  strategies: {
    'split-brain': {
      does: 'ask the coordinator; where it does not answer, claim a git ref',
      truth: ['EXCLUSION_BROKEN'],
      why: 'A reaches the coordinator and B does not: each has a yes, from somebody who knows nothing of the other.',
      needs: ['git'],
      server: coordinator,
      prepare: (session) => ask(session.server, { reset: true }),
      perform: leadByService,
    },
    'single-authority': {
      does: 'claim the git ref, whether there is a coordinator or not',
      truth: 'SAFE',
      why: 'There is one place that says yes, and it says it to one session at a time.',
      cost: 'Where that place can not be reached, nobody leads; and a leader that dies leaves its claim behind, so that nobody leads until somebody takes it away. It binds the sessions of one repository, not those of clones.',
      needs: ['git'],
      underFaults: {
        crash: { truth: ['STUCK'], why: 'A leader that is killed leaves its claim behind: nobody leads any more.' },
        full: {
          truth: ['STUCK'],
          why: 'To give up a claim takes a lock file, for which there is no room: the claim stays when there is room again, and nobody leads any more.',
        },
        ...unflushed(['STUCK']),
      },
      perform: leadByRef,
    },
  },
});
