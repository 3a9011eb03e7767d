import { oneShotToken } from './kinds/one-shot-token.ts';

export default oneShotToken('sh', {
  id: 'override-token',
  source: 'P1-8',
  resource: 'one-shot override token: a file that allows one override',
  place: 'project',
  writers: 'a hook script (sh), once for each command that wants the override',
});
