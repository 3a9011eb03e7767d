/** Damage that is there already: files are read, and nothing else is done to them. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { damageIn, lookedFor } from '../damage/examine.ts';
import { type Format, formatOf } from '../damage/formats.ts';
import type { Damage, DamageKind } from '../damage/kinds.ts';
import { ledgerDamage } from '../damage/ledger.ts';
import { limits } from '../limits.ts';
import { databaseDamage } from './database.ts';
import { NotExaminable } from './not-examinable.ts';

/** What `collide autopsy --json` prints of each file. */
export interface Examined {
  readonly file: string;
  readonly format: Format;
  readonly bytes: number;
  /** Of a ledger. */
  readonly lines?: number;
  /** In the order of the file; of many, so many as `limits.damagesKept`. */
  readonly damages: readonly Damage[];
  readonly lookedFor: readonly DamageKind[];
}

/** One of several that nothing can be said of. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

const HEAD_BYTES = 64 * 1024;

/**
 * @param as the format, where it is known better than by name and content.
 * @throws {NotExaminable} where it is not there, no file, too large, or neither text nor a database.
 */
export async function autopsyOf(file: string, as?: Format): Promise<Examined> {
  const fd = opened(file);
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory())
      throw new NotExaminable(`${file}: that is a directory; name files in it, such as ${file}/*.json`);
    if (!stats.isFile()) throw new NotExaminable(`${file}: that is no regular file`);
    const head = Buffer.alloc(Math.min(HEAD_BYTES, stats.size));
    const format = as ?? formatOf(file, head.subarray(0, readSync(fd, head, 0, head.length, 0)));
    if (format === undefined) {
      throw new NotExaminable(
        `${file}: neither text nor a SQLite database, as far as its first bytes tell; say --as text if it is`,
      );
    }
    const of = { file, format, lookedFor: lookedFor[format] };
    if (format === 'jsonl') return { ...of, ...readByLines(fd, file) };
    if (format === 'sqlite') return { ...of, bytes: stats.size, damages: await databaseDamage(file, head) };
    if (stats.size > limits.documentBytes) {
      throw new NotExaminable(
        `${file}: ${mebibytes(stats.size)} MiB, and no more than ${mebibytes(limits.documentBytes)} are looked into as a whole; say --as jsonl if it is a ledger`,
      );
    }
    const content = readWhole(fd, stats.size);
    return { ...of, bytes: content.length, damages: damageIn(content, format) };
  } finally {
    closeSync(fd);
  }
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

function opened(file: string): number {
  try {
    // A FIFO that nobody writes to would be waited for: open(2).
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new NotExaminable(`${file}: there is no such file`);
    throw new NotExaminable(`${file}: can't be read: ${message}`);
  }
}

function readWhole(fd: number, size: number): Buffer {
  const content = Buffer.alloc(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read) {
    read = readSync(fd, content, length, size - length, length);
  }
  return content.subarray(0, length);
}

const CHUNK_BYTES = 2 ** 20;
const NEWLINE = 0x0a;

function readByLines(fd: number, file: string): Pick<Examined, 'bytes' | 'lines' | 'damages'> {
  const ledger = ledgerDamage();
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let [bytes, lines] = [0, 0];
  /** What came before, of a line that goes on. */
  let begun: Buffer[] = [];
  const ends = (rest: Buffer, ended: boolean): void => {
    ledger.line(begun.length === 0 ? rest : Buffer.concat([...begun, rest]), ended);
    begun = [];
    lines++;
  };
  for (;;) {
    const read = readSync(fd, chunk, 0, CHUNK_BYTES, bytes);
    if (read === 0) break;
    bytes += read;
    const piece = chunk.subarray(0, read);
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      ends(piece.subarray(from, end), true);
      from = end + 1;
    }
    if (from < read) begun.push(Buffer.from(piece.subarray(from)));
    if (begun.length * CHUNK_BYTES > limits.lineBytes) {
      throw new NotExaminable(
        `${file}: line ${lines + 1} is longer than ${mebibytes(limits.lineBytes)} MiB; if it is no ledger, say with --as what it is`,
      );
    }
  }
  if (begun.length > 0) ends(Buffer.alloc(0), false);
  return { bytes, lines, damages: ledger.end() };
}
