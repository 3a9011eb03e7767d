import type { Execution } from '../history/execution.ts';

/** Every way a shared resource can collide, with its meaning in one line. */
export const collisionClasses = {
  LAST_WRITER_WINS: 'an acknowledged update is missing from a well-formed final state',
  TORN_LINES: 'a ledger holds a line that no session wrote: cut, merged or interleaved',
  TORN_STATE: 'a whole-file resource was seen, or left, empty, partial or unparseable',
  DOUBLE_CONSUME: 'a one-shot token, marker or lease was granted to more than one session',
  EXCLUSION_BROKEN: 'more holders inside a critical section than it admits',
  DUPLICATE_KEY: 'two sessions took one key',
  DUPLICATE_ENTRY: 'an entry that must be unique is there twice',
  FOREIGN_DELETE: "a session's own data was removed by another's clean-up",
  CONTAMINATED: "a session acted on a blend of several sessions' state, or on another's",
  FORKED_CHAIN: 'a hash chain no longer verifies',
  NOT_SERIALIZABLE: 'no serial order explains the outcome, and no narrower class does',
  FAILS_UNDER_CONTENTION: 'a session fails because of the others: one after another it succeeds',
  STUCK: 'deadlock, livelock, or a lock that nobody can take again',
  LOST_ON_CRASH: 'acknowledged data is missing after a crash or power loss',
  CORRUPT_ON_CRASH: 'the state is unreadable after a crash or power loss',
} as const;

export type CollisionClass = keyof typeof collisionClasses;

/** What an oracle found wrong with one execution. */
export interface Finding {
  readonly class: CollisionClass;
  /** How many operations, lines or tokens are concerned. */
  readonly count: number;
  /** One line for people: which data, of which session. */
  readonly message: string;
}

/** Judges an execution by its history and final state alone. Pure, and linear in the size of the execution. */
export type Oracle = (execution: Execution) => readonly Finding[];

/** A finding, or none: most oracles count one kind of thing and say nothing when there is none of it. */
export const findingIf = (
  kind: CollisionClass,
  items: readonly unknown[],
  message: () => string,
): readonly Finding[] => (items.length === 0 ? [] : [{ class: kind, count: items.length, message: message() }]);

/** `a, b, c and 4 more`. */
export function someOf(items: readonly string[], shown = 3): string {
  const rest = items.length - shown;
  return rest > 0 ? `${items.slice(0, shown).join(', ')} and ${rest} more` : items.join(', ');
}

/** `s0 and s1`. */
export const named = (operations: readonly { readonly session: number }[]): string =>
  operations.map(({ session }) => `s${session}`).join(' and ');

/** A piece of a file, short enough for a message, control characters made visible. */
export const excerpt = (text: string, chars = 60): string =>
  JSON.stringify(text.length > chars ? `${text.slice(0, chars)}…` : text);
