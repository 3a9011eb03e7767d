/** `npm run soundness -- --for 30m --seed 1 --programs 20000 --from 0 --kinds names,data`: see README.md. */

import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { Comparison } from './compare.ts';
import { programs } from './generate.ts';
import { type Kind, kinds, kindsOf, type Program } from './program.ts';
import { smallest } from './smallest.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    for: { type: 'string' },
    seed: { type: 'string', default: '1' },
    programs: { type: 'string' },
    from: { type: 'string', default: '0' },
    kinds: { type: 'string' },
    without: { type: 'string' },
    'keep-going': { type: 'boolean', default: false },
  },
});

const units = { s: 1000, m: 60_000, h: 3_600_000 } as const;
function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`--for ${text}: a number with s, m or h was expected`);
  return Number(number) * units[unit as keyof typeof units];
}

const named = (text: string | undefined): readonly string[] => text?.split(',') ?? [];
const unknown = [...named(values.kinds), ...named(values.without)].filter((kind) => !(kind in kinds));
if (unknown.length > 0) throw new Error(`no such kinds: ${unknown}. There are: ${Object.keys(kinds)}`);
const allowed = new Set(
  (values.kinds === undefined ? (Object.keys(kinds) as Kind[]) : (named(values.kinds) as Kind[])).filter(
    (kind) => !named(values.without).includes(kind),
  ),
);

const seed = Number(values.seed);
const from = Number(values.from);
const forMs = values.for === undefined ? Number.POSITIVE_INFINITY : milliseconds(values.for);
const count = Number(values.programs ?? (values.for === undefined ? 1000 : Number.POSITIVE_INFINITY));

/** Programs come in blocks, each from a seed of its own: a run can begin at any of them. */
const BLOCK = 100;
let drawn: { readonly block: number; readonly programs: readonly Program[] } | undefined;
function programAt(at: number): Program {
  const block = Math.floor(at / BLOCK);
  if (drawn?.block !== block) {
    drawn = { block, programs: fc.sample(programs(allowed), { numRuns: BLOCK, seed: seed * 1_000_003 + block }) };
  }
  return drawn.programs[at % BLOCK]!;
}

const comparison = new Comparison();
const began = performance.now();
const total = { programs: 0, orders: 0, outcomes: 0, executions: 0, all: 0, differences: 0 };
const seconds = (): number => Math.round((performance.now() - began) / 1000);
const progress = (): string =>
  `${total.programs} programs, ${total.orders} orders, ${total.outcomes} outcomes; explored in ${total.executions} executions, ` +
  `all of them in ${total.all} programs; ${total.differences} differences; ${seconds()} s`;

let saidAt = began;
try {
  for (let at = from; at < from + count; at++) {
    if (performance.now() - began > forMs) break;
    const program = programAt(at);
    const compared = await comparison.compare(program);
    total.programs++;
    total.orders += compared.reference.orders;
    total.outcomes += compared.reference.outcomes.size;
    total.executions += compared.explored.executions;
    if (compared.explored.claimsAll) total.all++;
    if (compared.difference !== undefined) {
      total.differences++;
      say(
        `\nprogram ${at} of seed ${seed} (${[...kindsOf(program)]}):\n${await smallest(comparison, program, compared.difference)}\n`,
      );
      if (!values['keep-going']) break;
    }
    if (performance.now() - saidAt > 10_000) {
      saidAt = performance.now();
      say(`${progress()} (to go on: --seed ${seed} --from ${at + 1})`);
    }
  }
} finally {
  await comparison.close();
}
say(progress());
process.exitCode = total.differences > 0 ? 1 : 0;
