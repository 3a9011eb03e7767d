/**
 * Times of changes, as far as they are more than whether something has changed since. Which of two files was changed first
 * (`test -nt`, make(1)) and how long ago that was (a lock that may be stale) depend on steps that commute, and on sleeps, which
 * take no time behind the gate. Neither is searched: where an execution comes to that, it is named.
 */

import { type Omission, THE_RESOURCE } from '../history/omission.ts';
import { dependent, type Step } from '../history/step.ts';

interface Look {
  readonly path: string;
  /** Index of the step that changed it last. */
  readonly changed: number;
}

/** @param steps of one execution, in order. */
export function agesIn(steps: readonly Step[]): Omission | undefined {
  const looks = new Map<number, Look[]>();
  const lastSleep = steps.findLastIndex(({ call }) => call === 'sleep');
  for (const [at, step] of steps.entries()) {
    const objects = lookedAt(step);
    if (objects === undefined) {
      if (!LOOKS.has(step.call)) looks.delete(step.session);
      continue;
    }
    const changed = steps.findLastIndex((other, index) => index < at && changes(other, objects));
    if (changed < 0) continue;
    const { session, path } = step;
    if (isForTheNext(step, steps.slice(at + 1))) continue;
    if (steps[changed]!.session !== session && lastSleep > changed) {
      return { kind: 'ages', what: `how old ${path || THE_RESOURCE} is after a sleep` };
    }
    const before = looks.get(session) ?? [];
    const other = before.find((look) => look.path !== path && areApart(steps, look.changed, changed));
    if (other !== undefined) return { kind: 'ages', what: `${other.path || THE_RESOURCE} or ${path || THE_RESOURCE}` };
    looks.set(session, [...before, { path, changed }]);
  }
  return undefined;
}

/** Whoever compares two times looks at both before he does anything else: git(1) looks at many files, and reads between. */
const LOOKS: ReadonlySet<Step['call']> = new Set(['stat', 'access', 'readlink', 'list', 'open', 'sleep']);

/**
 * fstat(2) of a file that is read next asks how much to read at once: so do cat(1), and whoever opens a stream. And mv(1) looks at both
 * names before it renames one to the other; with `-u` it goes by their ages, which can't be told from that.
 */
function isForTheNext({ session, call, path }: Step, later: readonly Step[]): boolean {
  if (call !== 'stat') return false;
  const own = later.filter((step) => step.session === session);
  const [next] = own.filter((step) => step.call !== 'stat' || step.path !== path);
  if (next !== undefined && IO.has(next.call) && next.path === path) return true;
  const act = own.find((step) => !LOOKS.has(step.call));
  return act?.call === 'rename' && (act.path === path || act.to === path);
}

const IO: ReadonlySet<Step['call']> = new Set(['read', 'write', 'list', 'copy', 'map']);

/** By what the gate takes for a look at times. */
function lookedAt({ error, accesses = [] }: Step): readonly string[] | undefined {
  const looks = error === undefined && accesses.some(({ object }) => object.startsWith('times '));
  return looks ? accesses.map(({ object }) => object).filter((object) => TIMED.test(object)) : undefined;
}

/** Whatever is made at a path is as old as its entry. */
const TIMED = /^(status|names|entry) /;

const changes = ({ accesses = [] }: Step, objects: readonly string[]): boolean =>
  accesses.some(({ object, mode }) => mode !== 'read' && objects.includes(object));

/** Could they as well come in the other order, with nothing else changed? */
function areApart(steps: readonly Step[], a: number, b: number): boolean {
  const [first, last] = [Math.min(a, b), Math.max(a, b)];
  if (first === last || steps[first]!.session === steps[last]!.session) return false;
  const caused = [steps[first]!];
  for (const step of steps.slice(first + 1, last + 1))
    if (caused.some((cause) => dependent(cause, step))) caused.push(step);
  return caused.at(-1) !== steps[last];
}
