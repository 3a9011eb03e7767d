import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unbrokenChain } from '../harness/oracle/chain.ts';
import { wholeLines } from '../harness/oracle/entries.ts';
import { sh } from '../harness/scenario/command.ts';
import { defineScenario, type UnderFault } from '../harness/scenario/scenario.ts';
import { appendedUnderLock } from './kinds/under-faults.ts';

const sha256 = 'sha256sum|shasum';

const cutOffLink: UnderFault = {
  truth: ['FORKED_CHAIN', 'CORRUPT_ON_CRASH'],
  why: 'A write that is killed in the middle leaves a piece of a line; the next verdict is appended to that, and the two are one line that continues nothing.',
};

const zerosForLinks: UnderFault = {
  truth: ['FORKED_CHAIN', 'LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
  why: 'Nothing is flushed: a verdict may be gone, or be there as zeros, which no line continues.',
};

export default defineScenario({
  id: 'verdict-chain',
  priority: 'P2',
  source: 'P2-3',
  resource: 'JSONL ledger of verdicts; each line carries the SHA-256 of the line before it',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'a hook script (sh), one verdict at a time, under a lock',
  audit: 'low',
  fix: 'flock',
  operations: 2,
  setup: (dir) => writeFileSync(join(dir, 'verdicts.jsonl'), ''),
  oracles: [unbrokenChain('verdicts.jsonl'), wholeLines('verdicts.jsonl')],

  strategies: {
    'mkdir-timeout': {
      does: 'a lock directory: 100 tries, 10 ms apart, then write anyway',
      truth: ['FORKED_CHAIN'],
      why: "A holds the lock for longer than B's 100 tries last; B reads the last line before A's append, and both continue it. B then removes A's lock, and lets a third session in.",
      needs: [sha256],
      underFaults: {
        crash: cutOffLink,
        'power-posix': zerosForLinks,
        'power-ext4': appendedUnderLock['power-ext4'],
      },
      perform: sh('verdict-chain/mkdir-timeout.sh'),
    },
    'mkdir-wait': {
      does: 'a lock directory, waited for without end',
      truth: 'SAFE',
      why: 'mkdir(2) succeeds for one caller only. A holder that dies leaves the directory behind, and everybody waits for ever: STUCK.',
      cost: 'A holder that dies leaves the directory behind, and all others wait for ever. Waiting is asking again every 10 ms, in no order.',
      needs: [sha256],
      underFaults: {
        crash: { truth: ['STUCK'], why: 'A killed holder leaves the directory behind, and everybody waits for ever.' },
        errno: {
          truth: ['FORKED_CHAIN', 'STUCK'],
          why: 'Where the ledger can not be read, the script takes it for empty, and its line continues nothing. Where the directory can not be removed, everybody waits for ever.',
        },
        'power-posix': {
          truth: ['FORKED_CHAIN', 'STUCK', 'LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
          why: 'Nothing is flushed: a verdict may be gone, or be there as zeros, which no line continues. The directory may be there without a holder.',
        },
        'power-ext4': {
          truth: ['STUCK', 'LOST_ON_CRASH'],
          why: 'Nothing is flushed: a verdict may be gone. The directory may be there without a holder.',
        },
      },
      perform: sh('verdict-chain/mkdir-wait.sh'),
    },
    flock: {
      does: 'advisory lock on a sidecar around read, hash, append',
      truth: 'SAFE',
      why: 'The kernel lets one holder in at a time, and takes the lock back from one that dies.',
      cost: 'Writers wait for each other, for 10 s at most, and are then refused; a crash releases the lock. It takes flock or lockf, and a local file system, or NFSv4.',
      needs: ['flock|lockf', sha256],
      underFaults: {
        crash: cutOffLink,
        errno: {
          truth: ['FORKED_CHAIN'],
          why: 'Where the ledger can not be read, the script takes it for empty, and its line continues nothing.',
        },
        'power-posix': zerosForLinks,
        'power-ext4': appendedUnderLock['power-ext4'],
      },
      perform: sh('verdict-chain/flock.sh'),
    },
  },
});
