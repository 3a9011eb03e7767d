/** Is it a configuration? Names the key, the value, and what was expected. */

import { z } from 'zod';
import { runEngines } from '../campaign/engine.ts';
import { limits } from '../limits.ts';
import { collisionClasses } from '../oracle/finding.ts';
import { priorities } from '../scenario/scenario.ts';
import { topologies } from '../scenario/topology.ts';
import { levels } from '../verdict/level.ts';
import { type Config, isScenario } from './config.ts';
import { ConfigError } from './error.ts';
import { EXPECTED_RATE, rateIn } from './rate.ts';
import { EXPECTED_TIME, millisecondsIn } from './time.ts';

const keysOf = <T extends object>(of: T): [string, ...string[]] => Object.keys(of) as [string, ...string[]];

const code = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'expected a function');

const reference = z.strictObject({ module: z.string().min(1), export: z.string().min(1).optional() });

const codeOrReference = z.union([code, reference], 'expected a function, or { module, export }');

const jsonPath = z.string().startsWith('$', 'expected a JSONPath, such as $.count').optional();

const FORMS = `expected 'serial', 'all-succeed', a function, or an object with one of counter, entriesOnce, json, oneSuccess, exclusion, module`;

const expectation = z.union(
  [
    z.literal(['serial', 'all-succeed']),
    z.strictObject({ counter: z.string().min(1), path: jsonPath, from: z.number().optional() }),
    z.strictObject({ entriesOnce: z.string().min(1) }),
    z.strictObject({ json: z.string().min(1), path: jsonPath, equals: z.json() }),
    z.strictObject({ json: z.string().min(1), path: jsonPath, contains: z.json() }),
    z.strictObject({ oneSuccess: z.literal(true) }),
    z.strictObject({ exclusion: z.union([z.literal(true), z.string().min(1)]) }),
    codeOrReference,
  ],
  FORMS,
);

const sessions = z.int().min(limits.writersMin).max(limits.writersMax);

const CLASS_NAMES = `expected 'SAFE', or a list of ${Object.keys(collisionClasses).join(', ')}`;

const shared = {
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower case, digits and dashes, such as deploy-counter'),
  priority: z.enum(keysOf(priorities)).optional(),
  resource: z.string().optional(),
  files: z
    .record(z.string().regex(/^(?!\/|.*(^|\/)\.\.(\/|$))./, 'expected a path within the directory'), z.string())
    .optional(),
  dir: z.string().min(1).optional(),
  watch: z.array(z.string().min(1)).min(1).optional(),
  writers: sessions.optional(),
  expect: z.array(expectation).min(1, 'expected something, or no such key').optional(),
  truth: z.union([z.literal('SAFE'), z.array(z.enum(keysOf(collisionClasses))).min(1)], CLASS_NAMES).optional(),
  place: z.enum(['home', 'project']).optional(),
  touchedBy: z.enum(['every session', 'sessions with hooks']).optional(),
};

const commandTarget = z.strictObject({
  ...shared,
  commands: z.union(
    [z.string().min(1), z.array(z.string().min(1)).min(limits.writersMin).max(limits.writersMax)],
    `expected a command, or a list of ${limits.writersMin} to ${limits.writersMax}`,
  ),
  home: z.string().min(1).optional(),
});

const sessionTarget = z.strictObject({
  ...shared,
  session: z.union(
    [codeOrReference, z.array(codeOrReference).min(limits.writersMin).max(limits.writersMax)],
    `expected a function, { module, export }, or a list of ${limits.writersMin} to ${limits.writersMax}`,
  ),
  setup: codeOrReference.optional(),
});

const defaults = {
  writers: sessions.optional(),
  engine: z.enum(runEngines).optional(),
  rounds: z.int().min(1).optional(),
  steps: z.int().min(1).optional(),
  budget: z
    .string()
    .refine((text) => millisecondsIn(text) !== undefined, EXPECTED_TIME)
    .optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  dir: z.string().min(1).optional(),
  out: z.string().min(1).optional(),
  topology: z.enum(keysOf(topologies)).optional(),
  allowSkipped: z.boolean().optional(),
  require: z.enum(levels).optional(),
  maxRate: z.custom<string | number>((value) => rateIn(String(value)) !== undefined, EXPECTED_RATE).optional(),
  reporter: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)], 'expected names of reporters, such as junit,html')
    .optional(),
};

const config = z.strictObject({ ...defaults, targets: z.array(z.looseObject({ id: shared.id })) });

/** @throws {ConfigError} that names every key that is wrong, a line each. */
export function checked(value: unknown, file: string): Config {
  const whole = config.safeParse(value);
  if (!whole.success) throw mistakes(whole.error, value, file, []);
  for (const [at, target] of whole.data.targets.entries()) {
    if (isScenario(target)) continue;
    const schema = 'session' in target ? sessionTarget : commandTarget;
    if ('session' in target && 'commands' in target) {
      throw new ConfigError(`${file}: targets[${at}]: has both session and commands, and can have one of them only`);
    }
    if (!('session' in target || 'commands' in target)) {
      throw new ConfigError(
        `${file}: targets[${at}]: expected commands or session (or strategies): what do its sessions do?`,
      );
    }
    const checkedTarget = schema.safeParse(target);
    if (!checkedTarget.success) throw mistakes(checkedTarget.error, target, file, ['targets', at]);
  }
  const ids = whole.data.targets.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) < at);
  if (twice !== undefined) throw new ConfigError(`${file}: two targets are called '${twice}'`);
  return value as Config;
}

function mistakes(error: z.ZodError, value: unknown, file: string, before: readonly PropertyKey[]): ConfigError {
  const lines = error.issues.map((issue) => {
    const found = issue.path.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
      value,
    );
    const path = [...before, ...issue.path];
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    if (keys.length > 0) return `${pathWords(path)}has no key called ${keys.map((key) => `'${key}'`).join(', ')}`;
    const words = wordsOf(issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? '') : issue.message);
    return found === undefined
      ? `${pathWords(path)}is missing: ${words}`
      : `${pathWords(path)}is ${shownValue(found)}: ${words}`;
  });
  return new ConfigError(`${file}: ${lines.join('; ')}`);
}

/** `Invalid input: expected array, received object` says twice what is there. */
const wordsOf = (message: string): string =>
  message
    .replace(/^Invalid (input|option): /, '')
    .replace(/, received .*$/, '')
    .replace(/^T/, 't');

/** `targets[0].files ` */
const pathWords = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? ''
    : `${path.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`)).join('')} `;

const shownValue = (value: unknown): string =>
  typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value)).slice(0, VALUE_CHARS);

const VALUE_CHARS = 80;
