/** Operations and verdicts in a few words, for messages. */

import type { Blocked } from './linearizability.ts';
import type { ModelOperation } from './model.ts';

/** `cas [0,1] → true`, `dequeue mail → null`, `write 1 (in doubt)`. */
export function notation({ input, completion }: ModelOperation<unknown, unknown>): string {
  if (completion.type !== 'ok') return `${asked(input)} (${completion.type === 'fail' ? 'failed' : 'in doubt'})`;
  // Whoever tells something is told nothing; whoever asks may have been told null.
  const silent = completion.output === null && argumentsOf(input).length > 0;
  return silent ? asked(input) : `${asked(input)} → ${excerpt(completion.output)}`;
}

/** `read answered 1 where the model allows 2`. */
export function objection({ operation: { input, completion }, allowed }: Blocked<unknown, unknown>): string {
  if (allowed.length === 0 || completion.type !== 'ok') return `the model allows no ${asked(input)}`;
  const answers = [...new Set(allowed.map((output) => excerpt(output)))];
  return `${asked(input)} answered ${excerpt(completion.output)} where the model allows ${answers.join(' or ')}`;
}

/** Inputs of the models of this project have a name, `f`, and perhaps a `key`; any others are shown as they are. */
function asked(input: unknown): string {
  const { f, key } = (input ?? {}) as { readonly f?: unknown; readonly key?: unknown };
  if (typeof f !== 'string') return excerpt(input);
  return [f, ...(key === undefined ? [] : [String(key)]), ...argumentsOf(input)].join(' ');
}

const argumentsOf = (input: unknown): readonly string[] =>
  typeof input === 'object' && input !== null
    ? Object.entries(input).flatMap(([name, value]) => (name === 'f' || name === 'key' ? [] : [excerpt(value)]))
    : [];

/** Long values without their middle: what differs is mostly at the end. */
function excerpt(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 40)}…${text.slice(-39)}` : text;
}
