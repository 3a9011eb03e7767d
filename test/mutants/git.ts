/** Fixes in git, without what keeps the sessions apart. */

import { Refused } from '../../harness/scenario/scenario.ts';
import coordinationFallback, { lead, leadByRef } from '../../scenarios/coordination-fallback.ts';
import gitNotes from '../../scenarios/git-notes.ts';
import { claimByRef, releaseRef } from '../../scenarios/recipes/git-claim.ts';
import sessionRef from '../../scenarios/session-ref.ts';
import sharedIndex from '../../scenarios/shared-index.ts';
import type { Mutants } from './mutant.ts';

export const git: Mutants = {
  'ref-shown-then-updated': {
    of: sessionRef,
    fix: 'update-ref-cas',
    does: 'asks show-ref whether there is a ref, and updates it without an old value',
    why: "B's update comes between A's look and A's update.",
    shows: ['LAST_WRITER_WINS'],
    perform: 'ref-shown-then-updated.sh',
  },
  'ref-claimed-by-force': {
    of: sessionRef,
    fix: 'update-ref-cas',
    does: 'where the comparison fails and there is no ref yet, updates it without an old value',
    why: "A meets B's lock, finds no ref, and then updates the one that B has made meanwhile.",
    shows: ['LAST_WRITER_WINS'],
    perform: 'ref-claimed-by-force.sh',
  },
  'notes-of-the-host': {
    of: gitNotes,
    fix: 'ref-per-session',
    does: 'one ref for all sessions of a machine',
    why: "B's commit of the notes comes between A's reading them and A's update of the ref.",
    shows: ['LAST_WRITER_WINS'],
    perform: 'notes-of-the-host.sh',
  },
  'notes-of-the-task': {
    of: gitNotes,
    fix: 'ref-per-session',
    does: 'a ref for each task, at which two sessions may work',
    why: 'Both work at the first task.',
    shows: ['LAST_WRITER_WINS'],
    perform: 'notes-of-the-task.sh',
  },
  'commit-with-all': {
    of: sharedIndex,
    fix: 'commit-only-paths',
    does: 'commits all that is tracked, instead of its own file',
    why: 'What B has added since is tracked, too.',
    shows: ['CONTAMINATED'],
    perform: 'commit-with-all.sh',
  },
  'commit-including-paths': {
    of: sharedIndex,
    fix: 'commit-only-paths',
    does: 'commits its file besides what is in the index (--include)',
    why: 'What B has added is in the index.',
    shows: ['CONTAMINATED'],
    perform: 'commit-including-paths.sh',
  },
  'worktree-of-the-first': {
    of: sharedIndex,
    fix: 'worktree-per-session',
    does: 'all sessions in the work tree that the first one has made',
    why: 'They share its index.',
    shows: ['CONTAMINATED'],
    perform: 'worktree-of-the-first.sh',
  },
  'worktrees-with-one-index': {
    of: sharedIndex,
    fix: 'worktree-per-session',
    does: 'a work tree for each session, and GIT_INDEX_FILE that leads to one index',
    why: "B's add comes between A's add and A's commit.",
    shows: ['CONTAMINATED'],
    perform: 'worktrees-with-one-index.sh',
  },
  'lead-after-the-release': {
    of: coordinationFallback,
    fix: 'single-authority',
    does: 'gives the claim back before it has done what only the leader may do',
    why: 'B claims what A has given back, and A still leads.',
    shows: ['EXCLUSION_BROKEN'],
    perform: (session) => {
      const claim = claimByRef(session.path(), session.id);
      if (claim === undefined) throw new Refused('another session leads');
      releaseRef(session.path(), claim);
      lead(session);
    },
  },
  'authority-of-a-copy': {
    of: coordinationFallback,
    fix: 'single-authority',
    does: 'where the claim fails, leads all the same, as if the ref were left over from a session that has died',
    why: 'The session is alive, and leads.',
    shows: ['EXCLUSION_BROKEN'],
    perform: (session) => {
      try {
        leadByRef(session);
      } catch {
        lead(session);
      }
    },
  },
};
