/** What strategies need besides Node, for as long as a test file runs; what this machine lacks is listed at the end of the tests. */

import { appendFileSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needsOf } from '../../harness/campaign/plan.ts';
import type { ServerFor } from '../../harness/explore/explorers.ts';
import { missingNeed } from '../../harness/scenario/needs.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { endpointFor, Servers } from '../../harness/session/servers.ts';

export interface Surroundings {
  readonly serverFor: ServerFor;
  /** Can a strategy be run here? */
  has(target: string, strategy: string): Promise<boolean>;
  close(): Promise<void>;
}

export function surroundings(catalogue: readonly Scenario[]): Surroundings {
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  const servers = new Servers(dir);
  const serverFor = endpointFor(servers, catalogue);

  async function missing(target: string, name: string): Promise<string | undefined> {
    const strategy = catalogue.find(({ id }) => id === target)!.strategies[name]!;
    const need = await missingNeed(needsOf(strategy));
    if (need !== undefined) return need;
    return await serverFor(target, name, 'test').then(
      () => undefined,
      (error: Error) => error.message,
    );
  }

  return {
    serverFor,
    async has(target, strategy) {
      const reason = await missing(target, strategy);
      if (reason !== undefined) noteSkipped(`${target}/${strategy}`, reason);
      return reason === undefined;
    },
    async close() {
      await servers.close();
      await rm(dir, { recursive: true });
    },
  };
}

/** Read when all tests are done: see `global-setup`. */
export const SKIPPED_FILE = 'COLLIDE_TEST_SKIPPED';

export function noteSkipped(row: string, reason: string): void {
  const file = process.env[SKIPPED_FILE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ row, reason })}\n`);
}
