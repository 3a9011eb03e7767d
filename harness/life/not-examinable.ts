/** What nothing can be said of: a line for people that names the file, what is in the way, and the remedy. */
export class NotExaminable extends Error {
  override readonly name = 'NotExaminable';
}
