import { Torn } from '../../harness/oracle/torn-state.ts';

const END = '<!-- end of ';

/** A document that names itself in its first line and in its last, so that a reader can tell whether it is whole. */
export const sealed = (title: string, body: string): string => `# ${title}\n${body}\n${END}${title} -->\n`;

/** The title of a sealed document. Throws `Torn` where the document is empty, cut, or spliced from several. */
export function titleOf(document: string): string {
  const title = /^# (.*)\n/.exec(document)?.[1];
  if (title === undefined) throw new Torn(document === '' ? 'an empty document' : 'a document without its first line');
  const seal = `\n${END}${title} -->\n`;
  if (document.indexOf(END) !== document.length - seal.length + 1 || !document.endsWith(seal)) {
    throw new Torn(`'${title}' with ${document.length} characters and no end of its own`);
  }
  return title;
}
