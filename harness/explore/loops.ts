import { type Access, dependent, type Step } from '../history/step.ts';

/** A round of a retry loop that changed nothing and met nothing new. */
export interface Round {
  /** The names of its steps, in order: what such a loop is recognised by. */
  readonly signature: string;
  readonly length: number;
  /** All that it looks at: as long as nobody changes any of it, another round would be the same. */
  readonly accesses: readonly Access[];
}

/** A loop that sleeps says that it waits; of one that does not, a round more is asked for. */
const ROUNDS_SLEEPING = 2;
const ROUNDS_AWAKE = 3;

/** Rounds that are longer than this are not recognised. */
const ROUND_STEPS_MAX = 16;
const LOOKS_KEPT = ROUND_STEPS_MAX * ROUNDS_AWAKE;
const LOOKS_MAX = LOOKS_KEPT * 4;

/**
 * Recognises that a session waits by trying again and again. Without that, a search would follow each loop for ever; with it,
 * the session is held until something that it looks at has changed, since all rounds until then would be alike.
 */
export class LoopWatch {
  /** Steps that only looked, since this session last changed anything, or somebody changed what it had looked at. */
  #looks: Step[] = [];

  /** The session has made this step. */
  did(step: Step): void {
    if (!onlyLooks(step)) this.#looks = [];
    else this.#looks.push(step);
    if (this.#looks.length > LOOKS_MAX) this.#looks = this.#looks.slice(-LOOKS_KEPT);
  }

  /** Another session has made this step. */
  saw(step: Step): void {
    const outdated = this.#looks.findLastIndex((look) => dependent(look, step));
    if (outdated >= 0) this.#looks = this.#looks.slice(outdated + 1);
  }

  /** What it has looked at may have changed. */
  forget(): void {
    this.#looks = [];
  }

  /** The round of which `next` would begin another one; undefined where it is no loop, or it has just begun. */
  roundBefore(next: Step): Round | undefined {
    const looks = this.#looks;
    for (let length = 1; length <= ROUND_STEPS_MAX && length * 2 <= looks.length; length++) {
      const round = looks.slice(-length);
      const rounds = round.some(({ call }) => call === 'sleep') ? ROUNDS_SLEEPING : ROUNDS_AWAKE;
      if (nameOf(next) !== nameOf(round[0]!) || !round.some(looksAnew) || !repeats(looks, length, rounds)) continue;
      if (!beginsWithout(round)) continue;
      return {
        length,
        signature: rotated(round.map(nameOf)).join(', '),
        accesses: round.flatMap(({ accesses = [] }) => accesses),
      };
    }
    return undefined;
  }
}

export const nameOf = ({ operation, call, path, to, error }: Step): string =>
  `${operation} ${call} ${path}${to === undefined ? '' : ` ${to}`}${error === undefined ? '' : ` ${error}`}`;

/** Who takes a shared lock and gives it back has only looked, too. */
const onlyLooks = ({ call, accesses }: Step): boolean =>
  call !== 'lock' && accesses?.every((access) => access.mode === 'read' || isShared(access)) === true;

const isShared = ({ object, mode }: Access): boolean => mode === 'add' && object.startsWith('lock ');

/** Nobody may be made to wait while he has a lock that others may wait for: a round begins where it has none. */
function beginsWithout(round: readonly Step[]): boolean {
  let held = 0;
  for (const { call, error, accesses = [] } of round) {
    if (error !== undefined || !accesses.some(isShared)) continue;
    held += call === 'unlock' ? -1 : 1;
    if (held < 0) return false;
  }
  return held === 0;
}

/** A read goes on where the one before it ended, so reading a long file is no loop. */
const looksAnew = ({ call }: Step): boolean =>
  call !== 'read' && call !== 'list' && call !== 'close' && call !== 'sync';

function repeats(steps: readonly Step[], length: number, rounds: number): boolean {
  if (steps.length < length * rounds) return false;
  const tail = steps.slice(-length * rounds).map(nameOf);
  return tail.every((name, at) => name === tail[at % length]);
}

/** A loop has no first step: whichever it is met at, it is the same one. */
function rotated(names: readonly string[]): readonly string[] {
  const rotations = names.map((_, at) => [...names.slice(at), ...names.slice(0, at)]);
  return rotations.reduce((a, b) => (b.join() < a.join() ? b : a));
}
