/** The program of an explorer's thread. It waits at the gate, so nothing else may have to happen on the same thread. */

import { parentPort, workerData } from 'node:worker_threads';
import { limits } from '../limits.ts';
import { specified } from '../oracle/serial.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { examine, exploredWriters, probe } from './examine.ts';
import { SessionHung } from './lost.ts';
import type { Player } from './player.ts';
import type { ExplorerAnswer, ExplorerData, ExplorerTask } from './protocol.ts';
import { replay } from './replay.ts';
import { type Actors, type Stage, setUpStage } from './stage.ts';
import { sessionsUnderFaults, upset } from './upset.ts';
import { parseWitness, sessionsIn } from './witness.ts';

const { catalogue: url, sandbox, stop } = workerData as ExplorerData;
const stopped = new Int32Array(stop);
const { catalogue } = (await import(url)) as { readonly catalogue: readonly Scenario[] };
/** Beside the writers, where any resource has one. */
const readers = catalogue.some(({ read, strategies }) => read ?? Object.values(strategies).some((each) => each.read))
  ? 1
  : 0;
let stage: Stage | undefined;

const say = (answer: ExplorerAnswer): void => parentPort!.postMessage(answer);

parentPort!.on('message', async (task: ExplorerTask | { readonly type: 'close' }) => {
  try {
    if (task.type === 'close') {
      await stage?.close();
      parentPort!.close();
    } else say(await answer(task));
  } catch (error) {
    say(failure(error));
  }
});

try {
  stage = await setUp(limits.exploredWriters + readers);
  say({ type: 'ready' });
} catch (error) {
  say(failure(error));
}

async function setUp(sessions: number, actors: Actors = 'sessions'): Promise<Stage> {
  return await setUpStage(url, sandbox, sessions, () => Atomics.load(stopped, 0) !== 0, actors);
}

/** The stage as it is, or another one, with as many sessions as it takes, of the kind that it takes. */
async function stageFor(task: ExplorerTask): Promise<Stage> {
  const sessions = sessionsFor(task);
  const actors = actorsFor(task);
  if (stage !== undefined && stage.sessions.length >= sessions && stage.actors === actors) return stage;
  await stage?.close();
  stage = undefined;
  stage = await setUp(sessions, actors);
  return stage;
}

function sessionsFor(task: ExplorerTask): number {
  switch (task.type) {
    case 'examine':
      return exploredWriters(scenarioOf(task.target)) + readers;
    case 'probe':
      return task.writers + readers;
    case 'upset':
      return sessionsUnderFaults({ ...task, scenario: scenarioOf(task.target) });
    case 'replay':
      return sessionsIn(parseWitness(task.witness).schedule).length;
  }
}

/** Who may be killed is a copy. */
function actorsFor(task: ExplorerTask): Actors {
  if (task.type === 'upset') return 'copies';
  return task.type === 'replay' && parseWitness(task.witness).faults !== undefined ? 'copies' : 'sessions';
}

const scenarioOf = (target: string): Scenario => catalogue.find(({ id }) => id === target)!;

function failure(error: unknown): ExplorerAnswer {
  const { name, message, stack } = error as Error;
  return { type: 'failed', name, message, stack: stack ?? message };
}

/** A session that dies takes the execution with it: the task begins again, with new sessions. */
async function answer(task: ExplorerTask): Promise<ExplorerAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return perform(task, (await stageFor(task)).player);
    } catch (error) {
      // Whatever it was, the sessions are in the middle of something.
      await stage?.close();
      stage = undefined;
      const { name } = error as Error;
      if (!LOSSES.has(name) || name === SessionHung.name || attempt === limits.explorationAttempts) throw error;
    }
  }
}

/** What is the end of the sessions; a call of the kernel fails where a process ends under it. */
const LOSSES: ReadonlySet<string> = new Set(['SessionLost', 'SessionHung', 'KernelError']);

function perform(task: ExplorerTask, player: Player): ExplorerAnswer {
  const target = task.type === 'replay' ? parseWitness(task.witness).target : task.target;
  const judged = catalogue.map((scenario) =>
    scenario.id === target ? specified(scenario, task.serialRuns) : scenario,
  );
  if (task.type === 'replay') return { type: 'replayed', replayed: replay(player, judged, task) };
  const scenario = judged.find(({ id }) => id === target)!;
  player.begin();
  if (task.type === 'upset') {
    return { type: 'upset', exploration: upset(player, { ...task, scenario }, progressing()) };
  }
  return task.type === 'examine'
    ? { type: 'examined', exploration: examine(player, { ...task, scenario }, progressing()) }
    : { type: 'probed', probing: probe(player, { ...task, scenario }, task.writers, progressing()) };
}

const PROGRESS_MS = 100;

function progressing(): (executions: number) => void {
  let saidAt = performance.now();
  return (executions) => {
    if (performance.now() - saidAt < PROGRESS_MS) return;
    saidAt = performance.now();
    say({ type: 'progress', executions });
  };
}
