import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledgedOf } from '../harness/history/execution.ts';
import { findingIf, type Oracle, someOf } from '../harness/oracle/finding.ts';
import { grantedOnce } from '../harness/oracle/grants.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Session, type UnderFault } from '../harness/scenario/scenario.ts';
import { createExclusively } from './recipes/exclusive.ts';
import { withFlock } from './recipes/flock.ts';
import { readJson } from './recipes/json.ts';
import { replaceFile } from './recipes/replace.ts';

interface Credentials {
  readonly refreshToken: string;
}

/** How a session came by an access token. */
interface Refresh {
  /** The refresh token that it presented to the issuer; none where another session had been there before. */
  readonly presented?: string;
  /** Where the issuer has seen the token before, it says no, and the session is logged out. */
  readonly accepted: boolean;
}

const credentialsOf = (session: Session): string => session.path('credentials.json');
const storedToken = (session: Session): string => readJson<Credentials>(credentialsOf(session)).refreshToken;

/** The issuer, which is right: a token is spent in one step, and a second time never. Its answer is the successor. */
const spend = (session: Session, token: string): Credentials | undefined =>
  createExclusively(session.path('issuer', token), session.id) ? { refreshToken: `token-${session.id}` } : undefined;

const writeInPlace = (session: Session, text: string): void => writeFileSync(credentialsOf(session), text);
const writeAndRename = (session: Session, text: string): void =>
  replaceFile(credentialsOf(session), session.uuid, text);

/** Spends a token at the issuer and stores its successor. */
function refresh(session: Session, token: string, store: (session: Session, text: string) => void): Refresh {
  const successor = spend(session, token);
  if (successor !== undefined) store(session, JSON.stringify(successor));
  return { presented: token, accepted: successor !== undefined };
}

/** Takes the lock, then looks again: whoever waited for it finds that the token has been refreshed meanwhile. */
function lockThenReread(session: Session, store: (session: Session, text: string) => void): Refresh {
  const expired = storedToken(session);
  return withFlock(session.path('credentials.json.flock'), () => {
    const token = storedToken(session);
    return token === expired ? refresh(session, token, store) : { accepted: true };
  });
}

const rightToSpend = ({ presented }: Refresh): string | undefined =>
  presented === undefined ? undefined : `the right to spend ${presented}`;

/** One session spends a token. It has been spent, too, by one that died and told nobody: then the issuer says no to the next. */
const spentOnce: Oracle = (execution) => {
  const contested = grantedOnce(({ output }) => rightToSpend(output as Refresh))(execution);
  if (contested.length > 0) return contested;
  const refused = acknowledgedOf(execution).filter(({ output }) => !(output as Refresh).accepted);
  return findingIf(
    'DOUBLE_CONSUME',
    refused,
    () => `presented a token that had been spent: ${someOf(refused.map(({ id }) => id))}`,
  );
};

const takenAlong: UnderFault = {
  truth: ['DOUBLE_CONSUME'],
  why: 'The token is spent, and its successor is not stored: all who come later present the old one again, and are logged out.',
};

export default defineScenario({
  id: 'refresh-token',
  priority: 'P1',
  source: 'A',
  resource: 'single-use refresh token in a credentials file',
  place: 'home',
  touchedBy: 'every session',
  writers: 'every session whose access token has run out: it spends the refresh token and stores its successor (Node)',
  fix: 'lock-then-reread',
  operations: 6,
  setup: (dir) => {
    mkdirSync(join(dir, 'issuer'));
    writeFileSync(join(dir, 'credentials.json'), JSON.stringify({ refreshToken: 'token-first' }));
  },
  read: storedToken,
  oracles: [neverTorn(), spentOnce],
  counts: ({ operations }) => ({
    'sessions logged out': operations.filter(({ output }) => (output as Refresh | null)?.accepted === false).length,
  }),
  isolated: ['DOUBLE_CONSUME'],

  strategies: {
    rmw: {
      does: 'read the token, spend it, write its successor in place',
      truth: ['DOUBLE_CONSUME', 'TORN_STATE'],
      why: "B reads between A's read and A's write: both present one token, the issuer refuses the second, and B is logged out. Or B reads between A's truncation and A's write, and finds no credentials at all.",
      perform: (session) => refresh(session, storedToken(session), writeInPlace),
    },
    'lock-then-reread': {
      does: 'flock(2) around read again, spend, rename; use what another has stored meanwhile',
      truth: 'SAFE',
      why: 'A token is read, spent and replaced by one holder; whoever waited reads its successor and spends nothing.',
      cost: 'Whoever needs a token waits while another one talks to the issuer. A holder that dies between spending and storing takes the token with it, and all have to log in again. Takes a native call and a local file system, or NFSv4.',
      needs: ['flock(2)'],
      underFaults: {
        crash: takenAlong,
        errno: takenAlong,
        full: takenAlong,
        'power-posix': {
          truth: ['DOUBLE_CONSUME', 'CORRUPT_ON_CRASH'],
          why: 'The new name can reach the disk before the data: an empty file. Or neither does, and the old token is presented again.',
        },
        'power-ext4': {
          truth: ['DOUBLE_CONSUME'],
          why: 'ext4 writes the data out before such a rename, but not at once: the old token may be back, and is presented again.',
        },
      },
      perform: (session) => lockThenReread(session, writeAndRename),
    },
    'lock-then-reread-in-place': {
      does: 'the same, but the successor is written in place',
      truth: ['TORN_STATE'],
      why: "No token is spent twice, but whoever reads without the lock, B's first look included, finds the file empty.",
      needs: ['flock(2)'],
      perform: (session) => lockThenReread(session, writeInPlace),
    },
  },
});
