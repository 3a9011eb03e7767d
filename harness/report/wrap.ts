/** Text in a given number of columns. */

const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;

const charWidth = (char: string): number => (/\p{M}/u.test(char) ? 0 : wide.test(char) ? 2 : 1);

/** How many columns a text takes in a terminal. */
export const widthOf = (text: string): number => [...text].reduce((sum, char) => sum + charWidth(char), 0);

/**
 * The lines of a paragraph: broken behind a space or a comma where one is in reach, else anywhere.
 *
 * @param indent goes before every line but the first.
 */
export function wrapped(text: string, width: number, indent: string): readonly string[] {
  const before = indent.length * 2 < width ? indent : '';
  const lines: string[] = [];
  let line = '';
  const end = (): void => {
    lines.push(line.trimEnd());
    line = before;
  };
  for (const piece of text.split(/(?<=[ ,])/)) {
    const fits = widthOf(before + piece.trimEnd()) <= width;
    if (fits && widthOf(line + piece.trimEnd()) > width) end();
    for (const char of piece) {
      if (widthOf(line + char) > width && char !== ' ' && line.trim() !== '') end();
      line += char;
    }
  }
  return [...lines, line.trimEnd()];
}
