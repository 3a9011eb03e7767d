import { createHash } from 'node:crypto';
import { dependent, type Step } from '../history/step.ts';
import type { Decision } from '../schedule/scheduler.ts';
import type { Seen } from '../verdict/exploration.ts';

/** What a number of explored executions amounts to: how different they really were. */
export class Evidence {
  executions: number;
  /** Steps of the longest execution. */
  longest: number;
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

  add(decisions: readonly Decision[]): void {
    this.executions++;
    this.longest = Math.max(this.longest, decisions.length);
    const steps = decisions.map(({ chosen }) => chosen.step);
    const key = traceKey(steps);
    if (this.#traces.has(key)) return;
    this.#traces.add(key);
    this.#compareOrders(steps);
  }

  /** What can be added to what others have seen of the same search. */
  get seen(): Seen {
    return {
      traces: [...this.#traces].map(digest),
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
 * The same for all executions that differ only in the order of steps that commute (Mazurkiewicz, 1977): for every object who
 * touched it, in order, where neighbours that commute are put in a fixed one.
 *
 * An object is named after where it is first touched by the lowest session that does: that is the same in all these executions, while
 * its own name may have the number of a process in it, which is another one each time.
 */
export function traceKey(steps: readonly Step[]): string {
  const touches = new Map<string, Touches>();
  const made = new Map<number, number>();
  for (const { session, accesses } of steps) {
    const step = (made.get(session) ?? 0) + 1;
    made.set(session, step);
    for (const [at, { object, mode }] of (accesses ?? ANYTHING).entries()) {
      const touched = touches.get(object) ?? { by: Number.POSITIVE_INFINITY, name: '', groups: [] };
      touches.set(object, touched);
      if (session < touched.by) Object.assign(touched, { by: session, name: `${session}.${step}.${at}` });
      const last = touched.groups.at(-1);
      if (last?.mode === mode && mode !== 'write') last.sessions.push(session);
      else touched.groups.push({ mode, sessions: [session] });
    }
  }
  return [...touches.values()]
    .map(({ name, groups }) => {
      const order = groups.map(({ mode, sessions }) => `${mode[0]}${sessions.sort((a, b) => a - b).join('')}`);
      return `${name}:${order.join()}`;
    })
    .sort()
    .join(' ');
}

interface Touches {
  /** The lowest session that does. */
  by: number;
  name: string;
  readonly groups: { readonly mode: string; readonly sessions: number[] }[];
}

/** A step of which it is not known what it touches. */
const ANYTHING = [{ object: '*', mode: 'write' }] as const;
