/** Names of directories that are allowed, and that whoever builds lines, patterns or lists from them gets wrong. */
export const hostileNames: Readonly<Record<string, string>> = {
  'a newline': 'one\ntwo',
  'a newline at the end': 'one\n',
  quotes: `it's "quoted"`,
  'spaces and a tab': ' a\tb ',
  'what a shell fills in': '$HOME `id` $(id)',
  'a backslash': 'back\\slash\\',
  'a newline as proc(5) writes it': 'one\\012two',
  'what is a pattern': '*?[a].+',
  'a leading dash': '-rf',
  'another alphabet': 'Größe-目录',
  'the end of what is gone': 'file (deleted)',
  'a colon': 'a:b',
};
