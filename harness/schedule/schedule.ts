/**
 * The schedule that a witness carries: who goes on, and until when. In text `0@write:health.json,1,0`, session 0 goes on until
 * it is about to write health.json, session 1 until it cannot go on, and then session 0.
 */

import type { Call, Step } from '../history/step.ts';
import type { Candidate, Choice, Choose, Trace } from './scheduler.ts';

/** Names a step of a session so that the name outlives an edit of the writer: only steps like itself are counted. */
export interface StepName {
  readonly call: Call;
  /** Number of the session's operation, from 0. */
  readonly operation: number;
  readonly path: string;
  /** From 1: which of the operation's steps with this call and path. */
  readonly occurrence: number;
}

/** A session goes on until it is about to do `until`, or else until it cannot go on: it has ended or is blocked. */
export interface Segment {
  readonly session: number;
  readonly until?: StepName;
  /** It begins by outwaiting the others. */
  readonly outwait?: true;
}

/** After the last segment nobody is interrupted any more, if the caller does not say otherwise: see `stay`. */
export type Schedule = readonly Segment[];

/** Nobody is interrupted or outwaited as long as there is another way; who cannot go on is followed by the first who can. */
export const stay: Choose = ({ enabled }) => enabled.find(({ outwait }) => !outwait) ?? enabled[0];

/** Leads to the same decisions. What `stay` would do in the end is left out, but every session that took part is named. */
export function scheduleOf({ decisions }: Trace): Schedule {
  const count = counting();
  const segments: { segment: Segment; readonly implied: boolean }[] = [];
  let last: number | undefined;
  for (const { chosen, ...choice } of decisions) {
    const { session, outwait } = chosen;
    if (session !== last || outwait) {
      const interrupted = choice.enabled.find((candidate) => candidate.session === last && !candidate.outwait);
      if (interrupted) Object.assign(segments.at(-1)!.segment, { until: count.nameOf(interrupted.step) });
      segments.push({ segment: { session, ...(outwait && { outwait }) }, implied: stay(choice) === chosen });
    }
    count.add(chosen.step);
    last = session;
  }
  const isFirst = (session: number, index: number): boolean =>
    segments.findIndex(({ segment }) => segment.session === session) === index;
  const needed = segments.findLastIndex(({ segment, implied }, index) => !implied || isFirst(segment.session, index));
  return segments.slice(0, needed + 1).map(({ segment }) => segment);
}

/**
 * Obeys a schedule as far as the program does; where it does not, says so, and goes on with the next segment. After the last
 * segment `rest` decides.
 */
export function follow(schedule: Schedule, rest: Choose, diverged: (message: string) => void): Choose {
  const count = counting();
  let at = 0;
  let begun = false;
  return (choice) => {
    for (; at < schedule.length; at++, begun = false) {
      const { candidate, problem } = turn(schedule[at]!, begun, choice, count);
      if (problem !== undefined) diverged(`segment ${at + 1}: session ${schedule[at]!.session} ${problem}`);
      if (!candidate) continue;
      begun = true;
      count.add(candidate.step);
      return candidate;
    }
    return rest(choice);
  };
}

/** Who continues a segment. Nobody: it is over, and if there is a problem, not as it says. */
function turn(
  { session, until, outwait }: Segment,
  begun: boolean,
  { enabled, blocked }: Choice,
  count: Counting,
): { readonly candidate?: Candidate; readonly problem?: string } {
  const isOrdinary = (candidate: Candidate): boolean => candidate.session === session && !candidate.outwait;
  const able = enabled.find(isOrdinary);
  const pending = able ?? blocked.find(isOrdinary);
  const state = able ? 'could go on' : pending ? 'was blocked' : 'had ended';
  if (outwait && !begun) {
    const waiting = enabled.find((candidate) => candidate.session === session && candidate.outwait);
    return waiting ? { candidate: waiting } : { problem: `${state} and was not waiting in a loop` };
  }
  if (until && pending) {
    const next = count.nameOf(pending.step);
    if (JSON.stringify(next) === JSON.stringify(until)) return {};
    const isPast = next.operation > until.operation || count.of(session, until) >= until.occurrence;
    if (isPast) return { problem: `was past ${inWords(until)}` };
  }
  if (able) return { candidate: able };
  if (until) return { problem: `${pending ? 'was blocked' : 'ended'} before ${inWords(until)}` };
  return begun ? {} : { problem: `${state} before its turn` };
}

/** Names the steps of an execution, one after another. */
export interface Counting {
  add(step: Step): void;
  /** How many such steps there were, whichever occurrence `name` names. */
  of(session: number, name: Omit<StepName, 'occurrence'>): number;
  /** What a session's next step is called. */
  nameOf(step: Step): StepName;
}

export function counting(): Counting {
  const counts = new Map<string, number>();
  const key = (session: number, { operation, call, path }: Omit<StepName, 'occurrence'>): string =>
    JSON.stringify([session, operation, call, path]);
  const of: Counting['of'] = (session, name) => counts.get(key(session, name)) ?? 0;
  return {
    of,
    add: (step) => void counts.set(key(step.session, step), of(step.session, step) + 1),
    nameOf: (step) => {
      const { call, operation, path } = step;
      return { call, operation, path, occurrence: of(step.session, step) + 1 };
    },
  };
}

/** `write health.json`, `write health.json (occurrence 2, operation 1)`. */
export function inWords({ call, path, operation, occurrence }: StepName): string {
  const which = [
    ...(occurrence === 1 ? [] : [`occurrence ${occurrence}`]),
    ...(operation === 0 ? [] : [`operation ${operation}`]),
  ];
  return `${call} ${path}`.trimEnd() + (which.length === 0 ? '' : ` (${which.join(', ')})`);
}

/** A text is no schedule. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/**
 * Segments joined by commas, each `session[@outwait][@call[.occurrence][+operation][:path]]`; occurrence 1, operation 0 and an
 * empty path are left out. No shell needs quotes around it.
 *
 * In a path, all but ASCII letters, digits and `._/-` is percent-encoded UTF-8. A `%` that is not followed by two hexadecimal
 * digits stands for itself: it is the mask of pids, and common.
 */
export const formatSchedule = (schedule: Schedule): string => schedule.map(formatSegment).join(',');

export function formatSegment({ session, outwait, until }: Segment): string {
  const start = `${session}${outwait ? '@outwait' : ''}`;
  if (!until) return start;
  const which = `${until.occurrence === 1 ? '' : `.${until.occurrence}`}${until.operation === 0 ? '' : `+${until.operation}`}`;
  return `${start}@${until.call}${which}${until.path === '' ? '' : `:${encodePath(until.path)}`}`;
}

export function parseSchedule(text: string): Schedule {
  return text === '' ? [] : text.split(',').map((segment, index) => parseSegment(segment, index + 1));
}

export function parseSegment(text: string, place: number): Segment {
  const wrong = (why: string): ScheduleError =>
    new ScheduleError(`Segment ${place} of the schedule, "${text}", ${why}. Right is, for example, "${EXAMPLE}".`);
  const parts = SEGMENT.exec(text)?.groups;
  if (!parts) throw wrong('is not SESSION[@outwait][@CALL[.OCCURRENCE][+OPERATION][:PATH]]');
  const { session, outwait, call, occurrence = 1, operation = 0, path = '' } = parts;
  const start = { session: Number(session), ...(outwait && { outwait: true as const }) };
  if (call === undefined) return start;
  const decoded = decodePath(path);
  if (decoded === undefined) throw wrong('has a path that is not percent-encoded UTF-8');
  // Whether there is such a call, such an operation and such a path is for `follow` to find out.
  const until = { call: call as Call, operation: Number(operation), path: decoded, occurrence: Number(occurrence) };
  return { ...start, until };
}

const EXAMPLE = '0@write:health.json,1,0@write.2+1:health.json,1@outwait';

const SEGMENT =
  /^(?<session>\d{1,9})(?<outwait>@outwait)?(@(?<call>[a-z]+)(\.(?<occurrence>[1-9]\d{0,8}))?(\+(?<operation>\d{1,9}))?(:(?<path>[\w./%-]+))?)?$/;

const encodePath = (path: string): string =>
  path.replace(/%(?=[\dA-Fa-f]{2})|[^\w./%-]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );

function decodePath(text: string): string | undefined {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return text.replace(/(%[\dA-Fa-f]{2})+/g, (bytes) => utf8.decode(Buffer.from(bytes.replaceAll('%', ''), 'hex')));
  } catch {
    return undefined;
  }
}
