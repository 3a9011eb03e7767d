import { childrenOf, hasEnded, threadsOf } from '../gate/process.ts';

/** SIGKILL; 0 and negative numbers would mean groups of processes, one's own among them. */
function endProcess(pid: number): void {
  if (pid <= 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

/**
 * Ends what a session has started, and waits until nothing of it is left: no lock, no connection. Orphans are children of the
 * session's own process, so they are met too. Not by the numbers of all that were ever seen: these may be somebody else's by now.
 */
export function endCommandsOf(pid: number, waiting: () => void): void {
  // Who was just being started when they were listed is listed next time.
  for (let some = descendantsOf(pid); some.length > 0; some = descendantsOf(pid).filter((each) => !hasEnded(each))) {
    end(some, waiting);
  }
}

/** The same, and the session's own process with it. */
export function endSession(pid: number, waiting: () => void): void {
  endCommandsOf(pid, waiting);
  end([pid], waiting);
}

/** Any thread of a process may have started others. */
function descendantsOf(pid: number): readonly number[] {
  const children = threadsOf(pid).flatMap(childrenOf);
  return [...children, ...children.flatMap(descendantsOf)];
}

function end(pids: readonly number[], waiting: () => void): void {
  for (const pid of pids) endProcess(pid);
  for (const pid of pids) while (!threadsOf(pid).every(hasEnded)) waiting();
}
