import { runCampaign } from '../campaign/campaign.ts';
import type { Engine } from '../campaign/engine.ts';
import { replayWitnesses } from '../campaign/replaying.ts';
import type { CommandTarget, Reference, SessionTarget, Target } from '../config/config.ts';
import { catalogueUrl, scenariosOf, type Written } from '../config/load.ts';
import { checked } from '../config/schema.ts';
import type { Execution } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Expect } from '../oracle/expect.ts';
import { examinedText } from '../report/examined.ts';
import { timeline } from '../report/timeline.ts';
import type { Perform, Scenario } from '../scenario/scenario.ts';
import type { RecordedFinding, Verdict } from '../verdict/verdict.ts';
import { located } from './located.ts';

/** What sessions share and do. Functions have to be exported by their modules, under their names. Paths are relative to the working directory. */
export type Examinable = Unnamed<CommandTarget> | Unnamed<SessionTarget>;

type Unnamed<T extends Target> = Omit<T, 'id'> & { readonly id?: string };

export interface ExamineOptions {
  /** Sessions at once. 2 where it is left out. */
  readonly writers?: number;
  /** In ms, about. 30 s where it is left out; less where all interleavings take less. */
  readonly budgetMs?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export interface Examined {
  readonly verdict: Verdict;
  /** Is it SAFE, as far as the verdict's strength goes? */
  readonly survives: boolean;
  /** For people: each finding step by step, then the verdict. */
  readonly report: string;
}

/**
 * Chooses the interleavings of sessions, all of them where there is time for that.
 *
 * @throws {NoGate} where system calls can't be held: `storm` works everywhere.
 * @throws {ConfigError} where the target is none; {NotExported} where a session can't load a function.
 * @throws {BrokenAlone} where it does not even work with nobody else there.
 */
export const explore = (target: Examinable, options: ExamineOptions = {}): Promise<Examined> =>
  examine('explore', target, options);

/** Lets sessions run freely, again and again, with jitter and stalls: what is found is certain, what is not found is not. */
export const storm = (target: Examinable, options: ExamineOptions = {}): Promise<Examined> =>
  examine('storm', target, options);

/** What fails with nobody else there is broken, and no race. */
export class BrokenAlone extends Error {
  override readonly name = 'BrokenAlone';
}

async function examine(engine: Engine, target: Examinable, options: ExamineOptions): Promise<Examined> {
  const { writers = limits.writersMin, budgetMs = limits.execBudgetMs, seed = 1, signal } = options;
  const written = await writtenAs(target, writers);
  const scenarios = await scenariosOf(written);
  const campaign = await runCampaign(
    { engine, scenarios, catalogue: catalogueUrl(written), writers, modes: ['shared'], seed, budgetMs },
    signal ?? new AbortController().signal,
    () => {},
  );
  signal?.throwIfAborted();
  const [verdict] = campaign.verdicts;
  if (verdict === undefined) throw new Error(campaign.broken ?? 'there is no verdict');
  if (verdict.status === 'BROKEN_ALONE') throw new BrokenAlone(verdict.reason);
  const report = examinedText(scenarios[0]!, verdict, { width: REPORT_COLUMNS, replayWith, writers });
  return { verdict, survives: verdict.status === 'SAFE', report };
}

const REPORT_COLUMNS = 120;

const replayWith = (witness: string): string => `replay(target, ${JSON.stringify(witness)})`;

export interface ReplayedOnce {
  readonly findings: readonly RecordedFinding[];
  readonly execution: Execution;
  /** Where the execution left the schedule: the sessions have changed, or are not deterministic. */
  readonly diverged: readonly string[];
  /** For people: each finding step by step. */
  readonly report: string;
}

/** Makes an execution again from its witness, as a report says it. @throws {WitnessError} where it is none of this target's. */
export async function replay(target: Examinable, witness: string, options: ExamineOptions = {}): Promise<ReplayedOnce> {
  const written = await writtenAs(target, options.writers ?? limits.writersMin);
  const scenarios = await scenariosOf(written);
  const [again] = await replayWitnesses(
    [witness],
    { scenarios, catalogue: catalogueUrl(written), times: 1, told: () => {} },
    options.signal ?? new AbortController().signal,
  );
  const { findings, contention, execution, diverged } = again!.replayed;
  const pictures = [...findings, contention ?? []]
    .flat()
    .map((finding) => timeline(scenarios[0] as Scenario, finding, { width: REPORT_COLUMNS, replayWith }));
  return { findings, execution, diverged, report: pictures.join('\n\n') };
}

/** The target as data that every process can read: functions by their modules. */
async function writtenAs({ id = 'target', ...target }: Examinable, writers: number): Promise<Written> {
  const expect = target.expect === undefined ? {} : { expect: await Promise.all(target.expect.map(asData<Expect>)) };
  const named = { id, ...target, ...expect };
  const data =
    'session' in named ? await sessionsAsData(named) : { ...named, commands: linesOf(named.commands, writers) };
  const name = 'the target';
  return { targets: checked({ targets: [data] }, name).targets, dir: process.cwd(), name };
}

/** A report says what each session ran. */
const linesOf = (commands: CommandTarget['commands'], writers: number): readonly string[] =>
  typeof commands === 'string' ? Array.from({ length: writers }, () => commands) : commands;

async function sessionsAsData(target: SessionTarget): Promise<SessionTarget> {
  const { session, setup } = target;
  const listed = session as Perform | Reference | readonly (Perform | Reference)[];
  const sessions = Array.isArray(listed)
    ? await Promise.all((listed as readonly (Perform | Reference)[]).map(asData<Perform>))
    : await asData(listed as Perform | Reference);
  const more = setup === undefined ? {} : { setup: await asData<(dir: string) => void>(setup) };
  return { ...target, ...more, session: sessions as SessionTarget['session'] };
}

const asData = async <T>(value: T | Reference): Promise<T | Reference> =>
  typeof value === 'function' ? await located(value as (...args: never[]) => unknown) : value;
