import { readFileSync } from 'node:fs';
import { readHistory } from '../history/jsonl.ts';
import { checkLinearizability, type Linearizability, type Violation } from '../history/linearizability.ts';
import type { History, Model, ModelOperation } from '../history/model.ts';
import { type ModelName, models } from '../history/models/index.ts';
import { notation, objection } from '../history/notation.ts';
import type { Define } from './command.ts';
import { exitCode, UsageError } from './exit.ts';

export interface CheckFlags {
  readonly model: string;
  readonly json?: boolean;
}

type Verdict = Linearizability<unknown, unknown>;

/** `collide check`: is a history, of whatever tool, linearizable? Resolves to the exit code. */
export function check(flags: CheckFlags, file: string): number {
  const name = modelNamed(flags.model);
  const history = readOrRefuse(file, name);
  // `readHistory` has made the inputs and outputs of this very model.
  const verdict = judged(models[name] as Model<unknown, unknown, unknown>, history);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ model: name, operations: countsOf(history), ...verdict }, null, 1)}\n`
      : report(verdict, history, name),
  );
  return verdict.kind === 'linearizable' ? exitCode.ok : exitCode.unexpected;
}

function modelNamed(name: string): ModelName {
  if (Object.hasOwn(models, name)) return name as ModelName;
  throw new UsageError(`--model ${name}: expected one of ${Object.keys(models).join(', ')}`);
}

function readOrRefuse(file: string, model: ModelName): History<unknown, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${(error as Error).message}`);
  }
  try {
    return readHistory(text, model);
  } catch (error) {
    if ((error as Error).name !== 'UnreadableHistory') throw error;
    throw new UsageError(`${file} is no history of a ${model}: ${(error as Error).message}`);
  }
}

/** Any order explains a history without answers: that says nothing, and is not a pass. */
function judged(model: Model<unknown, unknown, unknown>, history: History<unknown, unknown>): Verdict {
  if (countsOf(history).ok > 0) return checkLinearizability(model, history);
  return { kind: 'unknown', reason: 'no operation was answered, so there is nothing to explain' };
}

function countsOf(history: History<unknown, unknown>): Readonly<Record<'ok' | 'fail' | 'info', number>> {
  const counts = { ok: 0, fail: 0, info: 0 };
  for (const { completion } of history) counts[completion.type]++;
  return counts;
}

function report(verdict: Verdict, history: History<unknown, unknown>, model: ModelName): string {
  const { ok, fail, info } = countsOf(history);
  const operations = `${history.length} operations of a ${model}: ${ok} answered, ${fail} failed, ${info} in doubt`;
  switch (verdict.kind) {
    case 'linearizable':
      return `LINEARIZABLE\n${operations}\n`;
    case 'violation':
      return `NOT LINEARIZABLE\n${operations}\n\n${explanation(verdict)}\n`;
    case 'unknown':
      return `INCONCLUSIVE: ${verdict.reason}\n${operations}\n`;
  }
}

/** The end of a long order is what matters. */
const OPERATIONS_SHOWN = 20;

function explanation({ longest, blocked }: Violation<unknown, unknown>): string {
  const shown = longest.slice(-OPERATIONS_SHOWN);
  const left = longest.length - shown.length;
  return [
    longest.length === 0
      ? 'No order explains the answers.'
      : 'No order explains the answers. The longest that explains as many as it can:',
    ...(left > 0 ? [`  … ${left} operations before these`] : []),
    ...shown.map((operation) => `  ${labelled(operation)}${notation(operation)}`),
    longest.length === 0
      ? 'One of these would have to come first, and none can:'
      : 'One of these would have to come next, and none can:',
    ...blocked.map((each) => `  ${labelled(each.operation)}${objection(each)}`),
  ].join('\n');
}

const labelled = ({ id, process }: ModelOperation<unknown, unknown>): string => `${id}, process ${process}:`.padEnd(24);

export const checkCommand: Define = (program, finish) => {
  program
    .command('check')
    .description('is a history of operations linearizable? Reads JSON lines as Jepsen and Porcupine write them')
    .argument('<file>', 'a history, one event or one operation a line')
    .requiredOption('-m, --model <name>', 'what it should behave like: register, counter, log, set, token, lock, queue')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  collide check --model register history.jsonl\n')
    .action((file, flags) => {
      finish(check(flags, file));
    });
};
