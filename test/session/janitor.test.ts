import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SESSION_VARIABLE, sweep } from '../../harness/session/sweep.ts';
import { hostileNames } from '../support/hostile-names.ts';
import { isAlive, until } from '../support/processes.ts';

const janitor = new URL('../../harness/session/janitor.ts', import.meta.url).href;

describe.skipIf(process.platform !== 'linux')('the janitor of a run', () => {
  let dir: string;
  let sandbox: string;
  let started: ChildProcess[];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
    place('sandbox');
    started = [];
  });

  afterEach(() => {
    for (const child of started) child.kill('SIGKILL');
    rmSync(dir, { recursive: true });
  });

  function place(name: string): void {
    sandbox = join(dir, name);
    mkdirSync(join(sandbox, 'servers', 'at-1'), { recursive: true });
  }

  async function supervisor(): Promise<ChildProcess> {
    const program = `
      const { startJanitor } = await import(${JSON.stringify(janitor)});
      const { dismiss } = startJanitor([${JSON.stringify(sandbox)}]);
      process.stdin.once('data', () => { dismiss(); process.stdin.destroy(); });
      console.log('started');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    started.push(child);
    await once(child.stdout!, 'data');
    return child;
  }

  async function sleeper(cwd: string, mark?: string): Promise<number> {
    const env = { ...process.env, [SESSION_VARIABLE]: mark };
    const child = spawn('sh', ['-c', 'echo started; exec sleep 1000'], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    started.push(child);
    await once(child.stdout!, 'data');
    return child.pid!;
  }

  test('ends what carries its mark and what is at home among its servers, spares the rest, and removes its directory', async () => {
    const marked = await sleeper(dir, `${sandbox}:3`);
    const server = await sleeper(join(sandbox, 'servers', 'at-1'));
    const others = [await sleeper(dir), await sleeper(dir, `${sandbox}-of-another:3`), await sleeper(sandbox)];
    (await supervisor()).kill('SIGKILL');
    await until(() => ![marked, server].some(isAlive) && !existsSync(sandbox));
    expect(others.map(isAlive)).toEqual([true, true, true]);
  });

  test.each(Object.keys(hostileNames))('takes a directory with %s in its name as it is', async (kind) => {
    place(hostileNames[kind]!);
    const marked = [await sleeper(dir, `${sandbox}:3`), await sleeper(dir, `${sandbox}/stage-1:0`)];
    const server = await sleeper(join(sandbox, 'servers', 'at-1'));
    const others = [
      await sleeper(dir, `${dir}/one:3`),
      await sleeper(dir, `two:3`),
      await sleeper(dir, `${dir}/else:3`),
    ];
    (await supervisor()).kill('SIGKILL');
    await until(() => ![...marked, server].some(isAlive) && !existsSync(sandbox));
    expect(others.map(isAlive)).toEqual([true, true, true]);
  });

  test.each(Object.keys(hostileNames))('and so does the sweep: %s', async (kind) => {
    place(hostileNames[kind]!);
    const marked = await sleeper(dir, `${sandbox}:3`);
    const other = await sleeper(dir, `${sandbox}-of-another:3`);
    sweep(sandbox, 3);
    await until(() => !isAlive(marked));
    expect(isAlive(other)).toBe(true);
  });

  test('does nothing where it is dismissed', async () => {
    const marked = await sleeper(dir, `${sandbox}:3`);
    const child = await supervisor();
    const pids = childrenOf(child.pid!);
    child.stdin!.write('dismiss\n');
    await once(child, 'exit');
    await until(() => !pids.some(isAlive));
    expect([isAlive(marked), existsSync(sandbox)]).toEqual([true, true]);
  });
});

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
