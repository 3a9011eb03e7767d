import { type Dirent, readdirSync } from 'node:fs';
import { textOf } from './text.ts';

/** A file has a name that is not UTF-8: it can be neither found nor told from others by it. */
export class NameIsNoText extends Error {
  override readonly name = 'NameIsNoText';
  constructor(name: Buffer) {
    super(`a file name that is not UTF-8 can't be compared: ${readable(name)}`);
  }
}

/** What is in a directory. @throws {NameIsNoText} */
export function entriesIn(dir: string): readonly Dirent[] {
  const entries = readdirSync(dir, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes('\uFFFD'))) return entries;
  const bad = readdirSync(dir, { encoding: 'buffer' }).find((name) => !Buffer.from(name.toString()).equals(name));
  if (bad !== undefined) throw new NameIsNoText(bad);
  return entries;
}

/** As shells would have it: `bad\377`. */
const readable = (name: Buffer): string =>
  textOf(name).replaceAll(/[\uDC80-\uDCFF]/gu, (byte) => `\\${(byte.charCodeAt(0) - 0xdc00).toString(8)}`);
