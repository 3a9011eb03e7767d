import { writeMemory } from './kernel.ts';
import type { Notification } from './listener.ts';
import { bytesAt } from './process.ts';

// struct kernel_sigaction { handler; unsigned long flags; … }: SIG_DFL is 0, SIG_IGN is 1
const SIG_IGN = 1n;
const FLAGS = 8;
const SA_RESTART = 0x10000000n;

/**
 * Has calls begin again that the end of a child interrupts: rt_sigaction(2) for SIGCHLD. A call that has come to the gate, but has not
 * been met there yet, can be interrupted, and fails with EINTR then, even one that never does otherwise: dash, which does not ask for
 * SA_RESTART, then goes on without having closed the end of a pipe, and waits for itself for ever.
 */
export function letCallsRestart({ tid, args }: Notification): void {
  const address = args[1]!;
  if (address === 0) return;
  const action = bytesAt(tid, address, FLAGS + 8);
  if (action.length < FLAGS + 8 || action.readBigUInt64LE(0) <= SIG_IGN) return;
  action.writeBigUInt64LE(action.readBigUInt64LE(FLAGS) | SA_RESTART, FLAGS);
  writeMemory(tid, address, action, action.length);
}
