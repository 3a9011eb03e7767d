import { clearance } from './kinds/clearance.ts';

export default clearance({
  id: 'evidence-dir',
  source: 'P1-5',
  resource:
    'evidence directory of a task under a numeric id (`evidence-1234/`); that it exists says that the task may start',
  place: 'project',
  writers: 'a hook script (sh), when a session is cleared; another looks for it when the session starts',
});
