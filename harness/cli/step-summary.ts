/** What the summary of a step takes. More than that, and GitHub shows nothing of it. */
const BYTES_MAX = 2 ** 20;

const LEFT_OUT = '\n\n… The rest is too long for this summary.\n';

/**
 * As many whole lines as there is room for, with whatever they leave open closed.
 *
 * @param before bytes that are there already.
 */
export function fitted(markdown: string, before: number): string {
  const whole = `\n${markdown}`;
  if (Buffer.byteLength(whole) + before <= BYTES_MAX) return whole;
  const lines: string[] = [];
  // What closes: a fence, `</details>`, and the line that says so.
  let room = BYTES_MAX - before - Buffer.byteLength(LEFT_OUT) - CLOSING;
  for (const line of whole.split('\n')) {
    room -= Buffer.byteLength(line) + 1;
    if (room < 0) break;
    lines.push(line);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}${closing(lines)}${LEFT_OUT}`;
}

const CLOSING = 100;

function closing(lines: readonly string[]): string {
  let fence: string | undefined;
  for (const line of lines) {
    if (fence === undefined) fence = /^`{3,}/.exec(line)?.[0];
    else if (line === fence) fence = undefined;
  }
  const open = lines.filter((line) => line.startsWith('<details>')).length;
  const closed = lines.filter((line) => line === '</details>').length;
  return `${fence === undefined ? '' : `\n${fence}`}${'\n\n</details>'.repeat(open - closed)}`;
}
