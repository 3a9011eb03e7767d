import { pause } from '../gate/pause.ts';
import type { Resource } from '../gate/resource.ts';
import type { Step } from '../history/step.ts';
import { limits } from '../limits.ts';
import type { Actor } from './actor.ts';
import { type KnownLoops, nameOf, type Round } from './loops.ts';
import { SessionHung } from './lost.ts';

/** What an execution goes by where a session tries again and again. */
interface Following {
  readonly resource: Resource;
  readonly loops: KnownLoops;
  /** Whoever shows an execution again takes the time that it takes. */
  readonly takesItsTime: boolean;
  readonly make: (actor: Actor, step: Step) => void;
}

/** So often and so long is it waited for what nobody sees, with every sleep. */
const A_MOMENT_MS = 5;
const A_MOMENTS = 50;

/** Has sessions make the rounds of their retry loops. */
export class Rounds {
  /** Steps that were made so. */
  made = 0;
  readonly #following: Following;

  constructor(following: Following) {
    this.#following = following;
  }

  /** All the rounds of a retry loop that it takes until the session does something else; or so many that it seems never to. */
  exhaust(actor: Actor, round: Round): void {
    const { loops, takesItsTime } = this.#following;
    const began = performance.now();
    const isTooLong = (): boolean => !takesItsTime && performance.now() - began > limits.outwaitMs;
    const isEnough = (rounds: number): boolean =>
      rounds >= limits.outwaitRoundsMax || (rounds >= limits.outwaitRounds && isTooLong());
    const made = this.#follow(actor, round, isEnough);
    if (made === undefined) {
      loops.foundEndless(round.signature);
      leftOut(actor, round);
    } else if (round.onlySucceeds) loops.passed(round, round.rounds + Math.ceil(made / round.length));
    // It counts its rounds: in which of these the change comes that it waits for may decide, and only the first and the last are tried.
    else if (made > round.length) leftOut(actor, round);
  }

  /**
   * Before anybody is called stuck, each that tries again and again tries once more: it may wait for what is no step of anybody, such as
   * a port or the end of a process. Whether one did something else then.
   *
   * @throws {SessionHung} where one waits for nothing that could be seen: nobody can say that it waits in vain.
   */
  onceMore(actors: readonly Actor[]): boolean {
    const { resource, loops } = this.#following;
    const looping = actors.flatMap((actor) => {
      if (actor.done || actor.session.awaits) return [];
      actor.pending(resource);
      const round = actor.round(loops);
      return round === undefined ? [] : [{ actor, round }];
    });
    for (const { actor, round } of looping) {
      if (this.#follow(actor, round, () => true) !== undefined) return true;
    }
    for (const { actor, round } of looping) {
      if (round.accesses.length > 0) continue;
      const patiently = (rounds: number): boolean => {
        pause(A_MOMENT_MS);
        return rounds > A_MOMENTS;
      };
      if (this.#follow(actor, round, patiently) !== undefined) return true;
      throw new SessionHung(`session ${actor.index} sleeps again and again, and what it waits for can't be seen`);
    }
    return false;
  }

  /** Returns how many steps the session made until it did something else; undefined where it did not. */
  #follow(actor: Actor, { names, length }: Round, isEnough: (rounds: number) => boolean): number | undefined {
    const { resource, make } = this.#following;
    for (let made = 0; ; made++) {
      if (actor.done || actor.session.awaits) return made;
      const { step } = actor.pending(resource);
      if (nameOf(step) !== names[made % length]) return made;
      if (made > 0 && made % length === 0 && isEnough(made / length)) return undefined;
      this.made++;
      make(actor, step);
    }
  }
}

/** A loop that was not followed to its end. */
export function leftOut({ session }: Actor, { name }: Round): void {
  session.omitted.add('retries', name);
}
