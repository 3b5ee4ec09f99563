interface CatalogueEntry {
  /** What the code stands for, one sentence. */
  readonly meaning: string
  /** What a user does next. */
  readonly next: string
  /** The same call may succeed later without anyone acting. */
  readonly transient: boolean
}

const entry = (meaning: string, next: string, transient = false): CatalogueEntry => ({ meaning, next, transient })

/** Every error code, its meaning and what to do next. `docs/errors.md` is checked against it. */
export const errorCatalogue = {
  USAGE: entry('The command line is not understood.', '`windrow COMMAND --help` lists what it takes.'),
  SPEC_UNREADABLE: entry('The specification, or a file it includes, cannot be read.', 'Check the path.'),
  SPEC_INVALID: entry('The specification is not valid.', 'Correct the line named in the message.'),
  SPEC_CHANGED: entry(
    'The sweep exists, and this specification changes or removes configurations of it.',
    'Give the changed specification a new name, or restore the old values.',
  ),
  SELECTOR_INVALID: entry(
    'The selector is not understood.',
    'Use AXIS=VALUE, AXIS=FROM..TO, state=STATE or error~TEXT.',
  ),
  KEY_INVALID: entry('A configuration key breaks the rules for keys.', 'Change the key pattern or the axis values.'),
  SWEEP_UNKNOWN: entry('No sweep of this name is in the store.', 'Run `windrow list` to see the sweeps there are.'),
  CONFIGURATION_UNKNOWN: entry(
    'The sweep has no configuration of this key.',
    'Look at the key pattern of the specification; `windrow run SPEC --dry-run` prints the first keys.',
  ),
  PROBLEM_INVALID: entry(
    'A configuration does not describe a layout problem the optimizer can solve.',
    'Correct the axis or model fields named in the message.',
  ),
  OPTIMIZER_UNKNOWN: entry(
    'No optimizer of this name is known.',
    'Use one of the optimizers named in the message, or name the file of your own with --optimizers.',
  ),
  OPTIMIZER_FAILED: entry('The optimizer ended with an error.', 'Read the log of the attempt.'),
  NO_FEASIBLE_POSITIONS: entry(
    'The area is too small for its turbines at this spacing and grid.',
    'Use fewer turbines, a smaller spacing, a finer grid or a larger area.',
  ),
  ATTEMPT_TIMEOUT: entry(
    'The attempt ran longer than policy.timeout.',
    'Raise policy.timeout, or give the optimizer less to do.',
    true,
  ),
  ATTEMPT_MEMORY: entry(
    'The attempt used more memory than policy.memory.',
    'Raise policy.memory, or use fewer slots a host.',
    true,
  ),
  ATTEMPT_KILLED: entry(
    'The process of the attempt was killed from outside.',
    'Look for the out-of-memory killer in the log of the host.',
    true,
  ),
  WORKER_LOST: entry(
    'The worker that ran the attempt disappeared.',
    'Look at the host named in the attempt record.',
    true,
  ),
  WORKER_STUCK: entry(
    'A worker leaves work waiting that it could begin.',
    'Restart the worker (SIGTERM; nothing is lost); if that does not help, look for a limit on the queue (`windrow dashboard`).',
  ),
  HOST_SET_ASIDE: entry(
    'A host takes no more jobs of a sweep: everything it began failed, while other hosts succeeded.',
    'Look at the failures it names and mend the host (disk, memory, the optimizer and what it needs); then `windrow resume SWEEP`.',
  ),
  SWEEP_PAUSED_ITSELF: entry(
    'A sweep has paused itself: its attempts all failed in the same way.',
    'Mend the cause that is named, then `windrow resume SWEEP`; `windrow rerun SWEEP` for what was given up.',
  ),
  OUTPUT_CORRUPT: entry(
    'The output of the attempt failed validation.',
    'Look at the quarantine record, then rerun the configuration.',
  ),
  STORE_UNAVAILABLE: entry(
    'The store does not answer.',
    'Bring the store back; finished results wait in the spool.',
    true,
  ),
  STORE_READ_ONLY: entry(
    'The store refuses to be written to.',
    'Give the worker write access to the store; finished results wait in the spool.',
    true,
  ),
  STORE_FULL: entry('The disk of the store is full.', 'Free space; finished results wait in the spool.', true),
  STORE_REFUSED: entry(
    'The store refuses the key, or the clock, of this machine.',
    'Check access key, secret and region, and what the key may do; finished results wait in the spool.',
    true,
  ),
  STORE_OBJECT_TOO_LARGE: entry(
    'A file is larger than the store takes in one piece.',
    'Use a store on a shared file system (file:///path), or split the sweep.',
  ),
  STORE_UNSAFE: entry(
    'The store does not refuse to create a name twice.',
    'Use a store whose conditional create works.',
  ),
  STORE_NAME_INVALID: entry('A name is not allowed in the store.', 'This is a defect of Windrow; please report it.'),
  STORE_RECORD_INVALID: entry(
    'A record in the store is not what Windrow wrote.',
    'Restore the record from a backup, or remove it after looking at it.',
  ),
  DISK_FULL: entry('A local disk is full.', 'Free space on the disk named in the message.', true),
  REDIS_UNAVAILABLE: entry('Redis does not answer.', 'Bring Redis back; the sweep goes on by itself.', true),
  REDIS_FULL: entry('Redis has reached its maxmemory.', 'Raise maxmemory of Redis; the sweep goes on by itself.', true),
  REDIS_EVICTING: entry(
    'Redis may evict keys: its maxmemory-policy is not noeviction.',
    'Set maxmemory-policy to noeviction.',
  ),
  REDIS_REFUSED: entry(
    'Redis refuses the user name, the password, or what the user may not do.',
    'Correct the password in WINDROW_REDIS_URL.',
  ),
  REDIS_UNTRUSTED: entry(
    'The certificate of Redis does not prove that it is the server that was asked for.',
    'Name the file of the authority that signed it (`rediss://...?ca=/path/to/ca.pem`), and a host name that is in it.',
  ),
  REDIS_UNCHECKED: entry(
    'Redis does not tell its version or settings, so they were not checked.',
    'See to it that it is 6.2 or newer, evicts nothing and writes its data to disk; or allow the user INFO.',
  ),
  REDIS_TOO_OLD: entry('The Redis server is older than 6.2.', 'Use Redis 6.2 or newer, or Valkey.'),
  REDIS_NOT_DURABLE: entry(
    'Redis does not write its data to disk.',
    'Set appendonly to yes; without it a restart of Redis counts attempts anew.',
  ),
  REDIS_MISSING: entry('No redis-server or valkey-server was found.', 'Run `npm run setup`, or set WINDROW_REDIS_URL.'),
  LEDGER_ABSENT: entry(
    'Redis holds no ledger of the sweep.',
    'Start a producer; it rebuilds the ledger from the store.',
    true,
  ),
  LEDGER_MISMATCH: entry(
    'The ledger in Redis and the manifest in the store do not describe the same configurations.',
    'Wait for the producer to bring the ledger up to date; start one if none runs.',
    true,
  ),
  JOB_INVALID: entry(
    'A job in the queue is not one that Windrow added.',
    'Remove the job; look for who can write to Redis.',
  ),
  OUTPUT_PATH_TAKEN: entry(
    'The output path holds a file that is not, or no longer, an earlier generation of this sweep.',
    'Choose another path with -o, or move the file away.',
  ),
  DIRECTORY_LOCKED: entry(
    'Another `windrow run` uses this directory.',
    'Wait for it, or use another directory with --dir.',
  ),
  MERGE_NOTHING: entry('There is nothing to merge yet.', 'Wait for the first result.'),
  FILES_CONFLICT: entry(
    'Files hold different versions of one configuration, and none of them was merged.',
    'Look at the files that are named, and take the wrong ones away; or run the configuration again.',
  ),
  MERGE_UNVERIFIED: entry('The merged file does not read back as it was written.', 'Check the disk, then merge again.'),
  FILE_UNREADABLE: entry('The file cannot be read.', 'Check the path and its permissions.'),
  FILE_CORRUPT: entry('The file is damaged.', 'Do not use it; take the file from the store, or rerun.'),
  WRECK_EMPTY: entry('The directory to salvage holds no HDF5 files.', 'Name the directory of the worker files.'),
  WRECK_CONTRADICTS: entry(
    'What is to be salvaged was made with other parameters than the specification says.',
    'Give the specification the values of the earlier sweep.',
  ),
  PROCESS_FAILED: entry('A process that Windrow started ended unexpectedly.', 'Read its log, named in the message.'),
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof errorCatalogue
