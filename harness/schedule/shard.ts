import { createHash } from 'node:crypto';

/**
 * One of the parts that a search is split into, from 1 to `count`. Each part is searched on its own, on another machine if need be:
 * nothing is said between them. Together they are the whole search, which holds only if all of them divided it alike.
 */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** All of it. */
export const WHOLE: Shard = { index: 1, count: 1 };

/** What all shards number in the same order, they deal out like cards: every n-th is one's own. */
export const isOwn = (number: number, shard: Shard | undefined): boolean =>
  shard === undefined || number % shard.count === shard.index - 1;

/** How a search was divided, as it goes: the names of its parts, in order. */
export class Division {
  readonly #hash = createHash('sha256');
  #parts = 0;

  /** The number of the next part, from 0. */
  add(name: string): number {
    this.#hash.update(`${name}\n`);
    return this.#parts++;
  }

  /** The same for all who divided it alike. */
  get digest(): string {
    return this.#hash.copy().digest('base64url').slice(0, 16);
  }
}
