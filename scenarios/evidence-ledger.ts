import { closeSync, fstatSync, fsyncSync, openSync, promises, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { wholeLines } from '../harness/oracle/entries.ts';
import { defineScenario, type Session, type UnderFault } from '../harness/scenario/scenario.ts';
import { appended } from './kinds/under-faults.ts';

/** Node hands out the content of an asynchronous appendFile in chunks of 512 KiB. */
const CHUNK = 512 * 1024;

/** The body repeats the entry's id, so that a fragment tells whose it is. Its length is another for each session. */
const entry = ({ id, index }: Session, bodyLength = 3000): string =>
  JSON.stringify({ id, body: `${id} `.repeat(Math.ceil((bodyLength + 40 * index) / (id.length + 1))) });

const ledgerOf = (session: Session): string => session.path('ledger.jsonl');

const zeros: UnderFault = {
  truth: ['CORRUPT_ON_CRASH'],
  why: 'What was acknowledged is there. Of the entry that was being written the length may be there without the bytes: zeros, and the next entry is appended to those.',
};

/** Opens the ledger, works on it, and closes it whatever happens. */
function withLedger(session: Session, flags: string, work: (fd: number) => void): void {
  const fd = openSync(ledgerOf(session), flags);
  try {
    work(fd);
  } finally {
    closeSync(fd);
  }
}

export default defineScenario({
  id: 'evidence-ledger',
  priority: 'P1',
  source: 'P1-2',
  resource: 'JSONL ledger of evidence, one entry for each event',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'every session, one entry at a time (Node)',
  audit: 'fix applied',
  fix: 'append-fsync',
  operations: 10,
  setup: (dir) => writeFileSync(join(dir, 'ledger.jsonl'), ''),
  oracles: [wholeLines('ledger.jsonl')],

  strategies: {
    'append-fsync': {
      does: "open 'a', one write, fsync, close",
      truth: 'SAFE',
      why: 'O_APPEND makes "go to the end and write" one step, and the entry with its newline is one write(2).',
      cost: 'One fsync(2) for each entry, some milliseconds on a disk. It holds for an entry that goes out in one write(2), on a local file system: NFS has no atomic append.',
      underFaults: {
        ...appended,
        'power-posix': zeros,
        'power-ext4': zeros,
      },
      perform: (session) =>
        withLedger(session, 'a', (fd) => {
          writeSync(fd, `${entry(session)}\n`);
          fsyncSync(fd);
        }),
    },
    rewrite: {
      does: 'read all, add, write all in place',
      truth: ['LAST_WRITER_WINS', 'TORN_LINES'],
      why: "B reads between A's read and A's write, and writes A's entry away. Where both have truncated before either writes, the shorter text lands on the longer one and leaves its tail.",
      perform: (session) =>
        writeFileSync(ledgerOf(session), `${readFileSync(ledgerOf(session), 'utf8')}${entry(session)}\n`),
    },
    'split-append': {
      does: "open 'a', write a long body, write the newline, close",
      truth: ['TORN_LINES'],
      why: "Each write goes to the end, but B's body comes between A's body and A's newline.",
      perform: (session) =>
        withLedger(session, 'a', (fd) => {
          writeSync(fd, entry(session, 30_000));
          writeSync(fd, '\n');
        }),
    },
    'append-large': {
      does: 'asynchronous appendFile of an entry longer than 512 KiB',
      truth: ['TORN_LINES'],
      why: "Node writes it in chunks of 512 KiB, one write(2) each: B's first chunk comes between A's first and A's second.",
      operations: 1,
      perform: (session) => promises.appendFile(ledgerOf(session), `${entry(session, CHUNK)}\n`),
    },
    'seek-end': {
      does: 'open without O_APPEND, stat, write at the size',
      truth: ['LAST_WRITER_WINS', 'TORN_LINES'],
      why: 'A and B see the same size and write at the same place. The longer entry buries the shorter one; the shorter one leaves the tail of the longer.',
      perform: (session) =>
        withLedger(session, 'r+', (fd) => {
          writeSync(fd, `${entry(session)}\n`, fstatSync(fd).size);
        }),
    },
  },
});
