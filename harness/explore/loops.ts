import { type Access, dependent, type Step } from '../history/step.ts';

/** A round of a retry loop that changed nothing and met nothing new. */
export interface Round {
  /** The names of its steps: what such a loop is recognised by, whichever of them comes next. */
  readonly signature: string;
  /** In the order in which the next round makes them. */
  readonly names: readonly string[];
  readonly length: number;
  /** All that it looks at: as long as nobody changes any of it, another round would be the same. */
  readonly accesses: readonly Access[];
  /** How many rounds like it there have been. */
  readonly rounds: number;
  /** It neither sleeps nor fails: it may be no loop at all, but a program that looks at one thing several times. */
  readonly onlySucceeds: boolean;
  /** What it waits for, in few words: `mkdir lock`. */
  readonly name: string;
}

/** A loop that sleeps says that it waits; of one that does not, a round more is asked for. */
const ROUNDS_SLEEPING = 2;
const ROUNDS_AWAKE = 3;

/** Rounds that are longer than this are not recognised. */
const ROUND_STEPS_MAX = 16;
const LOOKS_KEPT = 1_024;
const LOOKS_MAX = LOOKS_KEPT * 2;

/** What a search has found out about loops: the same for all of its executions. */
export class KnownLoops {
  /** Those that do not give up, as far as they were followed: they wait for others, and no longer for themselves. */
  readonly #endless = new Set<string>();
  /** Those that went on by themselves though nothing had failed: so many rounds are no sign that somebody waits. */
  readonly #passing = new Map<string, number>();
  /** How often something was learned: the choices that there are have changed then. */
  lessons = 0;

  isEndless(signature: string): boolean {
    return this.#endless.has(signature);
  }

  foundEndless(signature: string): void {
    if (!this.#endless.has(signature)) this.lessons++;
    this.#endless.add(signature);
  }

  /** So many rounds it takes at least before this counts as a loop. */
  roundsOf(signature: string): number {
    return this.#passing.get(signature) ?? 0;
  }

  passed({ signature, length }: Round, rounds: number): void {
    const needed = Math.min(2 * rounds, Math.floor(LOOKS_KEPT / length));
    if (needed <= this.roundsOf(signature)) return;
    this.#passing.set(signature, needed);
    this.lessons++;
  }

  forget(): void {
    this.#endless.clear();
    this.#passing.clear();
  }
}

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
  roundBefore(next: Step, known: KnownLoops = new KnownLoops()): Round | undefined {
    const looks = this.#looks;
    for (let length = 1; length <= ROUND_STEPS_MAX && length * 2 <= looks.length; length++) {
      const round = looks.slice(-length);
      if (nameOf(next) !== nameOf(round[0]!) || !round.some(looksAnew)) continue;
      const sleeps = round.some(({ call }) => call === 'sleep');
      const rounds = sleeps ? ROUNDS_SLEEPING : ROUNDS_AWAKE;
      if (!repeats(looks, length, rounds) || !beginsWithout(round)) continue;
      const names = round.map(nameOf);
      const signature = rotated(names).join(', ');
      const onlySucceeds = !sleeps && round.every(({ error }) => error === undefined);
      const needed = Math.max(rounds, known.roundsOf(signature));
      // Longer rounds that are made of these say no more.
      if (onlySucceeds && needed > rounds && !repeats(looks, length, needed)) return undefined;
      return {
        length,
        names,
        signature,
        accesses: round.flatMap(({ accesses = [] }) => accesses),
        rounds: needed,
        onlySucceeds,
        name: wordsOf(round),
      };
    }
    return undefined;
  }
}

/** By what fails; else by what is looked at. */
function wordsOf(round: readonly Step[]): string {
  const told =
    round.find(({ error }) => error !== undefined) ?? round.find(({ call }) => call !== 'sleep') ?? round[0]!;
  return `${told.call} ${told.to ?? told.path}`.trim();
}

export const nameOf = ({ operation, call, path, to, error }: Step): string =>
  `${operation} ${call} ${path}${to === undefined ? '' : ` ${to}`}${error === undefined ? '' : ` ${error}`}`;

/** Who takes a shared lock and gives it back has only looked, too; and so has who empties what is empty, whatever the time of that. */
const onlyLooks = ({ call, accesses }: Step): boolean =>
  call !== 'lock' &&
  accesses?.every((access) => access.mode === 'read' || isShared(access) || (call === 'open' && isTime(access))) ===
    true;

const isTime = ({ object, mode }: Access): boolean => mode === 'add' && object.startsWith('status ');

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
