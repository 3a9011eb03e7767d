import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Command } from '../scenario/command.ts';
import type { Perform, Scenario, Session, Strategy } from '../scenario/scenario.ts';
import { type Answer, answerOf, answerOfCommand } from './attempt.ts';
import { blockUntil, nowUs } from './clock.ts';
import type { Performed, PerformTask } from './protocol.ts';
import { draws } from './random.ts';
import { type Launcher, startLauncher } from './run-command.ts';

let launcher: Launcher | undefined;

/** The parent of the session process when it started. */
const supervisor = process.ppid;

/** What one operation is, ready to be run at its moment. */
type Attempt = () => Answer | Promise<Answer>;

/** What the process of a session keeps from one task to the next. */
export interface SessionProcess {
  readonly uuid: string;
  /** A directory of the session's own, outside of any resource. */
  readonly scratch: string;
}

/** Performs one session's share of an execution, in the process of that session. */
export async function perform(task: PerformTask, scenario: Scenario, own: SessionProcess): Promise<Performed> {
  const strategy = scenario.strategies[task.strategy]!;
  const session = sessionOf(task, own.uuid);
  if (task.kind === 'prepare') return await writing(task, [functionAttempt(strategy.prepare!, session(0, undefined))]);
  const memory = await strategy.open?.(session(0, undefined));
  return task.role === 'reader'
    ? await reading(task, functionAttempt(strategy.read ?? scenario.read!, session(0, memory)))
    : await writing(
        task,
        attempts(task, scenario, strategy, own, (operation) => session(operation, memory)),
      );
}

const sessionOf =
  (task: PerformTask, uuid: string) =>
  (operation: number, memory: unknown): Session => ({
    index: task.index,
    uuid,
    writers: task.writers,
    id: operationId(task, operation),
    operation,
    memory,
    server: task.server ?? '',
    space: task.space ?? '',
    path: (...names) => join(task.dir, ...names),
  });

const operationId = (task: PerformTask, operation: number): string =>
  `s${task.index}.${task.kind === 'finally' ? 'end' : operation}`;

/** The operations of a writer; shells are started ahead of time, and wait. */
function attempts(
  task: PerformTask,
  scenario: Scenario,
  strategy: Strategy,
  { scratch }: SessionProcess,
  session: (operation: number) => Session,
): readonly Attempt[] {
  if (task.kind === 'finally') return [functionAttempt(strategy.finally ?? scenario.finally!, session(0))];
  return Array.from({ length: task.operations }, (_, operation) =>
    typeof strategy.perform === 'function'
      ? functionAttempt(strategy.perform, session(operation))
      : commandAttempt(launcherIn(scratch), strategy.perform, task.dir, session(operation)),
  );
}

async function writing(task: PerformTask, attempts: readonly Attempt[]): Promise<Performed> {
  const draw = draws(`${task.seed}/s${task.index}`);
  const operations: Operation[] = [];
  await launcher?.ready();
  const readyUs = nowUs() - task.startUs;
  blockUntil(task.startUs);
  const startedUs = nowUs() - task.startUs;
  for (const [number, attempt] of attempts.entries()) {
    blockUntil(Math.max(nowUs(), task.startUs + number * task.beatUs) + draw(0, task.jitterUs));
    operations.push(await run(task, number, attempt));
  }
  return { operations, readyUs, startedUs, reads: 0, peakKiB: peakKiB() };
}

/**
 * Reads until the writers are done. What a read returns is not kept beyond a sample; what it throws is evidence.
 * Nothing in here waits for an event, so the death of the supervisor shows only in the parent's pid.
 */
async function reading(task: PerformTask, attempt: Attempt): Promise<Performed> {
  const draw = draws(`${task.seed}/r${task.index}`);
  const kept: Operation[] = [];
  let failed = 0;
  let reads = 0;
  const readyUs = nowUs() - task.startUs;
  blockUntil(task.startUs);
  const startedUs = nowUs() - task.startUs;
  for (; !existsSync(task.stopFile) && process.ppid === supervisor; reads++) {
    const read = await run(task, reads, attempt);
    if (read.error === undefined ? reads < limits.readsKept : failed++ < limits.readsKept) kept.push(read);
    blockUntil(nowUs() + draw(0, READ_PAUSE_US));
  }
  return { operations: kept, readyUs, startedUs, reads, peakKiB: peakKiB() };
}

/** Up to this long between two reads: long enough to leave the cores to the writers, on average. */
const READ_PAUSE_US = 200;

async function run(task: PerformTask, operation: number, attempt: Attempt): Promise<Operation> {
  const invokedUs = nowUs() - task.startUs;
  const answer = await attempt();
  const respondedUs = nowUs() - task.startUs;
  const id = task.role === 'reader' ? `r${task.index}.${operation}` : operationId(task, operation);
  const kind = task.kind === 'prepare' ? 'finally' : task.kind; // nobody keeps what preparing answers
  return { id, session: task.index, kind, invokedUs, respondedUs, ...answer };
}

const functionAttempt =
  (perform: Perform, session: Session): Attempt =>
  () =>
    answerOf(perform, session);

/** The launcher of this process, started with the first command. */
function launcherIn(scratch: string): Launcher {
  if (launcher === undefined || launcher.dead) launcher = startLauncher(mkdtempSync(join(scratch, 'launcher-')));
  return launcher;
}

function commandAttempt(launcher: Launcher, command: Command, dir: string, session: Session): Attempt {
  const waiting = launcher.prepare(command, dir, [session.id, session.uuid]);
  return async () => answerOfCommand(command, session.index, await waiting.run());
}

/** `maxRSS` of getrusage(2): kilobytes on Linux and macOS alike, as Node reports it. */
const peakKiB = (): number => process.resourceUsage().maxRSS;
