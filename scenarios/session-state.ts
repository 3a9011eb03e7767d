import type { Execution, Files, Operation } from '../harness/history/execution.ts';
import { onlyItsOwn } from '../harness/oracle/grants.ts';
import { defineScenario, type Perform } from '../harness/scenario/scenario.ts';
import { recordMessage, sessionUsage, sharedUsage, sumOf, type Usage, type Used, usagesIn } from './kinds/usage.ts';
import { parseLines } from './recipes/jsonl.ts';

/** What the two sessions use in all, each by itself. */
const profiles: readonly Used[] = [
  { messages: 8, tokens: 29_414 },
  { messages: 42, tokens: 85_000 },
];

/** Each session sends its messages in this many operations. */
const OPERATIONS = 24;

const WINDOW_TOKENS = 200_000;

interface Pressure extends Used {
  /** Per cent of the context window, to one decimal. */
  readonly pressure: number;
  readonly level: 'NORMAL' | 'ELEVATED' | 'HIGH';
  /** Whether the session gives up its work to a fresh one. */
  readonly handOff: boolean;
}

/** NORMAL below 40 %, ELEVATED below 55 %, HIGH from there. */
function pressureOf({ messages, tokens }: Used): Pressure {
  const share = tokens / WINDOW_TOKENS;
  const level = share < 0.4 ? 'NORMAL' : share < 0.55 ? 'ELEVATED' : 'HIGH';
  return { messages, tokens, pressure: Math.round(share * 1000) / 10, level, handOff: level === 'HIGH' };
}

const inWords = ({ messages, tokens, pressure, level }: Pressure): string =>
  `${messages} messages / ${tokens.toLocaleString('en-US')} tokens = ${pressure} % ${level}`;

/** Sends this operation's share of the session's messages, records what each has cost, and looks at the pressure. */
const sendMessages: Perform = ({ id, index, operation, memory }) => {
  const { messages, tokens } = profiles[index % profiles.length]!;
  const upTo = (share: number): number => Math.ceil(messages * share);
  const first = upTo(operation / OPERATIONS);
  const next = upTo((operation + 1) / OPERATIONS);
  const tokensUpTo = (message: number): number => Math.round((tokens * message) / messages);
  for (let message = first; message < next; message++) {
    recordMessage(memory as string, { by: id, tokens: tokensUpTo(message + 1) - tokensUpTo(message) });
  }
  return pressureOf(sumOf(usagesIn(memory as string)));
};

/** What a session has used by itself: the lines that it wrote, wherever they are. */
function ownOf(session: number, final: Files): Used {
  const own = Object.entries(final)
    .filter(([path]) => path.endsWith('usage.jsonl'))
    .flatMap(([, text]) => parseLines<Usage>(text))
    .filter(({ by }) => by.startsWith(`s${session}.`));
  return sumOf(own);
}

function foreign({ kind, session, output }: Operation, { final }: Execution): string | undefined {
  if (kind !== 'finally' || output === null) return undefined;
  const seen = output as Pressure;
  const own = pressureOf(ownOf(session, final));
  if (seen.messages === own.messages && seen.tokens === own.tokens) return undefined;
  return `session ${session} sees ${inWords(seen)}${seen.handOff ? ' and hands off' : ''}; its own are ${inWords(own)}`;
}

export default defineScenario({
  id: 'session-state',
  priority: 'P1',
  source: 'T',
  resource: 'state of a session: messages, tokens, and the pressure on its context that follows from them',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'every session, a line for each message (Node)',
  fix: 'session-dir',
  writersMax: profiles.length,
  operations: OPERATIONS,
  setup: () => {},
  finally: ({ memory }) => pressureOf(sumOf(usagesIn(memory as string))),
  oracles: [onlyItsOwn(foreign)],

  strategies: {
    shared: {
      does: 'all sessions append to one state, and read their pressure from it',
      truth: ['CONTAMINATED'],
      why: "It takes no race: A's sums hold B's messages too. 14.7 % and 42.5 % become 57.2 % for both, and both hand off for nothing.",
      open: sharedUsage,
      perform: sendMessages,
    },
    'session-dir': {
      does: 'each session has a state in a directory of its own',
      truth: 'SAFE',
      why: 'No state has two writers.',
      cost: 'Whoever looks must know which session it is, and nobody sees all sessions in one place; what ended sessions leave behind, somebody has to clear away.',
      open: sessionUsage,
      perform: sendMessages,
    },
  },
});
