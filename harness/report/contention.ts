/** What is said of sessions that fail because of each other, beside a verdict that it does not change. */

import type { Contention } from '../verdict/contention.ts';
import { visible } from './step-words.ts';

/** `fails under contention in 12 of 40 interleavings`. */
export function contentionWords(contention: Contention | undefined): readonly string[] {
  if (contention === undefined) return [];
  const { executions, of, rounds, ofRounds } = contention;
  const seen = [
    ...(executions > 0 ? [`${executions} of ${amount(of, 'interleaving')}`] : []),
    ...(rounds > 0 ? [`${rounds} of ${amount(ofRounds, 'round')}`] : []),
  ];
  return [`fails under contention in ${seen.join(' and ')}`];
}

const amount = (value: number, noun: string): string =>
  `${value.toLocaleString('en-US')} ${noun}${value === 1 ? '' : 's'}`;

const LINE_CHARS = 200;

/** Who fails, what it prints, and how to see it. */
export function contentionLines(contention: Contention, replayWith: (witness: string) => string): readonly string[] {
  const [message = '', ...more] = contentionMessage(contention);
  const { replay } = contention;
  return [
    `Fails under contention: ${message}`,
    ...more.map((line) => `  ${line}`),
    ...(replay === undefined ? [] : [`See it: ${replayWith(replay)}`]),
  ];
}

/** Who fails, then what else it printed: the first line has the first line of that. */
export function contentionMessage({ message, stderr }: Contention): readonly string[] {
  const [, ...more] = stderr.split('\n');
  return [visible(message, LINE_CHARS * 2), ...more.map((line) => visible(line, LINE_CHARS))];
}
