/**
 * What goes wrong in an execution, and where: plain data, exact and replayable. In text `0@write:state.json=ENOSPC`: the call with
 * which session 0 is about to write state.json fails, and says that there is no space left.
 */

import { constants } from 'node:os';
import { formatSegment, parseSegment, ScheduleError, type StepName } from '../schedule/schedule.ts';

/** What can go wrong with one step. */
export type Fault =
  /** The session is killed: before the step, after it, or once so many bytes of a write are made. SIGKILL, signal(7). */
  | { readonly kind: 'crash'; readonly at: 'before' | 'after' | number }
  /** The call fails without having done anything. `lasting`: so do all later ones that this can happen to, until recovery. */
  | { readonly kind: 'errno'; readonly errno: string; readonly lasting?: true }
  /** A write that makes only so many bytes, and says so: write(2). */
  | { readonly kind: 'short'; readonly bytes: number }
  /** The session stands still before the step, longer than anybody waits for anything; the others go on meanwhile. */
  | { readonly kind: 'stall' }
  /** Before the step the time of day jumps, for everybody: by so many ms. */
  | { readonly kind: 'clock'; readonly ms: number };

export interface Injection {
  readonly session: number;
  readonly step: StepName;
  readonly fault: Fault;
}

/** What is odd from the start. */
export const surroundings = {
  'same-time': 'the clock stands still: whatever is named after the time is named alike',
  'same-pids': 'sessions in PID namespaces of their own, as containers are: they have the same process ids',
} as const;

export type Surroundings = keyof typeof surroundings;

export interface FaultPlan {
  readonly injections: readonly Injection[];
  readonly surroundings: readonly Surroundings[];
  /** The power fails: which of the states that the disk may be in then, by number and by model. See `powerloss`. */
  readonly power?: { readonly model: PowerModel; readonly state: number };
}

export const powerModels = ['posix', 'ext4'] as const;
export type PowerModel = (typeof powerModels)[number];

export const noFaults: FaultPlan = { injections: [], surroundings: [] };

/** How far the time of day jumps, and how long a session stands still. */
export const HOUR_MS = 3_600_000;

export const isStep = (name: StepName, other: StepName): boolean =>
  name.call === other.call &&
  name.operation === other.operation &&
  name.path === other.path &&
  name.occurrence === other.occurrence;

/** `0@write:state.json=crash,0@open.2:lock=EACCES,same-pids`, or `power.ext4.17`. */
export function formatPlan({ injections, surroundings, power }: FaultPlan): string {
  return [
    ...injections.map(({ session, step, fault }) => `${formatSegment({ session, until: step })}=${formatFault(fault)}`),
    ...surroundings,
    ...(power === undefined ? [] : [`power.${power.model}.${power.state}`]),
  ].join(',');
}

function formatFault(fault: Fault): string {
  switch (fault.kind) {
    case 'crash':
      return fault.at === 'before' ? 'crash' : `crash.${fault.at}`;
    case 'errno':
      return fault.lasting ? `${fault.errno}.on` : fault.errno;
    case 'short':
      return `short.${fault.bytes}`;
    case 'stall':
      return 'stall';
    case 'clock':
      return `clock.${fault.ms}`;
  }
}

/** @throws {ScheduleError} with what is wrong and an example. */
export function parsePlan(text: string): FaultPlan {
  const injections: Injection[] = [];
  const around: Surroundings[] = [];
  let power: FaultPlan['power'];
  for (const [at, part] of (text === '' ? [] : text.split(',')).entries()) {
    const [, model, state] = /^power\.([a-z0-9]+)\.(\d{1,9})$/.exec(part) ?? [];
    if (model !== undefined && powerModels.some((known) => known === model)) {
      power = { model: model as PowerModel, state: Number(state) };
    } else if (part in surroundings) around.push(part as Surroundings);
    else injections.push(parseInjection(part, at + 1));
  }
  return { injections, surroundings: around, ...(power === undefined ? {} : { power }) };
}

const EXAMPLE = '0@write:state.json=ENOSPC';

function parseInjection(text: string, place: number): Injection {
  const at = text.lastIndexOf('=');
  if (at < 0) throw wrong(text, place);
  const fault = parseFault(text.slice(at + 1));
  const { session, until } = parseSegment(text.slice(0, Math.max(0, at)), place);
  if (fault === undefined || until === undefined) {
    throw wrong(text, place);
  }
  return { session, step: until, fault };
}

const wrong = (text: string, place: number): ScheduleError =>
  new ScheduleError(`fault ${place}, "${text}", is not SESSION@CALL:PATH=FAULT. Right is, for example, "${EXAMPLE}"`);

function parseFault(text: string): Fault | undefined {
  const [, word = '', rest] = /^([A-Za-z]+)(?:\.(-?\w+))?$/.exec(text) ?? [];
  const number = Number(rest);
  const isCount = Number.isSafeInteger(number) && rest !== undefined;
  if (word === 'crash' && (rest === undefined || rest === 'after')) return { kind: 'crash', at: rest ?? 'before' };
  if (word === 'crash' && isCount) return { kind: 'crash', at: number };
  if (word === 'short' && isCount) return { kind: 'short', bytes: number };
  if (word === 'stall' && rest === undefined) return { kind: 'stall' };
  if (word === 'clock' && isCount) return { kind: 'clock', ms: number };
  if (!(word in constants.errno) || (rest !== undefined && rest !== 'on')) return undefined;
  return { kind: 'errno', errno: word, ...(rest === undefined ? {} : { lasting: true }) };
}

/** What a fault does to a step, in words: `killed before it`. */
export function faultWords(fault: Fault): string {
  switch (fault.kind) {
    case 'crash':
      if (typeof fault.at === 'string') return `killed ${fault.at} it`;
      return `killed after ${bytesWords(fault.at)} of it`;
    case 'errno':
      return `${fault.errno} injected${fault.lasting ? ', from here on' : ''}`;
    case 'short':
      return `only ${bytesWords(fault.bytes)} written`;
    case 'stall':
      return 'stands still, for longer than anybody waits';
    case 'clock':
      return `the clock jumps ${Math.abs(fault.ms) / HOUR_MS} h ${fault.ms < 0 ? 'back' : 'forward'}`;
  }
}

const bytesWords = (bytes: number): string => (bytes === 1 ? '1 byte' : `${bytes.toLocaleString('en')} bytes`);
