import picomatch from 'picomatch';
import type { Scenario } from './scenario.ts';

/**
 * The scenarios that a list of targets names: ids, globs (`session-*`), `P1`, `P2` or `all`, in the catalogue's order.
 *
 * @throws {UnknownTarget} where a name matches nothing.
 */
export function selectTargets(catalogue: readonly Scenario[], targets: readonly string[]): readonly Scenario[] {
  const selected = new Set<Scenario>();
  for (const target of targets) {
    const matched = catalogue.filter(matcher(target));
    if (matched.length === 0) throw new UnknownTarget(target, catalogue);
    for (const scenario of matched) selected.add(scenario);
  }
  return catalogue.filter((scenario) => selected.has(scenario));
}

function matcher(target: string): (scenario: Scenario) => boolean {
  if (target === 'all') return () => true;
  if (target === 'P1' || target === 'P2') return (scenario) => scenario.priority === target;
  if (target === '') return () => false;
  const matches = picomatch(target);
  return (scenario) => matches(scenario.id);
}

export class UnknownTarget extends Error {
  override readonly name = 'UnknownTarget';
  constructor(target: string, catalogue: readonly Scenario[]) {
    const close = catalogue.map(({ id }) => id).filter((id) => sharesStart(id, target));
    const hint =
      close.length > 0 ? `Did you mean ${close.join(' or ')}?` : 'See `collide list` for the targets there are.';
    super(`no target is called '${target}'. ${hint}`);
  }
}

const sharesStart = (id: string, target: string): boolean => id.slice(0, 4) === target.slice(0, 4);
