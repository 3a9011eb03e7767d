import { element } from './dom.ts';
import type { ComparedFile, ComparedLine, FindingData, SideLine } from './shapes.ts';

/** Expected and actual, side by side. */
export function comparison(finding: FindingData): HTMLElement {
  const { expected, actual, compared, expectedIs, hasExpected, notCompared } = finding;
  return element(
    'section',
    { class: 'comparison', 'aria-labelledby': 'comparison-title' },
    element('h3', { id: 'comparison-title' }, 'Expected and actual'),
    element(
      'div',
      { class: 'pair' },
      element('p', {}, element('b', {}, 'Expected: '), expected, '.'),
      element('p', {}, element('b', {}, 'Actual: '), actual),
    ),
    element('p', { class: 'about' }, expectedIs),
    ...compared.map((file) => comparedFile(file, hasExpected)),
    notCompared !== undefined && element('p', { class: 'about' }, notCompared),
  );
}

function comparedFile({ name, note, lines, same }: ComparedFile, hasExpected: boolean): HTMLElement {
  const said = note ?? (hasExpected && same ? 'as expected' : undefined);
  const sides = hasExpected && !same;
  return element(
    'figure',
    { class: sides ? 'file' : 'file single' },
    element(
      'figcaption',
      {},
      name === undefined ? 'What the sessions were told' : element('code', {}, name),
      said !== undefined && element('span', {}, said),
    ),
    lines.length === 0
      ? element('p', { class: 'empty' }, 'empty')
      : element(
          'table',
          { class: 'diff', role: 'table' },
          element(
            'thead',
            { class: sides ? 'sides' : 'sr', role: 'rowgroup' },
            element('tr', { role: 'row' }, ...(sides ? [heading('Expected')] : []), heading('Actual')),
          ),
          element('tbody', { role: 'rowgroup' }, ...lines.map((line) => comparedLine(line, sides))),
        ),
  );
}

const heading = (title: string): HTMLElement => element('th', { scope: 'col', role: 'columnheader' }, title);

function comparedLine({ left, right, note }: ComparedLine, sides: boolean): HTMLElement {
  if (note !== undefined) {
    return element(
      'tr',
      { role: 'row', class: 'note' },
      element('td', { role: 'cell', colspan: sides ? 2 : 1 }, `⋮ ${note}`),
    );
  }
  const equal = left?.differs !== true && right?.differs !== true;
  return element(
    'tr',
    { role: 'row', class: equal ? 'equal' : 'differs' },
    sides && side(left, 'expected', '−'),
    side(right, 'actual', sides ? '+' : ''),
  );
}

function side(line: SideLine | undefined, kind: string, sign: string): HTMLElement {
  if (line === undefined) return element('td', { role: 'cell', class: `${kind} none` });
  const pieces = line.pieces.map((piece, at) => (at % 2 === 1 ? element('mark', {}, piece) : piece));
  return element(
    'td',
    { role: 'cell', class: line.differs ? `${kind} differing` : kind },
    element(
      'div',
      { class: 'line' },
      element('span', { class: 'number', 'aria-hidden': 'true' }, `${line.number}`),
      element('span', { class: 'sign' }, line.differs ? sign : ''),
      element('code', {}, ...pieces),
    ),
  );
}
