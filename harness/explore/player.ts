/** One execution under somebody's choices: a fresh resource, all sessions behind the gate, one step at a time. */

import koffi from 'koffi';
import { descriptorsInto } from '../gate/descriptors.ts';
import { Resource } from '../gate/resource.ts';
import type { Execution, Operation, SessionIdentity } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Choose } from '../schedule/scheduler.ts';
import type { Order } from '../session/orders.ts';
import { Actor } from './actor.ts';
import type { GatedSession } from './gated-session.ts';
import { Ground } from './ground.ts';
import { SessionHung, SessionLost } from './lost.ts';
import { type Cast, type Ran, Scene } from './scene.ts';

export interface Played extends Omit<Ran, 'steps'> {
  readonly execution: Execution;
  /** A retry loop turned out not to give up: from now on it is not outwaited, so the choices there are have changed. */
  readonly learned: boolean;
}

/** The same in every execution, and on every machine: file names are made from it. */
const uuidOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

export class Player {
  /** Retry loops that are known not to give up, by signature: they wait for others, and no longer for themselves. */
  readonly endless = new Set<string>();
  readonly #sessions: readonly GatedSession[];
  readonly #resource: Resource;
  readonly #ground: Ground;
  #cast: Cast | undefined;
  #actors: Actor[] = [];

  /** @param root an existing directory, of which the content is lost. */
  constructor(sessions: readonly GatedSession[], root: string) {
    this.#sessions = sessions;
    this.#resource = new Resource(root);
    this.#ground = new Ground(this.#resource.root);
    for (const session of sessions) session.settle(this.#resource, true);
  }

  /** What commands have written to besides the resource. */
  get outside(): readonly string[] {
    return [...new Set(this.#sessions.flatMap(({ outside }) => [...outside]))].sort();
  }

  /** The same, of several sessions each: there they meet, and nobody looks. */
  get metOutside(): readonly string[] {
    return this.outside.filter((path) => this.#sessions.filter(({ outside }) => outside.has(path)).length > 1);
  }

  /** Another question: what the one before has written besides is no answer to it. */
  begin(): void {
    this.endless.clear();
    for (const { outside } of this.#sessions) outside.clear();
  }

  /** From now on, executions are of this. */
  take(cast: Cast): void {
    this.#cast = cast;
    this.#ground.prepare(cast.scenario);
    for (const [slot, index] of cast.participants.entries()) {
      const session = this.#sessions[slot]!;
      const { scenario, strategy, writers, server } = cast;
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
  }

  /** @param record keep the steps, with the data that they carried. */
  play(choose: Choose, record = false): Played {
    const { scenario, strategy, participants, writers } = this.#cast!;
    const { view = (_, files) => files } = scenario;
    this.#ground.restore();
    this.#resource.forget();
    this.#actors = participants.map((index, slot) => {
      const actor = new Actor(
        this.#sessions[slot]!,
        index,
        uuidOf(index),
        index < writers ? 'writer' : 'reader',
        scenario.randomNames,
      );
      actor.session.recall(this.#resource);
      return actor;
    });
    const { prepare, open, perform, finally: ending = scenario.finally } = scenario.strategies[strategy]!;
    if (prepare !== undefined) this.#obey(this.#actors[0]!.session, { type: 'prepare' });
    if (open !== undefined) for (const { session } of this.#actors) this.#obey(session, { type: 'open' });
    const commands = typeof perform !== 'function';
    for (const actor of this.#actors) {
      actor.session.commandRuns = commands && actor.role === 'writer';
      actor.session.order({ type: 'operate', operation: 0 });
    }
    const scene = new Scene(this.#actors, this.#resource, this.#cast!, this.endless, record);
    for (const actor of this.#actors) scene.settle(actor);
    const known = this.endless.size;
    const { trace, steps, begins, redundant } = scene.run(choose);
    if (trace.stuck.length > 0) this.#giveUp();
    const operations = this.#actors.flatMap((actor) => actor.operations);
    if (ending !== undefined && trace.stuck.length === 0) operations.push(...this.#conclude(steps.length));
    for (const { session } of this.#actors) session.commandRuns = false;
    const execution: Execution = {
      target: scenario.id,
      strategy,
      mode: 'shared',
      seed: 0,
      round: 0,
      sessions: this.#actors.map(identityOf),
      operations: operations.sort((a, b) => a.invokedUs - b.invokedUs),
      final: view(this.#resource.root, this.#ground.leftovers()),
      ...(record ? { steps } : {}),
    };
    return { trace, execution, begins, redundant, learned: this.endless.size > known };
  }

  #obey(session: GatedSession, order: Order): void {
    session.order(order);
    session.settle(this.#resource, true);
    if (session.report !== null && 'failed' in session.report) throw new SessionLost(session.report.failed);
  }

  #conclude(at: number): readonly Operation[] {
    return this.#actors
      .filter(({ role }) => role === 'writer')
      .map((actor) => {
        this.#obey(actor.session, { type: 'finally' });
        const id = `s${actor.index}.end`;
        return { id, session: actor.index, kind: 'finally', invokedUs: at, respondedUs: at, ...actor.answer() };
      });
  }

  /** Nobody can go on: commands are killed, and in a warm process all further calls on the resource fail, until it gives up. */
  #giveUp(): void {
    for (const { session } of this.#actors) {
      if (session.idle) continue;
      if (session.commandRuns) {
        for (const pid of session.processes) if (pid !== session.pid && pid > 0) endProcess(pid);
        session.drop();
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

const identityOf = ({ session, index, uuid, role }: Actor): SessionIdentity => ({
  index,
  uuid,
  pid: session.pid,
  role,
});

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
