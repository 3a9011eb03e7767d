import { readFileSync } from 'node:fs';

/** Reads and parses a JSON file. Throws SyntaxError where it is empty or cut. */
export const readJson = <Value>(file: string): Value => JSON.parse(readFileSync(file, 'utf8')) as Value;
