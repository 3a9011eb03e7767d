import { type Fault, faultWords } from '../faults/plan.ts';
import { exchanges, wouldWait } from '../gate/locks.ts';
import { type Meaning, meaningOf } from '../gate/meaning.ts';
import type { Request } from '../gate/request.ts';
import type { Resource } from '../gate/resource.ts';
import { KILLED, type Operation, type SessionIdentity } from '../history/execution.ts';
import { type Access, type Call, dependent, type Step } from '../history/step.ts';
import type { Answer } from '../session/attempt.ts';
import type { GatedSession } from './gated-session.ts';
import type { Held } from './held.ts';
import type { Injections } from './injections.ts';
import { type KnownLoops, LoopWatch, type Round } from './loops.ts';
import { SessionLost } from './lost.ts';
import type { Numbers } from './numbers.ts';

/** The step that a session would make next. */
export interface Pending {
  readonly held: Held;
  readonly meaning: Meaning;
  readonly step: Step;
  /** What is made to go wrong with it. */
  readonly fault?: Fault;
  /** The lock that it has is given up first: see `exchanges`. The call waits on, now with nothing. */
  readonly givesUp?: true;
  /** Others of the session that could go on as well. */
  readonly beside: readonly Held[];
}

interface Next {
  readonly held: Held;
  /** Those that might come first, if they did not wait for a lock. */
  readonly waits: readonly Held[];
  readonly beside: readonly Held[];
}

/** A session's part in one execution. */
export class Actor {
  readonly session: GatedSession;
  readonly index: number;
  readonly uuid: string;
  readonly role: 'writer' | 'reader';
  readonly operations: Operation[] = [];
  operation = 0;
  /** Steps that all had made when the operation in hand made its first. */
  invokedAt: number | undefined;
  done = false;
  /** It waited for the server until another session did something there. */
  #waited = false;
  /** Another session has moved or removed something that its next call may be about. */
  #moved = false;
  readonly #loops = new LoopWatch();
  #pending: Pending | undefined;
  #urged: Held | undefined;

  readonly #injections: Injections;
  readonly #numbers: Numbers;
  readonly #randomNames: RegExp | undefined;

  /** @param randomNames see `Scenario`. */
  constructor(
    session: GatedSession,
    { index, uuid, role }: Pick<SessionIdentity, 'index' | 'uuid' | 'role'>,
    injections: Injections,
    numbers: Numbers,
    randomNames?: RegExp | undefined,
  ) {
    this.session = session;
    this.index = index;
    this.uuid = uuid;
    this.role = role;
    this.#injections = injections;
    this.#numbers = numbers;
    this.#randomNames = randomNames;
  }

  /** Judged in the present state, and anew where another session has touched what it depends on. */
  pending(resource: Resource): Pending {
    const { held, waits, beside } = this.#next();
    if (this.#pending?.held !== held) {
      if (this.#moved) held.request = held.again() ?? held.request;
      this.#moved = false;
      this.#pending = { ...this.#judge(held, resource, waits), beside };
    }
    return this.#pending;
  }

  #next(): Next {
    const { held } = this.session;
    if (held.length === 1) return { held: held[0]!, waits: [], beside: [] };
    if (this.#urged !== undefined && held.includes(this.#urged)) return { held: this.#urged, waits: [], beside: [] };
    const awake = held.filter(({ sleep }) => sleep === undefined);
    if (awake.length === 0) return { held: held.reduce((a, b) => (wakesBefore(b, a) ? b : a)), waits: [], beside: [] };
    const waits = awake.filter((one) => one.request.call === 'lock' && mustWait(this.session, one));
    const able = awake.filter((one) => !waits.includes(one));
    if (able.length === 0) return { held: ofFirstProcess(awake), waits: [], beside: [] };
    const first = ofFirstProcess(able);
    return { held: first, waits, beside: able.filter((one) => one !== first) };
  }

  /** Who of the session wakes next, where everybody else of it waits; undefined where nobody sleeps besides. */
  get sleeper(): Held | undefined {
    const asleep = this.session.held.filter(({ sleep }) => sleep !== undefined);
    return asleep.length === 0 ? undefined : asleep.reduce((a, b) => (wakesBefore(b, a) ? b : a));
  }

  /** Nobody else can go on, so time passes: this one of the session's goes on next. */
  urge(held: Held): void {
    this.#urged = held;
  }

  /** What a call of the session's comes to, if it is made now. */
  meaning({ request }: Held, resource: Resource): Meaning {
    return meaningOf(request, resource, (path) => this.masked(path), this.session.holdings);
  }

  #judge(held: Held, resource: Resource, waits: readonly Held[]): Omit<Pending, 'beside'> {
    const { session } = this;
    const givesUp = held.request.call === 'lock' && givesUpFirst(session, held);
    const request: Request = givesUp ? { ...held.request, call: 'unlock', flags: [] } : held.request;
    resource.ledOut = false;
    const asked = judged(session, held, this.meaning({ ...held, request }, resource));
    if (resource.ledOut)
      session.outside.note(held.notification, undefined, { own: held.lineage.length === 0, resource });
    // Who is passed over because he waits comes first again as soon as he need not.
    const passed = waits.flatMap((one) => this.meaning(one, resource).accesses.map(asRead));
    const meaning = this.#afterWaiting(held, { ...asked, accesses: [...asked.accesses, ...passed] });
    const step: Step = {
      session: this.index,
      operation: this.operation,
      call: request.call,
      path: this.masked(request.path),
      ...(request.to === undefined ? {} : { to: this.masked(request.to) }),
      ...(request.flags.length === 0 ? {} : { flags: request.flags }),
      ...(meaning.error === undefined ? {} : { error: meaning.error }),
      ...(this.#couldBeAnything(request) ? {} : { accesses: meaning.accesses }),
    };
    const fault = this.#injections.at(step);
    const pending = { held, meaning, step, ...(givesUp ? ({ givesUp } as const) : {}) };
    return fault === undefined ? pending : { ...pending, step: upset(step, fault), fault };
  }

  #couldBeAnything({ call, noticed }: Request): boolean {
    const heard = call === 'send' || call === 'disconnect' || noticed === true;
    return heard && this.session.peers.server?.worksOnResource === true;
  }

  /** An answer that took another session's request to come is not independent of that. */
  #afterWaiting({ request }: Held, meaning: Meaning): Meaning {
    return request.call === 'receive' && this.#waited ? { accesses: [serverRead(request.path)] } : meaning;
  }

  /** What the session waits for, where it waits for its server. */
  awaited(server: string): Step {
    this.#waited = true;
    return {
      session: this.index,
      operation: this.operation,
      call: 'receive',
      path: server,
      accesses: [serverRead(server)],
    };
  }

  /** Is the session about to begin one more round of a loop that changes nothing? */
  round(known: KnownLoops): Round | undefined {
    return this.#pending === undefined ? undefined : this.#loops.roundBefore(this.#pending.step, known);
  }

  /** How the operation that has just ended did so. */
  answer(): Answer {
    const { report } = this.session;
    if (report === null) throw new SessionLost('a session reported nothing');
    if ('failed' in report) throw new SessionLost(report.failed);
    if (!('outcome' in report)) throw new SessionLost('a session reported something else than an answer');
    return report;
  }

  /** @param made steps that all have made so far. */
  answered(answer: Answer, made: number): void {
    const reads = this.role === 'reader';
    this.operations.push({
      id: `${reads ? 'r' : 's'}${this.index}.${this.operation}`,
      session: this.index,
      kind: reads ? 'read' : 'write',
      invokedUs: this.invokedAt ?? made,
      respondedUs: made,
      ...answer,
    });
    this.invokedAt = undefined;
  }

  /** Something else than a session has changed what can happen. */
  reconsider(): void {
    this.#pending = undefined;
    this.#loops.forget();
  }

  did(step: Step): void {
    this.#pending = undefined;
    this.#waited = false;
    this.#loops.did(step);
  }

  saw(step: Step): void {
    this.session.saw(step);
    this.#loops.saw(step);
    if (this.#pending === undefined || !dependent(this.#pending.step, step)) return;
    // A path below a directory that is moved leads through another name from now on.
    if (MOVING.has(step.call) && this.#pending.held.request.file === undefined) this.#moved = true;
    this.#pending = undefined;
  }

  /** A path without what differs from execution to execution: the session's id, and the numbers of its processes. */
  masked(path: string): string {
    const named = path.includes(this.uuid) ? path.replaceAll(this.uuid, '%') : path;
    const masked = /\d{2}/.test(named) ? this.#numbers.masked(named, this.session.processes) : named;
    return this.#randomNames === undefined ? masked : masked.replaceAll(this.#randomNames, '%');
  }
}

const MOVING: ReadonlySet<Call> = new Set(['rename', 'rmdir']);

/** A call that fails touches nothing; what else goes wrong may concern anybody. */
function upset(step: Step, fault: Fault): Step {
  const { accesses: _, ...rest } = { ...step, fault: faultWords(fault) };
  return fault.kind === 'errno' ? { ...rest, error: fault.errno, accesses: [] } : rest;
}

const serverRead = (server: string): Access => ({ object: `server ${server}`, mode: 'read' });

/**
 * Several threads of a session may be held at once, or several processes, as in a pipeline. In which order they came to the gate
 * is chance, and must not decide which one counts. In which order a process has started others is not chance, and neither is
 * what the threads of one process are about to do; and who may not have come yet, because its parent has only just started it,
 * comes after its parent.
 */
const ofFirstProcess = (held: readonly Held[]): Held =>
  held.length === 1 ? held[0]! : held.reduce((a, b) => (isBefore(b, a) ? b : a));

/** Of those who sleep in one session. */
const wakesBefore = (a: Held, b: Held): boolean => {
  const [mine, others] = [a.sleep!.due, b.sleep!.due];
  return mine === others ? isBefore(a, b) : mine < others;
};

function isBefore(a: Held, b: Held): boolean {
  const parting = a.lineage.findIndex((pid, at) => pid !== b.lineage[at]);
  const [mine, others] = [a.lineage[parting], b.lineage[parting]];
  if (mine !== undefined) return others !== undefined && isOlder(mine, others);
  return a.lineage.length < b.lineage.length || nameOf(a) < nameOf(b);
}

/** Numbers of processes go up, and begin anew behind the highest: `kernel.pid_max`, which is 2^15 at least where it is not lowered. */
const isOlder = (pid: number, other: number): boolean => (Math.abs(pid - other) < 2 ** 14 ? pid < other : pid > other);

const nameOf = ({ request: { call, path, to, offset } }: Held): string => `${call} ${path} ${to} ${offset}`;

/** Is the lock that a session asks for taken? */
export const mustWait = ({ holdings }: GatedSession, { notification, request }: Held): boolean =>
  wouldWait(notification.tid, request, holdings.locks(request.file?.ino));

/** Is it about to wait for another kind of the lock that it has? */
const givesUpFirst = (session: GatedSession, held: Held): boolean =>
  held.request.lock?.kind === 'flock' && exchanges(held.notification.tid, held.request) && mustWait(session, held);

const asRead = (access: Access): Access => ({ ...access, mode: 'read' });

/** Whether a lock can be had at once is for the kernel to say. One that can't is only looked at; unless another is given up for it. */
function judged(session: GatedSession, held: Held, meaning: Meaning): Meaning {
  if (held.request.call !== 'trylock' || !mustWait(session, held)) return meaning;
  const looked = (access: Access): Access => (access.object.startsWith('lock ') ? asRead(access) : access);
  const givesUp = exchanges(held.notification.tid, held.request);
  return { error: 'EAGAIN', accesses: givesUp ? meaning.accesses : meaning.accesses.map(looked) };
}

/** Does the server hear of it? */
export const concernsServer = ({ call, accesses }: Step): boolean =>
  call === 'send' ||
  call === 'connect' ||
  call === 'disconnect' ||
  (call === 'exit' && accesses?.some(({ object }) => object.startsWith('server ')) !== false);

/** Of a session that was killed. */
export const WITH_NO_ANSWER: Answer = {
  outcome: 'unknown',
  output: null,
  error: { name: KILLED, message: 'the session was killed' },
};
