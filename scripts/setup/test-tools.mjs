import { availablePackages, hasApt, installPackages, updateSystemLists } from './apt.mjs'
import { probe } from './probe.mjs'
import { lastLines } from './run-command.mjs'

const pythonPackages = ['python3-h5py', 'hdf5-tools', 'python3-xarray', 'python3-h5netcdf', 'python3-pandas']
/** The S3 server that tests start. */
const cephPackages = ['ceph-mon', 'ceph-osd', 'ceph-common', 'radosgw']
/** Certificates for a Redis with TLS, and hosts with addresses of their own. */
const networkPackages = ['openssl', 'iproute2']
/** The batch system that tests run the examples in; started by the tests, not by the system. */
const slurmPackages = ['slurmctld', 'slurmd', 'slurm-client', 'munge']
const packages = [
  ...pythonPackages,
  ...cephPackages,
  ...networkPackages,
  ...slurmPackages,
  'chromium',
  'faketime',
  'kubernetes-client',
]

/** Installs what only tests need when it may, and says how to get it otherwise: those tests are skipped then. */
export async function ensureTestTools(machine, { node, found }) {
  if (found.toolsMissing.length === 0) return
  const { say } = machine
  say(`some tests need ${found.toolsMissing.join(', ')}, which this machine does not have`)
  if (!hasApt() || !machine.isSuperuser) return advise(say)
  await updateSystemLists(machine)
  const available = await availablePackages(packages)
  say(`apt-get install ${available.join(' ')}`)
  const { status, output } = await installPackages(machine, available)
  if (status !== 0) for (const line of lastLines(output, 5)) say(`  ${line}`)
  const after = await probe(machine, { node, tests: true })
  if (after.toolsMissing.length > 0) say(`tests that need ${after.toolsMissing.join(', ')} will be skipped`)
}

function advise(say) {
  say('those tests will be skipped; to run them:')
  if (hasApt()) say(`  sudo apt-get install --no-install-recommends ${packages.join(' ')}`)
  else say('  conda install -c conda-forge h5py hdf5 xarray h5netcdf pandas    (or pip install, and hdf5 for h5dump)')
  say('  for the tests on S3 any S3 server does: WINDROW_TEST_S3=http://KEY:SECRET@host:port')
}
