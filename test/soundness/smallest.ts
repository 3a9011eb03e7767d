import type { Comparison } from './compare.ts';
import type { Program } from './program.ts';

/** Leaves out of a program what it takes no part in the difference, one thing after another, and tells the difference of what is left. */
export async function smallest(comparison: Comparison, program: Program, difference: string): Promise<string> {
  let [now, told] = [program, difference];
  for (let changed = true; changed; ) {
    changed = false;
    for (const smaller of smallerOnes(now)) {
      const { difference: still } = await comparison.compare(smaller);
      if (still === undefined) continue;
      [now, told, changed] = [smaller, still, true];
      break;
    }
  }
  return told;
}

function* smallerOnes(program: Program): Generator<Program> {
  const { initial, sessions } = program;
  if (sessions.length > 2)
    for (const index of sessions.keys()) yield { ...program, sessions: without(sessions, index) };
  for (const [index, session] of sessions.entries()) {
    const changed = (part: Partial<typeof session>): Program => ({
      ...program,
      sessions: sessions.with(index, { ...session, ...part }),
    });
    for (const at of session.lines.keys()) {
      if (session.lines.length > 1) yield changed({ lines: without(session.lines, at) });
    }
    for (const at of session.opened.keys()) yield changed({ opened: without(session.opened, at) });
    for (const [at, line] of session.lines.entries()) {
      const { stop, times, sleeps, ...plain } = line;
      if (stop !== undefined) yield changed({ lines: session.lines.with(at, { ...line, stop: undefined! }) });
      if (times !== undefined) yield changed({ lines: session.lines.with(at, plain) });
      else void sleeps;
    }
  }
  for (const index of initial.keys()) {
    const { path } = initial[index]!;
    const needed = initial.some(
      (entry) => entry.path.startsWith(`${path}/`) || (entry.type === 'link' && entry.of === path),
    );
    if (!needed) yield { ...program, initial: without(initial, index) };
  }
}

const without = <T>(list: readonly T[], at: number): readonly T[] => list.filter((_, index) => index !== at);
