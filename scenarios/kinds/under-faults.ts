import type { FaultKind } from '../../harness/scenario/faults.ts';
import type { UnderFault } from '../../harness/scenario/scenario.ts';

type UnderFaults = Partial<Readonly<Record<FaultKind, UnderFault>>>;

/** What is acknowledged before it has been flushed, whatever the file system. */
const UNFLUSHED = 'Nothing is flushed: what was acknowledged may be gone';

/** An entry appended to what a write has left that did not come to its end. */
export const cutOff: UnderFault = {
  truth: ['CORRUPT_ON_CRASH'],
  why: 'A write that is killed in the middle leaves a piece of a line, and the next entry is appended to that.',
};

const inTwoWrites: UnderFault = {
  truth: ['TORN_LINES'],
  why: 'Whoever is cut short writes the rest behind what another one has appended meanwhile.',
};

/** Lines that are appended to a ledger which began empty, and not flushed. Under a lock, nobody comes between two writes. */
export const appendedUnderLock = {
  crash: cutOff,
  'power-posix': {
    truth: ['LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
    why: `${UNFLUSHED}, or its length be there and zeros instead of its bytes.`,
  },
  'power-ext4': { truth: ['LOST_ON_CRASH'], why: `${UNFLUSHED}.` },
} as const satisfies UnderFaults;

/** The same, where nothing keeps writers apart but O_APPEND. */
export const appended = { ...appendedUnderLock, short: inTwoWrites } as const satisfies UnderFaults;

/** The same, where single steps take too long for all schedules of two writers to be tried. */
export const appendedSlowly = {
  ...appendedUnderLock,
  short: { truth: [], may: inTwoWrites.truth, why: inTwoWrites.why },
} as const satisfies UnderFaults;

/** A document that all write alike: what is lost is soon there again. */
export const halfWritten: UnderFault = {
  truth: ['CORRUPT_ON_CRASH'],
  why: 'The new name can reach the disk before the data: readers find an empty document until somebody writes it anew.',
};

/** Files that are replaced by rename, without fsync. */
export const renamed = {
  'power-posix': {
    truth: ['LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
    why: 'The new name can reach the disk before the data: an empty file. Or neither does, and what was acknowledged is gone.',
  },
  'power-ext4': {
    truth: ['LOST_ON_CRASH'],
    why: 'ext4 writes the data out before such a rename, but not at once: what was acknowledged may be gone.',
  },
} as const satisfies UnderFaults;

const notInPlace: UnderFault = {
  truth: ['LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
  why: 'The truncation can be on the disk without the data: an empty file. Or neither is, and what was acknowledged is gone.',
};

/** Files that are truncated and written in place. */
export const rewritten = {
  crash: {
    truth: ['CORRUPT_ON_CRASH'],
    why: 'A writer that is killed after the truncation leaves an empty file, or a part of one: everything is gone.',
  },
  errno: {
    truth: ['TORN_STATE'],
    why: 'Where the write fails, the file has been truncated already: everything is gone.',
  },
  full: {
    truth: ['TORN_STATE'],
    why: 'There is no room for the new text, and the old one is gone already: truncation comes first.',
  },
  'power-posix': notInPlace,
  'power-ext4': notInPlace,
} as const satisfies UnderFaults;

/** Files that get their name by link(2), or by a rename that replaces none, without fsync. */
export const linked = {
  'power-posix': renamed['power-posix'],
  'power-ext4': {
    truth: ['LOST_ON_CRASH', 'CORRUPT_ON_CRASH'],
    why: 'ext4 writes the data out before a rename that replaces a file, but before no other new name: it may lead to an empty file, or not be there.',
  },
} as const satisfies UnderFaults;

/** Files that are created with O_EXCL and say by being there that something was granted, for good. */
export const marked = {
  crash: {
    truth: ['STUCK'],
    why: 'Who is killed after the open leaves the file behind: all others are refused for ever, and nobody has been granted anything.',
  },
  errno: {
    truth: ['STUCK'],
    why: 'Where the write fails, the file is there already: all others are refused for ever.',
  },
  full: {
    truth: ['STUCK'],
    why: 'The file may still be created, and is left without its content: all others are refused for ever.',
  },
  'power-posix': {
    truth: ['DOUBLE_CONSUME', 'STUCK'],
    why: 'Nothing is flushed: a file that was granted may be gone, and is granted again; one that nobody was told of may be there.',
  },
  'power-ext4': {
    truth: ['DOUBLE_CONSUME', 'STUCK'],
    why: 'The journal is not committed at once: a file that was granted may be gone, and is granted again; one that nobody was told of may be there.',
  },
} as const satisfies UnderFaults;

const LOG = 'The write-ahead log is flushed at checkpoints only (synchronous = NORMAL)';

/** SQLite with a write-ahead log, which is flushed at checkpoints only. */
export const logged = {
  'power-posix': { truth: ['LOST_ON_CRASH'], why: `${LOG}: the last transactions may be gone. Their checksums tell.` },
  'power-ext4': { truth: ['LOST_ON_CRASH'], why: `${LOG}: the last transactions may be gone. Their checksums tell.` },
} as const satisfies UnderFaults;
