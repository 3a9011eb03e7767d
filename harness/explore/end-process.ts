/** SIGKILL; 0 and negative numbers would mean groups of processes, one's own among them. */
export function endProcess(pid: number): void {
  if (pid <= 0) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
