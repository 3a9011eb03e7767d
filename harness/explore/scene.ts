import { recorded } from '../gate/data.ts';
import { takeFor } from '../gate/locks.ts';
import { pause } from '../gate/pause.ts';
import type { Resource } from '../gate/resource.ts';
import { allAtRest } from '../gate/rest.ts';
import type { Step } from '../history/step.ts';
import { limits } from '../limits.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Endpoint } from '../scenario/server.ts';
import type { Candidate, Choice, Choose, Decision, Trace } from '../schedule/scheduler.ts';
import { type Actor, mustWait } from './actor.ts';
import type { Held } from './gated-session.ts';
import { nameOf } from './loops.ts';
import { SessionHung } from './lost.ts';

/** Who takes part, and in what. */
export interface Cast {
  readonly scenario: Scenario;
  readonly strategy: string;
  /** How many writers the sessions are told that there are. The reader, if any, has the index after theirs. */
  readonly writers: number;
  /** Indexes of the sessions that take part: fewer than there are, where a witness does without the others. */
  readonly participants: readonly number[];
  /** Of each writer; a reader reads once. */
  readonly operations: number;
  /** What the strategy shares beside files. */
  readonly server?: Endpoint;
}

/** What came of the choices. */
export interface Ran {
  readonly trace: Trace;
  /** Only where they are recorded. */
  readonly steps: readonly Step[];
  /** Of each decision, the index of its first step: outwaiting others takes many steps. */
  readonly begins: readonly number[];
  /** The choices ended early, because what was left had been seen. */
  readonly redundant: boolean;
}

/** Does the server hear of it? */
const concernsServer = ({ call, accesses }: Step): boolean =>
  call === 'send' ||
  call === 'connect' ||
  call === 'disconnect' ||
  (call === 'exit' && accesses?.some(({ object }) => object.startsWith('server ')) !== false);

/** What is known not to end a wait, besides retry loops. */
const TIME = 'the passing of time';

/** The middle of an execution: from the first choice to the last response. */
export class Scene {
  readonly #actors: readonly Actor[];
  readonly #resource: Resource;
  readonly #cast: Cast;
  readonly #endless: Set<string>;
  readonly #record: boolean;
  readonly #steps: Step[] = [];
  #made = 0;
  #last: Actor | undefined;

  constructor(actors: readonly Actor[], resource: Resource, cast: Cast, endless: Set<string>, record: boolean) {
    this.#actors = actors;
    this.#resource = resource;
    this.#cast = cast;
    this.#endless = endless;
    this.#record = record;
  }

  run(choose: Choose): Ran {
    const decisions: Decision[] = [];
    const begins: number[] = [];
    let redundant = false;
    for (;;) {
      const choice = this.#choice();
      if (choice.enabled.length === 0) {
        if (this.#timeHelps()) continue;
        const stuck = redundant ? [] : choice.blocked;
        return { trace: { decisions, stuck }, steps: this.#steps, begins, redundant };
      }
      const chosen = redundant ? undefined : choose(choice);
      if (chosen === undefined) redundant = true;
      else {
        const preemption = choice.enabled[0]!.session === this.#last?.index && chosen.session !== this.#last.index;
        decisions.push({ ...choice, chosen, preemption });
        begins.push(this.#made);
      }
      const next = chosen ?? choice.enabled[0]!;
      const actor = this.#actors.find(({ index }) => index === next.session)!;
      if (next.outwait) this.#outwait(actor);
      else this.#step(actor, next.step);
      this.#last = actor;
    }
  }

  #choice(): Choice {
    const enabled: Candidate[] = [];
    const blocked: Candidate[] = [];
    const outwaits: Candidate[] = [];
    for (const actor of this.#inOrder()) {
      if (actor.session.awaits) {
        blocked.push({ session: actor.index, step: actor.awaited(this.#cast.server!.name) });
        continue;
      }
      const { held, step } = actor.pending(this.#resource);
      const candidate: Candidate = { session: actor.index, step };
      const round = actor.round();
      if (round !== undefined) {
        const waiting = { session: actor.index, step: { ...step, accesses: [...step.accesses!, ...round.accesses] } };
        blocked.push(waiting);
        if (!this.#endless.has(round.signature)) outwaits.push({ ...waiting, outwait: true });
      } else if (step.call === 'lock' && mustWait(actor.session, held)) blocked.push(candidate);
      else enabled.push(candidate);
    }
    return { enabled: [...enabled, ...outwaits], blocked };
  }

  /** Who ran last comes first. */
  *#inOrder(): Generator<Actor> {
    if (this.#last !== undefined && !this.#last.done) yield this.#last;
    for (const actor of this.#actors) if (actor !== this.#last && !actor.done) yield actor;
  }

  #step(actor: Actor, step: Step): void {
    const { held, meaning } = actor.pending(this.#resource);
    if (++this.#made > limits.stepsMax) throw new SessionHung(`an execution took more than ${limits.stepsMax} steps`);
    actor.invokedAt ??= this.#made;
    if (this.#record) this.#steps.push({ ...step, ...this.#dataOf(held) });
    const { session } = actor;
    const { request, notification } = held;
    switch (request.call) {
      case 'lock':
      case 'trylock': {
        const flock = request.lock?.kind === 'flock' ? request.lock.operation : undefined;
        const answer = flock === undefined ? undefined : takeFor(notification.tid, request.fd!, flock);
        if (step.error === undefined) {
          session.holdings.took(request, this.#resource.label(request.file!.ino, step.path));
        }
        session.release(held, answer);
        break;
      }
      case 'unlock':
        session.holdings.gaveBack(request);
        session.release(held);
        break;
      case 'sleep':
        session.release(held, 0);
        break;
      default:
        session.release(held);
    }
    actor.did(step);
    this.settle(actor);
    if (concernsServer(step)) this.#serverDone(actor);
    if (meaning.creates !== undefined) this.#nameCreated(actor, meaning.creates);
    for (const other of this.#actors) if (other !== actor) other.saw(step);
  }

  /** The name that this run's data have on the server is another each time, and says nothing. */
  #dataOf({ notification, request }: Held): Pick<Step, 'data' | 'bytes'> {
    const found = recorded(notification.tid, request);
    const space = this.#cast.server?.space;
    return space === undefined || found.data === undefined
      ? found
      : { ...found, data: found.data.replaceAll(space, '%') };
  }

  /** Waits until the server has done what it was asked to; others may have waited for that. */
  #serverDone(actor: Actor): void {
    const pid = this.#cast.server?.pid;
    if (pid === undefined) return;
    const until = performance.now() + limits.stepDeadlineMs;
    const look = (): string | undefined => allAtRest([], pid);
    for (let before = look(), now = look(); now === undefined || now !== before; now = look()) {
      before = now;
      if (performance.now() > until) throw new SessionHung(`${this.#cast.server!.name} did not come to rest`);
    }
    for (const other of this.#actors) if (other !== actor && other.session.awaits) this.settle(other);
  }

  /**
   * Nobody can go on but by the clock: the server, or a session that waits for it, sleeps for a time only. Where that has not helped
   * once, as with timers that Node keeps for itself, it is not tried again.
   */
  #timeHelps(): boolean {
    const until = performance.now() + limits.sleepsMs;
    const waiting = this.#actors.filter(({ done, session }) => !done && session.awaits);
    while (waiting.length > 0 && !this.#endless.has(TIME)) {
      const patienceMs = Math.min(...waiting.map(({ session }) => session.patienceMs));
      if (performance.now() + patienceMs > until) {
        this.#endless.add(TIME);
        break;
      }
      pause(patienceMs + 1);
      for (const actor of waiting) this.settle(actor);
      if (waiting.some(({ done, session }) => done || !session.awaits)) return true;
    }
    return false;
  }

  #nameCreated(actor: Actor, path: string): void {
    const found = this.#resource.stat(path);
    if (found !== undefined) this.#resource.relabel(found.ino, actor.masked(path));
  }

  /** All the rounds of a retry loop that it takes until the session does something else; or so many that it never will. */
  #outwait(actor: Actor): void {
    const { signature, length } = actor.round()!;
    const expected: string[] = [];
    for (let made = 0; !actor.done; made++) {
      const { step } = actor.pending(this.#resource);
      const name = nameOf(step);
      if (made < length) expected.push(name);
      else if (name !== expected[made % length]) return;
      if (made > length * limits.outwaitRounds) {
        this.#endless.add(signature);
        return;
      }
      this.#step(actor, step);
    }
  }

  /** Waits until the session is held again; goes on with its next operation where one has ended. */
  settle(actor: Actor): void {
    const { session } = actor;
    session.settle(this.#resource);
    while (session.idle && !actor.done) {
      this.#respond(actor);
      const operations = actor.role === 'reader' ? 1 : this.#cast.operations;
      if (++actor.operation >= operations) {
        actor.done = true;
        return;
      }
      session.order({ type: 'operate', operation: actor.operation });
      session.settle(this.#resource);
    }
  }

  #respond(actor: Actor): void {
    const reads = actor.role === 'reader';
    actor.operations.push({
      id: `${reads ? 'r' : 's'}${actor.index}.${actor.operation}`,
      session: actor.index,
      kind: reads ? 'read' : 'write',
      invokedUs: actor.invokedAt ?? this.#made,
      respondedUs: this.#made,
      ...actor.answer(),
    });
    actor.invokedAt = undefined;
  }
}
