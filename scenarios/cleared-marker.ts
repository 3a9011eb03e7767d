import { clearance } from './kinds/clearance.ts';

export default clearance({
  id: 'cleared-marker',
  source: 'P1-4',
  resource: 'clearance marker in a temporary directory: a file that says that a task may start',
  place: 'home',
  writers: 'a hook script (sh), when a session is cleared; another reads it when the session starts',
});
