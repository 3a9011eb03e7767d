/** Fixes that hold because O_APPEND writes one whole line at the end in one step: split, without O_APPEND, or rewritten. */

import {
  appendFileSync,
  copyFileSync,
  fstatSync,
  fsyncSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { Session } from '../../harness/scenario/scenario.ts';
import evidenceLedger from '../../scenarios/evidence-ledger.ts';
import learningSignals from '../../scenarios/learning-signals.ts';
import memoryNotes from '../../scenarios/memory-notes.ts';
import { replaceFile } from '../../scenarios/recipes/replace.ts';
import { withFile } from '../support/flock.ts';
import type { Mutants } from './mutant.ts';

const ledgerOf = (session: Session): string => session.path('ledger.jsonl');

/** About three thousand characters. */
const evidence = ({ id }: Session): string => `${JSON.stringify({ id, body: `${id} `.repeat(600) })}\n`;

const CHUNK = 1024;

const notesOf = (session: Session): string => session.path('NOTES.md');
const ticked = ({ id }: Session): string => `- [x] item ${id}\n`;

const signalsOf = (session: Session): string => session.path('signals.jsonl');
const signal = ({ id, operation }: Session): string => JSON.stringify({ id, rating: operation });

const SIGNALS_KEPT = 500;

export const appends: Mutants = {
  'evidence-in-chunks': {
    of: evidenceLedger,
    fix: 'append-fsync',
    does: 'appends the entry in chunks of 1 KiB: short entries hold, long ones do not',
    why: "B's first chunk comes between A's first chunk and A's second.",
    shows: ['TORN_LINES'],
    perform: (session) =>
      withFile(ledgerOf(session), 'a', (fd) => {
        const text = evidence(session);
        for (let at = 0; at < text.length; at += CHUNK) writeSync(fd, text.slice(at, at + CHUNK));
        fsyncSync(fd);
      }),
  },
  'evidence-appended-to-a-copy': {
    of: evidenceLedger,
    fix: 'append-fsync',
    does: 'copies the ledger aside, appends to the copy, and renames that over the ledger',
    why: "B's copy comes between A's copy and A's rename: B's rename takes A's entry away.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const temporary = `${ledgerOf(session)}.${session.uuid}.tmp`;
      copyFileSync(ledgerOf(session), temporary);
      appendFileSync(temporary, evidence(session));
      renameSync(temporary, ledgerOf(session));
    },
  },
  'notes-rewritten-aside': {
    of: memoryNotes,
    fix: 'append',
    does: 'reads all notes, adds a line, and renames the whole into place',
    why: "B's read comes between A's read and A's rename: B's rename takes A's line away.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) => {
      const notes = readFileSync(notesOf(session), 'utf8');
      replaceFile(notesOf(session), session.uuid, `${notes}${ticked(session)}`);
    },
  },
  'notes-without-o-append': {
    of: memoryNotes,
    fix: 'append',
    does: 'opens without O_APPEND, and writes at the size that the file has',
    why: "B's look at the size comes between A's look and A's write: both write their line in one place.",
    shows: ['LAST_WRITER_WINS'],
    perform: (session) =>
      withFile(notesOf(session), 'r+', (fd) => {
        writeSync(fd, ticked(session), fstatSync(fd).size);
      }),
  },
  'signal-and-newline-apart': {
    of: learningSignals,
    fix: 'append',
    does: 'one append for the signal, and another for the newline',
    why: "B's signal comes between A's signal and A's newline.",
    shows: ['TORN_LINES'],
    perform: (session) => {
      appendFileSync(signalsOf(session), signal(session));
      appendFileSync(signalsOf(session), '\n');
    },
  },
  'signals-trimmed-in-place': {
    of: learningSignals,
    fix: 'append',
    does: 'appends, then keeps the newest signals only: reads all, writes the last of them in place',
    why: "B's append comes between A's read and A's write: A writes back what was there without B's signal.",
    shows: ['LAST_WRITER_WINS', 'TORN_LINES', 'DUPLICATE_ENTRY'],
    perform: (session) => {
      appendFileSync(signalsOf(session), `${signal(session)}\n`);
      const lines = readFileSync(signalsOf(session), 'utf8').split('\n').slice(0, -1);
      writeFileSync(signalsOf(session), `${lines.slice(-SIGNALS_KEPT).join('\n')}\n`);
    },
  },
};
