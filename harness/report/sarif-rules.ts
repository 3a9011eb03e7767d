/** What SARIF calls rules: the classes of collisions, the ways to have no verdict, and what a baseline finds. */

import { type ChangeKind, changeKinds } from '../baseline/change.ts';
import { type CollisionClass, collisionClasses } from '../oracle/finding.ts';
import type { Status } from '../verdict/verdict.ts';
import { expectations } from './timeline.ts';

type Missing = Exclude<Status, 'SAFE' | 'COLLIDES' | 'SKIPPED'>;

const missing: Readonly<Record<Missing, string>> = {
  NOT_PROVOKED:
    'known to collide, and not seen where it should have been: what is known of it is wrong, or the writer has changed',
  VACUOUS: 'nothing was tested: the sessions never overlapped, or never touched what counts',
  BROKEN_ALONE: 'wrong with one session already: a bug, and no race',
  INCONCLUSIVE: 'too little was shown, or the search broke off',
};

export type RuleId = CollisionClass | Missing | `baseline/${ChangeKind}`;

export interface Rule {
  readonly id: RuleId;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help: { readonly text: string };
  readonly defaultConfiguration: { readonly level: 'error' };
  readonly properties: { readonly tags: readonly string[] };
}

/** All of them, found or not: so it can be seen which are looked for. */
export const rules = Object.fromEntries([
  ...(Object.keys(collisionClasses) as CollisionClass[]).map((id) =>
    rule(
      id,
      collisionClasses[id],
      `What is expected: ${expectations[id]}. The code flow has the steps of each session; \`collide replay\` makes the same ` +
        'execution again, and `collide list --fix TARGET` shows how to write to a target instead.',
    ),
  ),
  ...(Object.keys(missing) as Missing[]).map((id) =>
    rule(id, missing[id], 'This is no collision, and no all-clear either: the message says what is missing.'),
  ),
  ...(Object.keys(changeKinds) as ChangeKind[]).map((kind) =>
    rule(
      `baseline/${kind}`,
      changeKinds[kind],
      'The run differs from its baseline: the message says what was, what is, and what to do about it.',
    ),
  ),
]) as Readonly<Record<RuleId, Rule>>;

function rule(id: RuleId, meaning: string, help: string): readonly [RuleId, Rule] {
  const text = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
  return [
    id,
    {
      id,
      shortDescription: { text },
      fullDescription: { text },
      help: { text: help },
      defaultConfiguration: { level: 'error' },
      properties: { tags: ['concurrency'] },
    },
  ];
}
