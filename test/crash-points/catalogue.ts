import type { ProvocationName } from './provocations.ts'

export interface CrashPoint {
  /** `<service>.<port>.<operation>`, and what it is about. */
  readonly name: string
  readonly does: string
  /** What makes the service come there. */
  readonly by: ProvocationName
}

/** A side effect: what it does, and what makes the service come there. */
type Entries = Readonly<Record<string, readonly [does: string, by: ProvocationName]>>

/** What every service does with a store that it opens. */
const opening: Entries = {
  'store.create:probe': ['creates a name twice, to see the second refused', 'restart'],
  'store.remove:probe': ['takes that name away', 'restart'],
}

const producer: Entries = {
  ...opening,
  'store.create:reopening': ['closes the epoch of a commit that is gone', 'gone'],
  'store.create:reopening-given-back': ['closes the epoch of what was given up on a host that is set aside', 'blamed'],
  'store.create:attempt-record': ['records an attempt that was lost with its worker', 'silent'],
  'store.create:action-set-aside': ['decides that a host is set aside', 'blamed'],
  'store.create:action-give-back': ['decides what failed there is given back', 'spared'],
  'store.create:action-pause': ['decides that a sweep in which everything fails pauses itself', 'hopeless'],
  'ledger.create': ['makes the ledger from the store', 'emptied'],
  'ledger.extend': ['appends the configurations of a newer manifest', 'more'],
  'ledger.reopen': ['opens the epoch after it in the ledger', 'gone'],
  'ledger.reopen:given-back': ['opens the epoch after what was given up on a host that is set aside', 'blamed'],
  'ledger.setAside:some': ['tells the ledger which hosts are set aside', 'spared'],
  'ledger.setAside:none': ['tells it that none is any more', 'takenIn'],
  'ledger.giveBack': ['gives attempts back', 'spared'],
  'ledger.forgetRow': ['counts failures in a row anew', 'paused'],
  'ledger.settle:committed': ['tells the ledger of a commit it has not heard of', 'unheard'],
  'ledger.select:cancelled': ['cancels what an operator does not want', 'unwanted'],
  'ledger.select:pending': ['wants again what was cancelled', 'wantedAgain'],
  'ledger.takeBack': ['takes a configuration from a silent worker', 'silent'],
  'ledger.remove': ['takes away the ledger of a deleted sweep of the same name', 'reborn'],
  'queue.remove': ['takes away its jobs', 'reborn'],
  'queue.add': ['enqueues pending configurations', 'more'],
  'queue.ensure': ['enqueues what has lost its job', 'jobless'],
  'queue.setPaused:paused': ['pauses the queue', 'paused'],
  'queue.setPaused:resumed': ['lets it go on', 'resumed'],
  'merges.ask': ['asks for a merge', 'more'],
  'active.add': ['tells the workers of a sweep', 'more'],
  'active.remove': ['tells them that it is settled', 'more'],
  'redis.set:passes': ['records a pass', 'more'],
  'redis.hset:outages': ['says why a pass failed', 'broken'],
  'redis.hdel:outages': ['says that one did not', 'more'],
  'redis.hset:queue-settings': ['writes the settings of a queue that it opens', 'restart'],
}

const worker: Entries = {
  ...opening,
  'redis.hset:queue-settings': ['writes the settings of the queue of merges', 'restart'],
  'redis.hset:outages': ['says that it waits for the store', 'storeAway'],
  'redis.hdel:outages': ['says that it no longer does', 'storeAway'],
  'redis.publish:wake': ['wakes the producers after a failure that may decide', 'spared'],
  'jobs.bzpopmin': ['is told that a job waits', 'more'],
  'jobs.moveToActive': ['takes a job', 'more'],
  'jobs.extendLocks': ['renews the locks of what runs', 'waits'],
  'jobs.moveStalledJobsToWait': ['sends jobs of lost workers back', 'waits'],
  'jobs.updateProgress': ['notes that a job came back from a lost worker', 'lost'],
  'jobs.moveToFinished:completed': ['completes a job', 'more'],
  'jobs.moveToFinished:failed': ['fails a job for good', 'dies'],
  'jobs.moveToDelayed': ['sends a job to wait for its next attempt', 'fails'],
  'jobs.moveJobFromActiveToWait': ['hands a job back', 'drained'],
  'ledger.begin': ['begins an attempt', 'more'],
  'ledger.repeatRunning': ['repeats what it runs', 'waits'],
  'ledger.settle:committed': ['settles what is committed', 'more'],
  'ledger.settle:retrying': ['settles a failed attempt', 'fails'],
  'ledger.settle:handed-back': ['gives an attempt back unspent', 'drained'],
  'ledger.settle:dead-failed': ['settles what has failed for good', 'dies'],
  'ledger.settle:dead-corrupt': ['settles what came out corrupt for good', 'corrupts'],
  'ledger.reopen': ['opens the next epoch of a dead configuration whose job was retried', 'retried'],
  'store.create:reopening': ['records that its epoch is over', 'retried'],
  'store.create:attempt-log': ['keeps what the optimizer printed', 'more'],
  'store.create:attempt-record': ['records an attempt', 'more'],
  'store.create:commit': ['commits a result', 'more'],
  'store.create:dead-letter': ['writes a dead letter', 'dies'],
  'store.create:quarantine-bytes': ['quarantines a corrupt output', 'corrupts'],
  'store.create:quarantine-evidence': ['writes the evidence beside it', 'corrupts'],
  'merges.ask': ['asks for the merge of a sweep that it settled', 'more'],
  'files.mkdir:scratch': ['makes its scratch folder', 'more'],
  'files.mkdtemp:attempt-folder': ['makes the folder of an attempt', 'more'],
  'files.rm:attempt-folder': ['takes it away', 'more'],
  'files.mkdir:spool': ['makes its spool', 'storeAway'],
  'files.rm:spool-part': ['takes a part of a spooled result away', 'storeAway'],
  'files.open:spool-part': ['opens a file for a result that cannot be stored now', 'storeAway'],
  'files.write:spool-part': ['writes it', 'storeAway'],
  'files.link:spooled': ['gives it its name', 'storeAway'],
  'files.rm:spooled': ['lets go of what is stored', 'storeAway'],
  'files.rename:spooled': ['sets a damaged one aside', 'damagedSpool'],
}

const merger: Entries = {
  ...opening,
  'store.create:quarantine-bytes': ['quarantines a damaged commit', 'damaged'],
  'store.create:quarantine-evidence': ['writes the evidence beside it', 'damaged'],
  'store.create:reopening': ['closes its epoch', 'damaged'],
  'store.createFromFile:merged-file': ['stores the merged file', 'more'],
  'store.createFromFile:certificate': ['stores its certificate', 'more'],
  'store.createFromFile:audit': ['stores the audit of the merge', 'more'],
  'store.create:generation': ['publishes the generation', 'more'],
  'ledger.reopen': ['opens the epoch after a damaged commit', 'damaged'],
  'ledger.settle:committed': ['tells the ledger of a commit it has not heard of', 'unheardByMerger'],
  'ledger.markMerged': ['says how much the merge covered', 'more'],
  'redis.publish:wake': ['wakes the producers', 'damaged'],
  'redis.hset:outages': ['says why a merge failed', 'mergeFails'],
  'redis.hdel:outages': ['says that one did not', 'more'],
  'jobs.bzpopmin': ['is told that a request waits', 'more'],
  'jobs.moveToActive': ['takes a request', 'more'],
  'jobs.moveStalledJobsToWait': ['sends requests of lost mergers back', 'restart'],
  'jobs.updateProgress': ['notes that a request came back from a lost merger', 'lostMerger'],
  'jobs.moveToFinished:completed': ['completes a request', 'more'],
  'jobs.moveToFinished:failed': ['refuses what is no request', 'forged'],
  'jobs.moveToDelayed': ['sends a request to wait for the store', 'mergeFails'],
  'jobs.moveJobFromActiveToWait': ['hands a request back', 'drainedMerger'],
  'files.mkdir:scratch': ['makes its scratch folder', 'more'],
  'files.mkdtemp:merge-folder': ['makes the folder of a merge', 'more'],
  'files.open:audit': ['opens the audit', 'more'],
  'files.write:audit': ['writes it', 'more'],
  'files.open:merged-file': ['opens the merged file under another name', 'more'],
  'files.write:merged-file': ['writes it', 'more'],
  'files.open:rows': ['opens the rows of a stacked file', 'stacked'],
  'files.unlink:rows': ['takes their name away', 'stacked'],
  'files.write:rows': ['writes them', 'stacked'],
  'files.open:certificate': ['opens the certificate', 'more'],
  'files.write:certificate': ['writes it', 'more'],
  'files.rename:merged-file': ['gives the merged file its name', 'more'],
  'files.unlink:merged-file': ['takes away a file that was not finished', 'damaged'],
  'files.rm:merge-folder': ['takes the folder of the merge away', 'more'],
}

/** Every side effect of producer, worker and merger. */
export const crashPoints: readonly CrashPoint[] = Object.entries({ producer, worker, merger }).flatMap(
  ([service, entries]) =>
    Object.entries(entries).map(([operation, [does, by]]) => ({ name: `${service}.${operation}`, does, by })),
)

/** Side effects at which nothing is stopped, and why not. */
export const notStoppedAt: Readonly<Record<string, string>> = {
  'merger.jobs.extendLocks':
    'renews the lock of a request only when its merge takes half a minute; the worker passes the same point',
}
