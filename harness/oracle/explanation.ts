/** What an outcome that no serial order explains is like: the class follows from what does explain it. */

import type { CollisionClass, Finding } from './finding.ts';
import { excerpt, named, someOf } from './finding.ts';
import { formatOf } from './formats.ts';
import { OTHER } from './masks.ts';
import type { Answer, Legal, Outcome } from './outcome.ts';

export function explain(outcome: Outcome, legal: readonly Legal[]): readonly Finding[] {
  const found =
    torn(outcome, legal) ??
    grantedTwice(outcome, legal) ??
    lost(outcome, legal) ??
    entryTwice(outcome, legal) ??
    answerTwice(outcome, legal) ??
    unexplained(outcome, legal);
  if (!found.message.includes(OTHER)) return [found];
  return [
    { ...found, message: `${found.message}; ${OTHER} is not what another place holds, and one after another it is` },
  ];
}

const finding = (kind: CollisionClass, count: number, message: string): Finding => ({ class: kind, count, message });

/** All that this file was known to be, in any order, and when only some of the commands had run. */
const known = (path: string, legal: readonly Legal[]): readonly string[] => [
  ...new Set(legal.flatMap(({ files }) => files[path] ?? [])),
];

function torn({ files }: Outcome, legal: readonly Legal[]): Finding | undefined {
  for (const [path, text] of Object.entries(files)) {
    const contents = known(path, legal);
    if (contents.length === 0 || contents.includes(text)) continue;
    const format = formatOf(path, contents);
    const unreadable = format?.unreadable(text) ?? [];
    if (unreadable.length > 0) {
      const parts = unreadable.map((part) => (part === '' ? 'nothing' : excerpt(part)));
      return finding(format!.torn, unreadable.length, `${path} is no ${format!.name} any more: ${someOf(parts, 2)}`);
    }
    if (text === '') return finding('TORN_STATE', 1, `${path} was left empty`);
    // Its lines are parts of one state, and no entries.
    if (format?.torn === 'TORN_STATE') {
      if (contents.some((content) => isCutOff(text, content))) {
        return finding('TORN_STATE', 1, `${path} is cut off: it ends with ${excerpt(text.slice(-CUT_CHARS))}`);
      }
      continue;
    }
    const pieces = brokenLines(text, contents);
    if (pieces.length > 0)
      return finding(
        'TORN_LINES',
        pieces.length,
        `${path} has lines that nobody wrote: ${someOf(
          pieces.map((piece) => excerpt(piece)),
          2,
        )}`,
      );
  }
  return undefined;
}

/** In the middle of a line: at the end of one, what follows may be an update that is lost. */
const isCutOff = (text: string, content: string): boolean =>
  content.startsWith(text) && !text.endsWith('\n') && (content[text.length] ?? '\n') !== '\n';

const CUT_CHARS = 20;

/** A line that is a part of another one, or holds another one: too short lines are part of anything. */
const LINE_CHARS_MIN = 3;

function brokenLines(text: string, contents: readonly string[]): readonly string[] {
  const lines = new Set(contents.flatMap((content) => content.split('\n')));
  const long = [...lines].filter((line) => line.length >= LINE_CHARS_MIN);
  const piece = (line: string): boolean =>
    line.length >= LINE_CHARS_MIN && long.some((other) => other.includes(line) || line.includes(other));
  return text.split('\n').filter((line) => !lines.has(line) && piece(line));
}

const succeeded = (answers: readonly Answer[]): readonly Answer[] =>
  answers.filter(({ operation }) => operation.outcome === 'ok');

/** The serial orders of all of the commands that took part. */
function ofAll({ answers }: Outcome, legal: readonly Legal[]): readonly Legal[] {
  const commands = answers.map(({ command }) => command).sort();
  return legal.filter((each) => each.commands.join('\0') === commands.join('\0'));
}

function grantedTwice(outcome: Outcome, legal: readonly Legal[]): Finding | undefined {
  const granted = succeeded(outcome.answers);
  const most = Math.max(...ofAll(outcome, legal).map(({ answers }) => succeeded(answers).length));
  if (granted.length <= most) return undefined;
  return finding(
    'DOUBLE_CONSUME',
    granted.length - most,
    `${named(granted)} succeeded, and one after another ${most === 1 ? 'only one does' : `no more than ${most} do`}`,
  );
}

/** The files are what some of the commands would have left alone. */
function lost(outcome: Outcome, legal: readonly Legal[]): Finding | undefined {
  const fewer = legal
    .filter(({ commands }) => commands.length < outcome.answers.length && within(commands, outcome.answers))
    .toSorted((a, b) => b.commands.length - a.commands.length);
  const full = ofAll(outcome, legal);
  if (full.some(({ files }) => sameFiles(files, outcome.files))) return undefined;
  const whole = fewer.find(({ files }) => sameFiles(files, outcome.files));
  if (whole !== undefined) return lostTo(outcome, whole, 'the files are');
  const wrong = Object.entries(outcome.files).filter(([path, text]) => !full.some(({ files }) => files[path] === text));
  for (const [path, text] of wrong) {
    const part = fewer.find(({ files }) => files[path] === text);
    const found = part && lostTo(outcome, part, `${path} is`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function lostTo({ answers }: Outcome, { commands }: Legal, what: string): Finding | undefined {
  const kept = [...commands];
  const gone = answers.filter(({ command }) => {
    const at = kept.indexOf(command);
    if (at >= 0) kept.splice(at, 1);
    return at < 0;
  });
  const told = succeeded(gone);
  if (told.length === 0) return undefined;
  const alike = told.some(({ command }) => answers.some((other) => other.command === command && !gone.includes(other)));
  const whose = alike ? `${told.length} of ${answers.length} updates` : `the update of ${named(told)}`;
  const left = commands.length === 1 ? 'one of the commands leaves' : `${commands.length} of the commands leave`;
  const without = `the ${answers.length === gone.length + 1 ? 'other one leaves' : 'others leave'} without it`;
  const state = commands.length === 0 ? 'what they were at the beginning' : `what ${alike ? left : without}`;
  return finding('LAST_WRITER_WINS', told.length, `${whose} is gone, though success was reported: ${what} ${state}`);
}

function within(commands: readonly string[], answers: readonly Answer[]): boolean {
  const left = answers.map(({ command }) => command);
  return commands.every((command) => {
    const at = left.indexOf(command);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function sameFiles(one: Outcome['files'], other: Outcome['files']): boolean {
  const paths = Object.keys(one);
  return paths.length === Object.keys(other).length && paths.every((path) => one[path] === other[path]);
}

function entryTwice({ files }: Outcome, legal: readonly Legal[]): Finding | undefined {
  for (const [path, text] of Object.entries(files)) {
    const most = new Map<string, number>();
    for (const content of known(path, legal)) {
      for (const [line, times] of timesOf(content)) most.set(line, Math.max(most.get(line) ?? 0, times));
    }
    const twice = [...timesOf(text)].filter(([line, times]) => times > (most.get(line) ?? times));
    if (twice.length > 0) {
      const lines = twice.map(([line]) => excerpt(line));
      return finding(
        'DUPLICATE_ENTRY',
        twice.length,
        `${path} has a line more often than any order leaves it: ${someOf(lines, 2)}`,
      );
    }
  }
  return undefined;
}

const timesOf = (text: string): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(text.split('\n').filter(Boolean), (line) => line)].map(([line, all]) => [line, all.length]));

function answerTwice(outcome: Outcome, legal: readonly Legal[]): Finding | undefined {
  const printed = (answers: readonly Answer[]): readonly Answer[] =>
    succeeded(answers).filter(({ text }) => text !== 'ok ');
  const differ = ofAll(outcome, legal).every(
    ({ answers }) => new Set(printed(answers).map(({ text }) => text)).size === printed(answers).length,
  );
  if (!differ) return undefined;
  const same = [...Map.groupBy(printed(outcome.answers), ({ text }) => text).values()].find(({ length }) => length > 1);
  if (same === undefined) return undefined;
  return finding(
    'DUPLICATE_KEY',
    same.length - 1,
    `${named(same)} all got ${excerpt(same[0]!.text.slice(3))}, and one after another no two do`,
  );
}

function unexplained(outcome: Outcome, legal: readonly Legal[]): Finding {
  const full = ofAll(outcome, legal);
  const differing = (files: Outcome['files']): readonly string[] =>
    [...new Set([...Object.keys(files), ...Object.keys(outcome.files)])].filter(
      (path) => files[path] !== outcome.files[path],
    );
  const [nearest] = full.map(({ files }) => differing(files)).toSorted((a, b) => a.length - b.length);
  const [path] = nearest ?? [];
  if (path === undefined) {
    const answers = outcome.answers.map(({ session, text }) => `s${session}: ${excerpt(text)}`);
    return finding(
      'NOT_SERIALIZABLE',
      1,
      `the files are as they should be, and no order gives these answers: ${answers.join(', ')}`,
    );
  }
  const text = outcome.files[path];
  if (text !== undefined && full.some(({ files }) => sameLines(files[path], text))) {
    const message = `${path} holds all the lines that it should, in an order that no serial order leaves: lines of several sessions are mixed`;
    return finding('NOT_SERIALIZABLE', 1, message);
  }
  if (full.some(({ files }) => files[path] === text)) {
    const state = Object.entries(outcome.files)
      .filter(([other]) => differing(full[0]!.files).includes(other))
      .map(([other, content]) => `${other} is ${excerpt(content)}`);
    return finding('NOT_SERIALIZABLE', 1, `no order leaves these together: ${someOf(state)}`);
  }
  const would = [...new Set(full.map(({ files }) => files[path]))].map((each) =>
    each === undefined ? 'missing' : excerpt(each),
  );
  return finding(
    'NOT_SERIALIZABLE',
    1,
    `${path} is ${text === undefined ? 'missing' : excerpt(text)}, and after any order it is ${would.join(' or ')}`,
  );
}

const sameLines = (one: string | undefined, other: string): boolean =>
  one !== undefined && one.split('\n').sort().join('\n') === other.split('\n').sort().join('\n');
