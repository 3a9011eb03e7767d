import { writeFileSync } from 'node:fs';
import { everyEntryOnce } from '../harness/oracle/entries.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { createRepository, GIT_ENV, git, TEMPORARY_NAMES } from './kinds/git-repository.ts';

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
    const notes = refs.map((ref) => git(dir, 'notes', `--ref=${ref}`, 'show', 'HEAD'));
    writeFileSync(session.path('notes.txt'), notes.join('\n'));
  },
  oracles: [everyEntryOnce((final) => (final['notes.txt'] ?? '').split('\n').filter(Boolean))],

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
      perform: sh('git-notes/ref-per-session.sh', GIT_ENV),
    },
  },
});
