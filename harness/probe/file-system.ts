import { readFileSync, realpathSync, statfsSync } from 'node:fs';

export interface FileSystem {
  /** `ext4`, or the number that statfs(2) has for it: `0xef53`. */
  readonly type: string;
  readonly mountedAt?: string;
  /** What is mounted there: `/dev/vda1`, `server:/export`. */
  readonly source?: string;
}

/** The file system that a directory lies on. */
export function fileSystemOf(dir: string): FileSystem {
  try {
    const found = mountOf(realpathSync(dir), readFileSync('/proc/self/mountinfo', 'utf8'));
    if (found !== undefined) return found;
  } catch {
    // No Linux, or no /proc: the number has to do.
  }
  return { type: `0x${statfsSync(dir).type.toString(16)}` };
}

/**
 * The mount that a path is below: the deepest, and of several at the same place the last. A line of proc_pid_mountinfo(5):
 * `36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/sda rw`.
 */
export function mountOf(path: string, mountinfo: string): FileSystem | undefined {
  let found: FileSystem | undefined;
  let depth = 0;
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const mountedAt = unescaped(before?.split(' ')[4] ?? '');
    const [type, source = ''] = (after ?? '').split(' ');
    const below = mountedAt === '/' || path === mountedAt || path.startsWith(`${mountedAt}/`);
    if (!type || !mountedAt || !below || mountedAt.length < depth) continue;
    depth = mountedAt.length;
    found = { type, mountedAt, source: unescaped(source) };
  }
  return found;
}

/** Blanks and the like are there as octal numbers. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Bytes that are left on the file system of a directory, as far as it tells: some, such as FUSE's, have no idea of blocks. */
export function roomIn(dir: string): number {
  const { bavail, bsize, blocks } = statfsSync(dir);
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}
