/** What is so on a file system, whoever else is there: asked by one process, in an empty directory. */

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import * as libc from './libc.ts';
import type { Fact } from './result.ts';

type Answer = Pick<Fact, 'answer' | 'evidence'>;

interface Question extends Pick<Fact, 'id' | 'operation' | 'purpose'> {
  /** In a directory of its own, which exists. */
  readonly ask: (dir: string) => Answer;
}

const questions: readonly Question[] = [
  {
    id: 'hard-links',
    operation: 'hard links',
    purpose: 'link',
    ask: (dir) => {
      const [from, to] = [file(dir, 'a'), join(dir, 'b')];
      const error = libc.link(from, to);
      return supported(error, () => statSync(to).ino === statSync(from).ino && statSync(to).nlink === 2);
    },
  },
  {
    id: 'symbolic-links',
    operation: 'symbolic links',
    purpose: 'symlink',
    ask: (dir) => {
      const path = join(dir, 'a');
      return supported(libc.symlink('nowhere', path), () => lstatSync(path).isSymbolicLink());
    },
  },
  {
    id: 'rename-exchange',
    operation: 'rename with RENAME_EXCHANGE',
    purpose: 'swap two files or directories',
    ask: (dir) => {
      const [a, b] = [file(dir, 'a'), file(dir, 'b')];
      return supported(
        linuxOnly(() => libc.renameExchange(a, b)),
        () => text(a) === 'b' && text(b) === 'a',
      );
    },
  },
  {
    id: 'tmpfile',
    operation: 'O_TMPFILE',
    purpose: 'a file without a name',
    ask: (dir) => {
      const opened = libc.open(dir, constants.O_WRONLY | libc.O_TMPFILE);
      if (opened.error === undefined) opened.close();
      return supported(opened.error, () => true);
    },
  },
  {
    id: 'case',
    operation: 'names that differ in case',
    purpose: 'NOTES.md and notes.md',
    ask: (dir) => {
      file(dir, 'name');
      return existsSync(join(dir, 'NAME'))
        ? { answer: 'the same file', evidence: 'two sessions that spell a name in two ways share it' }
        : { answer: 'two files', evidence: '' };
    },
  },
  { id: 'mtime', operation: 'mtime', purpose: '"has it changed since?"', ask: (dir) => steps(mtimes(join(dir, 'a'))) },
];

/** The content of a new file is its name. */
function file(dir: string, name: string): string {
  const path = join(dir, name);
  writeFileSync(path, name);
  return path;
}

const text = (path: string): string => readFileSync(path, 'utf8');

/** A function of libc that is not there is no error of the file system's. */
function linuxOnly(call: () => string | undefined): string | undefined {
  try {
    return call();
  } catch (error) {
    return (error as Error).message;
  }
}

function supported(error: string | undefined, isSo: () => boolean): Answer {
  if (error !== undefined) return { answer: 'no', evidence: error };
  return isSo() ? { answer: 'yes', evidence: '' } : { answer: 'no', evidence: 'no error, and no effect' };
}

const MTIMES_MS = 150;

/** The mtime of a file behind each of many writes in a row, in nanoseconds. */
function mtimes(path: string): readonly bigint[] {
  const fd = openSync(path, 'w');
  try {
    const seen: bigint[] = [];
    const until = performance.now() + MTIMES_MS;
    do {
      writeSync(fd, 'x', 0);
      seen.push(fstatSync(fd, { bigint: true }).mtimeNs);
    } while (performance.now() < until);
    return seen;
  } finally {
    closeSync(fd);
  }
}

/** The smallest step of an mtime, and how often it did not step at all. */
export function steps(mtimes: readonly bigint[]): Answer {
  const all = mtimes.slice(1).map((mtime, at) => mtime - mtimes[at]!);
  const taken = all.filter((step) => step > 0n);
  const writes = `${all.length.toLocaleString('en-US')} writes right behind another`;
  if (taken.length === 0) return { answer: 'no step seen', evidence: `the same after all of ${writes}` };
  const smallest = taken.reduce((least, step) => (step < least ? step : least));
  const still = all.filter((step) => step === 0n).length;
  const back = all.filter((step) => step < 0n).length;
  return {
    answer: `steps of ${stepWords(Number(smallest))}`,
    evidence: [
      `the same after ${still.toLocaleString('en-US')} of ${writes}`,
      ...(back === 0 ? [] : [`${back} times earlier than before`]),
    ].join('; '),
  };
}

const UNITS = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
] as const;

/** In two digits, since it was measured. */
function stepWords(exact: number): string {
  const ns = Number(exact.toPrecision(2));
  const [size, unit] = UNITS.find(([size]) => ns >= size) ?? [1, 'ns'];
  return `${ns / size} ${unit}`;
}

/** @param room makes an empty directory. */
export const askFacts = (room: () => string): readonly Fact[] =>
  questions.map(({ id, operation, purpose, ask }) => ({ id, operation, purpose, ...asked(ask, room) }));

function asked(ask: Question['ask'], room: () => string): Answer {
  try {
    return ask(room());
  } catch (error) {
    return { answer: 'not measured', evidence: (error as Error).message };
  }
}
