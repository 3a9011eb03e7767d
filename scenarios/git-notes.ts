import { writeFileSync } from 'node:fs';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { neverTorn, Torn } from '../harness/oracle/torn-state.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { createRepository, GIT_ENV, git, TEMPORARY_NAMES, unflushed } from './kinds/git-repository.ts';

/** Undefined where git can't read them. */
function notesIn(dir: string, ref: string): string | undefined {
  try {
    return git(dir, 'notes', `--ref=${ref}`, 'show', 'HEAD');
  } catch {
    return undefined;
  }
}

export default defineScenario({
  id: 'git-notes',
  priority: 'P1',
  source: 'C',
  place: 'project',
  touchedBy: 'sessions with hooks',
  resource: 'notes of a commit in refs/notes, a line for each event',
  writers: 'every session (git)',
  fix: 'ref-per-session',
  operations: 3,
  setup: createRepository,
  randomNames: TEMPORARY_NAMES,
  finally: (session) => {
    const dir = session.path();
    const refs = git(dir, 'for-each-ref', '--format=%(refname)', 'refs/notes').split('\n').filter(Boolean);
    const notes = refs.map((ref) => notesIn(dir, ref));
    writeFileSync(session.path('notes.txt'), notes.join('\n'));
    const torn = refs.filter((_, at) => notes[at] === undefined);
    if (torn.length > 0) throw new Torn(`git can not read ${torn.join(', ')}`);
  },
  oracles: [neverTorn(), everyEntryOnce((final) => (final['notes.txt'] ?? '').split('\n').filter(Boolean))],

  strategies: {
    append: {
      does: '`git notes append`',
      truth: ['LAST_WRITER_WINS'],
      why: 'git reads the notes, makes a commit on top of them, and updates the ref to it without the old value (2.39: commit_notes passes none): what B has committed in between is gone. Only who meets the lock of the ref is refused.',
      needs: ['git'],
      perform: sh('git-notes/append.sh', GIT_ENV),
    },
    'append-retry': {
      does: 'the same, and again where it is refused',
      truth: ['LAST_WRITER_WINS'],
      why: 'Who loses an update is not refused, and so does not try again.',
      needs: ['git'],
      perform: sh('git-notes/append-retry.sh', GIT_ENV),
    },
    'ref-per-session': {
      does: '`git notes --ref=SESSION append`: notes of its own for each session',
      truth: 'SAFE',
      why: 'No ref has two writers.',
      cost: 'Readers have to look at all refs below refs/notes, or merge them.',
      needs: ['git'],
      underFaults: unflushed(['LOST_ON_CRASH', 'CORRUPT_ON_CRASH']),
      perform: sh('git-notes/ref-per-session.sh', GIT_ENV),
    },
  },
});
