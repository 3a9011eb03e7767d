import { clearance } from './kinds/clearance.ts';

export default clearance({
  id: 'claim-schema',
  source: 'P1-6',
  resource: 'claim schema stub of a task, a JSON file; that it exists says that the task may start',
  place: 'project',
  writers: 'a hook script (sh), when a session is cleared; another reads it when the session starts',
});
