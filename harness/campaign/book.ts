import { rowName } from '../verdict/fingerprint.ts';
import type { Gathered, RowEvidence } from '../verdict/gathered.ts';
import { defaultRequirement, type Requirement } from '../verdict/level.ts';
import type { Given } from '../verdict/remedy.ts';
import { verdictFrom } from '../verdict/tally.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { onProduct, type Row } from './plan.ts';

type Settled = NonNullable<RowEvidence['settled']>;

/** Who is told what becomes of the rows. */
export interface BookWatch {
  /** There is a verdict, or another one; `at` is the row's place, from 1. */
  readonly judged: (verdict: Verdict, at: number) => void;
  /** All that is known of a row now. */
  readonly recorded: (evidence: RowEvidence) => void;
}

/** What is known of each row of a run so far, and what that amounts to. */
export class Book {
  readonly #rows: Row[];
  readonly #watch: BookWatch;
  readonly #evidence = new Map<string, RowEvidence>();
  readonly #verdicts = new Map<string, Verdict>();

  readonly #required: Requirement;
  readonly #given: Given | undefined;

  /** @param before what an earlier part of the same run has gathered. */
  constructor(
    rows: readonly Row[],
    before: readonly RowEvidence[],
    watch: BookWatch,
    required: Requirement = defaultRequirement,
    given?: Given,
  ) {
    this.#given = given;
    this.#required = required;
    this.#rows = [...rows];
    this.#watch = watch;
    for (const evidence of before) {
      const row = rows.find((one) => rowName(named(one)) === rowName(evidence));
      if (row === undefined) continue;
      this.#evidence.set(rowName(evidence), evidence);
      if (evidence.concluded) this.#judge(row);
    }
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Rows without a verdict. */
  get open(): readonly Row[] {
    return this.#rows.filter((row) => !this.#verdicts.has(rowName(named(row))));
  }

  /** Of the rows that were done, in the catalogue's order. */
  get verdicts(): readonly Verdict[] {
    return this.#rows.flatMap((row) => this.verdictOf(row) ?? []);
  }

  get evidence(): readonly RowEvidence[] {
    return this.#rows.flatMap((row) => this.#evidence.get(rowName(named(row))) ?? []);
  }

  verdictOf(row: Row): Verdict | undefined {
    return this.#verdicts.get(rowName(named(row)));
  }

  gathered(row: Row): RowEvidence {
    const { product, uncompared, writers, readers } = row;
    return {
      ...named(row),
      writers,
      readers,
      concluded: false,
      ...this.#evidence.get(rowName(named(row))),
      ...(product === undefined ? {} : { product }),
      ...(uncompared === undefined || uncompared.length === 0 ? {} : { uncompared }),
    };
  }

  /** The same row, of which more is known now. */
  replace(row: Row, by: Row): void {
    this.#rows[this.#rows.indexOf(row)] = by;
  }

  add(row: Row, more: Gathered & Pick<RowEvidence, 'unexplored' | 'outside'>): void {
    this.#record({ ...this.gathered(row), ...more });
  }

  /** What was gathered is what the verdict rests on; more may come, and make it stronger. */
  conclude(row: Row): void {
    this.#record({ ...this.gathered(row), concluded: true });
    this.#judge(row);
  }

  /** There is a verdict already, whatever was gathered. */
  settle(row: Row, status: Settled['status'], reason: string, more: Pick<Settled, 'sharesOutside'> = {}): void {
    this.#record({ ...this.gathered(row), concluded: true, settled: { status, reason, ...more } });
    this.#judge(row);
  }

  /** Nobody failed because of others, though it seemed so. */
  acquit(row: Row): void {
    const { exploration, probing, storm, ...rest } = this.gathered(row);
    this.#record({
      ...rest,
      ...(exploration === undefined ? {} : { exploration: alone(exploration) }),
      ...(probing === undefined ? {} : { probing: alone(probing) }),
      ...(storm === undefined ? {} : { storm: alone(storm) }),
    });
    this.#judge(row);
  }

  #record(evidence: RowEvidence): void {
    this.#evidence.set(rowName(evidence), evidence);
    this.#watch.recorded(evidence);
  }

  #judge(row: Row): void {
    const evidence = this.gathered(row);
    const { product } = evidence;
    const { scenario } = product === undefined ? row : onProduct(row, product);
    const before = this.verdictOf(row);
    const verdict = verdictFrom(scenario, evidence, this.#required, this.#given);
    this.#verdicts.set(rowName(verdict), verdict);
    const changed = before?.status !== verdict.status || before.classes.length !== verdict.classes.length;
    if (changed) this.#watch.judged(verdict, this.#rows.indexOf(row) + 1);
  }
}

const alone = <T extends { readonly contention?: unknown }>({ contention: _, ...rest }: T): Omit<T, 'contention'> =>
  rest;

const named = ({ scenario, strategy, mode }: Row): Pick<Verdict, 'target' | 'strategy' | 'mode'> => ({
  target: scenario.id,
  strategy,
  mode,
});
