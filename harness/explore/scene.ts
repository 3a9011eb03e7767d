import koffi from 'koffi';
import { type Fault, HOUR_MS } from '../faults/plan.ts';
import { giveUpFor, holderOf, takeFor } from '../gate/locks.ts';
import type { Resource } from '../gate/resource.ts';
import { allAtRest } from '../gate/rest.ts';
import type { Step } from '../history/step.ts';
import { limits } from '../limits.ts';
import type { Candidate, Choice, Choose, Decision } from '../schedule/scheduler.ts';
import { type Actor, concernsServer, mustWait, WITH_NO_ANSWER } from './actor.ts';
import { type Cast, type Ran, recovers } from './cast.ts';
import { dates } from './clocks.ts';
import { waitsForItself } from './deadlock.ts';
import type { Direction } from './direction.ts';
import { dataOf, type Held, sleepWords, writeFirst } from './held.ts';
import { InnerOrders } from './inner-orders.ts';
import { SessionHung } from './lost.ts';
import { isWaiting, outsleep } from './outsleep.ts';
import { leftOut, Rounds } from './rounds.ts';

/** How long who stands still does so: longer than any lease here. */
const STALL = { ofDayMs: 2 * HOUR_MS, sinceStartMs: 2 * HOUR_MS } as const;

/** After what went wrong, so long passes before fresh sessions come. */
const A_MINUTE = { ofDayMs: 60_000, sinceStartMs: 60_000 } as const;

/** What is known not to end a wait, besides retry loops. */
const TIME = 'the passing of time';

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
  readonly #inner = new InnerOrders();
  readonly #rounds: Rounds;
  #last: Actor | undefined;

  constructor(actors: readonly Actor[], resource: Resource, cast: Cast, direction: Direction) {
    this.#later = actors;
    this.#resource = resource;
    this.#cast = cast;
    this.#direction = direction;
    this.#rounds = new Rounds({
      resource,
      loops: direction.loops,
      takesItsTime: direction.record,
      make: (actor, step) => this.#step(actor, step),
    });
  }

  run(choose: Choose): Ran {
    const decisions: Decision[] = [];
    const begins: number[] = [];
    let redundant = false;
    this.#enter((actor) => !recovers(this.#cast, actor.index));
    for (;;) {
      const choice = this.#choice();
      if (choice.enabled.length === 0) {
        if (
          this.#goesOn() ||
          this.#timePasses() ||
          this.#rounds.onceMore(this.#actors.filter((actor) => !this.#stalled.has(actor))) ||
          this.#timeHelps()
        )
          continue;
        const stuck = redundant ? [] : choice.blocked;
        const { untried } = this.#inner;
        if (untried !== undefined) this.#actors[0]!.session.omitted.add('threads', untried);
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
      const round = actor.round(this.#direction.loops);
      if (round !== undefined) {
        const waiting = { session: actor.index, step: { ...step, accesses: [...step.accesses!, ...round.accesses] } };
        blocked.push(waiting);
        if (!this.#direction.loops.isEndless(round.signature)) outwaits.push({ ...waiting, outwait: true });
        else leftOut(actor, round);
      } else if (step.call === 'lock' && fault === undefined && mustWait(actor.session, held)) {
        blocked.push(candidate);
        this.#passedOver(actor);
        if (waitsForItself(actor, held, this.#actors, this.#resource)) outwaits.push({ ...candidate, outwait: true });
      } else enabled.push(candidate);
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
    const { held, meaning, fault, givesUp, beside } = actor.pending(this.#resource);
    if (this.#direction.injections.made(step))
      for (const other of this.#actors) if (other !== actor) other.reconsider();
    if (++this.#made - this.#rounds.made > limits.stepsMax)
      throw new SessionHung(`an execution took more than ${limits.stepsMax} steps`);
    actor.invokedAt ??= this.#made;
    this.#inner.made(
      step,
      held.notification.tid,
      beside.map(({ notification }) => notification.tid),
    );
    if (this.#direction.record)
      this.#steps.push({ ...step, accesses: meaning.accesses, ...dataOf(held, this.#cast.server?.space) });
    if (fault?.kind === 'clock') this.#direction.clocks.pass({ ofDayMs: fault.ms });
    if (fault !== undefined && this.#upset(actor, step, fault, held)) return;
    const { session } = actor;
    const { request, notification } = held;
    if (request.call !== 'sleep') this.#passedOver(actor);
    if (givesUp) {
      giveUpFor(notification.tid, request.fd!);
      this.#told(actor, step);
      return;
    }
    const began = performance.timeOrigin + performance.now();
    switch (request.call) {
      case 'lock':
      case 'trylock': {
        const flock = request.lock?.kind === 'flock' ? request.lock.operation : undefined;
        const holder = holderOf(notification.tid, request);
        const answer = flock === undefined ? undefined : takeFor(notification.tid, request.fd!, flock);
        if (step.error === undefined) {
          session.holdings.took(request, this.#resource.label(request.file!.ino, step.path), holder);
        }
        session.release(held, answer);
        break;
      }
      case 'unlock':
        session.holdings.gaveBack(request, holderOf(notification.tid, request));
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
    actor.answered(WITH_NO_ANSWER, this.#made);
    actor.done = true;
    const anything: Step = { session: actor.index, operation: actor.operation, call: 'exit', path: '' };
    for (const other of this.#actors) if (other !== actor) other.saw(anything);
    this.#serverDone(actor);
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
    if (this.#direction.loops.isEndless(TIME)) return false;
    const waiting = this.#actors.filter(isWaiting);
    const helps = outsleep(waiting, (actor) => this.settle(actor));
    if (!helps && waiting.length > 0) this.#direction.loops.foundEndless(TIME);
    return helps;
  }

  #nameCreated(actor: Actor, path: string): void {
    const found = this.#resource.stat(path);
    if (found !== undefined) this.#resource.relabel(found.ino, actor.masked(path));
  }

  #outwait(actor: Actor): void {
    const { held } = actor.pending(this.#resource);
    const round = actor.round(this.#direction.loops);
    if (round === undefined) this.#refuse(actor, held);
    else this.#rounds.exhaust(actor, round);
  }

  /** Whoever sleeps beside it could wake first, if it were slower. */
  #passedOver({ session, sleeper }: Actor): void {
    if (sleeper?.sleep !== undefined) session.omitted.add('timeouts', sleepWords(sleeper.sleep));
  }

  /** Nobody can go on without time: of those who sleep beside others of their sessions, the one that wakes first goes on. */
  #timePasses(): boolean {
    const asleep = this.#actors.flatMap((actor) => {
      const sleeper = actor.done || actor.session.awaits ? undefined : actor.sleeper;
      return sleeper === undefined || actor.pending(this.#resource).held === sleeper ? [] : [{ actor, sleeper }];
    });
    if (asleep.length === 0) return false;
    const next = asleep.reduce((a, b) => (b.sleeper.sleep!.ms < a.sleeper.sleep!.ms ? b : a));
    next.actor.urge(next.sleeper);
    return true;
  }

  /** The kernel sees the deadlock, and who closes the circle is told. */
  #refuse(actor: Actor, held: Held): void {
    const step: Step = { ...actor.pending(this.#resource).step, error: 'EDEADLK' };
    this.#made++;
    if (this.#direction.record) this.#steps.push(step);
    actor.invokedAt ??= this.#made;
    actor.session.release(held, -koffi.os.errno.EDEADLK!);
    this.#told(actor, step);
    this.settle(actor);
  }

  #told(actor: Actor, step: Step): void {
    actor.did(step);
    for (const other of this.#actors) if (other !== actor) other.saw(step);
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
    actor.answered(answer, this.#made);
    if (answer.outcome === 'ok') this.#direction.follower?.acknowledged(actor.operations.at(-1)!.id);
  }
}
