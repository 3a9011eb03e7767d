/** What was told and what was left, beside what the same operations come to one after another. */

import type { Execution, Operation } from '../../history/execution.ts';
import type { RecordedFinding } from '../../verdict/verdict.ts';
import { headingOf } from '../timeline.ts';
import { answerWords } from '../timeline-rows.ts';
import { amount } from '../words.ts';
import { alone, linesOf, sideBySide } from './difference.ts';
import type { ComparedFile, FindingData } from './page/shapes.ts';

const FILES_MAX = 6;

type Compared = Pick<FindingData, 'compared' | 'expectedIs' | 'hasExpected' | 'notCompared'>;

/** @param touched files that sessions met at: without another side, these are shown. */
export function comparedIn({ witness, serial }: RecordedFinding, touched: readonly string[]): Compared {
  const { final } = witness;
  if (serial === undefined) {
    const files = touched.map((name): ComparedFile => ({ name, lines: alone(linesOf(final[name]!)), same: true }));
    const none = 'No outcome of the same operations one after another is on record to hold it against.';
    return { ...shortened(files, Object.keys(final).length, false), expectedIs: none, hasExpected: false };
  }
  const told = compareAnswers(answersIn(serial, witness), answersIn(witness, witness));
  const names = [...new Set([...Object.keys(serial.final), ...Object.keys(final)])].sort();
  const files = names.map((name) => compare(name, serial.final[name], final[name]));
  const differing = files.filter(({ same }) => !same);
  const nothingElse = differing.length === 0 && told.same;
  const shown = nothingElse ? files.filter(({ name = '' }) => touched.includes(name)) : differing;
  const expectedIs = `Expected is what the same operations come to one after another, with nothing going wrong: ${turns(serial, witness)}.`;
  return {
    ...shortened(told.same ? shown : [told, ...shown], files.length + (told.same ? 0 : 1), true),
    expectedIs,
    hasExpected: true,
  };
}

function shortened(
  files: readonly ComparedFile[],
  all: number,
  expected: boolean,
): Pick<Compared, 'compared' | 'notCompared'> {
  const compared = files.slice(0, FILES_MAX);
  const [differing, rest] = [files.slice(FILES_MAX).filter(({ same }) => !same).length, all - compared.length];
  if (rest === 0) return { compared };
  const more =
    differing > 0
      ? `${amount(differing, 'more file')} not as expected`
      : `${amount(rest, 'file')}${expected ? ', as expected' : ''}`;
  return { compared, notCompared: `Not shown: ${more}.` };
}

function compare(name: string, expected: string | undefined, actual: string | undefined): ComparedFile {
  const note = expected === undefined ? 'expected not to be there' : actual === undefined ? 'is not there' : undefined;
  return {
    name,
    ...(note === undefined ? {} : { note }),
    lines: sideBySide(linesOf(expected ?? ''), linesOf(actual ?? '')),
    same: expected === actual,
  };
}

const compareAnswers = (expected: readonly string[], actual: readonly string[]): ComparedFile => ({
  lines: sideBySide(expected, actual),
  same: expected.join('\n') === actual.join('\n'),
});

/** A line for each answer, by session: in which order they came is not what is compared. */
function answersIn(
  { operations }: { readonly operations: readonly Operation[] },
  { sessions }: Execution,
): readonly string[] {
  const order = operations.toSorted((a, b) => a.session - b.session || a.invokedUs - b.invokedUs);
  return order.map((each) => `${headingOf(each.session, sessions)} → ${answerWords(each)}`);
}

function turns({ operations }: { readonly operations: readonly Operation[] }, { sessions }: Execution): string {
  const order = [...new Set(operations.filter(({ kind }) => kind !== 'finally').map(({ session }) => session))];
  return order.map((session) => headingOf(session, sessions)).join(', then ');
}
