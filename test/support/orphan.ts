/** A supervisor for a test to kill: two sessions, of which the first never comes back. Prints its sessions' pids. */

import { nowUs } from '../../harness/session/clock.ts';
import { createPool } from '../../harness/session/pool.ts';
import { catalogueUrl } from './catalogue.ts';

const sandbox = process.argv[2]!;
const pool = await createPool({ writers: 2, readers: 0, catalogue: catalogueUrl, sandbox });
void pool.writers[0]!.perform({
  type: 'perform',
  target: 'misbehaving',
  strategy: 'hangs',
  index: 0,
  writers: 2,
  role: 'writer',
  kind: 'write',
  dir: sandbox,
  operations: 1,
  stopFile: `${sandbox}/stop`,
  startUs: nowUs(),
  beatUs: 0,
  jitterUs: 0,
  seed: 'test',
});
process.stdout.write(`${JSON.stringify(pool.writers.map(({ identity }) => identity.pid))}\n`);
