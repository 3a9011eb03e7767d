import type { Tally } from '../verdict/tally.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { Row } from './plan.ts';

/** What a watcher of the campaign is told. */
export type Progress =
  | { readonly type: 'starting'; readonly sessions: number; readonly gated: boolean }
  /** A server is being looked for, or takes its time. */
  | { readonly type: 'server'; readonly message: string }
  | { readonly type: 'learning'; readonly current: Row; readonly runs: number; readonly of: number }
  | { readonly type: 'no gate'; readonly reason: string }
  | {
      readonly type: 'exploring';
      readonly explored: number;
      readonly rows: number;
      readonly current: Row;
      readonly executions: number;
    }
  | {
      readonly type: 'round';
      readonly row: number;
      readonly rows: number;
      readonly current: Row;
      readonly tally: Tally;
    }
  | { readonly type: 'verdict'; readonly row: number; readonly rows: number; readonly verdict: Verdict };
