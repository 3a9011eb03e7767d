/** The audit ledger: what is said of each target, from what a run measured. The same results give the same entries. */

import type { AuditStatus, Priority, Scenario } from '../scenario/scenario.ts';
import { auditStatuses } from '../scenario/scenario.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { faultsOf, type JudgedFault } from './fault-ledger.ts';
import type { FaultResults } from './fault-results.ts';
import { type Blocked, blockedIn } from './ledger-blocked.ts';
import type { Past } from './ledger-history.ts';
import { restsOn } from './ledger-strength.ts';
import type { Results } from './results.ts';
import { evidenceWords, lossWords, verdictWords } from './words.ts';

export interface LedgerEntry {
  readonly target: string;
  readonly priority: Priority;
  readonly source: string;
  readonly resource: string;
  readonly writer: string;
  /** What the writer does as it was found: the first strategy of the scenario. */
  readonly pattern: string;
  readonly before: Judged;
  /** The recommended fix; null where the writer needs none, or there is none. */
  readonly after: Judged | null;
  /** Other ways of writing, and what they lead to. */
  readonly others: readonly Judged[];
  readonly status: string;
  /** The reference audit's own status, where it has one. */
  readonly audit: AuditStatus | null;
  /** Does the evidence contradict the audit? null where it says nothing, or what would tell was not shown. */
  readonly contradicted: boolean | null;
  /** Strategies that could not be part of the run, with the reason. */
  readonly deferred: Readonly<Record<string, string>>;
  /** What is not settled, why, and what would settle it. */
  readonly blocked: readonly Blocked[];
  /** What becomes of its strategies when something goes wrong, where that was tried. */
  readonly underFaults?: readonly JudgedFault[];
  /** What earlier ledgers said of it, oldest first; the last one says what this one does, and since which run. */
  readonly history: readonly Past[];
}

/** What one run says of a target, without what was before. */
export type Measured = Omit<LedgerEntry, 'history'>;

export interface Judged {
  readonly strategy: string;
  readonly verdict: string;
  /** What it rests on, in one word: see `restsOn`. */
  readonly strength: string;
  /** The same in full, and what was lost. */
  readonly evidence: string;
  /** The witness: what `collide replay` takes. */
  readonly replay?: string;
  /** Why there is no verdict, or another than expected. */
  readonly reason?: string;
}

/** What is said of the targets that the run included, in the catalogue's order. */
export function ledgerEntries(
  catalogue: readonly Scenario[],
  results: Results,
  faults?: FaultResults,
): readonly Measured[] {
  const shared = results.verdicts.filter(({ mode }) => mode === 'shared');
  return catalogue.flatMap((scenario) => {
    const verdicts = shared.filter(({ target }) => target === scenario.id);
    const found = verdicts.find(({ strategy }) => strategy === Object.keys(scenario.strategies)[0]);
    if (found === undefined) return [];
    const entry = entryOf(scenario, found, verdicts);
    return faults === undefined ? [entry] : [{ ...entry, underFaults: faultsOf(scenario.id, faults) }];
  });
}

function entryOf(scenario: Scenario, found: Verdict, verdicts: readonly Verdict[]): Measured {
  const fix =
    found.status === 'SAFE'
      ? undefined
      : verdicts.find((verdict) => verdict !== found && verdict.strategy === scenario.fix);
  return {
    target: scenario.id,
    priority: scenario.priority,
    source: scenario.source,
    resource: scenario.resource,
    writer: scenario.writers,
    pattern: scenario.strategies[found.strategy]!.does,
    before: judged(found),
    after: fix === undefined ? null : judged(fix),
    others: verdicts.filter((verdict) => verdict !== found && verdict !== fix).map(judged),
    status: statusOf(scenario, found, fix),
    audit: scenario.audit ?? null,
    contradicted: contradicted(scenario, found, verdicts),
    deferred: scenario.deferred ?? {},
    blocked: blockedIn(scenario, { found, fix, verdicts }),
  };
}

function judged(verdict: Verdict): Judged {
  const [strength, loss, [finding]] = [evidenceWords(verdict), lossWords(verdict), verdict.findings];
  const { strategy, reason } = verdict;
  const evidence = [
    strength,
    loss,
    finding === undefined || loss.includes(finding.message) ? '' : finding.message,
    strength === '' ? (reason ?? '') : '',
  ];
  const replay = verdict.findings.find((each) => each.replay !== undefined)?.replay;
  return {
    strategy,
    verdict: verdictWords(verdict),
    strength: restsOn(verdict),
    evidence: evidence.filter((part) => part !== '').join('; '),
    ...(replay === undefined ? {} : { replay }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/**
 * - `VERIFIED`: the writer as found is SAFE.
 * - `PROMOTED`: a P2 target whose writer as found collides.
 * - `APPLIED-fix`: the writer as found collides, and the fix was measured SAFE.
 * - `DEFERRED-reason`: no fix was shown to hold, or the collision itself was not shown.
 */
function statusOf(scenario: Scenario, found: Verdict, fix: Verdict | undefined): string {
  if (found.status === 'SAFE') return 'VERIFIED';
  if (found.status !== 'COLLIDES') return `DEFERRED-${found.status.toLowerCase().replace('_', '-')}`;
  if (scenario.priority === 'P2') return 'PROMOTED';
  if (fix?.status === 'SAFE') return `APPLIED-${fix.strategy}`;
  return scenario.fix === undefined ? 'DEFERRED-no-fix' : `DEFERRED-${scenario.fix}-not-shown`;
}

/** Held against what was measured. Where the fix is what was found, there is no writer from before it to judge. */
function contradicted({ audit, fix }: Scenario, found: Verdict, verdicts: readonly Verdict[]): boolean | null {
  if (audit === undefined) return null;
  const collides = collision(found);
  const claim = auditStatuses[audit];
  if (claim === 'holds') return collides;
  if (claim === 'collides') return negated(collides);
  const before = found.strategy === fix ? false : negated(collides);
  const after = collision(verdicts.find(({ strategy }) => strategy === fix));
  if (before || after) return true;
  return before === false && after === false ? false : null;
}

/** Does it collide? null where there is no verdict. */
function collision(verdict: Verdict | undefined): boolean | null {
  if (verdict?.status === 'COLLIDES') return true;
  return verdict?.status === 'SAFE' ? false : null;
}

const negated = (value: boolean | null): boolean | null => (value === null ? null : !value);
