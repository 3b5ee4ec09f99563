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
`)}${selectorHelp}
Exit status: 0 complete, 2 incomplete (the file is NAME.partial.h5), 4 drained by Ctrl-C, 130 interrupted twice.
`,
  resume: examples(`  windrow resume quickstart
  windrow resume quick --workers 2
`),
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
  windrow rerun quickstart 'key=farm0_*' --force --reason 'the resource of farm 0 was wrong'
`)}${selectorHelp}`,
  check: `${examples(`  windrow check farm0_t0_s0.0.h5
  windrow check results/*.h5 --spec sweep.yaml --json
`)}
Exit status: 0 all sound, 3 any corrupt, 1 any that cannot be read.
`,
  verify: `${examples(`  windrow verify layouts.h5
  windrow verify layouts.h5 --store file:///data/windrow
`)}
Exit status: 0 verified, 3 when anything is not as certified. It detects damage, not forgery.
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
`)}${serviceHelp}  --concurrency N         configurations at once (the cores available)
  --sweep NAME            take jobs of this sweep only
  --optimizers FILE       optimizers of your own: which commands this worker may run
  --spool DIR             where finished results wait while the store is away
  --scratch DIR           where attempts work
`,
  merger: `${examples(`  windrow merger --redis redis://head:6379 --store file:///shared/store
`)}${serviceHelp}  --scratch DIR           where the file is written before it is published
`,
} as const
