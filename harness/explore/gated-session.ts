import { Descriptors } from '../gate/descriptors.ts';
import { Holdings } from '../gate/holdings.ts';
import { endConnection } from '../gate/kernel.ts';
import type { Listener, Notification, Unmodelled } from '../gate/listener.ts';
import { Peers } from '../gate/peers.ts';
import { childrenOf, familyOf, hasEnded } from '../gate/process.ts';
import type { Request } from '../gate/request.ts';
import type { Resource } from '../gate/resource.ts';
import { allAtRest } from '../gate/rest.ts';
import { endSleep, isSleep, sleepOf } from '../gate/sleeps.ts';
import { type Omission, Omissions } from '../history/omission.ts';
import type { Step } from '../history/step.ts';
import { limits } from '../limits.ts';
import type { Order, Report } from '../session/orders.ts';
import type { PooledSession } from '../session/pool.ts';
import { Beginnings } from './beginnings.ts';
import { besides } from './besides.ts';
import { Commons } from './commons.ts';
import { concernOf, type Known, recall } from './concern.ts';
import { isControl, putOrder, reportIn } from './control.ts';
import { endCommandsOf, endSession } from './end-process.ts';
import type { Held } from './held.ts';
import { Lineages } from './lineages.ts';
import { listenerOf } from './listening.ts';
import { Interrupted, SessionHung, SessionLost } from './lost.ts';
import { ifReadable, Outside, reachesOutside } from './outside.ts';
import { Running } from './running.ts';
import { Timers } from './timers.ts';
import { type Caller, omissionOf } from './unmodelled.ts';

/**
 * A session behind the gate, as the explorer sees it: a set of threads and processes of which each runs, is held before a call
 * on the resource, or rests. All that does not concern the resource is let through.
 */
export class GatedSession {
  readonly pid: number;
  readonly #listener: Listener;
  readonly #descriptors: Descriptors;
  readonly #interrupted: () => boolean;
  readonly #running: Running;
  readonly #lineages: Lineages;
  readonly #beginnings = new Beginnings();
  #held: Held[] = [];
  /** See `Sleep`. */
  #clockMs = 0;
  #waiting: Notification | undefined;
  #report: Report = null;
  /** How many calls have come to the gate so far. */
  arrivals = 0;
  /** What it does where nobody looks. */
  readonly outside = new Outside();
  /** What it did, or what was done to it, that no search looks at. */
  readonly omitted = new Omissions();
  /** What it has in common with the others. */
  commons = new Commons([this]);
  readonly #timers = new Timers();
  readonly holdings = new Holdings();
  /** A command is being run: the session's own thread waits for it. */
  commandRuns = false;
  readonly peers = new Peers();
  /** The process of the server, where it is known when that rests. */
  serverPid: number | undefined;
  /** The connection on which the operation has asked the server something last. An answer need not be the only one. */
  #asked: { readonly tid: number; readonly fd: number } | undefined;
  /** Does it wait for the server, which rests: for something that another session has to do first? */
  awaits = false;
  /** It was killed. */
  dead = false;
  /** Where it keeps its clocks: see `bentClocks`. */
  clockAt = 0;

  private constructor(pid: number, listener: Listener, interrupted: () => boolean) {
    this.pid = pid;
    this.#listener = listener;
    this.#descriptors = new Descriptors(pid);
    this.#running = new Running(pid, this.#descriptors);
    this.#lineages = new Lineages(pid, this.#descriptors);
    this.#interrupted = interrupted;
  }

  /** Sends a warm session behind the gate. @throws where that can't be done here, with the reason. */
  static async start(pooled: PooledSession, interrupted: () => boolean): Promise<GatedSession> {
    return new GatedSession(pooled.identity.pid, await listenerOf(pooled), interrupted);
  }

  /** A copy of a session, which shares that one's listener, and waits for an order. */
  static copy(waiting: Notification, listener: Listener, interrupted: () => boolean): GatedSession {
    const copy = new GatedSession(waiting.tid, listener, interrupted);
    copy.#waiting = waiting;
    return copy;
  }

  /** SIGKILL, to all that it has started as well. */
  kill(): void {
    endSession(this.pid, () => this.#checkInterrupted());
    this.#held = [];
    this.#waiting = undefined;
    this.awaits = false;
    this.dead = true;
  }

  /** The oldest first; a session of one thread never has more than one. */
  get held(): readonly Held[] {
    return this.#held;
  }

  /** Does it wait for an order? */
  get idle(): boolean {
    return this.#waiting !== undefined;
  }

  /** What came of the last order. */
  get report(): Report {
    return this.#report;
  }

  /** Numbers of processes and threads that this session may have written into names. */
  get processes(): Iterable<number> {
    return this.#running.seen;
  }

  /** A new execution begins. */
  recall(resource: Resource): void {
    this.#clockMs = 0;
    recall(this.pid, this.holdings, resource);
    this.outside.begin();
    for (const path of this.holdings.shared) this.omitted.add('maps', path);
  }

  /** It can't go on before another session does something: all that it has set to go off after a time could do so meanwhile. */
  waits(): void {
    for (const what of [...this.#timers.running, ...this.#running.timedWaits(this)]) this.omitted.add('timeouts', what);
  }

  /** Another session has made a step. */
  saw(step: Step): void {
    if (!this.holdings.mapsAnything) return;
    const path = this.holdings.changedUnder(step);
    if (path !== undefined) this.omitted.add('maps', path);
  }

  /** Gives an order to a session that waits for one. */
  order(order: Order): void {
    this.#checkInterrupted(); // where sessions never make it wait, it looks nowhere else
    const waiting = this.#waiting;
    if (waiting === undefined)
      throw new SessionLost(`session process ${this.pid} has not done what it was told before`);
    const bytes = putOrder(waiting, order);
    this.#waiting = undefined;
    this.#asked = undefined;
    this.#lineages.clear();
    this.#timers.clear();
    this.#beginnings.clear();
    this.#descriptors.forgetCommands();
    this.#running.takeUp(order.type === 'take'); // another strategy may do without the workers
    this.#go(waiting, bytes);
  }

  /** Lets a held call run, or answers it. */
  release(held: Held, answer?: number): void {
    const { call, fd } = held.request;
    this.#held = this.#held.filter((other) => other !== held);
    if (call === 'send') this.#asked = { tid: held.notification.tid, fd: fd! };
    if (held.sleep !== undefined && answer === 0) {
      this.#clockMs = Math.max(this.#clockMs, held.sleep.due);
      endSleep(held.notification);
    }
    this.#go(held.notification, answer);
    if (call !== 'exit') return;
    // It does not come back to the gate to say that it is done.
    while (!hasEnded(held.notification.tid)) this.#checkInterrupted();
    this.#running.forgetEnded(held.notification.tid);
  }

  /**
   * Waits until the session can do no more by itself: it is held before a call on the resource, or waits for an order, or for
   * an answer that the server will not give by itself either.
   *
   * @param through lets all calls on the resource run, too.
   */
  settle(resource: Resource, through = false): void {
    const began = performance.now();
    const mayAwait = !through && this.serverPid !== undefined;
    this.awaits = false;
    let looks = 0;
    for (let calls = 1; ; calls++) {
      const asks = mayAwait && this.#asked !== undefined;
      const patienceMs = this.#held.length > 0 ? (looks < SPINS ? 0 : 1) : asks ? 1 : PATIENCE_MS;
      const notification = this.#listener.receive(patienceMs);
      if (notification === 'gone') throw new SessionLost(`session process ${this.pid} died behind the gate`);
      // A clock that is asked for every call would cost as much as the call.
      if (notification === 'nothing' || calls % CALLS_UNTIMED === 0) {
        this.#checkInterrupted();
        if (performance.now() - began > limits.stepDeadlineMs) {
          throw new SessionHung(
            `session process ${this.pid} did nothing to the resource for ${limits.stepDeadlineMs} ms`,
          );
        }
      }
      if (notification !== 'nothing') {
        looks = 0;
        this.#arrived(notification, resource, through);
      }
      this.#forgetKilled();
      if (this.idle && this.#held.length === 0) return;
      if (
        this.#held.length > 0 &&
        this.#running.rests({ held: this.#held, allSleep: this.#allSleep, commandRuns: this.commandRuns }) &&
        this.#nothingMore(resource, through)
      )
        return;
      if (asks && this.#held.length === 0 && this.#allRest() && this.#nothingCame(resource, through)) {
        this.awaits = true;
        return;
      }
      looks++;
    }
  }

  /** Commands that were killed while they waited for their turn. */
  #forgetKilled(): void {
    const killed = ({ notification: { tid }, lineage }: Held): boolean => lineage.length > 0 && hasEnded(tid);
    if (this.#held.some(killed)) this.#held = this.#held.filter((held) => !killed(held));
  }

  #checkInterrupted(): void {
    if (this.#interrupted()) throw new Interrupted('the run is being ended');
  }

  #arrived(notification: Notification | Unmodelled, resource: Resource, through: boolean): void {
    const { tid, call } = notification;
    this.arrivals++;
    this.#running.threads.delete(tid);
    this.#running.seen.add(tid);
    if (call === undefined) {
      this.#omit(ifReadable(() => omissionOf(notification, this.#caller(tid, resource))));
      ifReadable(() => this.#timers.set(notification));
      this.#go(notification);
      return;
    }
    if (isControl(notification)) {
      const report = reportIn(notification);
      if (report !== null && 'clock' in report) this.clockAt = report.clock;
      this.#report = report;
      this.#waiting = notification;
      this.#descriptors.forget(tid);
      return;
    }
    const lineage = this.#lineages.of(tid);
    if (call === 'exit_group') for (const child of childrenOf(tid)) this.#lineages.of(child); // it is about to lose its parent
    const request = this.#beginnings.seen(notification, this.#readable(notification, resource));
    this.#omit(ifReadable(() => besides(notification, request, this.#caller(tid, resource))));
    if (call === 'exit_group') this.#timers.ended(tid);
    this.#descriptors.closed(notification);
    // Between operations, a session's own process does what the harness asks of it.
    const beyond = request?.call === 'close' ? undefined : request; // it may be the beginning of a program, too
    if ((lineage.length > 0 || !through) && reachesOutside(beyond)) {
      const within = this.outside.note(notification, beyond, { own: lineage.length === 0, resource });
      if (within) this.omitted.add('calls', `${call}, by a path that leads into the directory from elsewhere`);
    }
    if (request === undefined || through) this.#go(notification, request?.call === 'sleep' ? 0 : undefined);
    else {
      if (this.#running.isHelper(tid)) this.#running.meetWorkers(this.#held);
      const again = (): Request | undefined => this.#readable(notification, resource);
      this.#held.push({ notification, request, again, lineage, ...this.#sleeping(notification, request) });
    }
  }

  #omit(omission: Omission | undefined): void {
    if (omission !== undefined) this.omitted.add(omission.kind, omission.what);
  }

  #caller(tid: number, resource: Resource): Caller {
    const commanded = this.#lineages.of(tid).length > 0;
    return { ...this.#known(resource), commons: this.commons, member: this, commanded };
  }

  #known(resource: Resource): Known {
    const { pid, processes, holdings, peers } = this;
    return { pid, processes, holdings, peers, resource, descriptors: this.#descriptors };
  }

  #sleeping(notification: Notification, { call }: Request): Pick<Held, 'sleep'> {
    if (call !== 'sleep') return {};
    const ms = sleepOf(notification)!;
    return { sleep: { ms, due: this.#clockMs + ms } };
  }

  #readable(notification: Notification, resource: Resource): Request | undefined {
    if (isSleep(notification) && this.#running.dozes(notification.tid)) return undefined;
    return concernOf(notification, this.#known(resource));
  }

  #go(notification: Notification | Unmodelled, answer?: number): void {
    const { tid, call } = notification;
    if (call === 'exit_group') {
      this.#running.ending.add(tid);
      if (this.#asked?.tid === tid) this.#asked = undefined;
    } else if (!this.#running.isHelper(tid)) this.#running.threads.add(tid);
    if (answer === undefined || call === undefined) this.#listener.proceed(notification);
    else this.#listener.answer(notification, answer);
  }

  /**
   * Nothing is on its way between the session and the server: each is seen asleep before and after the other, with all their
   * threads, since who waits for a helper of V8 is asleep as well.
   */
  #allRest(): boolean {
    const ends = (): string | undefined => allAtRest(familyOf(this.pid), this.serverPid!);
    const before = ends();
    return before !== undefined && before === ends();
  }

  /** Breaks off the connection on which it waits. */
  hangUp(): void {
    if (this.#asked !== undefined) endConnection(this.#asked.tid, this.#asked.fd);
    this.awaits = false;
  }

  /** Are only those held who wait for time, or perhaps for others of the session? */
  get #allSleep(): boolean {
    return this.#held.every(({ sleep, request }) => sleep !== undefined || request.call === 'lock');
  }

  #nothingMore(resource: Resource, through: boolean): boolean {
    if (this.#running.threads.size === 0 || (this.#running.threads.size === 1 && this.commandRuns && !this.#allSleep))
      return true;
    return this.#nothingCame(resource, through);
  }

  /** Who waits at the gate is asleep, too: whatever came while that was found out is met. */
  #nothingCame(resource: Resource, through: boolean): boolean {
    const notification = this.#listener.receive(0);
    if (notification === 'nothing' || notification === 'gone') return true;
    this.#arrived(notification, resource, through);
    return false;
  }

  /** Kills its commands: nobody waits for an answer any more. */
  dropCommands(): void {
    endCommandsOf(this.pid, () => this.#checkInterrupted());
    this.#held = [];
    this.#running.ending.clear();
    for (const tid of this.#running.threads) if (tid !== this.pid) this.#running.threads.delete(tid);
  }

  close(): void {
    this.#listener.close();
  }
}

/** What is still on its way mostly arrives within microseconds: so often it is looked for before a millisecond is given away. */
const SPINS = 50;

/** So many calls in a row are let through before it is asked how long that has taken. */
const CALLS_UNTIMED = 256;

/** How long one look at the gate takes at most, so that a run can be ended meanwhile. */
const PATIENCE_MS = 100;
