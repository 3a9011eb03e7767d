import koffi from 'koffi';
import { type Fault, HOUR_MS } from '../faults/plan.ts';
import { recorded } from '../gate/data.ts';
import { takeFor } from '../gate/locks.ts';
import type { Resource } from '../gate/resource.ts';
import { allAtRest } from '../gate/rest.ts';
import { KILLED } from '../history/execution.ts';
import type { Step } from '../history/step.ts';
import { limits } from '../limits.ts';
import type { Candidate, Choice, Choose, Decision } from '../schedule/scheduler.ts';
import type { Answer } from '../session/attempt.ts';
import { type Actor, mustWait } from './actor.ts';
import { type Cast, type Ran, recovers } from './cast.ts';
import { type Clocks, dates } from './clocks.ts';
import { type Held, writeFirst } from './held.ts';
import type { Injections } from './injections.ts';
import { nameOf } from './loops.ts';
import { SessionHung } from './lost.ts';
import { isWaiting, outsleep } from './outsleep.ts';

/** Does the server hear of it? */
const concernsServer = ({ call, accesses }: Step): boolean =>
  call === 'send' ||
  call === 'connect' ||
  call === 'disconnect' ||
  (call === 'exit' && accesses?.some(({ object }) => object.startsWith('server ')) !== false);

/** How long who stands still does so: longer than any lease here. */
const STALL = { ofDayMs: 2 * HOUR_MS, sinceStartMs: 2 * HOUR_MS } as const;

/** After what went wrong, so long passes before fresh sessions come. */
const A_MINUTE = { ofDayMs: 60_000, sinceStartMs: 60_000 } as const;

/** What is known not to end a wait, besides retry loops. */
const TIME = 'the passing of time';

/** What an execution goes by besides choices. */
export interface Direction {
  /** Retry loops that are known not to give up. */
  readonly endless: Set<string>;
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

/** The middle of an execution: from the first choice to the last response. */
export class Scene {
  readonly #resource: Resource;
  readonly #cast: Cast;
  readonly #direction: Direction;
  /** Who takes part by now: those who recover come later. */
  #actors: readonly Actor[] = [];
  #later: readonly Actor[];
  #stalled = new Set<Actor>();
  readonly #steps: Step[] = [];
  #made = 0;
  /** The step that has just been made, where somebody follows. */
  #unfollowed: { readonly synced: number | undefined } | undefined;
  #last: Actor | undefined;

  constructor(actors: readonly Actor[], resource: Resource, cast: Cast, direction: Direction) {
    this.#later = actors;
    this.#resource = resource;
    this.#cast = cast;
    this.#direction = direction;
  }

  run(choose: Choose): Ran {
    const decisions: Decision[] = [];
    const begins: number[] = [];
    let redundant = false;
    this.#enter((actor) => !recovers(this.#cast, actor.index));
    for (;;) {
      const choice = this.#choice();
      if (choice.enabled.length === 0) {
        if (this.#goesOn() || this.#timeHelps()) continue;
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
      const { held, step, fault } = actor.pending(this.#resource);
      if (fault?.kind === 'stall') this.#stall(actor, step);
      if (this.#stalled.has(actor)) continue;
      const candidate: Candidate = { session: actor.index, step };
      const round = actor.round();
      if (round !== undefined) {
        const waiting = { session: actor.index, step: { ...step, accesses: [...step.accesses!, ...round.accesses] } };
        blocked.push(waiting);
        if (!this.#direction.endless.has(round.signature)) outwaits.push({ ...waiting, outwait: true });
      } else if (step.call === 'lock' && fault === undefined && mustWait(actor.session, held)) blocked.push(candidate);
      else enabled.push(candidate);
    }
    for (const { session } of blocked) this.#actors.find(({ index }) => index === session)!.session.waits();
    return { enabled: [...enabled, ...outwaits], blocked };
  }

  /** Who ran last comes first. */
  *#inOrder(): Generator<Actor> {
    if (this.#last !== undefined && !this.#last.done) yield this.#last;
    for (const actor of this.#actors) if (actor !== this.#last && !actor.done) yield actor;
  }

  #step(actor: Actor, step: Step): void {
    const { held, meaning, fault } = actor.pending(this.#resource);
    if (this.#direction.injections.made(step))
      for (const other of this.#actors) if (other !== actor) other.reconsider();
    if (++this.#made > limits.stepsMax) throw new SessionHung(`an execution took more than ${limits.stepsMax} steps`);
    actor.invokedAt ??= this.#made;
    if (this.#direction.record) this.#steps.push({ ...step, accesses: meaning.accesses, ...this.#dataOf(held) });
    if (fault?.kind === 'clock') this.#direction.clocks.pass({ ofDayMs: fault.ms });
    if (fault !== undefined && this.#upset(actor, step, fault, held)) return;
    const { session } = actor;
    const { request, notification } = held;
    const began = performance.timeOrigin + performance.now();
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
    this.#unfollowed = { synced: request.call === 'sync' ? request.file?.ino : undefined };
    if (fault?.kind === 'crash') {
      session.settle(this.#resource);
      this.#crash(actor);
      return;
    }
    this.settle(actor);
    if (dates(step, meaning)) this.#direction.clocks.date(request, this.#resource.root, began);
    if (concernsServer(step)) this.#serverDone(actor);
    if (meaning.creates !== undefined) this.#nameCreated(actor, meaning.creates);
    for (const other of this.#actors) if (other !== actor) other.saw(step);
  }

  /** Those of the sessions that have not begun yet. */
  #enter(who: (actor: Actor) => boolean): void {
    const entering = this.#later.filter(who);
    this.#later = this.#later.filter((actor) => !who(actor));
    this.#actors = [...this.#actors, ...entering];
    this.#direction.begin(entering);
    for (const actor of entering) this.settle(actor);
  }

  /** Nobody can go on. Is there somebody who has stood still until now, or who has yet to begin? */
  #goesOn(): boolean {
    if (this.#stalled.size > 0) {
      for (const actor of this.#stalled) {
        this.#direction.injections.spend(actor.pending(this.#resource).step);
        actor.reconsider();
      }
      this.#stalled.clear();
      return true;
    }
    if (this.#later.length === 0) return false;
    this.#direction.injections.clearUp();
    for (const actor of this.#actors) if (!actor.done) actor.reconsider();
    this.#direction.clocks.pass(A_MINUTE); // locks of the dead grow stale
    this.#enter(() => true);
    return true;
  }

  #stall(actor: Actor, step: Step): void {
    if (this.#stalled.has(actor)) return;
    this.#stalled.add(actor);
    if (this.#direction.record) this.#steps.push(step);
    this.#direction.clocks.pass(STALL);
  }

  /** Returns whether that was all that becomes of the step. */
  #upset(actor: Actor, step: Step, fault: Fault, held: Held): boolean {
    const { session } = actor;
    switch (fault.kind) {
      case 'crash':
        if (fault.at === 'after') return false;
        if (fault.at !== 'before') writeFirst(held, fault.at);
        this.#crash(actor);
        return true;
      case 'errno':
        session.release(held, -koffi.os.errno[fault.errno]!);
        break;
      case 'short':
        session.release(held, writeFirst(held, fault.bytes));
        break;
      default:
        return false;
    }
    actor.did(step);
    this.settle(actor);
    for (const other of this.#actors) if (other !== actor) other.saw(step);
    return true;
  }

  /** All that it had is gone, so whatever the others were about to do may be another thing now. */
  #crash(actor: Actor): void {
    actor.session.kill();
    this.#answered(actor, {
      outcome: 'unknown',
      output: null,
      error: { name: KILLED, message: 'the session was killed' },
    });
    actor.done = true;
    const anything: Step = { session: actor.index, operation: actor.operation, call: 'exit', path: '' };
    for (const other of this.#actors) if (other !== actor) other.saw(anything);
    this.#serverDone(actor);
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

  /** Nobody can go on but by the clock. Where that has not helped once, as with timers that Node keeps for itself, it is not tried again. */
  #timeHelps(): boolean {
    if (this.#direction.endless.has(TIME)) return false;
    const waiting = this.#actors.filter(isWaiting);
    const helps = outsleep(waiting, (actor) => this.settle(actor));
    if (!helps && waiting.length > 0) this.#direction.endless.add(TIME);
    return helps;
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
        this.#direction.endless.add(signature);
        return;
      }
      this.#step(actor, step);
    }
  }

  /** Waits until the session is held again; goes on with its next operation where one has ended. */
  settle(actor: Actor): void {
    const { session } = actor;
    session.settle(this.#resource);
    if (this.#unfollowed !== undefined) this.#direction.follower?.made(this.#made, this.#unfollowed.synced);
    this.#unfollowed = undefined;
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
    const answer = actor.answer();
    this.#answered(actor, answer);
    if (answer.outcome === 'ok') this.#direction.follower?.acknowledged(actor.operations.at(-1)!.id);
  }

  #answered(actor: Actor, answer: Answer): void {
    const reads = actor.role === 'reader';
    actor.operations.push({
      id: `${reads ? 'r' : 's'}${actor.index}.${actor.operation}`,
      session: actor.index,
      kind: reads ? 'read' : 'write',
      invokedUs: actor.invokedAt ?? this.#made,
      respondedUs: this.#made,
      ...answer,
    });
    actor.invokedAt = undefined;
  }
}
