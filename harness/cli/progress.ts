import { clearLine, cursorTo } from 'node:readline';
import type { Progress } from '../campaign/progress.ts';
import { label } from '../report/summary.ts';
import { durationWords, strengthWords, verdictWords } from '../report/words.ts';

/** Where progress goes: standard error, so that results can be piped. */
export interface ProgressDisplay {
  watch(progress: Progress): void;
  /** Removes what is only for the moment. */
  done(): void;
}

/** On a terminal one line that is redrawn; elsewhere a plain line for each verdict. */
export function progressDisplay(stream: NodeJS.WriteStream, budgetMs: number | undefined): ProgressDisplay {
  return stream.isTTY ? redrawn(stream, budgetMs) : plain(stream);
}

/** In a log, a line for so many rows that were explored. */
const EXPLORED_PER_LINE = 10;

function plain(stream: NodeJS.WriteStream): ProgressDisplay {
  let said = 0;
  return {
    watch(progress) {
      if (progress.type === 'exploring' && progress.explored >= said + EXPLORED_PER_LINE) {
        said = progress.explored;
        stream.write(`explored ${said} of ${progress.rows} rows\n`);
      }
      if (progress.type === 'starting') stream.write(`starting ${progress.sessions} sessions\n`);
      if (progress.type === 'server') stream.write(`${progress.message}\n`);
      if (progress.type === 'no gate') stream.write(noGate(progress.reason));
      if (progress.type !== 'verdict') return;
      const { row, rows, verdict } = progress;
      const strength = strengthWords(verdict.strength);
      stream.write(`[${row}/${rows}] ${label(verdict)}: ${verdictWords(verdict)}${strength && `, ${strength}`}\n`);
    },
    done() {},
  };
}

const noGate = (reason: string): string => `no exploration, storm only: ${reason}\n`;

const REDRAW_MS = 100;

function redrawn(stream: NodeJS.WriteStream, budgetMs: number | undefined): ProgressDisplay {
  const began = performance.now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  const collided = new Set<string>();
  const clear = (): void => {
    cursorTo(stream, 0);
    clearLine(stream, 0);
  };
  const draw = (text: string): void => {
    clear();
    stream.write(text.slice(0, stream.columns - 1));
  };
  return {
    watch(progress) {
      if (progress.type === 'starting') return draw(`starting ${progress.sessions} sessions …`);
      if (progress.type === 'server') return draw(progress.message);
      if (progress.type === 'learning') return draw(`one after another: ${progress.runs} of ${progress.of} orders …`);
      if (progress.type === 'no gate') {
        clear();
        stream.write(noGate(progress.reason));
        return;
      }
      if (progress.type === 'verdict') {
        if (progress.verdict.classes.length > 0) collided.add(progress.verdict.target);
        return;
      }
      if (performance.now() - drawnMs < REDRAW_MS) return;
      drawnMs = performance.now();
      const time = durationWords(drawnMs - began) + (budgetMs === undefined ? '' : ` of ${durationWords(budgetMs)}`);
      if (progress.type === 'exploring') {
        const { explored, rows, current, executions } = progress;
        draw(
          `[${explored}/${rows}] ${time} · exploring ${current.scenario.id}/${current.strategy}, execution ${executions}`,
        );
        return;
      }
      const { row, rows, current, tally } = progress;
      const found = tally.classes.length > 0 ? `, ${tally.classes.join(' + ')}` : '';
      draw(
        `[${row}/${rows}] ${time} · ${collided.size} targets collided · ` +
          `${current.scenario.id}/${current.strategy}, round ${tally.rounds}${found}`,
      );
    },
    done: clear,
  };
}

/** A line at the bottom of a terminal; elsewhere only what is worth a line of its own. */
export interface Line {
  /** For the moment: redrawn ten times a second at most. */
  draw(text: string): void;
  /** Where there is no terminal, a line that stays. */
  say(text: string): void;
  clear(): void;
}

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
