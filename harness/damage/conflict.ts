/** Where git has written both sides of a conflict into a file: gitformat of `git merge`, "how conflicts are presented". */
export function conflictAt(text: string): number | undefined {
  const begins = /^<{7} .+$/m.exec(text);
  if (begins === null) return undefined;
  const behind = text.slice(begins.index);
  return /^={7}$/m.test(behind) && /^>{7} .+$/m.test(behind) ? begins.index : undefined;
}
