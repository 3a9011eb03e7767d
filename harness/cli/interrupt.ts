import { exitCode } from './exit.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Work that is told when it should end early. */
export async function interruptible<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  // The second time there is no waiting: the sessions see that they are alone, and clear up.
  const onSignal = (): void => (interrupt.signal.aborted ? process.exit(exitCode.interrupted) : interrupt.abort());
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work(interrupt.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** The exit code of such work. What goes wrong once it was told to end is what it was told. */
export const untilInterrupted = (work: (interrupted: AbortSignal) => Promise<number>): Promise<number> =>
  interruptible(async (interrupted) => {
    try {
      return await work(interrupted);
    } catch (error) {
      if (interrupted.aborted) return exitCode.interrupted;
      throw error;
    }
  });
