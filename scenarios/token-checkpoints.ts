import { onlyItsOwn } from '../harness/oracle/grants.ts';
import { defineScenario, type Perform } from '../harness/scenario/scenario.ts';
import { recordMessage, sessionUsage, sharedUsage, sumOf, usagesIn } from './kinds/usage.ts';

const CHECKPOINTS: readonly number[] = [25_000, 50_000, 75_000];

/** Tokens and number of operations: 60,000 in all pass the first two checkpoints; only several sessions together pass the last. */
const TOKENS = 15_000;
const OPERATIONS = 4;

interface Step {
  /** Tokens that the session has used by now. */
  readonly own: number;
  /** Checkpoints that it fired in this step. */
  readonly fired: readonly number[];
}

const useThenFire: Perform = ({ id, operation, memory }): Step => {
  const file = memory as string;
  const before = sumOf(usagesIn(file)).tokens;
  recordMessage(file, { by: id, tokens: TOKENS });
  const after = sumOf(usagesIn(file)).tokens;
  return {
    own: TOKENS * (operation + 1),
    fired: CHECKPOINTS.filter((checkpoint) => before < checkpoint && checkpoint <= after),
  };
};

export default defineScenario({
  id: 'token-checkpoints',
  priority: 'P1',
  source: 'T',
  resource: 'usage file, from which the checkpoints at 25,000, 50,000 and 75,000 tokens are fired',
  place: 'project',
  touchedBy: 'sessions with hooks',
  writers: 'every session, a line for each step (Node)',
  fix: 'session-dir',
  operations: OPERATIONS,
  setup: () => {},
  oracles: [
    onlyItsOwn(({ id, output }) => {
      const { own, fired } = (output ?? { own: 0, fired: [] }) as Step;
      const early = fired.filter((checkpoint) => checkpoint > own);
      return early.length === 0 ? undefined : `${id} fired ${early.join(' and ')} at ${own} tokens of its own`;
    }),
  ],

  strategies: {
    shared: {
      does: 'all sessions append to one usage file, and fire by its total',
      truth: ['CONTAMINATED'],
      why: "It takes no race: A's step takes the total over 25,000 with B's tokens in it, at 15,000 of its own.",
      open: sharedUsage,
      perform: useThenFire,
    },
    'session-dir': {
      does: 'each session has a usage file in a directory of its own',
      truth: 'SAFE',
      why: 'No total has two sources.',
      cost: 'Whoever looks must know which session it is, and nobody sees all sessions in one place; what ended sessions leave behind, somebody has to clear away.',
      open: sessionUsage,
      perform: useThenFire,
    },
  },
});
