/**
 * Rounds per second with warm sessions, against the naive way: as many fresh processes for each round. Both do the same
 * operations on the same resource in one run of this program, so the ratio holds on any machine. Then what a session costs
 * in memory, for as many as there may be.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { limits } from '../../harness/limits.ts';
import { createRoundSandbox, createSandbox } from '../../harness/schedule/sandbox.ts';
import { storm } from '../../harness/schedule/storm.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import instructionHistory from '../../scenarios/instruction-history.ts';

const WRITERS = 4;
const ROUNDS_WARM = 200;
const ROUNDS_NAIVE = 20;
const catalogue = new URL('../../scenarios/index.ts', import.meta.url).href;
const scenario = instructionHistory;
const strategy = 'rename';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const sandbox = await createSandbox();
try {
  const warm = await rate(ROUNDS_WARM, await warmRounds());
  const naive = await rate(ROUNDS_NAIVE, naiveRound);
  print(`${scenario.id}/${strategy}, ${WRITERS} writers, ${scenario.operations} operations each:`);
  print(`  warm sessions         ${warm.toFixed(1)} rounds/s`);
  print(`  fresh processes       ${naive.toFixed(1)} rounds/s (the naive way)`);
  print(`  ratio                 ${(warm / naive).toFixed(1)}`);
  await memory(limits.writersMax);
} finally {
  await sandbox.remove();
}

async function rate(rounds: number, round: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let at = 0; at < rounds; at++) await round();
  return (rounds / (performance.now() - began)) * 1000;
}

async function warmRounds(): Promise<() => Promise<unknown>> {
  const pool = await createPool({ writers: WRITERS, readers: 0, catalogue, sandbox: sandbox.path });
  const rounds = stormOf(pool, WRITERS);
  await rounds.next();
  let left = ROUNDS_WARM;
  return async () => {
    const round = await rounds.next();
    if (--left === 0) await pool.close();
    return round;
  };
}

function stormOf(pool: SessionPool, writers: number): ReturnType<typeof storm> {
  return storm(pool, { scenario, strategy, mode: 'shared', seed: 1, writers, readers: 0, sandbox: sandbox.path });
}

/** A fresh process for each session that loads the scenario and performs the same operations, without any barrier. */
async function naiveRound(): Promise<void> {
  const round = await createRoundSandbox(sandbox.path, scenario, 'shared', WRITERS);
  const module = new URL('../../scenarios/instruction-history.ts', import.meta.url).href;
  const program = (index: number): string => `
    import { join } from 'node:path';
    const { default: scenario } = await import(${JSON.stringify(module)});
    for (let operation = 0; operation < scenario.operations; operation++) {
      await scenario.strategies[${JSON.stringify(strategy)}].perform({
        index: ${index}, uuid: 'fresh-${index}', writers: ${WRITERS}, id: 's${index}.' + operation, operation,
        path: (...names) => join(${JSON.stringify(round.resource)}, ...names),
      });
    }`;
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, index) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program(index)], { stdio: 'inherit' });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`a fresh process ended with ${code}`);
    }),
  );
  round.snapshot();
  await round.remove();
}

async function memory(writers: number): Promise<void> {
  const pool = await createPool({ writers, readers: 0, catalogue, sandbox: sandbox.path });
  try {
    const { value: round } = await stormOf(pool, writers).next();
    const shares = pool.writers.map(({ identity }) => proportionalKiB(identity.pid));
    const total = shares.reduce((sum, share) => sum + share, 0);
    print(`${writers} sessions:`);
    print(`  peak memory           ${(round.peakKiB / 1024).toFixed(0)} MiB resident in the largest session`);
    print(`  together              ${(total / 2 ** 20).toFixed(2)} GiB, shared pages counted once`);
    print(`  rounds failed         ${round.failures.length}`);
  } finally {
    await pool.close();
  }
}

/** Proportional set size (proc(5), smaps_rollup): pages that several processes share are divided among them. */
function proportionalKiB(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
}
