const examples = (text: string) => `\nExamples:\n${text}`

const selectorHelp = `
Selectors: FIELD=VALUE, FIELD=FROM..TO, FIELD=A,B, key=PATTERN, state=STATE, error~TEXT; all terms must hold.
`

const statusHelp = `
Exit status: 0 when every selected configuration is there or the shortfall is within the tolerance, 2 when not.
`

const serviceHelp = `
The service runs in the foreground, logs to standard error, and drains on SIGTERM or Ctrl-C.
Flags besides those above:
  --log-level LEVEL       debug, info, warn or error
  --http [HOST:]PORT      answer /healthz, /readyz and /metrics there (default: WINDROW_HTTP, else nowhere; the host is
                          127.0.0.1 unless given, port 0 takes any that is free and is logged)
`

/** What follows the options in the help of each command. */
export const exampleTexts = {
  windrow: `${examples(`  windrow run examples/quickstart.yaml
  windrow status quickstart
  windrow verify layouts.h5
`)}
Exit status: 0 complete; 1 usage or environment; 2 incomplete beyond the tolerance; 3 corrupt input found by check or
verify; 4 drained, resumable; 130 interrupted twice.
`,
  run: `${examples(`  windrow run examples/quickstart.yaml
  windrow run sweep.yaml --only 'farm_idx=3 type_idx=0..2' -o farm3.h5
  windrow run sweep.yaml --set ss_seed=0..9 --set policy.attempts=5 --dry-run
  windrow run sweep.yaml --store file:///shared/store --listen ib0 --workers 0
`)}${selectorHelp}
With --listen workers of other hosts join: the run's Redis listens on an address of this host (its own by default) with a password
drawn for it, and cluster.json in the store, which has to be a file:// store that those hosts share, tells them where.
--workers 0 leaves all the work to them: windrow worker --store file:///shared/store

Exit status: 0 complete, 2 incomplete (the file is NAME.partial.h5), 4 drained by Ctrl-C or SIGTERM, 130 interrupted twice.
`,
  submit: `${examples(`  windrow submit sweep.yaml --redis redis://head:6379 --store file:///shared/store
  windrow submit sweep.yaml --only 'farm_idx=3' --json
  windrow submit sweep.yaml --wait -o layouts.h5
`)}${selectorHelp}
No services need to run now: the sweep waits for them in the store. Two who submit different specifications under one
name: the first one counts, the other is told the difference.
Exit status with --wait: as of run; 4 when Ctrl-C ended the waiting (the sweep goes on).
`,
  pause: examples(`  windrow pause quickstart
  windrow pause quickstart --reason 'maintenance of the file system'
`),
  cancel: `${examples(`  windrow cancel quickstart
  windrow cancel quickstart farm_idx=3 --reason 'wrong boundary'
  windrow cancel quickstart state=retrying error~memory
`)}${selectorHelp}
Attempts that run stop at the next beat of their worker, unless they commit first. What is committed or dead is left
alone. A merge calls the cancelled ones missing. They are wanted again by \`windrow rerun SWEEP state=cancelled\`,
\`windrow resume SWEEP --all\`, or the next run or submit, which say anew what is wanted.
`,
  download: `${examples(`  windrow download quickstart -o layouts.h5
  windrow download quickstart --generation 1 -o first.h5
`)}
Exit status: 0 when the file holds all that was asked for, 2 when not (the file is NAME.partial.h5).
`,
  quarantine: `${examples(`  windrow quarantine quickstart
  windrow quarantine quickstart farm_idx=3 error~truncated -o refused
  windrow quarantine quickstart --json | jq '.outputs[].reason'
`)}${selectorHelp}`,
  prune: `${examples(`  windrow prune quickstart --dry-run
  windrow prune quickstart
`)}
First the newest complete file is verified. Then these go: attempt logs and records of configurations it holds, results of
epochs that are over, files and audits of the merges it supersedes, leftovers of uploads that were stopped a day ago or
earlier (file stores). Manifests, results, dead letters, quarantine, actions, generations, certificates and the newest
complete file stay. What was removed is on record.
`,
  delete: examples(`  windrow delete quickstart
  windrow delete quickstart --yes quickstart
`),
  resume: `${examples(`  windrow resume quickstart
  windrow resume quick --workers 2
  windrow resume quickstart --all
`)}
Where a Redis is named, or a run is alive in this folder, its services go on with the sweep: resume then ends a pause and
wakes them, and the flags about running it here do not count.
`,
  list: examples(`  windrow list
  windrow list --json | jq '.sweeps[].counts'
`),
  status: `${examples(`  windrow status quickstart
  windrow status quickstart --watch
  windrow status quick --json | jq .failures.byCause
`)}${statusHelp}`,
  missing: `${examples(`  windrow missing quickstart
  windrow missing quickstart state=dead error~memory
  windrow missing quickstart --csv > missing.csv
`)}${selectorHelp}${statusHelp}`,
  rerun: `${examples(`  windrow rerun quickstart
  windrow rerun quickstart farm_idx=3 error~memory
  windrow rerun quickstart --from missing.csv
  windrow rerun quickstart state=cancelled
  windrow rerun quickstart 'key=farm0_*' --force --reason 'the resource of farm 0 was wrong'
`)}${selectorHelp}`,
  merge: `${examples(`  windrow merge --files results -o layouts.h5
  windrow merge --files layouts.h5_temp -o layouts.h5 --spec sweep.yaml --tolerance 1%
  windrow merge --files results -o layouts.h5 --on-corrupt fail --layout stacked --json
  windrow merge quickstart
`)}
With --files every file is checked before any is merged: results of Windrow, and worker files of h5py with a group for each
configuration. Everything in a good group is kept. Identical copies are merged once; of copies that differ none is merged.
What is left out is named, in the file's certificate too; NAME.audit.jsonl beside the output tells of every file. Without
--spec only what was found is expected. An output that an earlier merge of the same folder made is replaced.
Exit status: 0 complete or within the tolerance; 2 short of more (the file is NAME.partial.h5), or nothing to merge; 3
something is corrupt and --on-corrupt is fail: nothing is written. For a sweep: 4 when Ctrl-C ended the waiting.
`,
  check: `${examples(`  windrow check farm0_t0_s0.0.h5
  windrow check results/*.h5 --spec sweep.yaml --json
`)}
Exit status: 0 all sound, 3 any corrupt, 1 any that cannot be read.
`,
  verify: `${examples(`  windrow verify layouts.h5
  windrow verify layouts.h5 --store file:///data/windrow
  windrow verify layouts.h5 --store 's3://bucket/sweeps?endpoint=https://minio.example.org:9000'
`)}
Exit status: 0 verified, 3 when anything is not as certified. It detects damage, not forgery.
`,
  salvage: `${examples(`  windrow salvage layouts.h5_temp --spec sweep.yaml --dry-run
  windrow salvage layouts.h5_temp --spec sweep.yaml --merged layouts.h5
  windrow salvage old --spec sweep.yaml --style nested --aep as-reported --json
`)}
What is good is committed as plausible, with the file it comes from; evidence of the rest is kept. A configuration that is
committed already is left alone. Then \`windrow resume SWEEP\` runs what is missing, and the merge holds both.
Exit status: 0 when the wreck was taken in, whatever was bad in it; 1 when it was not.
`,
  optimize: examples(`  windrow optimize examples/quickstart.yaml farm0_t0_s0
  windrow optimize quickstart farm0_t0_s0 -o farm0_t0_s0.h5
`),
  producer: `${examples(`  windrow producer --redis redis://head:6379 --store file:///shared/store
`)}${serviceHelp}  --sweep NAME            keep this sweep only
  --every DURATION        pause between two comparisons (30s)
  --max-open-jobs N       jobs in a queue at most (100000)
`,
  worker: `${examples(`  windrow worker --redis redis://head:6379 --store file:///shared/store --concurrency 8
  windrow worker --store file:///shared/store --exit-when-done quickstart
  windrow worker --store file:///shared/store --exit-when-idle 10m --drain-after 3h50m
`)}${serviceHelp}  --concurrency N         configurations at once (SLURM_CPUS_PER_TASK, else the cores available)
  --sweep NAME            take jobs of this sweep only
  --optimizers FILE       optimizers of your own: which commands this worker may run
  --spool DIR             where finished results wait while the store is away
  --scratch DIR           where attempts work
  --beat DURATION         how often it says what it runs (15s)
  --stuck-after DURATION  leaving work waiting for so long is unhealthy (2m)
  --exit-when-done SWEEP  end when the sweep is settled and nothing runs here any more
  --exit-when-idle DURATION  end when nothing has run here for so long
  --drain-after DURATION  hand back what runs, and end, after so long: 3h50m
Without --redis it joins whoever leads a cluster on the store (windrow run SPEC --listen), waits for him and follows him.
Exit status: 0 ended by itself or nothing remained, 4 drained while work remained: the same command again goes on.
`,
  merger: `${examples(`  windrow merger --redis redis://head:6379 --store file:///shared/store
`)}${serviceHelp}  --scratch DIR           where the file is written before it is published
`,
  dashboard: `${examples(`  windrow dashboard
  windrow dashboard --port 8080 --writable
  WINDROW_DASHBOARD_PASSWORD=... windrow dashboard --host 0.0.0.0 --name sweeps.example.org
`)}${serviceHelp}  --host HOST             address to listen on (127.0.0.1); others need WINDROW_DASHBOARD_PASSWORD
  --port PORT             port to listen on (3080; 0: any that is free)
  --name NAME,...         further host names by which browsers call it
  --writable              let people retry what is dead
Everybody on this machine can reach 127.0.0.1: set WINDROW_DASHBOARD_PASSWORD where it is shared.
`,
} as const
