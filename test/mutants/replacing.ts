/** Fixes that hold because a whole file takes the place of another: a temporary name for all, a copy, a second step. */

import { appendFileSync, copyFileSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import type { Session } from '../../harness/scenario/scenario.ts';
import contextTemplate from '../../scenarios/context-template.ts';
import { replaceFile } from '../../scenarios/recipes/replace.ts';
import { sealed, titleOf } from '../../scenarios/recipes/sealed.ts';
import taskDoc from '../../scenarios/task-doc.ts';
import type { Mutants } from './mutant.ts';

const contextOf = (session: Session): string => session.path('CONTEXT.md');
const rendered = (session: Session): string =>
  readFileSync(session.path('CONTEXT.template.md'), 'utf8').replaceAll('{{project}}', 'collide');

const documentOf = (session: Session): string => session.path('task.md');
const agreed = sealed('Task as agreed', 'A step that everybody knows of.\n'.repeat(250));
const LAST_LINE = agreed.lastIndexOf('<!--');

export const replacing: Mutants = {
  'context-from-a-shared-temporary': {
    of: contextTemplate,
    fix: 'rename',
    does: 'the temporary file has the same name for all sessions',
    why: "B's opening of the temporary file, which empties it, comes between A's opening and A's rename: A renames what B has yet to write, and a reader finds nothing.",
    shows: ['TORN_STATE'],
    perform: (session) => replaceFile(contextOf(session), 'new', rendered(session)),
  },
  'context-copied-into-place': {
    of: contextTemplate,
    fix: 'rename',
    does: 'copies the temporary file over the document, then removes it',
    why: "A reader's read comes between the moment when A's copy empties the document and the moment when it fills it.",
    shows: ['TORN_STATE'],
    perform: (session) => {
      const temporary = `${contextOf(session)}.${session.uuid}.tmp`;
      writeFileSync(temporary, rendered(session));
      copyFileSync(temporary, contextOf(session));
      unlinkSync(temporary);
    },
  },
  'context-from-a-temporary-of-the-user': {
    of: contextTemplate,
    fix: 'rename-pid',
    does: "the temporary file is named after the user's id, which all sessions share",
    why: "B's opening of the temporary file, which empties it, comes between A's opening and A's rename.",
    shows: ['TORN_STATE'],
    perform: (session) => replaceFile(contextOf(session), String(process.getuid?.() ?? 'user'), rendered(session)),
  },
  'context-renamed-before-it-is-written': {
    of: contextTemplate,
    fix: 'rename-pid',
    does: 'renames the temporary file into place, and writes it then',
    why: "A reader's read comes between A's rename and A's write.",
    shows: ['TORN_STATE'],
    perform: (session) => {
      const text = rendered(session);
      replaceFile(contextOf(session), String(process.pid), '');
      writeFileSync(contextOf(session), text);
    },
  },
  'document-sealed-after-the-rename': {
    of: taskDoc,
    fix: 'rename',
    does: 'renames the document into place without its last line, and appends that',
    why: "A reader's read comes between A's rename and A's append; or B's rename does, and both last lines go to B's document.",
    shows: ['TORN_STATE'],
    perform: (session) => {
      replaceFile(documentOf(session), session.uuid, agreed.slice(0, LAST_LINE));
      appendFileSync(documentOf(session), agreed.slice(LAST_LINE));
      return titleOf(agreed);
    },
  },
  'document-added-to-a-shared-temporary': {
    of: taskDoc,
    fix: 'rename',
    does: 'the temporary file has the same name for all sessions, and is appended to',
    why: "B's append to the temporary file comes between A's append and A's rename: A renames two documents in one.",
    shows: ['TORN_STATE'],
    perform: (session) => {
      const temporary = `${documentOf(session)}.tmp`;
      appendFileSync(temporary, agreed);
      renameSync(temporary, documentOf(session));
      return titleOf(agreed);
    },
  },
};
