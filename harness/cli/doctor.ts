import os from 'node:os';
import { needsOf, READERS } from '../campaign/plan.ts';
import { startExplorers } from '../explore/explorers.ts';
import { missingNeed } from '../scenario/needs.ts';
import type { Strategy } from '../scenario/scenario.ts';
import type { Server } from '../scenario/server.ts';
import { createSandbox, freeBytes } from '../schedule/sandbox.ts';
import { withSandboxes } from '../schedule/sandboxes.ts';
import { Servers } from '../session/servers.ts';
import { loadCatalogue } from './catalogue.ts';
import type { Define } from './command.ts';
import { exitCode } from './exit.ts';

export interface DoctorFlags {
  readonly json?: boolean;
}

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** `collide doctor`: what this machine can do, and what would be SKIPPED on it. */
export async function doctor(flags: DoctorFlags): Promise<number> {
  const checks = [...machine(), await gate(), ...(await needs()), ...(await servers())];
  process.stdout.write(flags.json ? `${JSON.stringify(checks, null, 1)}\n` : checkLines(checks));
  return exitCode.ok;
}

export const checkLines = (checks: readonly Check[]): string =>
  checks.map(({ name, ok, detail }) => `${ok ? '✓' : '–'} ${name.padEnd(18)} ${detail}\n`).join('');

function machine(): readonly Check[] {
  const cores = os.availableParallelism();
  const freeGiB = freeBytes(os.tmpdir()) / 2 ** 30;
  return [
    { name: 'node', ok: true, detail: process.version },
    { name: 'system', ok: true, detail: `${os.platform()} ${os.release()}, ${os.arch()}` },
    {
      name: 'cores',
      ok: cores > 1,
      detail: cores > 1 ? String(cores) : '1: sessions only take turns, so a storm provokes far less',
    },
    {
      name: 'memory',
      ok: true,
      detail: `${(os.freemem() / 2 ** 30).toFixed(1)} GiB free; 4 writers and ${READERS} reader take about 0.5 GiB`,
    },
    {
      name: 'sandbox',
      ok: freeGiB > 0.1,
      detail: `${os.tmpdir()}, ${freeGiB.toFixed(1)} GiB free (another with --dir)`,
    },
    { name: 'engine storm', ok: true, detail: 'sessions run free; what it does not provoke is bounded, not excluded' },
    process.platform === 'linux'
      ? { name: 'orphans', ok: true, detail: 'commands of a killed session are found through /proc and ended' }
      : {
          name: 'orphans',
          ok: false,
          detail: 'commands of a killed session run to their own end: there is no /proc here',
        },
  ];
}

/** Tried, not guessed: one session is sent behind the gate. */
async function gate(): Promise<Check> {
  return await withSandboxes({ sandbox: createSandbox }, async ({ sandbox }) => {
    try {
      const { url } = await loadCatalogue();
      const explorers = await startExplorers({ catalogue: url, sandbox, count: 1 });
      await explorers.close();
      return {
        name: 'engine explore',
        ok: true,
        detail: 'the gate works: seccomp user notification, every interleaving',
      };
    } catch (error) {
      return {
        name: 'engine explore',
        ok: false,
        detail: `${(error as Error).message}; storm only, verdicts are sampled`,
      };
    }
  });
}

/** Every need of the catalogue, and the strategies that have it. */
async function needs(): Promise<readonly Check[]> {
  const users = await usersOf(needsOf);
  return await Promise.all(
    [...users].map(async ([need, strategies]) => {
      const missing = await missingNeed([need]);
      const detail = missing === undefined ? usedBy(strategies) : `SKIPPED without it: ${strategies.join(', ')}`;
      return { name: need.replaceAll('|', ' or '), ok: missing === undefined, detail };
    }),
  );
}

/** Every server of the catalogue: started once, and stopped. */
async function servers(): Promise<readonly Check[]> {
  const users = await usersOf(({ server }) => (server === undefined ? [] : [server]));
  return await withSandboxes({ sandbox: createSandbox }, async ({ sandbox }) => {
    const started = new Servers(sandbox, (message) => process.stderr.write(`${message}\n`));
    const check = async ([server, strategies]: readonly [Server, readonly string[]]): Promise<Check> => {
      try {
        const { product } = await started.endpoint(server, 'doctor');
        const detail = `${product === undefined ? '' : `${product}; `}${usedBy(strategies)}`;
        return { name: server.name, ok: true, detail };
      } catch (error) {
        return {
          name: server.name,
          ok: false,
          detail: `${(error as Error).message}: SKIPPED, ${strategies.join(', ')}`,
        };
      }
    };
    return await Promise.all([...users].map(check)).finally(() => started.close());
  });
}

const usedBy = (strategies: readonly string[]): string =>
  strategies.length === 1 ? '1 strategy uses it' : `${strategies.length} strategies use it`;

/** The strategies that use each thing, by name. */
async function usersOf<T>(used: (strategy: Strategy) => readonly T[]): Promise<ReadonlyMap<T, readonly string[]>> {
  const { catalogue } = await loadCatalogue();
  const users = new Map<T, string[]>();
  for (const { id, strategies } of catalogue) {
    for (const [name, strategy] of Object.entries(strategies)) {
      for (const each of used(strategy)) users.set(each, [...(users.get(each) ?? []), `${id}/${name}`]);
    }
  }
  return users;
}

export const doctorCommand: Define = (program, finish) => {
  program
    .command('doctor')
    .description('what this machine can do, and what would be skipped on it')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample:\n  collide doctor\n')
    .action(async (flags) => {
      finish(await doctor(flags));
    });
};
