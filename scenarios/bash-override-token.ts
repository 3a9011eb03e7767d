import { oneShotToken } from './kinds/one-shot-token.ts';

export default oneShotToken('bash', {
  id: 'bash-override-token',
  source: 'P1-9',
  resource: 'one-shot override token of the second hook: a file that allows one override',
  place: 'project',
  writers: 'a hook script (bash), once for each command that wants the override',
});
