import { type CollisionClass, collisionClasses, type Finding } from '../../harness/oracle/finding.ts';

type ClassCounts = Readonly<Partial<Record<CollisionClass, number>>>;

/** Findings as pairs of class and count, for properties: messages are for literal tests. */
export const classesOf = (findings: readonly Finding[]): readonly (readonly [CollisionClass, number])[] =>
  findings.map((finding) => [finding.class, finding.count] as const).toSorted(bySeverity);

/** What `classesOf` gives where just so much of each class is found; a class with nothing found is none. */
export const found = (counts: ClassCounts): readonly (readonly [CollisionClass, number])[] =>
  (Object.entries(counts) as [CollisionClass, number][]).filter(([, count]) => count > 0).toSorted(bySeverity);

const order = Object.keys(collisionClasses);

const bySeverity = ([a]: readonly [CollisionClass, number], [b]: readonly [CollisionClass, number]): number =>
  order.indexOf(a) - order.indexOf(b);
