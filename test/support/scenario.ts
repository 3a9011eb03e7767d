import type { Files } from '../../harness/history/execution.ts';
import { everyEntryOnce } from '../../harness/oracle/entries.ts';
import { neverTorn } from '../../harness/oracle/torn-state.ts';
import type { Scenario, Strategy } from '../../harness/scenario/scenario.ts';

/** The ids in a file that is one JSON array. */
const entriesIn = ({ entries = '' }: Files): readonly string[] => JSON.parse(entries) as string[];

/** A strategy that is judged and never run. */
export const strategy = (details: Partial<Strategy> = {}): Strategy => ({
  does: 'reads and rewrites',
  truth: 'SAFE',
  why: 'B comes between.',
  perform: () => null,
  ...details,
});

/** A scenario that is judged and never run: `rewrite` loses updates, `flock` loses none. */
export const scenario = (details: Partial<Scenario> = {}): Scenario => ({
  id: 'ledger',
  priority: 'P1',
  source: 'P1-1',
  resource: 'a ledger',
  place: 'project',
  touchedBy: 'every session',
  writers: 'every session',
  setup: () => {},
  oracles: [neverTorn(entriesIn), everyEntryOnce(entriesIn)],
  strategies: {
    rewrite: strategy({ truth: ['LAST_WRITER_WINS'] }),
    flock: strategy({ does: 'locks, then rewrites' }),
  },
  ...details,
});
