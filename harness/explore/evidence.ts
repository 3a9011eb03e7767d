import { createHash } from 'node:crypto';
import { dependent, type Step } from '../history/step.ts';
import { depends } from '../schedule/races.ts';
import type { Candidate, Decision } from '../schedule/scheduler.ts';
import type { Seen } from '../verdict/exploration.ts';

/** What a number of explored executions amounts to: how different they really were. */
export class Evidence {
  executions: number;
  /** Steps of the longest execution. */
  longest: number;
  /** Digests of `traceKey`. */
  readonly #traces: Set<string>;
  /** Orders in which two conflicting steps were seen: 1, 2, or with 3 both. */
  readonly #orders: Map<string, number>;
  #reordered: number;

  /** @param before what was explored before, in another way, and counts too. */
  constructor(before?: Evidence) {
    this.executions = before?.executions ?? 0;
    this.longest = before?.longest ?? 0;
    this.#traces = new Set(before === undefined ? [] : before.#traces);
    this.#orders = new Map(before === undefined ? [] : before.#orders);
    this.#reordered = before?.reordered ?? 0;
  }

  /** Returns the digest of its trace. */
  add(decisions: readonly Decision[]): string {
    this.executions++;
    this.longest = Math.max(this.longest, decisions.length);
    const chosen = decisions.map((decision) => decision.chosen);
    const key = digest(traceKey(chosen));
    if (this.#traces.has(key)) return key;
    this.#traces.add(key);
    this.#compareOrders(chosen.map(({ step }) => step));
    return key;
  }

  /** What can be added to what others have seen of the same search. */
  get seen(): Seen {
    return {
      traces: [...this.#traces],
      orders: [...this.#orders].map(([pair, orders]) => [digest(pair), orders] as const),
    };
  }

  /** Executions that differ in the order of steps that conflict. */
  get traces(): number {
    return this.#traces.size;
  }

  /** Pairs of conflicting steps of two sessions that were seen in both orders. */
  get reordered(): number {
    return this.#reordered;
  }

  #compareOrders(steps: readonly Step[]): void {
    const names = steps.map(occurrenceNames());
    for (const [later, step] of steps.entries()) {
      for (let earlier = 0; earlier < later; earlier++) {
        const other = steps[earlier]!;
        if (other.session === step.session || !dependent(other, step)) continue;
        const inOrder = other.session < step.session;
        const pair = inOrder ? `${names[earlier]}|${names[later]}` : `${names[later]}|${names[earlier]}`;
        const before = this.#orders.get(pair) ?? 0;
        const now = before | (inOrder ? 1 : 2);
        if (now === before) continue;
        this.#orders.set(pair, now);
        if (now === 3) this.#reordered++;
      }
    }
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 12);

/** Names the steps of an execution, one after another, so that equal ones of a session can be told apart. */
function occurrenceNames(): (step: Step) => string {
  const seen = new Map<string, number>();
  return ({ session, operation, call, path }) => {
    const name = `${session} ${operation} ${call} ${path}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return `${name} ${times}`;
  };
}

/**
 * The same for two executions exactly if one becomes the other by swapping neighbours that do not depend on each other
 * (Mazurkiewicz, 1977): for every step which of the others' it comes after by necessity, as a vector clock. Steps are named by session
 * and place, since their own names may hold the number of a process.
 */
export function traceKey(chosen: readonly Candidate[]): string {
  const made = new Map<number, Stamped[]>();
  const order: string[] = [];
  for (const candidate of chosen) {
    const { session, outwait } = candidate;
    const own = made.get(session) ?? [];
    made.set(session, own);
    const before = own.at(-1)?.clock;
    const clock = new Map(before);
    for (const [other, steps] of made) if (other !== session) comeAfter(clock, candidate, other, steps);
    const place = `${session}.${own.length}${outwait ? '@outwait' : ''}`;
    if (outwait || !isSame(clock, before)) order.push(`${place}:${inWords(clock)}`);
    own.push({ candidate, clock });
  }
  const lengths = [...made].map(([session, { length }]) => `${session}.${length}`);
  return [...lengths.sort(), ...order.sort()].join(' ');
}

/** Of every other session, how many of its steps come before. */
type Clock = ReadonlyMap<number, number>;

interface Stamped {
  readonly candidate: Candidate;
  readonly clock: Clock;
}

/** The last step of the other session that this one depends on brings all that came before that along. */
function comeAfter(clock: Map<number, number>, candidate: Candidate, other: number, steps: readonly Stamped[]): void {
  for (let at = steps.length - 1; at >= (clock.get(other) ?? 0); at--) {
    const earlier = steps[at]!;
    if (!depends(earlier.candidate, candidate)) continue;
    clock.set(other, at + 1);
    for (const [session, count] of earlier.clock) {
      if (session !== candidate.session && count > (clock.get(session) ?? 0)) clock.set(session, count);
    }
    return;
  }
}

const isSame = (clock: Clock, before: Clock | undefined): boolean =>
  [...clock].every(([session, count]) => before?.get(session) === count);

const inWords = (clock: Clock): string =>
  [...clock]
    .sort(([a], [b]) => a - b)
    .map(([session, count]) => `${session}<${count}`)
    .join();
