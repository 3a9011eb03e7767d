import type { Listener, Notification } from '../gate/listener.ts';
import { hasEnded, parentOf, waitsForChild } from '../gate/process.ts';
import type { Report } from '../session/orders.ts';
import type { PooledSession } from '../session/pool.ts';
import { isControl, putOrder, reportIn } from './control.ts';
import { endSession } from './end-process.ts';
import { GatedSession } from './gated-session.ts';
import { listenerOf } from './listening.ts';
import { CopyRefused, Interrupted, SessionLost } from './lost.ts';

/** A warm session behind the gate that does nothing itself: its copies do, and may be killed. */
export class Template {
  readonly #pid: number;
  readonly #listener: Listener;
  readonly #interrupted: () => boolean;
  #waiting: Notification | undefined;

  private constructor(pid: number, listener: Listener, interrupted: () => boolean) {
    this.#pid = pid;
    this.#listener = listener;
    this.#interrupted = interrupted;
  }

  /** @throws where that can't be done here, with the reason. */
  static async start(pooled: PooledSession, interrupted: () => boolean): Promise<Template> {
    const template = new Template(pooled.identity.pid, await listenerOf(pooled), interrupted);
    template.#waiting = template.#next((notification) => notification);
    return template;
  }

  /**
   * A copy that waits for an order: as fresh as the session was when it had been started.
   *
   * @param apart in a PID namespace of its own.
   */
  copy(apart: boolean): GatedSession {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const waiting = this.#forked(apart);
      if (waiting !== undefined) return GatedSession.copy(waiting, this.#listener, this.#interrupted);
    }
    throw new SessionLost(`no copy of session process ${this.#pid} lives`);
  }

  /** The first call of the copy to the gate; undefined where it has died at once. */
  #forked(apart: boolean): Notification | undefined {
    const order = this.#waiting!;
    this.#waiting = undefined;
    this.#listener.answer(order, putOrder(order, { type: 'fork', apart }));
    let copy: number | undefined;
    const arrived: Notification[] = [];
    return this.#next((notification) => {
      if (notification === undefined && copy !== undefined && hasEnded(copy)) return 'none';
      const report = notification === undefined ? null : reportIn(notification);
      if (report !== null && 'failed' in report) this.#refused(notification!, report.failed);
      if (notification?.tid === this.#pid) {
        this.#waiting = notification;
        copy = copyIn(report);
      } else if (notification !== undefined) arrived.push(notification);
      // Some come here and are given up then: one that is apart only counts once its parent has seen that it is whole.
      const isWhole = (tid: number): boolean => tid === copy || (parentOf(tid) === copy && waitsForChild(copy!));
      return copy === undefined ? undefined : arrived.find(({ tid }) => isWhole(tid));
    });
  }

  /** @throws {CopyRefused} always, once who said so is gone or waits again. */
  #refused(notification: Notification, reason: string): never {
    if (notification.tid === this.#pid) this.#waiting = notification;
    else endSession(notification.tid, () => {});
    throw new CopyRefused(reason);
  }

  /** Lets all calls through until one is met that is looked for; `seen` is asked as well when nothing has come for a while. */
  #next(seen: (notification?: Notification) => Notification | 'none' | undefined): Notification | undefined {
    for (;;) {
      const notification = this.#listener.receive(1);
      if (notification === 'gone') throw new SessionLost(`session process ${this.#pid} died behind the gate`);
      if (this.#interrupted()) throw new Interrupted('the run is being ended');
      if (notification !== 'nothing' && (notification.call === undefined || !isControl(notification))) {
        this.#listener.proceed(notification);
      } else {
        const found = seen(notification === 'nothing' ? undefined : notification);
        if (found !== undefined) return found === 'none' ? undefined : found;
      }
    }
  }

  close(): void {
    this.#listener.close();
  }
}

/** A copy may be killed by whoever likes to. */
const ATTEMPTS = 3;

const copyIn = (report: Report): number | undefined => (report !== null && 'copy' in report ? report.copy : undefined);
