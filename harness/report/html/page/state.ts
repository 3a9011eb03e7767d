/** What is true at one moment of an execution. */

import type { AnswerData, FindingData, FrameData, SessionData } from './shapes.ts';

/** Every step as a row of its own, and what sessions were told. */
export function allFrames({ steps, answers }: FindingData): readonly FrameData[] {
  const frames = steps.flatMap(({ session, words }, at): readonly FrameData[] => {
    const now = answers.filter(({ after }) => after === at);
    const own = now.filter((answer) => answer.session === session);
    const step = { session, at, end: at, times: 1, deed: words, told: own.map(({ words }) => words), gap: false };
    return [step, ...now.filter((answer) => answer.session !== session).map(onlyTold)];
  });
  return [...answers.filter(({ after }) => after < 0).map(onlyTold), ...frames];
}

const onlyTold = ({ session, words }: AnswerData): FrameData => ({
  session,
  times: 1,
  deed: '',
  told: [words],
  gap: false,
});

/** The index of the last step that was made by then; -1 where none was. */
export const lastStep = (frames: readonly FrameData[], position: number): number =>
  frames.slice(0, position + 1).findLast(({ end }) => end !== undefined)?.end ?? -1;

/** The position of the frame that a step is in, or else of the one before it. */
export const positionOf = (frames: readonly FrameData[], step: number): number =>
  Math.max(
    0,
    frames.findLastIndex(({ at }) => at !== undefined && at <= step),
  );

export const numberOf = ({ at, end }: FrameData): string =>
  at === undefined ? '' : at === end ? `${at + 1}` : `${at + 1}–${end! + 1}`;

/** What a session has done, and what it is about to do. */
export function stateOf(finding: FindingData, session: SessionData, made: number): string {
  const { steps, answers, stuck } = finding;
  const mine = (step: { readonly session: number }): boolean => step.session === session.index;
  const power = steps.findIndex(({ call }) => call === 'power');
  const killed = steps.slice(0, made + 1).findLast((step) => mine(step) && /^killed/.test(step.fault ?? ''));
  const answered = answers.findLast((answer) => mine(answer) && answer.after <= made);
  if (killed !== undefined) return killed.fault!;
  if (answered?.last) return `has ended ${answered.words}`;
  const next = steps.findIndex((step, at) => at > made && mine(step) && step.call !== 'power');
  const last = steps.findLastIndex((step, at) => at <= made && mine(step) && step.call !== 'power');
  if (power >= 0 && made >= power && (next < 0 || last >= 0) && !session.later)
    return last < 0 ? 'had not begun when the power failed' : 'ended when the power failed';
  if (next < 0) {
    if (stuck.includes(session.index)) return 'waits, and never goes on';
    return last < 0 ? 'has nothing to do' : 'comes to its end';
  }
  if (session.later && last < 0) return 'begins when the others are at their end';
  const holder = holderOf(finding, session.index, next, made);
  if (holder !== undefined) return `waits before step ${next + 1}: ${steps[next]!.name}, which ${holder} has`;
  return `${last < 0 ? 'begins' : 'goes on'} with step ${next + 1}: ${steps[next]!.name}`;
}

/** Who has the lock that a session is about to take. */
function holderOf(
  { steps, locks, sessions }: FindingData,
  session: number,
  next: number,
  made: number,
): string | undefined {
  const step = steps[next]!;
  if (step.call !== 'lock') return undefined;
  const held = locks.find(
    ({ session: other, path, from, to }) => other !== session && path === step.path && from <= made && made < to,
  );
  return sessions.find(({ index }) => index === held?.session)?.name;
}
