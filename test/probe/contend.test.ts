/** Real processes, on the file system of the temporary directory. */

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { append, orderFor } from '../../harness/probe/append.ts';
import { contend } from '../../harness/probe/contend.ts';
import { contests } from '../../harness/probe/contests.ts';
import { lockFact } from '../../harness/probe/lock-kinds.ts';
import type { Ground } from '../../harness/probe/together.ts';
import { createPool, type SessionPool } from '../../harness/session/pool.ts';
import { brokenContests, brokenWriters } from './broken.ts';

const PROCESSES = 4;

let dir: string;
let pool: SessionPool;

async function started(catalogue: string): Promise<void> {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'collide-test-')));
  for (const name of ['sandbox', 'place']) mkdirSync(join(dir, name));
  pool = await createPool({ writers: PROCESSES, readers: 0, catalogue, sandbox: join(dir, 'sandbox') });
}

async function ended(): Promise<void> {
  await pool.close();
  const left = readdirSync(join(dir, 'place'));
  rmSync(dir, { recursive: true });
  expect(left).toEqual([]);
}

const ground = (): Ground => ({
  pool,
  room: () => mkdtempSync(join(dir, 'place', 'room-')),
  signal: new AbortController().signal,
  graceMs: 0,
});

describe.runIf(process.platform === 'linux')('what is broken is seen', () => {
  beforeAll(() => started(new URL('./broken.ts', import.meta.url).href));
  afterAll(ended);

  test.each(brokenContests)('$id', async (contest) => {
    // Goes on until it is.
    const { answer, violations, example } = await contend(contest, {
      ...ground(),
      processes: PROCESSES,
      deadline: Number.POSITIVE_INFINITY,
    });
    expect(answer).toBe('broken');
    expect(violations).toBeGreaterThan(0);
    expect(example).toMatch(/^round \d+: /);
  });

  test.each(brokenWriters)('$name', async (writer) => {
    const order = orderFor(4096, writer, { processes: 2, free: 2 ** 30 });
    const { cell } = await append(writer, order, undefined, { ...ground(), deadline: Number.POSITIVE_INFINITY });
    expect(cell.answer).toBe('torn');
    if (writer.name === 'without O_APPEND') expect(cell.missingBytes).toBeGreaterThan(0);
  });

  test.each(contests)('and $id is not, here', async (contest) => {
    const { answer, rounds, violations, reason } = await contend(contest, {
      ...ground(),
      processes: PROCESSES,
      deadline: 0,
    });
    expect(violations).toBe(0);
    expect(answer === 'holds' || reason !== undefined).toBe(true);
    if (reason === undefined) expect(rounds).toBeGreaterThan(0);
  });
});

describe.runIf(process.platform === 'linux')('a contest', () => {
  const nowhere = new URL('../../harness/probe/catalogue.ts', import.meta.url);
  beforeAll(() => started(nowhere.href));
  afterAll(ended);

  test('that the processes can not carry out is not measured, with the reason', async () => {
    const unknown = { ...contests[0]!, id: 'no-such-contest' };
    const guarantee = await contend(unknown, { ...ground(), processes: PROCESSES, deadline: 0 });
    expect(guarantee).toMatchObject({ answer: 'not measured', rounds: 0 });
    expect(guarantee.reason).toMatch(/process \d/);
  });

  test('flock and fcntl are tried one after another: here, neither knows of the other', async () => {
    const room = ground().room();
    expect(await lockFact(pool, () => room)).toMatchObject({ answer: 'independent' });
    rmSync(room, { recursive: true });
  });
});
