import type { Actor } from './actor.ts';
import type { Clocks } from './clocks.ts';
import type { Injections } from './injections.ts';
import type { KnownLoops } from './loops.ts';

/** What an execution goes by besides choices. */
export interface Direction {
  readonly loops: KnownLoops;
  readonly injections: Injections;
  readonly clocks: Clocks;
  /** Keep the steps, with the data that they carry. */
  readonly record: boolean;
  /** Has sessions begin with their operation. */
  readonly begin: (actors: readonly Actor[]) => void;
  readonly follower?: Follower;
}

/** Who looks at the resource after each step. */
export interface Follower {
  /** A step has been made, and nobody was told of it yet. `synced`: the inode of what it flushed. */
  made(steps: number, synced?: number): void;
  acknowledged(id: string): void;
}
