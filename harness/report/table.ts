import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Mode } from '../history/execution.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { evidenceWords, lossWords, verdictWords } from './words.ts';

/** How wide the table may be, and whether it may use colour. */
export interface Look {
  readonly columns: number;
  readonly colour: boolean;
}

type Colour = Parameters<typeof styleText>[0];

const sessions: Readonly<Record<Mode, string>> = {
  shared: 'share it',
  'per-session': 'a copy each',
  alone: 'one writes',
};

/** The verdicts, a row each. Where sessions do not share all targets, a column says how they have each. */
export function verdictTable(verdicts: readonly Verdict[], look: Look): string {
  const modes = verdicts.some(({ mode }) => mode !== 'shared');
  const rows = verdicts.map((verdict, at) => {
    const first = verdicts[at - 1]?.target !== verdict.target;
    return [
      first ? verdict.target : '',
      first ? verdict.priority : '',
      ...(modes ? [first ? sessions[verdict.mode] : ''] : []),
      verdict.strategy,
      mark(verdict, look),
      evidenceWords(verdict),
      // The rest of a long reason stands below the table, once for all rows.
      verdict.status === 'SKIPPED' ? (verdict.reason ?? '').replace(/:.*/s, '') : lossWords(verdict),
    ];
  });
  const head = ['target', '', ...(modes ? ['sessions'] : []), 'strategy', 'verdict', 'strength', 'what was lost'];
  return table(head, rows, look);
}

/** The same strategies over one shared copy and over private copies, side by side. */
export function isolationTable(verdicts: readonly Verdict[], look: Look): string {
  const shared = verdicts.filter(({ mode }) => mode === 'shared');
  const rows = shared.map((before, at) => {
    const first = shared[at - 1]?.target !== before.target;
    const after = verdicts.find(
      ({ target, strategy, mode }) =>
        target === before.target && strategy === before.strategy && mode === 'per-session',
    );
    return [
      first ? before.target : '',
      first ? before.priority : '',
      before.strategy,
      mark(before, look),
      after === undefined ? '' : mark(after, look),
      after === undefined ? '' : isolationWords(before, after),
    ];
  });
  return table(['target', '', 'strategy', 'shared', 'a copy for each session', 'what that changes'], rows, look);
}

function isolationWords(before: Verdict, after: Verdict): string {
  if (![before, after].every(({ status }) => status === 'SAFE' || status === 'COLLIDES')) return '';
  // A class that is expected and was not found is neither gone nor new.
  const gone = before.classes.filter((kind) => ![...after.classes, ...after.notProvoked].includes(kind));
  const come = after.classes.filter((kind) => ![...before.classes, ...before.notProvoked].includes(kind));
  const words = [
    ...(gone.length > 0 ? [`ends ${gone.join(' + ')}`] : []),
    ...(come.length > 0 ? [`brings ${come.join(' + ')}: it existed to coordinate`] : []),
  ];
  return words.join('; ') || (after.classes.length > 0 ? 'nothing: it still collides' : '');
}

function mark(verdict: Verdict, { colour }: Look): string {
  const paint = (style: Colour, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const words = verdictWords(verdict);
  if (verdict.status === 'SKIPPED') return paint('gray', words);
  if (!verdict.asExpected) return paint(['red', 'bold'], `✗ ${words}`);
  if (verdict.status === 'SAFE') return paint('green', words);
  return paint(verdict.status === 'COLLIDES' ? 'yellow' : 'cyan', words);
}

/** Shares of the width that is left once short columns have what they need. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], look: Look): string {
  const widest = head.map((title, at) => Math.max(...[title, ...rows.map((row) => row[at] ?? '')].map(visible)));
  const longestWord = head.map((title, at) =>
    Math.max(...[title, ...rows.map((row) => row[at] ?? '')].flatMap((cell) => cell.split(' ').map(visible))),
  );
  const widths = narrowed(widest, longestWord, look.columns);
  const fits = widths.every((width, at) => width >= longestWord[at]!);
  const table = new Table({
    head: [...head],
    colWidths: widths.map((width) => width + PADDING),
    wordWrap: true,
    // Between words where they fit; else anywhere, because cli-table3 would cut the rest of a long word off.
    wrapOnWordBoundary: fits,
    style: { head: [], border: [], compact: true },
  });
  // Cut anywhere, an escape sequence would be cut too.
  table.push(...rows.map((row) => row.map((cell) => (fits ? cell : cell.replace(escapes, '')))));
  return table.toString();
}

const PADDING = 2;
const NARROWEST = 5;

/** Takes width from the widest column until all fit; below its longest word only where no other column has any to give. */
function narrowed(widest: readonly number[], longestWord: readonly number[], columns: number): readonly number[] {
  const widths = [...widest];
  const room = columns - widths.length * (PADDING + 1) - 1;
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  for (const floors of [longestWord, widths.map(() => NARROWEST)]) {
    for (; excess > 0; excess--) {
      const spare = widths.map((width, at) => (width > floors[at]! ? width : 0));
      if (Math.max(...spare) === 0) break;
      const at = spare.indexOf(Math.max(...spare));
      widths[at] = widths[at]! - 1;
    }
  }
  return widths;
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

const visible = (text: string): number => text.replace(escapes, '').length;
