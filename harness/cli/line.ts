import { clearLine, cursorTo } from 'node:readline';

/** A line at the bottom of a terminal; elsewhere only what is worth a line of its own. */
export interface Line {
  /** For the moment: redrawn ten times a second at most. */
  draw(text: string): void;
  /** Where there is no terminal, a line that stays. */
  say(text: string): void;
  clear(): void;
}

const REDRAW_MS = 100;

export function lineOn(stream: NodeJS.WriteStream): Line {
  if (!stream.isTTY) return { draw: () => {}, say: (text) => void stream.write(`${text}\n`), clear: () => {} };
  let drawnMs = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    cursorTo(stream, 0);
    clearLine(stream, 0);
  };
  const draw = (text: string): void => {
    clear();
    stream.write(text.slice(0, stream.columns - 1));
  };
  return {
    clear,
    say: draw,
    draw(text) {
      if (performance.now() - drawnMs < REDRAW_MS) return;
      drawnMs = performance.now();
      draw(text);
    },
  };
}
