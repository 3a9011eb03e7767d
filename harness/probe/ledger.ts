/** What is in a file to which several processes have appended lines, each of its own number over and over. */

import { closeSync, openSync, readSync } from 'node:fs';
import type { LedgerTally } from './result.ts';
import type { Order } from './writers.ts';

/** The same byte so many times. */
interface Run {
  readonly byte: number;
  readonly length: number;
}

type Line = readonly Run[];

const NEWLINE = 10;
const ZERO = 48;

/** The lines of a file, without their newlines; the last one has no newline where `ended` is false. */
export function linesIn(chunks: Iterable<Uint8Array>): { readonly lines: readonly Line[]; readonly ended: boolean } {
  const lines: Line[] = [];
  let line: Run[] = [];
  let byte = NEWLINE;
  let length = 0;
  const endRun = (): void => {
    if (length > 0) line.push({ byte, length });
    length = 0;
  };
  let ended = true;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at++) {
      const next = chunk[at]!;
      if (next === byte && next !== NEWLINE) {
        const more = runAt(chunk, at);
        length += more;
        at += more - 1;
        continue;
      }
      endRun();
      byte = next;
      ended = next === NEWLINE;
      if (ended) {
        lines.push(line);
        line = [];
      } else length = 1;
    }
  }
  endRun();
  if (!ended) lines.push(line);
  return { lines, ended };
}

const BLOCK_BYTES = 4096;
const blocks = Array.from({ length: 256 }, (_, byte) => Buffer.alloc(BLOCK_BYTES, byte));

/** For how many bytes the one here goes on; by blocks, since there are hundreds of MiB. */
function runAt(chunk: Uint8Array, from: number): number {
  const byte = chunk[from]!;
  let at = from;
  while (blocks[byte]!.equals(chunk.subarray(at, at + BLOCK_BYTES))) at += BLOCK_BYTES;
  while (chunk[at] === byte) at++;
  return at - from;
}

/** Whose line it is; undefined where it is not exactly what one of the processes appends. */
function ownerOf(line: Line, { bytes, processes }: Order): number | undefined {
  const [run] = line;
  if (line.length !== 1 || run === undefined || run.length !== bytes - 1) return undefined;
  const owner = run.byte - ZERO;
  return owner >= 0 && owner < processes ? owner : undefined;
}

/** Every line in the file is one that a process appended, and every byte that was appended is there. */
export function judgeLedger(chunks: Iterable<Uint8Array>, order: Order): LedgerTally {
  let found = 0;
  const counted = function* (): Generator<Uint8Array> {
    for (const chunk of chunks) {
      found += chunk.length;
      yield chunk;
    }
  };
  const { lines, ended } = linesIn(counted());
  const owners = lines.map((line) => ownerOf(line, order));
  const isTorn = (_: Line, at: number): boolean => owners[at] === undefined || (!ended && at === lines.length - 1);
  const torn = lines.filter(isTorn);
  const [example] = torn.toSorted((a, b) => b.length - a.length);
  const appended = order.lines * order.processes;
  return {
    lines: appended,
    torn: torn.length,
    missingBytes: Math.max(0, appended * order.bytes - found),
    turns: turnsOf(owners),
    ...(example === undefined ? {} : { example: lineWords(example) }),
  };
}

/** How often somebody comes back after another. */
function turnsOf(owners: readonly (number | undefined)[]): number {
  const whole = owners.filter((owner) => owner !== undefined);
  const changes = whole.filter((owner, at) => at > 0 && owner !== whole[at - 1]).length;
  return Math.max(0, changes - (new Set(whole).size - 1));
}

const RUNS_SHOWN = 4;

/** `8192 bytes of process 0, 8192 of process 1`: the pieces of a line, by whose they are. */
function lineWords(line: Line): string {
  if (line.length === 0) return 'an empty line';
  const shown = line.slice(0, RUNS_SHOWN).map(({ byte, length }, at) => {
    return `${length}${at > 0 ? '' : length === 1 ? ' byte' : ' bytes'} of ${nameOf(byte)}`;
  });
  return [...shown, ...(line.length > RUNS_SHOWN ? [`${line.length - RUNS_SHOWN} more pieces`] : [])].join(', ');
}

const nameOf = (byte: number): string =>
  byte >= ZERO && byte <= ZERO + 9 ? `process ${String.fromCharCode(byte)}` : `nobody's (${byte})`;

const CHUNK_BYTES = 2 ** 20;

/** The bytes of a file. The chunk is used again: look at it before the next. */
export function* bytesOf(path: string): Generator<Uint8Array> {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const length = readSync(fd, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}
