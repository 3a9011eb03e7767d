/** Who is killed is gone, with all that it has started, when that is said. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endCommandsOf, endSession } from '../../harness/explore/end-process.ts';
import { childrenOf, hasEnded, threadsOf } from '../../harness/gate/process.ts';
import { onLinux } from '../support/explore-stage.ts';

/** A shell with two commands that end only if they are killed; it has started them when it says so. */
async function family(): Promise<{
  readonly pid: number;
  readonly commands: readonly number[];
  gone: Promise<unknown>;
}> {
  const child = spawn('sh', ['-c', 'sleep 1000 & sleep 1000 & echo; wait; wait'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const gone = once(child, 'exit');
  await once(child.stdout, 'data');
  return { pid: child.pid!, commands: childrenOf(child.pid!), gone };
}

test.skipIf(!onLinux)('a session', async () => {
  const { pid, commands, gone } = await family();
  expect(commands).toHaveLength(2);
  endSession(pid, () => {});
  expect([pid, ...commands].map(hasEnded)).toEqual([true, true, true]);
  await gone;
});

test.skipIf(!onLinux)('its commands, and not the session', async () => {
  const { pid, commands, gone } = await family();
  process.kill(pid, 'SIGSTOP'); // it would end by itself without them
  endCommandsOf(pid, () => {});
  expect(commands.map(hasEnded)).toEqual([true, true]);
  expect(hasEnded(pid)).toBe(false);
  endSession(pid, () => {});
  await gone;
});

test.skipIf(!onLinux)('a session that takes a while to end', async () => {
  const script = 'globalThis.memory = Buffer.alloc(4e8, 1); console.log(); setTimeout(() => {}, 1e9)';
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const gone = once(child, 'exit');
  await once(child.stdout, 'data');
  endSession(child.pid!, () => {});
  expect(threadsOf(child.pid!).every(hasEnded)).toBe(true); // all that memory has to be given back first
  await gone;
});
