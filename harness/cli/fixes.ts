/** What `collide list --fix` prints: the strategies that hold, to be read and copied. */

import { wrapped } from '../report/wrap.ts';
import { exceptionWords, type Scenario, type Strategy } from '../scenario/scenario.ts';
import { type Excerpt, sourceOf } from '../scenario/source.ts';

export interface Fix {
  readonly target: string;
  readonly strategy: string;
  readonly recommended: boolean;
  readonly does: string;
  readonly why: string;
  readonly cost: string | undefined;
  /** Where it does not hold, or for another reason. */
  readonly onProduct?: Strategy['onProduct'];
  readonly source: readonly Excerpt[];
}

/** Every strategy that is SAFE, and not just here, the recommended one first. */
export function fixesOf(scenario: Scenario): readonly Fix[] {
  const safe = Object.entries(scenario.strategies)
    .filter(([, { truth, noFix }]) => truth === 'SAFE' && noFix === undefined)
    .map(([name]) => name);
  const ordered = [...safe.filter((name) => name === scenario.fix), ...safe.filter((name) => name !== scenario.fix)];
  return ordered.map((strategy) => {
    const { does, why, cost, onProduct } = scenario.strategies[strategy]!;
    const recommended = strategy === scenario.fix;
    const exceptions = onProduct === undefined ? {} : { onProduct };
    const source = sourceOf(scenario, strategy);
    return { target: scenario.id, strategy, recommended, does, why, cost, ...exceptions, source };
  });
}

export function fixesText(scenario: Scenario): string {
  const fixes = fixesOf(scenario);
  const head = [`${scenario.id}: ${scenario.resource}`, ''];
  const others = Object.entries(scenario.strategies).flatMap(([name, { noFix }]) =>
    noFix === undefined ? [] : [...wrapped(`${name} is SAFE here, and no fix: ${noFix}.`, COLUMNS, ''), ''],
  );
  if (fixes.length + others.length === 0) return [...head, 'No strategy that is known is SAFE.', ''].join('\n');
  const files = fixes.flatMap(({ source }) => source.map(({ file }) => file));
  const notes = Object.entries(takenForGranted).filter(([extension]) => files.some((file) => file.endsWith(extension)));
  const printed = new Set<string>();
  return [
    ...head,
    ...notes.flatMap(([, note]) => [...wrapped(note, COLUMNS, ''), '']),
    ...fixes.flatMap((fix) => textOf(fix, printed)),
    ...others,
  ].join('\n');
}

/** By the sources, which are as they are run. */
const takenForGranted = {
  '.ts':
    "In what follows, session.path() is a path in the resource's directory; session.uuid is the session's own id, session.id " +
    'that of one operation; throwing Refused says that the operation did not happen.',
  '.sh':
    "A script is run in the resource's directory, with the id of the operation as $1 and the session's own as $2; exit code 1 says " +
    'that the operation did not happen.',
};

const COLUMNS = 120;

/** @param printed what was printed before: the same source is not shown twice. */
function textOf(
  { strategy, recommended, does, why, cost, onProduct, source }: Fix,
  printed: Set<string>,
): readonly string[] {
  return [
    `── ${strategy}${recommended ? ' (recommended)' : ''}`,
    ...labelled('what it does', does),
    ...labelled('why it holds', why),
    ...(cost === undefined ? [] : labelled('what it costs', cost)),
    ...exceptionWords(onProduct).flatMap((words) => labelled('but not', words)),
    '',
    ...source.flatMap(({ file, text }) => {
      const known = printed.has(text);
      printed.add(text);
      return [`${file.endsWith('.sh') ? '#' : '//'} ${file}${known ? ', as above' : ''}`, known ? '' : text];
    }),
  ];
}

const labelled = (label: string, text: string): readonly string[] =>
  wrapped(`${label.padEnd(15)}${text}`, COLUMNS, ' '.repeat(15));
