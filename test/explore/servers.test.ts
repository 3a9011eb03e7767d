/** What sessions send to a server is a step, like any other that they share. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explorers, startExplorers } from '../../harness/explore/explorers.ts';
import { endpointFor, Servers } from '../../harness/session/servers.ts';
import type { Exploration } from '../../harness/verdict/exploration.ts';
import { marked, onLinux } from '../support/explore-stage.ts';
import { catalogue, catalogueUrl } from '../support/server-catalogue.ts';

describe.skipIf(!onLinux)('sessions of a server', () => {
  let sandbox: string;
  let servers: Servers;
  let explorers: Explorers;

  beforeAll(async () => {
    sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
    servers = new Servers(sandbox);
    const serverFor = endpointFor(servers, catalogue);
    explorers = await startExplorers({ catalogue: catalogueUrl, sandbox, count: 1, serverFor });
  });

  afterAll(async () => {
    await explorers?.close();
    await servers?.close();
    expect(marked(sandbox)).toEqual([]);
    rmSync(sandbox, { recursive: true });
  });

  const examine = (strategy: string): Promise<Exploration> =>
    explorers.examine({ target: 'counter', strategy, seed: 1, budgetMs: 60_000 });

  test.each(['get-set', 'get-set-tcp', 'get-set-child', 'unlocked-by-the-end'])(
    'lose an update between two requests: %s',
    async (strategy) => {
      const { findings, doubt } = await examine(strategy);
      expect({ found: findings.map((finding) => finding.class), doubt }).toEqual({
        found: ['LAST_WRITER_WINS'],
        doubt: undefined,
      });
      const {
        findings: again,
        stepLists,
        diverged,
      } = await explorers.replay({ witness: findings[0]!.replay!, times: 20 });
      expect(again.map((finding) => finding.class)).toEqual(['LAST_WRITER_WINS']);
      expect({ stepLists, diverged }).toEqual({ stepLists: 1, diverged: [] });
    },
  );

  test.each([
    // Each a request; it and the end of the connection come before or after those of the other.
    ['add', 6],
    // The lock is had by one or the other; what the other asks meanwhile is only for the lock.
    ['locked', 'several'],
    ['locked-until-the-end', 'several'],
    ['locked-by-a-child', 'several'],
  ])('lose nothing: %s', async (strategy, interleavings) => {
    const { explored, ended, findings, doubt } = await examine(strategy);
    expect({ ended, findings, doubt }).toEqual({ ended: true, findings: [], doubt: undefined });
    expect(explored).toMatchObject({ kind: 'partial', omitted: [{ kind: 'servers' }] });
    if (interleavings === 'several') expect(explored.traces).toBeGreaterThan(1);
    else expect(explored.traces).toBe(interleavings);
  });

  test('that wait for a server which waits for the clock are not stuck', async () => {
    expect((await examine('slow')).findings).toEqual([]);
  });

  test('are told something when they connect: where the server notices that, it is a step', async () => {
    const { findings } = await examine('greeted');
    expect(findings.map((finding) => finding.class)).toEqual(['CONTAMINATED']);
  });

  test('that wait for each other at the server are stuck, and of use again', async () => {
    const { findings } = await examine('opposite');
    expect(findings.map((finding) => finding.class)).toEqual(['STUCK']);
    expect((await examine('add')).ended).toBe(true);
  });

  test('are shown with what they said and heard', async () => {
    const { findings } = await examine('get-set');
    const { execution } = await explorers.replay({ witness: findings[0]!.replay!, times: 1 });
    const said = execution.steps!.flatMap(({ call, path, data }) =>
      data === undefined ? [] : [`${call} ${path} ${data.trim()}`],
    );
    expect(said).toContain('send counter get');
    expect(said).toContain('receive counter 0');
    expect(said.filter((words) => words === 'send counter set 1')).toHaveLength(2);
  });
});
