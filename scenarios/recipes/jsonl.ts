import { appendFileSync } from 'node:fs';

/**
 * Appends one entry as one line.
 *
 * Works because O_APPEND makes "go to the end and write" one step, and because the whole line goes out in one write(2).
 * An entry that is written in pieces, or is too long for one write, has no such protection.
 */
export const appendLine = (file: string, entry: object): void => appendFileSync(file, `${JSON.stringify(entry)}\n`);

/** The entries of a JSONL text, without a last line that is still being written. */
export const parseLines = <Entry>(text: string): readonly Entry[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry);
