/** A finding as the page shows it: all words are found here, and the page only puts them in their places. */

import type { Execution } from '../../history/execution.ts';
import type { Step } from '../../history/step.ts';
import { collisionClasses } from '../../oracle/finding.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { RecordedFinding } from '../../verdict/verdict.ts';
import { errorWords, resultOf, stepWords, visible } from '../step-words.ts';
import {
  criticalIn,
  criticalWords,
  destructiveIn,
  destructiveWords,
  expectations,
  filesAt,
  headingOf,
  spokenOfIn,
} from '../timeline.ts';
import { answerWords, type Picture, pictureOf, unanswered } from '../timeline-rows.ts';
import { comparedIn } from './compared.ts';
import { locksIn } from './locks.ts';
import type { AnswerData, Effect, FindingData, FrameData, SessionData, StepData } from './page/shapes.ts';

/** What the row of a finding says of it. */
export type Told = Pick<FindingData, 'id' | 'row' | 'facts'> &
  Partial<Pick<FindingData, 'unexpected' | 'fault' | 'why' | 'replay'>>;

const MESSAGE_CHARS = 400;

export function findingData(scenario: Scenario | undefined, finding: RecordedFinding, told: Told): FindingData {
  const { witness, message } = finding;
  const { steps = [] } = witness;
  const critical = criticalIn(finding);
  const destructive = destructiveIn(finding);
  const fatal = destructive ?? lastFault(steps);
  const decisive = critical?.last ?? critical?.second;
  const stuck = finding.class === 'STUCK';
  const picture = pictureOf(witness, { spokenOf: spokenOfIn(finding), stuck });
  const does = scenario?.strategies[witness.strategy]?.does;
  return {
    ...told,
    class: finding.class,
    meaning: collisionClasses[finding.class],
    target: witness.target,
    priority: scenario?.priority ?? '',
    resource: scenario?.resource ?? '',
    ...(does === undefined ? {} : { does }),
    expected: expectations[finding.class],
    actual: visible(message, MESSAGE_CHARS),
    ...(critical === undefined ? {} : { critical: criticalWords(critical, witness) }),
    ...(destructive === undefined ? {} : { destructive: destructiveWords(destructive, witness) }),
    sessions: sessionsIn(witness),
    steps: steps.map(stepData),
    picture: framesOf(picture),
    answers: answersIn(witness),
    locks: locksIn(steps),
    marks: {
      ...(critical === undefined ? {} : { first: critical.first, second: critical.second }),
      ...(decisive === undefined ? {} : { decisive }),
      ...(fatal < 0 ? {} : { fatal }),
    },
    stuck: stuck ? unanswered(witness) : [],
    ...comparedIn(finding, touchedIn(witness, picture)),
  };
}

/** Where something was made to go wrong, that is what did it. */
const lastFault = (steps: readonly Step[]): number => steps.findLastIndex(({ fault }) => fault !== undefined);

function touchedIn({ final, steps = [] }: Execution, { bearing }: Picture): readonly string[] {
  const touched = bearing.flatMap((at) => [steps[at]!.path, steps[at]!.to ?? []].flat());
  const named = [...new Set(touched.flatMap((path) => filesAt(path, final)))];
  return named.length > 0 ? named : Object.keys(final);
}

/** Readers may have looked before a power loss and after it: they are one session all the same. */
const sessionsIn = ({ sessions }: Execution): readonly SessionData[] =>
  [...new Map(sessions.map((each) => [each.index, each])).values()]
    .sort((a, b) => a.index - b.index)
    .map(({ index, recovers }) => ({ index, name: headingOf(index, sessions), later: recovers === true }));

const DATA_CHARS = 2_000;

function stepData(step: Step): StepData {
  const { session, call, path, to, flags, fault, data, bytes, error } = step;
  const answer = error === undefined ? resultOf(step) : `${errorWords(step, error)} (${error})`;
  const text = data === undefined || data === '' || /[\0\uFFFD]/.test(data) ? undefined : data;
  return {
    session,
    call,
    path: visible(path, MESSAGE_CHARS),
    ...(to === undefined ? {} : { to: visible(to, MESSAGE_CHARS) }),
    ...(flags === undefined || flags.length === 0 ? {} : { flags: flags.join(' ') }),
    ...(answer === undefined ? {} : { answer }),
    ...(fault === undefined ? {} : { fault }),
    ...(text === undefined ? {} : { data: lines(text) }),
    ...(bytes === undefined ? {} : { bytes }),
    words: stepWords(step),
    name: intention(step),
    effect: effectOf(step),
  };
}

/** What it is about to do: how that will end is not known yet. */
function intention({ fault: _, error: __, ...step }: Step): string {
  const words = stepWords(step, { data: false });
  const result = resultOf(step);
  return result === undefined ? words : words.slice(0, -`: ${result}`.length);
}

/** The ends of lines are made visible, and are ends of lines. */
const lines = (text: string): string => visible(text, DATA_CHARS).replaceAll(/↵(?=.)/g, '↵\n');

function effectOf({ call, accesses }: Step): Effect {
  if (['lock', 'trylock', 'unlock'].includes(call)) return 'locks';
  if (accesses === undefined) return 'changes';
  if (accesses.some(({ mode, object }) => mode !== 'read' && !object.startsWith('lock '))) return 'changes';
  return accesses.length === 0 || call === 'exit' || call === 'close' ? 'other' : 'reads';
}

function framesOf({ rows }: Picture): readonly FrameData[] {
  return rows.flatMap((row, at): readonly FrameData[] => {
    if (row === 'gap') return [];
    const { session, at: first, end, times, deed, told } = row;
    const place = first === undefined || end === undefined ? {} : { at: first, end };
    return [{ session, ...place, times, deed, told, gap: rows[at - 1] === 'gap' }];
  });
}

function answersIn({ operations, steps = [] }: Execution): readonly AnswerData[] {
  const performed = operations.filter(({ kind }) => kind !== 'finally');
  const several = performed.length > new Set(performed.map(({ session }) => session)).size;
  return operations.map((operation) => {
    const { session, id, kind, respondedUs, outcome } = operation;
    const words = `→ ${answerWords(operation)}`;
    const concluding = kind === 'finally';
    return {
      session,
      after: concluding ? steps.length - 1 : respondedUs - 1,
      words: concluding ? `in the end ${words}` : several ? `${id} ${words}` : words,
      last: performed.findLast((other) => other.session === session) === operation,
      outcome,
    };
  });
}
