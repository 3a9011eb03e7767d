/**
 * The operating system as the scheduler: all sessions run free from a common start instant, over and over.
 * What it does not provoke is not thereby impossible; a storm samples.
 */

import { writeFileSync } from 'node:fs';
import { NameIsNoText } from '../history/entries.ts';
import type { Execution, Files, Mode, Operation, SessionIdentity } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Endpoint } from '../scenario/server.ts';
import { endOfBackground, leftRunningWords } from '../session/background.ts';
import { nowUs } from '../session/clock.ts';
import type { PooledSession, SessionPool, SessionResult } from '../session/pool.ts';
import type { Performed, PerformTask } from '../session/protocol.ts';
import { draws } from '../session/random.ts';
import { createRoundSandbox, freeBytes, type RoundSandbox } from './sandbox.ts';
import { type Shard, WHOLE } from './shard.ts';
import { stallSome } from './stalls.ts';

export interface StormPlan {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly mode: Mode;
  readonly seed: number;
  /** How many of the pool's writers and readers take part. */
  readonly writers: number;
  readonly readers: number;
  /** Rounds are dealt out among shards. */
  readonly shard?: Shard;
  /** The directory of the run. */
  readonly sandbox: string;
  /** What the strategy shares beside files. */
  readonly server?: Endpoint;
}

/** One execution of a storm, and how well it went. */
export interface Round {
  readonly execution: Execution;
  /** How far apart the writers began their first operations, in microseconds. */
  readonly skewUs: number;
  /** Sessions that did not come through. Their operations are missing. */
  readonly failures: readonly Failure[];
  readonly reads: number;
  /** Peak resident memory of the largest session process so far. */
  readonly peakKiB: number;
}

export interface Failure {
  readonly kind: 'died' | 'hung' | 'threw';
  /** `session 1 (pid 4711) died`. */
  readonly message: string;
}

/** Rounds without end, each from a fresh sandbox; the caller decides when it has seen enough. */
export async function* storm(pool: SessionPool, plan: StormPlan): AsyncGenerator<Round, never, void> {
  const pace = pacer(inWarmProcess(plan));
  const { index, count } = plan.shard ?? WHOLE;
  for (let round = index - 1; ; round += count) {
    yield await inFreshSandbox(plan, (sandbox) => runRound(pool, { ...plan, round, sandbox, pace }));
  }
}

/** Is an operation a function in the session's own process, and not a command? */
const inWarmProcess = ({ scenario, strategy }: Pick<StormPlan, 'scenario' | 'strategy'>): boolean =>
  typeof scenario.strategies[strategy]!.perform === 'function';

async function inFreshSandbox(plan: StormPlan, run: (sandbox: RoundSandbox) => Promise<Round>): Promise<Round> {
  requireRoom(plan.sandbox);
  const { scenario, mode, writers } = plan;
  const sandbox = await createRoundSandbox(plan.sandbox, scenario, mode, writers).catch(throwBrokenGround);
  try {
    return await run(sandbox);
  } finally {
    await sandbox.remove();
  }
}

/** @throws {BrokenGround} where the disk is so full that it would show in what the sessions do. */
export function requireRoom(dir: string): void {
  const free = freeBytes(dir);
  if (free >= limits.freeBytesMin) return;
  throw new BrokenGround(`ENOSPC: ${mebibytes(free)} free on ${dir}, ${mebibytes(limits.freeBytesMin)} needed`);
}

interface RoundPlan extends Omit<StormPlan, 'sandbox'> {
  readonly round: number;
  readonly sandbox: RoundSandbox;
  readonly pace: Pacer;
}

async function runRound(pool: SessionPool, plan: RoundPlan): Promise<Round> {
  const { scenario, strategy, mode, seed, round, sandbox, pace } = plan;
  const writers = pool.writers.slice(0, plan.writers);
  const readers = pool.readers.slice(0, plan.readers);
  await Promise.all([...writers, ...readers].map((session) => session.ensure()));
  await prepare(plan, writers);
  const sessions = [...writers, ...readers].map(({ identity }, index) => ({ ...identity, index }));

  const leadUs = pace.leadUs();
  const task = taskFor(plan, nowUs() + leadUs);
  const results = await perform(plan, writers, readers, sessions, task);
  const writes = results.written.flatMap(performedOf);
  pace.learn(leadUs, writes);

  const left = await leftBehind(plan, writers);

  const performed = [...results.written, ...results.read, ...results.concluded].flatMap(performedOf);
  const operations = performed.flatMap((each) => each.operations).sort((a, b) => a.invokedUs - b.invokedUs);
  const { final, unreadable } = snapshotOf(sandbox);
  const execution: Execution = { target: scenario.id, strategy, mode, seed, round, sessions, operations, final };
  refuseBrokenGround(execution);
  const starts = writes.map(({ startedUs }) => startedUs);
  return {
    execution,
    skewUs: starts.length > 1 ? Math.max(...starts) - Math.min(...starts) : 0,
    failures: [
      ...[...results.written, ...results.read].flatMap(failureOf),
      ...results.concluded.flatMap(failureOf),
      ...left,
      ...unreadable,
    ],
    reads: performed.reduce((sum, { reads }) => sum + reads, 0),
    peakKiB: Math.max(0, ...performed.map(({ peakKiB }) => peakKiB)),
  };
}

function snapshotOf(sandbox: RoundSandbox): { readonly final: Files; readonly unreadable: readonly Failure[] } {
  try {
    return { final: sandbox.snapshot(), unreadable: [] };
  } catch (error) {
    if (!(error instanceof NameIsNoText)) throw error;
    return { final: {}, unreadable: [{ kind: 'threw', message: error.message }] };
  }
}

/** Of a user's own commands: those of the catalogue wait for what they start. */
async function leftBehind({ scenario }: RoundPlan, writers: readonly PooledSession[]): Promise<readonly Failure[]> {
  if (scenario.serial === undefined) return [];
  const left = await Promise.all(writers.map(endOfBackground));
  return left.flatMap((programs, index): readonly Failure[] =>
    programs.length === 0 ? [] : [{ kind: 'threw', message: leftRunningWords(index, programs) }],
  );
}

/** Makes what lies on the server fresh: once for all, or for each session its own. */
async function prepare(plan: RoundPlan, writers: readonly PooledSession[]): Promise<void> {
  const { scenario, strategy, mode } = plan;
  if (scenario.strategies[strategy]!.prepare === undefined) return;
  const task = taskFor(plan, nowUs());
  for (const [index, writer] of (mode === 'shared' ? writers.slice(0, 1) : writers).entries()) {
    const result = await writer.perform({ ...task(index), kind: 'prepare' });
    const failure = result.kind === 'performed' ? result.performed.operations[0]?.error?.message : result.reason;
    if (failure !== undefined) throw new BrokenGround(`${scenario.id}/${strategy} could not be prepared: ${failure}`);
  }
}

/** What each writer of a round is asked to do. */
function taskFor(plan: RoundPlan, startUs: number): (index: number) => PerformTask {
  const { scenario, sandbox, pace, mode, server } = plan;
  const seed = seedOf(plan);
  const jitterUs = pace.jitterUs(JITTERS[draws(seed)(0, JITTERS.length - 1)]!);
  return (index) => ({
    type: 'perform',
    target: scenario.id,
    strategy: plan.strategy,
    index,
    writers: plan.writers,
    role: 'writer',
    kind: 'write',
    dir: sandbox.dirOf(index),
    ...(server === undefined
      ? {}
      : { server: server.address, space: mode === 'shared' ? server.space : `${server.space}_${index}` }),
    operations: scenario.strategies[plan.strategy]!.operations ?? scenario.operations ?? OPERATIONS,
    stopFile: sandbox.stopFile,
    startUs,
    beatUs: pace.beatUs(),
    jitterUs,
    seed,
  });
}

const seedOf = ({ seed, scenario, strategy, mode, round }: RoundPlan): string =>
  `${seed}/${scenario.id}/${strategy}/${mode}/${round}`;

interface Results {
  readonly written: readonly SessionResult[];
  readonly read: readonly SessionResult[];
  readonly concluded: readonly SessionResult[];
}

/** All at once, the readers until the writers are done; then what the writers do in the end, one after another. */
async function perform(
  plan: RoundPlan,
  writers: readonly PooledSession[],
  readers: readonly PooledSession[],
  sessions: readonly SessionIdentity[],
  task: (index: number) => PerformTask,
): Promise<Results> {
  const reading = readers.map((reader, at) => {
    const index = plan.writers + at;
    return reader.perform({ ...task(index), role: 'reader', kind: 'read' }, limits.roundDeadlineMs * 2);
  });
  const writing = writers.map((writer, index) => writer.perform(task(index)));
  // A command runs in a process of its own, which a stall of its session does not reach; it also takes long enough.
  if (inWarmProcess(plan) && writers.length > 1) {
    const pids = sessions.map(({ pid }) => pid);
    await stallSome(pids, draws(`${seedOf(plan)}/stalls`), task(0).startUs, plan.pace.spanUs());
  }
  const written = await Promise.all(writing);
  writeFileSync(plan.sandbox.stopFile, '');
  const read = await Promise.all(reading);
  const concluded: SessionResult[] = [];
  if ((plan.scenario.strategies[plan.strategy]!.finally ?? plan.scenario.finally) !== undefined) {
    for (const [index, writer] of writers.entries()) {
      concluded.push(await writer.perform({ ...task(index), kind: 'finally' }));
    }
  }
  return { written, read, concluded };
}

const OPERATIONS = 8;

/** In operations: tight starts meet in narrow windows, loose ones in wide windows, and every round draws one. */
const JITTERS = [0, 0.25, 1, 3] as const;
const JITTER_US_MAX = 1_000;

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;

const performedOf = (result: SessionResult): readonly Performed[] =>
  result.kind === 'performed' ? [result.performed] : [];

const failureOf = (result: SessionResult, index: number): readonly Failure[] =>
  result.kind === 'performed' ? [] : [{ kind: result.kind, message: `session ${index} ${result.reason}` }];

/**
 * How long before its start a round is announced, and how far apart its operations begin, learnt from the rounds before:
 * too short and the sessions miss the start, too long and time is wasted.
 */
interface Pacer {
  leadUs(): number;
  beatUs(): number;
  jitterUs(operations: number): number;
  /** How long a round takes, from its start to its last response. */
  spanUs(): number;
  learn(leadUs: number, writes: readonly Performed[]): void;
}

function pacer(warm: boolean): Pacer {
  const recent: number[] = [];
  let spanUs = 0;
  let shortestUs: number | undefined;
  return {
    leadUs: () => (recent.length === 0 ? (warm ? 5_000 : 60_000) : typical(recent) * 1.2 + 200),
    beatUs: () => (shortestUs === undefined ? 0 : shortestUs * 1.2 + 100),
    jitterUs: (operations) => Math.round(Math.min((shortestUs ?? 0) * operations, JITTER_US_MAX)),
    spanUs: () => spanUs,
    learn(leadUs, writes) {
      spanUs = Math.max(0, ...writes.map(({ operations }) => operations.at(-1)?.respondedUs ?? 0));
      recent.push(...writes.map(({ readyUs }) => leadUs + readyUs));
      recent.splice(0, recent.length - 8 * writes.length);
      for (const { operations } of writes) {
        for (const { invokedUs, respondedUs, outcome } of operations) {
          // A refusal is over sooner than what the sessions are to meet in.
          if (outcome === 'ok') shortestUs = Math.min(shortestUs ?? Number.POSITIVE_INFINITY, respondedUs - invokedUs);
        }
      }
    },
  };
}

/** What four of five stay below: to wait for the slowest of many rounds would waste more than a late session does. */
const typical = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.8)] ?? 0;

/** Errors that are the machine's and not the strategy's. A storm over a full disk shows nothing about writers. */
const groundErrors: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'EIO']);
const groundMessage = /No space left on device|Disk quota exceeded|Read-only file system|I\/O error/;

/** The file system or the machine could not carry the storm. */
export class BrokenGround extends Error {
  override readonly name = 'BrokenGround';
}

function throwBrokenGround(error: NodeJS.ErrnoException): never {
  throw groundErrors.has(error.code ?? '') ? new BrokenGround(error.message) : error;
}

function refuseBrokenGround(execution: Execution): void {
  const broken = execution.operations.map(groundErrorOf).find((error) => error !== undefined);
  if (broken !== undefined) throw new BrokenGround(`${execution.target}/${execution.strategy}: ${broken}`);
}

function groundErrorOf({ error, stderr }: Operation): string | undefined {
  if (error?.code !== undefined && groundErrors.has(error.code)) return error.message;
  return groundMessage.exec(stderr ?? '')?.[0];
}
