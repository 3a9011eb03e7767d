/** Every bound in the program and its default, in one place. */
export const limits = {
  writersMin: 2,
  writersMax: 64,
  /** A session that has not answered this long after its start instant is killed and replaced. */
  roundDeadlineMs: 15_000,
  /** How long a new session process may take until it has loaded the catalogue. */
  sessionStartMs: 60_000,
  /** How often a session may die before it has loaded the catalogue. */
  sessionStartAttempts: 3,
  /** A session that does nothing for this long while it is explored is killed and replaced. */
  stepDeadlineMs: 10_000,
  /** Where nobody can go on otherwise, whoever sleeps for a time only is waited for, up to this long. */
  sleepsMs: 2_000,
  /** How long a judge of the user's own may take for one execution. */
  judgeDeadlineMs: 10_000,
  /** Steps of one execution; more are a session that does not end. */
  stepsMax: 20_000,
  /** Time for each strategy of a run without --budget. */
  strategyMs: 2_000,
  /** The least time for a run without --budget, and the most: with the start of sessions, all targets take under two minutes. */
  budgetMsMin: 15_000,
  budgetMsMax: 90_000,
  /** How much longer than its budget a run may take, as a share of it, for rows of which too little was seen: where it was asked for, and where not. */
  overtime: { asked: 0.25, usual: 3 },
  /** Time for exploration where a number of rounds was asked for and no time was given. */
  explorationMs: 60_000,
  /** Time for `exec` without --budget: a command takes longer than a call. */
  execBudgetMs: 30_000,
  /** What `exec` copies for each execution. */
  copiedFiles: 1_000,
  copiedBytes: 4 * 2 ** 20,
  /** Orders of commands, one after another, that are tried for what is right: all of up to four. */
  serialOrders: 24,
  toldApart: 4,
  /** Writers of an exhaustive search: more have more interleavings than there is time for. */
  exploredWriters: 2,
  /** Writers that are probed at once: more would be a session each for every explorer. */
  probedWritersMax: 8,
  /** Parts that a run can be split into. */
  shardsMax: 1_024,
  /** How often an exploration is begun anew because a session died. */
  explorationAttempts: 3,
  /** Executions that probe more writers than two. */
  pctExecutions: 200,
  /** A step of a command takes about as long as so many of a function: processes have to be started. */
  commandCost: 10,
  /** Steps of each row of a gate without --steps: all targets take about a minute. */
  gateSteps: 20_000,
  /** Executions that go into making one witness smaller. */
  shrinkExecutions: 200,
  /** The same, where sessions are killed: each execution takes longer, and the search has begun with the simplest ones. */
  shrinkFaultyExecutions: 30,
  /** Executions without a fault that show at which steps there can be one. */
  observedExecutions: 80,
  /** Time for each strategy under faults, without --budget, in all; as many are tried at once as there are cores. */
  faultStrategyMs: 10_000,
  /** So many different faults that nothing came of say something, though there are more. */
  faultsSampled: 10,
  /** States that the disk may be in after a power loss: of more, only so many are tried. */
  crashStates: 2_000,
  /** Preemptions in executions with faults, at most. */
  faultPreemptions: 2,
  /** Calls that fail before a session that is stuck is given up with its process. */
  failuresMax: 1_000,
  /** So many rounds of a retry loop are followed, whatever it takes; so many more, for so long; then it is said that it was not followed further. */
  outwaitRounds: 256,
  outwaitRoundsMax: 1_024,
  outwaitMs: 2_000,
  /** How long the sessions of a run that was killed may take to notice it. */
  clearUpMs: 1_000,
  /** Reads of one reader session kept in an execution; reads that fail are always kept, up to the same number. */
  readsKept: 100,
  /** Longest file content kept in a recorded witness, in characters; longer files are cut, and say so. */
  witnessFileChars: 4_000,
  /** What the ledger keeps of a target's history: so often it may have changed, and older entries go. */
  ledgerHistory: 50,
  /** Longest standard error kept of one command, in characters. */
  stderrChars: 2_000,
  /** Free space without which no round is begun, in bytes: a storm over a full disk shows nothing about writers. */
  freeBytesMin: 64 * 2 ** 20,
  /** Rounds of the control with one session, before the storm. */
  controlRounds: 3,
  /** What may be left of a rate of collisions without --max-rate, with 95 % confidence: 59 rounds without one. */
  maxRate: 0.05,
  /** All schedules with fewer preemptions are no SAFE by themselves: with none they are the serial orders. */
  preemptionsMin: 2,
  /** Rounds of a session that has nobody to interleave with. */
  aloneRoundsMin: 5,
  /** Rounds of a row of which everything is known already. */
  settledRounds: 10,
  /** A strategy that collides is stormed at least this often, so that its rate means something. */
  collidingRoundsMin: 10,
  /** Places of damage that are told of in one file. */
  damagesKept: 10_000,
  /** What is looked into as a whole, such as a JSON document; a ledger is read line by line, and may be longer. In bytes. */
  documentBytes: 256 * 2 ** 20,
  /** One line of a ledger, in bytes. */
  lineBytes: 64 * 2 ** 20,
  /** How often a database that is written to meanwhile is copied anew. */
  copyAttempts: 5,
  /** What `watch` reads of one file, in bytes, and keeps of it: whole versions, and things in each to compare. */
  watchedBytes: 8 * 2 ** 20,
  versionsKept: 12,
  itemsCompared: 20_000,
  /** A suspicion is told once so much time has passed without an innocent explanation. */
  settleMs: 1_000,
  /** A piece of a last line that nobody has ended for so long will not be ended. */
  patienceMs: 5_000,
  /** What is copied from one version of a file into a case. */
  caseFileBytes: 2 ** 20,
  /** Of a pile: so many files, and so many more than when the watch began. */
  pileFiles: 10,
  pileGrowth: 5,
} as const;
