/**
 * Where several threads or processes of one session wait at the gate at once, they go on in one order that is always the same. This finds
 * out whether another one could have led anywhere else.
 */

import { dependent, type Step } from '../history/step.ts';
import { nameOf } from './loops.ts';

/** The steps of one execution. */
export class InnerOrders {
  readonly #steps: Step[] = [];
  /** By thread: the steps that others of its session made while it waited at the gate; of those with one name, the first. */
  readonly #ahead = new Map<number, Map<string, number>>();
  /** By the earlier one and the name of the later one: the last of those. */
  readonly #pairs = new Map<string, readonly [number, number]>();

  /** @param waiting threads of the same session, which could have made theirs instead. */
  made(step: Step, tid: number, waiting: readonly number[]): void {
    const index = this.#steps.push(step) - 1;
    for (const earlier of this.#ahead.get(tid)?.values() ?? []) {
      const { session, operation } = this.#steps[earlier]!;
      if (session !== step.session || operation !== step.operation) continue;
      this.#pairs.set(`${earlier} ${nameOf(step)}`, [earlier, index]);
    }
    for (const other of waiting) {
      const ahead = this.#ahead.get(other) ?? new Map<string, number>();
      this.#ahead.set(other, ahead);
      if (!ahead.has(nameOf(step))) ahead.set(nameOf(step), index);
    }
  }

  /** In words, a pair of which the other order could have led elsewhere; undefined: there is none. */
  get untried(): string | undefined {
    const found = [...this.#pairs.values()].find((pair) => this.#matters(...pair));
    return found?.map((index) => `${this.#steps[index]!.call} ${this.#steps[index]!.path}`).join(' / ');
  }

  /**
   * They are about the same thing; or there is another session that can tell: for the later one to come before something of it, and
   * that before the earlier one, neither may all be over before that session begins, nor begin only when it is over. Who holds a
   * lock meanwhile is alone.
   */
  #matters(earlier: number, later: number): boolean {
    const [one, other] = [this.#steps[earlier]!, this.#steps[later]!];
    if (!(givesBack(one) && givesBack(other)) && dependent({ ...one, session: -1 }, other)) return true;
    const before = new Set<number>();
    for (const step of this.#steps.slice(0, later)) {
      if (step.session !== other.session && dependent(step, other)) before.add(step.session);
    }
    if (before.size === 0) return false;
    return this.#steps.slice(earlier + 1).some((step) => before.has(step.session) && dependent(step, one));
  }
}

/** The session has its locks until all have given them back, in whatever order. */
const givesBack = ({ call }: Step): boolean => call === 'exit' || call === 'close' || call === 'unlock';
