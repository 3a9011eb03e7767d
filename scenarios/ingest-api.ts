import { appendFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { neverToldMoreThan } from '../harness/oracle/exclusion.ts';
import { defineScenario, Refused, type Session } from '../harness/scenario/scenario.ts';
import { post } from './recipes/post.ts';
import { withSlot } from './recipes/slots.ts';
import { ingest } from './servers/ingest.ts';

interface Answer {
  readonly inFlight: number;
}

const AT_ONCE = 2;

const postEntry = async (session: Session): Promise<Answer> =>
  JSON.parse(await post(`${session.server}/${session.space}`, `entry ${session.id}\n`)) as Answer;

const busy = (): Refused => new Refused('the service takes no more posts now');

/** As many bytes as there are posts in flight. */
const counterOf = (session: Session): string => session.path('in-flight');

export default defineScenario({
  id: 'ingest-api',
  priority: 'P1',
  source: 'P1-11',
  place: 'home',
  touchedBy: 'sessions with hooks',
  resource: 'HTTP service that bears two posts at once',
  writers: 'hooks of all sessions (Node)',
  audit: 'fix applied',
  fix: 'slot-mkdir',
  writersMin: 3,
  operations: 6,
  setup: (dir) => writeFileSync(join(dir, 'in-flight'), ''),
  oracles: [neverToldMoreThan(AT_ONCE, ({ output }) => (output as Answer).inFlight)],

  strategies: {
    unguarded: {
      does: 'post',
      truth: ['EXCLUSION_BROKEN'],
      why: 'Nothing keeps a third session from posting while two are at it.',
      server: ingest,
      perform: postEntry,
    },
    'counter-file': {
      does: 'look how long a file is, add a byte where it is shorter than two, post, cut a byte off',
      truth: ['EXCLUSION_BROKEN'],
      why: 'While one posts, the other two look before either of them adds its byte.',
      server: ingest,
      perform: async (session) => {
        const counter = counterOf(session);
        if (statSync(counter).size >= AT_ONCE) throw busy();
        appendFileSync(counter, '.');
        const answer = await postEntry(session);
        truncateSync(counter, statSync(counter).size - 1);
        return answer;
      },
    },
    'slot-mkdir': {
      does: 'post while it has one of two slots, which are directories',
      truth: 'SAFE',
      why: 'mkdir(2) succeeds for one caller only, so there are never more posts than directories.',
      cost: 'A session that dies keeps its slot until somebody removes the directory, and so does one that never gets an answer; one that gives up early frees it while the service may still be at work.',
      server: ingest,
      perform: async (session) => {
        const slots = [session.path('slot-1'), session.path('slot-2')];
        const answer = await withSlot(slots, () => postEntry(session));
        if (answer === undefined) throw busy();
        return answer;
      },
    },
  },
});
