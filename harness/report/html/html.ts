/** One page: the verdicts. */

import { rowName } from '../../verdict/fingerprint.ts';
import type { Reporter } from '../report.ts';
import { evidenceWords, verdictWords } from '../words.ts';

export const htmlReport: Reporter = ({ results }) => {
  const rows = results.verdicts.map((verdict) => {
    const cells = [rowName(verdict), verdictWords(verdict), evidenceWords(verdict)].map((cell) => `<td>${text(cell)}`);
    return `<tr>${cells.join('')}`;
  });
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>collide</title>',
    '<table><tr><th>row<th>verdict<th>strength',
    ...rows,
    '</table>',
    '',
  ].join('\n');
};

const text = (raw: string): string => raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
