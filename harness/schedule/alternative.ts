import type { Step } from '../history/step.ts';
import type { Candidate, Choice } from './scheduler.ts';

/** What can be chosen at a moment: a session's number, or `1@outwait`. A session has at most one of the two. */
export const alternative = ({ session, outwait }: Candidate): string => (outwait ? `${session}@outwait` : `${session}`);

/** A decision that is to be made again in another execution. */
export interface Planned {
  /** The alternative. */
  readonly who: string;
  /** What it did. */
  readonly what: string;
}

export const planned = (candidate: Candidate): Planned => ({
  who: alternative(candidate),
  what: nameOf(candidate.step),
});

/** Makes a decision again. Where that is not possible, the program is not deterministic: says so, and returns undefined. */
export function again(
  choice: Choice,
  { who, what }: Planned,
  diverged: (message: string) => void,
): Candidate | undefined {
  const found = choice.enabled.find((candidate) => alternative(candidate) === who);
  const now = found && nameOf(found.step);
  if (now === what) return found;
  diverged(`session ${who} did ${what} before, and now ${now === undefined ? 'it cannot go on' : `does ${now}`}`);
  return undefined;
}

/** What a session would do next, whether it can or not; not how it would outwait others. */
export function pendingAt({ enabled, blocked }: Choice, session: number): Candidate | undefined {
  const isOf = (candidate: Candidate): boolean => candidate.session === session && !candidate.outwait;
  return enabled.find(isOf) ?? blocked.find(isOf);
}

export const nameOf = ({ call, path, operation }: Step): string => `${call} ${path} in operation ${operation}`;
