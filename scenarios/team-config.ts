import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Perform, type Session } from '../harness/scenario/scenario.ts';
import { renamed } from './kinds/under-faults.ts';
import { withFlock } from './recipes/flock.ts';
import { readJson } from './recipes/json.ts';
import { replaceFile } from './recipes/replace.ts';

interface Team {
  readonly name: string;
  readonly members: readonly Member[];
}

interface Member {
  readonly name: string;
  readonly role: string;
}

const teamOf = (session: Session): string => session.path('team.json');

const joined = (session: Session): string => {
  const team = readJson<Team>(teamOf(session));
  const member: Member = { name: session.id, role: 'worker' };
  return JSON.stringify({ ...team, members: [...team.members, member] }, null, 1);
};

const joinInPlace: Perform = (session) => writeFileSync(teamOf(session), joined(session));
const joinAndRename: Perform = (session) => replaceFile(teamOf(session), session.uuid, joined(session));

const membersIn = (final: Files): readonly string[] =>
  (JSON.parse(final['team.json'] ?? '') as Team).members.map(({ name }) => name);

export default defineScenario({
  id: 'team-config',
  priority: 'P1',
  source: 'A',
  resource: 'JSON file with the members of a team',
  place: 'home',
  touchedBy: 'every session',
  writers: 'every session that joins the team (Node)',
  fix: 'flock',
  operations: 6,
  setup: (dir) => writeFileSync(join(dir, 'team.json'), JSON.stringify({ name: 'team', members: [] } satisfies Team)),
  read: (session) => readJson<Team>(teamOf(session)).members.length,
  oracles: [neverTorn(membersIn), everyEntryOnce(membersIn)],

  strategies: {
    rmw: {
      does: 'read, parse, add, write in place',
      truth: ['LAST_WRITER_WINS', 'TORN_STATE'],
      why: "B reads between A's read and A's write, and writes A's member away. Between truncation and write the file is empty.",
      perform: joinInPlace,
    },
    flock: {
      does: 'flock(2) on a sidecar around read, write, rename',
      truth: 'SAFE',
      why: 'One holder at a time, and readers see whole files because of the rename.',
      cost: 'Writers wait for each other, without a limit, and one that hangs inside holds up all; a crash releases the lock. Node has no flock of its own, so it takes a native call; and a local file system, or NFSv4. The rename drops hard links and the old owner and mode.',
      needs: ['flock(2)'],
      underFaults: renamed,
      perform: (session) => withFlock(session.path('team.json.flock'), () => joinAndRename(session)),
    },
    'flock-in-place': {
      does: 'the same lock around read, write in place',
      truth: ['TORN_STATE'],
      why: 'The lock keeps the writers apart; a reader who takes none still finds an empty file.',
      needs: ['flock(2)'],
      perform: (session) => withFlock(session.path('team.json.flock'), () => joinInPlace(session)),
    },
  },
});
