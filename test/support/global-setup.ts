import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../harness/scenario/command.ts';
import { SKIPPED_FILE } from './servers.ts';

/** Before all tests; what it returns comes after them: the last lines list what could not be run here. */
export default function setup(): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'collide-test-'));
  const file = join(dir, 'skipped.jsonl');
  process.env[SKIPPED_FILE] = file;
  // Hundreds of processes load the same modules. Some of them write there when they end, later than all tests.
  process.env.NODE_COMPILE_CACHE = join(packageRoot(), 'node_modules/.cache/compiled');
  return () => {
    for (const [reason, rows] of skippedIn(file)) {
      process.stdout.write(`skipped, ${reason}: ${[...rows].sort().join(', ')}\n`);
    }
    rmSync(dir, { recursive: true, maxRetries: 10 });
  };
}

function skippedIn(file: string): ReadonlyMap<string, ReadonlySet<string>> {
  const byReason = new Map<string, Set<string>>();
  if (!existsSync(file)) return byReason;
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const { row, reason } = JSON.parse(line) as { readonly row: string; readonly reason: string };
    byReason.set(reason, (byReason.get(reason) ?? new Set()).add(row));
  }
  return byReason;
}
