import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import type { RunningServer, Server, ServerPlace } from '../../harness/scenario/server.ts';
import { endpointFor, Servers } from '../../harness/session/servers.ts';
import { SESSION_VARIABLE } from '../../harness/session/sweep.ts';
import { startProgram } from '../../scenarios/servers/daemon.ts';
import { isAlive, until } from '../support/processes.ts';

let sandbox: string;
beforeEach(() => {
  sandbox = mkdtempSync(join(tmpdir(), 'collide-test-'));
});
afterEach(() => rmSync(sandbox, { recursive: true }));

/** A server that only notes where it was started, and that it was stopped. */
function noted(details: Partial<Server> = {}): Server & { readonly places: ServerPlace[]; readonly stopped: string[] } {
  const places: ServerPlace[] = [];
  const stopped: string[] = [];
  const start = async (place: ServerPlace): Promise<RunningServer> => {
    places.push(place);
    return { address: place.dir, listens: [], stop: async () => void stopped.push(place.dir) };
  };
  return { name: 'noted', start, ...details, places, stopped };
}

describe('servers of a run', () => {
  test('are started once for each ground that sessions work on, and all stopped in the end', async () => {
    const servers = new Servers(sandbox);
    const server = noted();
    const asked = ['storm', 'explorer-0', 'storm'].map((ground) => servers.endpoint(server, ground));
    const [storm, explorer, again] = await Promise.all(asked);
    expect(server.places).toHaveLength(2);
    expect(again).toEqual(storm);
    expect(explorer!.address).not.toBe(storm!.address);
    await servers.close();
    expect(server.stopped.toSorted()).toEqual([storm!.address, explorer!.address].toSorted());
  });

  test('are one for all grounds where one is enough, and each ground has a space of its own there', async () => {
    const servers = new Servers(sandbox);
    const server = noted({ oneForAll: true });
    const [storm, explorer] = [await servers.endpoint(server, 'storm'), await servers.endpoint(server, 'explorer-0')];
    expect(server.places).toHaveLength(1);
    expect(explorer.address).toBe(storm.address);
    const { space } = server.places[0]!;
    expect([storm.space, explorer.space]).toEqual([`${space}_storm`, `${space}_explorer_0`]);
    expect(space).toMatch(/^collide_[0-9a-f]{8}$/);
    await servers.close();
    expect(server.stopped).toHaveLength(1);
  });

  test('of two runs never share a space', async () => {
    const server = noted({ oneForAll: true });
    const runs = [new Servers(sandbox), new Servers(sandbox)];
    const [one, other] = await Promise.all(runs.map((run) => run.endpoint(server, 'storm')));
    expect(one!.space).not.toBe(other!.space);
    await Promise.all(runs.map((run) => run.close()));
  });

  test('have an empty directory, keep their temporary files in it, and are found by their environment', async () => {
    const servers = new Servers(sandbox);
    const server = noted();
    await servers.endpoint(server, 'storm');
    const [{ dir, env }] = server.places as [ServerPlace];
    expect(readdirSync(dir)).toEqual([]);
    expect(env.TMPDIR).toBe(dir);
    expect(env[SESSION_VARIABLE]).toBe(`${join(sandbox, 'servers')}:0`);
    await servers.close();
  });

  test('that can not be had say why to everyone who asks, and are asked once', async () => {
    let asked = 0;
    const missing: Server = {
      name: 'missing',
      start: async () => {
        asked++;
        throw new Error('needs what nobody has');
      },
    };
    const servers = new Servers(sandbox);
    for (let time = 0; time < 2; time++) {
      await expect(servers.endpoint(missing, 'storm')).rejects.toThrow('needs what nobody has');
    }
    expect(asked).toBe(1);
    await servers.close();
  });

  test('that tell of themselves are heard, and are known by what they are', async () => {
    const told: string[] = [];
    const servers = new Servers(sandbox, (message) => told.push(message));
    const start = async ({ tell }: ServerPlace): Promise<RunningServer> => {
      tell('fetching it …');
      return { address: 'here', listens: [1], product: 'Another', stop: async () => {} };
    };
    const endpoint = await servers.endpoint({ name: 'told', start }, 'storm');
    expect(told).toEqual(['fetching it …']);
    expect(endpoint).toEqual({
      name: 'told',
      address: 'here',
      listens: [1],
      product: 'Another',
      worksOnResource: false,
      ignoresBeginnings: false,
      ignoresEnds: false,
      space: expect.any(String),
    });
    await servers.close();
  });

  test('are not started any more once the run is being ended', async () => {
    const interrupt = new AbortController();
    const servers = new Servers(sandbox, undefined, interrupt.signal);
    interrupt.abort();
    await expect(servers.endpoint(noted(), 'storm')).rejects.toThrow('the run is being ended');
    await servers.close();
  });
});

describe('a server that is a program', () => {
  const program = (script: string, announces = /^ready at (.*)/): Server => ({
    name: 'program',
    start: async (place) => {
      const { announced, pid, stop } = await startProgram(['sh', '-c', script], place, announces);
      return { address: announced, listens: [], pid, stop };
    },
  });

  test('runs in its directory until it is stopped, with all that it has started', async () => {
    const servers = new Servers(sandbox);
    const { address, pid } = await servers.endpoint(program('sleep 1000 & echo "ready at $! $PWD"; wait'), 'storm');
    const [child, dir] = address.split(' ') as [string, string];
    expect(existsSync(dir)).toBe(true);
    expect([pid!, Number(child)].map(isAlive)).toEqual([true, true]);
    await servers.close();
    await until(() => ![pid!, Number(child)].some(isAlive));
  });

  test.each([
    ['ends before it listens', 'echo "no memory" >&2; exit 3', 'sh ended with exit code 3: no memory'],
    ['is killed before it listens', 'echo half; kill -9 $$', 'sh ended with SIGKILL: half'],
  ])('that %s is reported with what it said last', async (_, script, reason) => {
    const servers = new Servers(sandbox);
    await expect(servers.endpoint(program(script), 'storm')).rejects.toThrow(reason);
    await servers.close();
  });

  test('that is not there is reported by its name', async () => {
    const servers = new Servers(sandbox);
    const start = async (place: ServerPlace): Promise<RunningServer> => {
      const { stop } = await startProgram(['no-such-server'], place, /./);
      return { address: '', listens: [], stop };
    };
    await expect(servers.endpoint({ name: 'absent', start }, 'storm')).rejects.toThrow(
      'no-such-server could not be started',
    );
    await servers.close();
  });

  test('that never listens is given up when the run is being ended, and leaves no process', async () => {
    const servers = new Servers(sandbox);
    const file = join(sandbox, 'pid');
    const asked = servers.endpoint(program(`echo $$ > ${file}.new && mv ${file}.new ${file}; sleep 1000`), 'storm');
    const refused = expect(asked).rejects.toThrow('the run is being ended');
    await until(() => existsSync(file));
    await servers.close();
    await refused;
    expect(isAlive(Number(readFileSync(file, 'utf8')))).toBe(false);
  });
});

test('a strategy without a server has none', async () => {
  const servers = new Servers(sandbox);
  const server = noted();
  const scenario = { id: 'a', strategies: { with: { server }, without: {} } } as unknown as Scenario;
  const serverFor = endpointFor(servers, [scenario]);
  expect(await serverFor('a', 'without', 'storm')).toBeUndefined();
  expect(await serverFor('a', 'with', 'storm')).toMatchObject({ name: 'noted' });
  await servers.close();
});
