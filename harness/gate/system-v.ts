import { readFileSync } from 'node:fs';

/** Was a semaphore set, queue or segment made without a key that others could ask for it by? proc_sysvipc(5): `key id …`. */
export function isPrivate(kind: 'sem' | 'msg' | 'shm', id: number): boolean {
  const line = tableOf(kind).find((each) => Number(each[1]) === id);
  return line !== undefined && Number(line[0]) === 0;
}

function tableOf(kind: string): readonly (readonly string[])[] {
  try {
    const lines = readFileSync(`/proc/sysvipc/${kind}`, 'utf8').split('\n').slice(1);
    return lines.map((line) => line.trim().split(/\s+/));
  } catch {
    return []; // a kernel without them
  }
}
