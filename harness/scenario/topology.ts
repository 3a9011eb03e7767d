import type { Mode } from '../history/execution.ts';

/**
 * Where a resource lies. `home`: below the home directory, in /tmp or in a service of the machine, for all sessions of a user.
 * `project`: in the working directory or its repository, for those who work there.
 */
export type Place = 'home' | 'project';

/**
 * Who touches it. `every session`: the tool itself, its model, or the programs that they run. `sessions with hooks`: hooks and
 * scripts that a session has only where somebody has set them up.
 */
export type TouchedBy = 'every session' | 'sessions with hooks';

/** Ways to run several sessions on one machine, and what they share. */
export const topologies = {
  'same-directory': 'all sessions work in one directory, and share everything',
  'two-directories':
    'every session works in a directory of its own; they share what lies below the home directory, in /tmp or in a service',
  'with-vanilla':
    'one session has hooks, the others have none, all in one directory; they share what every session touches',
} as const;

export type Topology = keyof typeof topologies;

/** How sessions have a resource under a topology. */
export function modeUnder(
  topology: Topology,
  { place, touchedBy }: { readonly place: Place; readonly touchedBy: TouchedBy },
): Mode {
  if (topology === 'two-directories' && place === 'project') return 'per-session';
  if (topology === 'with-vanilla' && touchedBy === 'sessions with hooks') return 'alone';
  return 'shared';
}
