import type { Scenario } from '../harness/scenario/scenario.ts';
import activeTask from './active-task.ts';
import bashOverrideToken from './bash-override-token.ts';
import browserPage from './browser-page.ts';
import buildMarker from './build-marker.ts';
import claimSchema from './claim-schema.ts';
import clearedMarker from './cleared-marker.ts';
import contextTemplate from './context-template.ts';
import coordinationFallback from './coordination-fallback.ts';
import dailyLog from './daily-log.ts';
import evidenceDir from './evidence-dir.ts';
import evidenceIndex from './evidence-index.ts';
import evidenceLedger from './evidence-ledger.ts';
import gitNotes from './git-notes.ts';
import hiveDb from './hive-db.ts';
import ingestApi from './ingest-api.ts';
import ingestHealth from './ingest-health.ts';
import instructionHistory from './instruction-history.ts';
import knowledgeDb from './knowledge-db.ts';
import learningSignals from './learning-signals.ts';
import memoryBroker from './memory-broker.ts';
import memoryNotes from './memory-notes.ts';
import overrideLedger from './override-ledger.ts';
import overrideToken from './override-token.ts';
import readyAudit from './ready-audit.ts';
import refreshToken from './refresh-token.ts';
import sessionId from './session-id.ts';
import sessionLock from './session-lock.ts';
import sessionLog from './session-log.ts';
import sessionRef from './session-ref.ts';
import sessionState from './session-state.ts';
import sessionTranscript from './session-transcript.ts';
import sharedIndex from './shared-index.ts';
import stateLock from './state-lock.ts';
import taskDoc from './task-doc.ts';
import taskList from './task-list.ts';
import teamConfig from './team-config.ts';
import testSlug from './test-slug.ts';
import tokenCheckpoints from './token-checkpoints.ts';
import userConfig from './user-config.ts';
import verdictChain from './verdict-chain.ts';

/** The catalogue: P1 first, then P2, in the order of the reference audit and of the reports. */
export const catalogue: readonly Scenario[] = [
  ingestHealth,
  evidenceLedger,
  evidenceIndex,
  clearedMarker,
  evidenceDir,
  claimSchema,
  buildMarker,
  overrideToken,
  bashOverrideToken,
  browserPage,
  ingestApi,
  memoryBroker,
  activeTask,
  instructionHistory,
  sessionState,
  tokenCheckpoints,
  testSlug,
  sessionId,
  stateLock,
  userConfig,
  refreshToken,
  taskList,
  teamConfig,
  contextTemplate,
  memoryNotes,
  sessionTranscript,
  sharedIndex,
  sessionRef,
  gitNotes,
  sessionLock,
  coordinationFallback,

  overrideLedger,
  readyAudit,
  verdictChain,
  dailyLog,
  taskDoc,
  hiveDb,
  knowledgeDb,
  sessionLog,
  learningSignals,
];
