/** What the report tells its page of a finding: plain data in words, so that the page has only to show it. */

export interface FindingData {
  /** `ingest-health/rmw LAST_WRITER_WINS`: what a link names. */
  readonly id: string;
  /** `ingest-health/rmw`. */
  readonly row: string;
  readonly class: string;
  readonly meaning: string;
  readonly target: string;
  readonly priority: string;
  readonly resource: string;
  readonly does?: string;
  readonly why?: string;
  /** Why the row has no place in what was expected, where it has none. */
  readonly unexpected?: string;
  /** What was made to go wrong: the kind of fault with its meaning, and the plan as text. */
  readonly fault?: { readonly kind: string; readonly meaning: string; readonly plan: string };
  readonly expected: string;
  readonly actual: string;
  /** Which order of two steps decides. */
  readonly critical?: string;
  /** Which step destroyed what was acknowledged. */
  readonly destructive?: string;
  /** Facts with their names: what the verdict rests on, and what was lost. */
  readonly facts: readonly (readonly [string, string])[];
  readonly replay?: string;
  readonly sessions: readonly SessionData[];
  /** Empty where single steps were not seen. */
  readonly steps: readonly StepData[];
  /** The rows of the picture: steps that matter, rounds of loops together, and what sessions were told. */
  readonly picture: readonly FrameData[];
  readonly answers: readonly AnswerData[];
  readonly locks: readonly LockData[];
  /** Indexes of steps: the two whose order decides, the one of them that comes too early or late, and what destroys data or was made to fail. */
  readonly marks: {
    readonly first?: number;
    readonly second?: number;
    readonly decisive?: number;
    readonly fatal?: number;
  };
  /** Sessions that never come to their end. */
  readonly stuck: readonly number[];
  /** What was told and what was left, held against what should have been, where that is known. */
  readonly compared: readonly ComparedFile[];
  /** What the expected side is; why there is none. */
  readonly expectedIs: string;
  readonly hasExpected: boolean;
  /** What else there is and is not shown. */
  readonly notCompared?: string;
}

export interface SessionData {
  readonly index: number;
  readonly name: string;
  /** Comes when the others are at their end. */
  readonly later: boolean;
}

export interface StepData {
  readonly session: number;
  readonly call: string;
  readonly path: string;
  readonly to?: string;
  readonly flags?: string;
  readonly answer?: string;
  readonly fault?: string;
  readonly data?: string;
  readonly bytes?: number;
  /** `write health.json {"fire_count":42}↵`. */
  readonly words: string;
  /** The same without data and answer: what it is about to do. */
  readonly name: string;
  readonly effect: Effect;
}

/** What a step does to what is shared. */
export type Effect = 'reads' | 'changes' | 'locks' | 'other';

/** One row of the picture, and one position of the slider. */
export interface FrameData {
  readonly session: number;
  /** Indexes of the first and the last step; none where it is only an answer. */
  readonly at?: number;
  readonly end?: number;
  /** How often the round is made. */
  readonly times: number;
  /** What is done; empty where it is only an answer. */
  readonly deed: string;
  readonly told: readonly string[];
  /** Steps were left out before it. */
  readonly gap: boolean;
}

/** What a session was told, once the step with this index was made. */
export interface AnswerData {
  readonly session: number;
  readonly after: number;
  readonly words: string;
  /** It is the last one that the session gets. */
  readonly last: boolean;
  readonly outcome: string;
}

/** A lock is held from a step to another; both are indexes. */
export interface LockData {
  readonly session: number;
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

export interface ComparedFile {
  /** Left out: it is no file, but what the sessions were told. */
  readonly name?: string;
  /** What there is to say besides: `not there`, on one side. */
  readonly note?: string;
  /** Without an expected state, only the right side is there. */
  readonly lines: readonly ComparedLine[];
  readonly same: boolean;
}

/** A line of both sides; either may be wanting. */
export interface ComparedLine {
  readonly left?: SideLine;
  readonly right?: SideLine;
  /** What is not shown here: `12 equal lines`. */
  readonly note?: string;
}

export interface SideLine {
  readonly number: number;
  /** Pieces, one after another; those at odd places differ. */
  readonly pieces: readonly string[];
  readonly differs: boolean;
}
