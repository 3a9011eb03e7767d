import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from '../harness/history/execution.ts';
import { everyKeyPresent, noEntryTwice } from '../harness/oracle/entries.ts';
import { findingIf, type Oracle, someOf } from '../harness/oracle/finding.ts';
import { neverTorn } from '../harness/oracle/torn-state.ts';
import { defineScenario, type Session } from '../harness/scenario/scenario.ts';
import { appendedUnderLock } from './kinds/under-faults.ts';
import { withFlock } from './recipes/flock.ts';
import { appendLine, parseLines } from './recipes/jsonl.ts';

interface Entry {
  readonly key: string;
  /** The operation that added it. */
  readonly by: string;
}

const entriesIn = (text: string): readonly Entry[] => parseLines<Entry>(text);
const keysIn = (text: string): readonly string[] => entriesIn(text).map(({ key }) => key);
const indexed = (final: Files): readonly string[] => keysIn(final['index.jsonl'] ?? '');

/** What was recorded once is found by those who come later, and not added anew (LAST_WRITER_WINS). */
const neverAddedAnew: Oracle = ({ operations, final }) => {
  const began = new Map(operations.map(({ id, invokedUs }) => [id, invokedUs]));
  const anew = entriesIn(final['index.jsonl'] ?? '').filter(({ key, by }) =>
    operations.some(
      ({ outcome, output, respondedUs }) => outcome === 'ok' && output === key && respondedUs < began.get(by)!,
    ),
  );
  return findingIf('LAST_WRITER_WINS', anew, () => {
    const words = anew.map(({ key, by }) => `${by} adds ${key}`);
    return `acknowledged before, and not found any more: ${someOf(words)}`;
  });
};

/** Operation k of every session comes upon the same evidence. */
function checkThenAppend(session: Session): string {
  const file = session.path('index.jsonl');
  const key = `evidence-${session.operation}`;
  if (!keysIn(readFileSync(file, 'utf8')).includes(key)) appendLine(file, { key, by: session.id });
  return key;
}

export default defineScenario({
  id: 'evidence-index',
  priority: 'P1',
  source: 'P1-3',
  resource: 'JSONL index that must not hold an entry twice',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'every session, for each piece of evidence that it comes upon (Node)',
  audit: 'verified',
  fix: 'flock',
  operations: 8,
  setup: (dir) => writeFileSync(join(dir, 'index.jsonl'), ''),
  oracles: [neverTorn(indexed), noEntryTwice(indexed), everyKeyPresent((key) => String(key), indexed), neverAddedAnew],

  strategies: {
    'check-then-append': {
      does: 'read, append where it is not there',
      truth: ['DUPLICATE_ENTRY'],
      why: "B reads between A's read and A's append: neither finds the entry, both append it.",
      perform: checkThenAppend,
    },
    flock: {
      does: 'flock(2) on a sidecar around read and append',
      truth: 'SAFE',
      why: 'Whoever comes second reads after the first has appended, and finds the entry.',
      cost: 'Writers wait for each other, without a limit, and each reads the whole index under the lock; a crash releases it. Node has no flock of its own, so it takes a native call; and a local file system, or NFSv4.',
      needs: ['flock(2)'],
      underFaults: appendedUnderLock,
      perform: (session) => withFlock(session.path('index.jsonl.flock'), () => checkThenAppend(session)),
    },
  },
});
