import type { Progress } from '../campaign/progress.ts';
import { label } from '../report/summary.ts';
import { durationWords, strengthWords, verdictWords } from '../report/words.ts';
import { lineOn } from './line.ts';

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
      if (progress.type === 'starting') stream.write(`${starting(progress)}\n`);
      if (progress.type === 'server') stream.write(`${progress.message}\n`);
      if (progress.type === 'no gate') stream.write(noGate(progress.reason));
      if (progress.type !== 'verdict') return;
      const { row, rows, verdict } = progress;
      const strength = strengthWords(verdict.strength, verdict);
      stream.write(`[${row}/${rows}] ${label(verdict)}: ${verdictWords(verdict)}${strength && `, ${strength}`}\n`);
    },
    done() {},
  };
}

const noGate = (reason: string): string => `no exploration, storm only: ${reason}\n`;

function redrawn(stream: NodeJS.WriteStream, budgetMs: number | undefined): ProgressDisplay {
  const began = performance.now();
  const line = lineOn(stream);
  const collided = new Set<string>();
  return {
    watch(progress) {
      if (progress.type === 'starting') return line.say(`${starting(progress)} …`);
      if (progress.type === 'server') return line.say(progress.message);
      if (progress.type === 'learning')
        return line.say(`one after another: ${progress.runs} of ${progress.of} orders …`);
      if (progress.type === 'no gate') {
        line.clear();
        stream.write(noGate(progress.reason));
        return;
      }
      if (progress.type === 'verdict') {
        if (progress.verdict.classes.length > 0) collided.add(progress.verdict.target);
        return;
      }
      const time =
        durationWords(performance.now() - began) + (budgetMs === undefined ? '' : ` of ${durationWords(budgetMs)}`);
      if (progress.type === 'exploring') {
        const { explored, rows, current, executions } = progress;
        line.draw(
          `[${explored}/${rows}] ${time} · exploring ${current.scenario.id}/${current.strategy}, execution ${executions}`,
        );
        return;
      }
      const { row, rows, current, tally } = progress;
      const found = tally.classes.length > 0 ? `, ${tally.classes.join(' + ')}` : '';
      line.draw(
        `[${row}/${rows}] ${time} · ${collided.size} targets collided · ` +
          `${current.scenario.id}/${current.strategy}, round ${tally.rounds}${found}`,
      );
    },
    done: line.clear,
  };
}

const starting = ({ sessions, gated }: Extract<Progress, { type: 'starting' }>): string =>
  `starting ${sessions} sessions${gated ? ' behind the gate' : ''}`;
