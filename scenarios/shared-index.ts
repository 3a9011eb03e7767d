import { onlyItsOwn } from '../harness/oracle/grants.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario } from '../harness/scenario/scenario.ts';
import { addWorktree, createRepository, GIT_ENV, git, TEMPORARY_NAMES, unflushed } from './kinds/git-repository.ts';

const SESSIONS_MAX = 8;

/** What each commit holds besides the file of the operation that it is called after: `s0.0: s1.0.txt`. */
const foreign = (log: string): readonly string[] =>
  log
    .split('commit ')
    .filter(Boolean)
    .flatMap((entry) => {
      const [id, ...files] = entry.split('\n').filter(Boolean);
      return files.filter((file) => file !== `${id}.txt`).map((file) => `${id}: ${file}`);
    });

export default defineScenario({
  id: 'shared-index',
  priority: 'P1',
  source: 'C',
  place: 'project',
  touchedBy: 'every session',
  resource: 'work tree of git, with its index',
  writers: 'every session commits a file of its own (git)',
  fix: 'worktree-per-session',
  writersMax: SESSIONS_MAX,
  operations: 2,
  setup: (dir) => {
    createRepository(dir);
    for (let session = 0; session < SESSIONS_MAX; session++) addWorktree(dir, `s${session}`);
  },
  randomNames: TEMPORARY_NAMES,
  finally: (session) => {
    git(session.path(), 'fsck', '--no-dangling');
    return foreign(git(session.path(), 'log', '--all', '--name-only', '--format=commit %s'));
  },
  oracles: [
    onlyItsOwn(({ kind, output }) =>
      kind === 'finally' && (output as readonly string[]).length > 0
        ? `a commit holds the file of another session (${(output as readonly string[]).join(', ')})`
        : undefined,
    ),
  ],

  strategies: {
    'add-then-commit': {
      does: '`git add F && git commit`',
      truth: ['CONTAMINATED'],
      why: "B's `git add` comes between A's add and A's commit: A's commit holds B's file, and for B there is nothing left to commit.",
      needs: ['git'],
      perform: sh('shared-index/add-then-commit.sh', GIT_ENV),
    },
    'commit-only-paths': {
      does: '`git add F && git commit -- F`',
      truth: 'SAFE',
      why: 'git makes an index of HEAD and F alone for the commit, holding index.lock, and updates HEAD only from the commit that it has read: who comes in between is refused.',
      cost: 'Who meets a lock, or a new HEAD, is refused and has to try again; the index still holds what others have added.',
      needs: ['git'],
      underFaults: {
        crash: {
          truth: ['STUCK'],
          why: 'A killed holder leaves index.lock, or the lock of HEAD or of its branch, behind: whoever meets it is refused for ever.',
        },
        ...unflushed(['STUCK', 'CORRUPT_ON_CRASH']),
      },
      perform: sh('shared-index/commit-only-paths.sh', GIT_ENV),
    },
    'worktree-per-session': {
      does: 'the same in a work tree of its own, on a branch of its own',
      truth: 'SAFE',
      why: 'Each work tree has an index and a HEAD of its own; what they share, objects and refs, is written under names of its own.',
      cost: 'A checkout for each session, and branches that have to be merged.',
      needs: ['git'],
      underFaults: unflushed(['CORRUPT_ON_CRASH']),
      perform: sh('shared-index/worktree-per-session.sh', GIT_ENV),
    },
  },
});
