/** Sessions of the reference in processes of their own: locks of fcntl(2) belong to processes. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Here, type Stand, type Standing } from './reference.ts';
import type { Progress } from './run.ts';

type Asked = { readonly [Name in keyof Stand]: Stand[Name] extends (...args: infer A) => unknown ? A : never };
interface Message {
  readonly what: Exclude<keyof Stand, 'pid'>;
  readonly with: readonly unknown[];
}

class Apart implements Stand {
  readonly pid: number;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid!;
  }

  async #ask<T>(what: Message['what'], ...args: readonly unknown[]): Promise<T> {
    const answered = once(this.#child, 'message');
    this.#child.send({ what, with: args } satisfies Message);
    return ((await answered) as [T])[0];
  }

  begin(...args: Asked['begin']): Promise<Standing> {
    return this.#ask('begin', ...args);
  }

  step(): Promise<Standing & { readonly progress: Progress }> {
    return this.#ask('step');
  }

  refuse(...args: Asked['refuse']): Promise<Standing> {
    return this.#ask('refuse', ...args);
  }

  async look(): Promise<number | undefined> {
    return (await this.#ask<number | null>('look')) ?? undefined;
  }

  async end(): Promise<void> {
    await this.#ask('end');
  }
}

export interface Apartment {
  readonly stands: readonly Stand[];
  close(): void;
}

/** They end with this process, too: without it, nothing keeps them. */
export function startApart(count: number): Apartment {
  const children = Array.from({ length: count }, () => fork(import.meta.filename, ['stand'], { stdio: 'inherit' }));
  return {
    stands: children.map((child) => new Apart(child)),
    close: () => {
      for (const child of children) child.disconnect();
    },
  };
}

if (process.argv[2] === 'stand' && process.argv[1] === import.meta.filename) {
  const here = new Here();
  process.on('message', ({ what, with: args }: Message) => {
    const answer = (here[what] as (...args: readonly unknown[]) => unknown).apply(here, [...args]);
    process.send!(answer ?? null);
  });
}
