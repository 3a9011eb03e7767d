/** One execution under somebody's choices: a fresh resource, all sessions behind the gate, one step at a time. */

import koffi from 'koffi';
import { type FaultPlan, formatPlan, type Injection } from '../faults/plan.ts';
import { descriptorsInto } from '../gate/descriptors.ts';
import { Resource } from '../gate/resource.ts';
import type { Execution, Operation, SessionIdentity } from '../history/execution.ts';
import { type Omission, Omissions } from '../history/omission.ts';
import type { Step } from '../history/step.ts';
import { limits } from '../limits.ts';
import type { Disk } from '../powerloss/disk.ts';
import type { Choose } from '../schedule/scheduler.ts';
import type { Order } from '../session/orders.ts';
import { Actor } from './actor.ts';
import { agesIn } from './ages.ts';
import { byCommands, type Cast, type Ran, recovers } from './cast.ts';
import { Clocks, clocksAsked } from './clocks.ts';
import { Commons } from './commons.ts';
import type { Follower } from './direction.ts';
import type { GatedSession } from './gated-session.ts';
import { Ground } from './ground.ts';
import { Injections } from './injections.ts';
import { KnownLoops } from './loops.ts';
import { SessionHung, SessionLost } from './lost.ts';
import { Numbers } from './numbers.ts';
import { Scene } from './scene.ts';

export interface Played extends Omit<Ran, 'steps'> {
  readonly execution: Execution;
  /**
   * A retry loop turned out not to give up, or to be none, or a directory was listed, so that it matters from now on in which order
   * entries are made in it: the choices there are have changed.
   */
  readonly learned: boolean;
  /** Faults that were planned, and for which there was no step. */
  readonly unspent: readonly Injection[];
}

/** Makes the session at a place anew; `apart`: in a PID namespace of its own. */
export type Renew = (slot: number, apart: boolean) => GatedSession;

/** The same in every execution, and on every machine: file names are made from it. */
const uuidOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

export class Player {
  readonly loops = new KnownLoops();
  readonly #met = new Set<string>();
  readonly #numbers = new Numbers();
  readonly #sessions: GatedSession[];
  readonly #commons: Commons;
  readonly #renew: Renew | undefined;
  #apart = false;
  readonly #resource: Resource;
  readonly #ground: Ground;
  #cast: Cast | undefined;
  #actors: Actor[] = [];

  /**
   * @param root an existing directory, of which the content is lost.
   * @param renew where sessions may be killed: makes the one at this place anew.
   */
  constructor(sessions: readonly GatedSession[], root: string, renew?: Renew) {
    this.#sessions = [...sessions];
    this.#commons = new Commons(this.#sessions);
    for (const session of sessions) session.commons = this.#commons;
    this.#renew = renew;
    this.#resource = new Resource(root);
    this.#ground = new Ground(this.#resource.root);
    for (const session of sessions) session.settle(this.#resource, true);
  }

  /** What commands have written to besides the resource. */
  get outside(): readonly string[] {
    return [...new Set(this.#sessions.flatMap(({ outside }) => [...outside.names]))].sort();
  }

  /** What of that other sessions have changed as well, or looked at: there they meet, and nobody looks. */
  get metOutside(): readonly string[] {
    return [...this.#met].sort();
  }

  /** What the executions since `begin` did not look at. */
  get omitted(): readonly Omission[] {
    const all = new Omissions();
    for (const { omitted } of this.#sessions) for (const { kind, what } of omitted.all) all.add(kind, what);
    return all.all;
  }

  /** Another question: what the one before has written besides is no answer to it. */
  begin(): void {
    this.loops.forget();
    this.#met.clear();
    this.#resource.listed.clear();
    this.#numbers.forget();
    this.#commons.clear();
    for (const { outside, omitted } of this.#sessions) {
      outside.clear();
      omitted.clear();
    }
  }

  /** From now on, executions are of this. */
  take(cast: Cast): void {
    this.#cast = cast;
    this.#ground.prepare(cast.scenario);
    const apart = cast.faults?.surroundings.includes('same-pids') === true;
    if (apart !== this.#apart) this.renew();
    this.#apart = apart;
    for (const slot of cast.participants.keys()) if (!this.#renewed(slot)) this.#cue(slot);
  }

  /** A session that was killed is another one in the next execution. Returns whether this one was. */
  #renewed(slot: number): boolean {
    if (!this.#sessions[slot]!.dead) return false;
    if (this.#renew === undefined) throw new Error('these sessions are not to be killed');
    const session = this.#renew(slot, this.#apart);
    const { outside, omitted } = this.#sessions[slot]!;
    session.outside.replace(outside);
    for (const { kind, what } of omitted.all) session.omitted.add(kind, what);
    session.commons = this.#commons;
    this.#sessions[slot] = session;
    this.#cue(slot);
    return true;
  }

  /** Tells a session what it takes part in. */
  #cue(slot: number): void {
    const { scenario, strategy, writers, server, participants } = this.#cast!;
    const session = this.#sessions[slot]!;
    const index = participants[slot]!;
    session.peers.server = server;
    session.serverPid = server?.pid;
    const role = index < writers ? 'writer' : 'reader';
    this.#obey(session, {
      type: 'take',
      target: scenario.id,
      strategy,
      index,
      writers,
      role,
      uuid: uuidOf(index),
      dir: this.#resource.root,
      server: server?.address ?? '',
      space: server?.space ?? '',
    });
  }

  /**
   * @param record keep the steps, with the data that they carried.
   * @param from what the resource is like at the start, where that is not as the scenario sets it up.
   * @param follow who looks at the resource after each step.
   */
  play(choose: Choose, record = false, from?: Disk, follow?: (root: string) => Follower): Played {
    const { scenario, strategy, participants, writers, faults } = this.#cast!;
    for (const slot of participants.keys()) this.#renewed(slot);
    const { view = (_, files) => files } = scenario;
    if (from === undefined) this.#ground.restore();
    else this.#ground.place(from);
    const follower = follow?.(this.#resource.root);
    this.#resource.forget();
    const injections = new Injections(faults);
    this.#actors = participants.map((index, slot) => {
      const role = index < writers ? 'writer' : 'reader';
      const identity = { index, uuid: uuidOf(index), role } as const;
      const actor = new Actor(this.#sessions[slot]!, identity, injections, this.#numbers, scenario.randomNames);
      actor.session.recall(this.#resource);
      return actor;
    });
    const { prepare, open, finally: ending = scenario.finally } = scenario.strategies[strategy]!;
    if (prepare !== undefined) this.#obey(this.#actors[0]!.session, { type: 'prepare' });
    const commands = byCommands(this.#cast!);
    const clocks = this.#clocks(faults, commands);
    const begin = (actors: readonly Actor[]): void => {
      if (open !== undefined) for (const { session } of actors) this.#obey(session, { type: 'open' });
      for (const { session, role } of actors) {
        session.commandRuns = commands && role === 'writer';
        session.order({ type: 'operate', operation: 0 });
      }
    };
    const { loops } = this;
    const direction = { loops, injections, clocks, record, begin, ...(follower === undefined ? {} : { follower }) };
    const scene = new Scene(this.#actors, this.#resource, this.#cast!, direction);
    const known = loops.lessons + this.#resource.listed.size;
    const { trace, steps, begins, redundant } = scene.run(choose);
    if (this.#resource.listed.size > 0 || trace.decisions.some(({ chosen }) => hides(chosen.step)))
      this.#ground.spoil();
    if (trace.stuck.length > 0 || this.#actors.some(({ done }) => !done)) this.#giveUp();
    const operations = this.#actors.flatMap((actor) => actor.operations);
    if (ending !== undefined && trace.stuck.length === 0) operations.push(...this.#conclude(steps.length));
    for (const { session } of this.#actors) session.commandRuns = false;
    this.#meetOutside();
    const ages = agesIn(trace.decisions.map(({ chosen }) => chosen.step));
    if (ages !== undefined) this.#actors[0]!.session.omitted.add(ages.kind, ages.what);
    if (faults !== undefined) this.#retireDamaged();
    const execution: Execution = {
      target: scenario.id,
      strategy,
      mode: 'shared',
      seed: 0,
      round: 0,
      sessions: this.#actors.map((actor) => identityOf(actor, this.#cast!)),
      ...(faults === undefined ? {} : { faults: formatPlan(faults) }),
      operations: operations.sort((a, b) => a.invokedUs - b.invokedUs),
      final: view(this.#resource.root, this.#ground.leftovers()),
      ...(record ? { steps } : {}),
    };
    const learned = loops.lessons + this.#resource.listed.size > known;
    return { trace, execution, begins, redundant, learned, unspent: injections.unspent };
  }

  #meetOutside(): void {
    const logs = this.#actors.map(({ session }) => session.outside);
    const changed = logs.filter(({ changesAnything }) => changesAnything);
    for (const other of changed) {
      for (const log of logs)
        if (log !== other) for (const name of log.meets(other, this.#resource)) this.#met.add(name);
    }
  }

  /** All sessions are others from now on. */
  renew(): void {
    for (const session of this.#sessions) if (!session.dead) session.kill();
  }

  /** Whoever was made to fail may have been left with half of what it had open: that is not for the next execution to find. */
  #retireDamaged(): void {
    for (const { session, operations } of this.#actors) {
      // In a namespace of their own, the numbers of processes begin anew only with it.
      const isDamaged = this.#apart || operations.some(({ outcome }) => outcome === 'unknown');
      if (!session.dead && isDamaged) session.kill();
    }
  }

  /** As they are at the start. */
  #clocks(faults: FaultPlan | undefined, commands: boolean): Clocks {
    const sessions = this.#actors.map(({ session }) => session);
    const clocks = new Clocks(sessions, commands ? this.#resource.root : undefined);
    if (faults === undefined) return clocks;
    clocks.straighten();
    if (faults.surroundings.includes('same-time')) clocks.stop(Math.floor(performance.timeOrigin + performance.now()));
    return clocks;
  }

  /** How often a session has asked what time it is, in the last execution. */
  clocksAsked(index: number): number {
    const session = this.#actors.find((actor) => actor.index === index)?.session;
    return session === undefined || session.dead ? 0 : clocksAsked(session);
  }

  #obey(session: GatedSession, order: Order): void {
    session.order(order);
    session.settle(this.#resource, true);
    if (session.report !== null && 'failed' in session.report) throw new SessionLost(session.report.failed);
  }

  #conclude(at: number): readonly Operation[] {
    return this.#actors
      .filter(({ role, session }) => role === 'writer' && !session.dead)
      .map((actor) => {
        this.#obey(actor.session, { type: 'finally' });
        const id = `s${actor.index}.end`;
        return { id, session: actor.index, kind: 'finally', invokedUs: at, respondedUs: at, ...actor.answer() };
      });
  }

  /** Nobody can go on: commands are killed, and in a warm process all further calls on the resource fail, until it gives up. */
  #giveUp(): void {
    for (const { session } of this.#actors) {
      if (session.idle || session.dead) continue;
      if (session.commandRuns) {
        session.dropCommands();
        session.settle(this.#resource, true);
      } else this.#letFail(session);
    }
  }

  #letFail(session: GatedSession): void {
    for (let calls = 0; !session.idle; calls++) {
      if (calls > limits.failuresMax) throw new SessionHung('a session goes on though all that it does fails');
      for (const held of session.held) session.release(held, -koffi.os.errno.EIO!);
      if (session.awaits) session.hangUp();
      session.settle(this.#resource);
    }
    // What it had open it has still, locks included: nobody clears up after an error that never comes.
    this.#obey(session, { type: 'close', descriptors: descriptorsInto(session.pid, this.#resource) });
  }
}

/** Does it change what is not seen in the contents of a directory? */
const hides = ({ accesses = [] }: Step): boolean =>
  accesses.some(({ object, mode }) => mode === 'write' && object.startsWith('extended '));

const identityOf = ({ session, index, uuid, role }: Actor, cast: Cast): SessionIdentity => ({
  index,
  uuid,
  pid: session.pid,
  role,
  ...(recovers(cast, index) ? { recovers: true } : {}),
});
