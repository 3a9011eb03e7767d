/** What the sessions of one search have in common besides the resource, as far as it shows where they meet. */

import { parentOf } from '../gate/process.ts';

/** A session, as the others see it. */
export interface Member {
  /** Of its own process, which outlives all executions. */
  readonly pid: number;
  /** Numbers of the processes and threads of its operation in hand, ended ones included. */
  readonly processes: Iterable<number>;
}

export class Commons {
  readonly #members: readonly Member[];
  /** By address: the places, among the members, of those who have used it. Sessions are made anew, their places stay. */
  readonly #users = new Map<string, Set<number>>();
  readonly #decisive = new Set<string>();

  /** @param members those there are at any time: the array is looked at whenever something is asked. */
  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  clear(): void {
    this.#users.clear();
    this.#decisive.clear();
  }

  /**
   * A session uses something that is known by this address. Does it meet another one there by now?
   *
   * @param decides it may change what the others find there; who only looks meets nobody who only looks.
   */
  meets(address: string, member: Member, decides = true): boolean {
    const users = this.#users.get(address) ?? new Set();
    this.#users.set(address, users.add(this.#members.indexOf(member)));
    if (decides) this.#decisive.add(address);
    return users.size > 1 && this.#decisive.has(address);
  }

  /** Whose process is this, or was it? Undefined: of none of them. */
  owner(pid: number): Member | undefined {
    for (let at = pid, climbed = 0; at > 1 && climbed < GENERATIONS_MAX; at = parentOf(at), climbed++) {
      const found = this.#members.find((member) => member.pid === at || [...member.processes].includes(at));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  others(member: Member): readonly Member[] {
    return this.#members.filter((other) => other !== member);
  }
}

const GENERATIONS_MAX = 100;
