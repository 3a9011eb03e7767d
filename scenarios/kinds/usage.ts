import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Session } from '../../harness/scenario/scenario.ts';
import { appendLine, parseLines } from '../recipes/jsonl.ts';

/** One line of a usage file: what one message cost. */
export interface Usage {
  /** The operation that sent the message. */
  readonly by: string;
  readonly tokens: number;
}

/** One usage file for everybody. */
export const sharedUsage = (session: Session): string => session.path('usage.jsonl');

/** A usage file in a directory of the session's own. */
export function sessionUsage(session: Session): string {
  const file = session.path('sessions', session.uuid, 'usage.jsonl');
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

/** One appended line a message: nothing is ever lost from a usage file. */
export const recordMessage = (file: string, usage: Usage): void => appendLine(file, usage);

/** The lines of a usage file; none where it has yet to be written. */
export const usagesIn = (file: string): readonly Usage[] =>
  existsSync(file) ? parseLines<Usage>(readFileSync(file, 'utf8')) : [];

/** What messages add up to. */
export interface Used {
  readonly messages: number;
  readonly tokens: number;
}

export const sumOf = (usages: readonly Usage[]): Used => ({
  messages: usages.length,
  tokens: usages.reduce((sum, { tokens }) => sum + tokens, 0),
});
