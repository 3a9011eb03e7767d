export const row = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;

/** Text that can't end a table cell, and that Markdown shows as it is. */
export const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('<', '&lt;');
