/** What `import … from 'collide-lab'` offers: see the README. */

export type { CommandTarget, Config, Defaults, Reference, SessionTarget, Target } from '../config/config.ts';
export { defineConfig } from '../config/config.ts';
export type { Execution, Operation } from '../history/execution.ts';
export type { Expect, Judge } from '../oracle/expect.ts';
export type { CollisionClass, Finding, Oracle } from '../oracle/finding.ts';
export {
  defineScenario,
  type Perform,
  Refused,
  type Scenario,
  type Session,
  type Strategy,
} from '../scenario/scenario.ts';
export type { Strength } from '../verdict/strength.ts';
export type { RecordedFinding, Status, Verdict } from '../verdict/verdict.ts';
export {
  BrokenAlone,
  type Examinable,
  type Examined,
  type ExamineOptions,
  explore,
  type ReplayedOnce,
  replay,
  storm,
} from './examine.ts';
export { NotExported } from './located.ts';
