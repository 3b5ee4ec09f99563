import { findRedisServer } from '@windrow/common/redis/find-server.ts'
import { testToolsMissing } from '../../test/fixtures/test-tools.ts'

const [root, flag] = process.argv.slice(2)
const { PATH = '', CONDA_PREFIX } = process.env
const found = await findRedisServer({ path: PATH, condaPrefix: CONDA_PREFIX, root }).then(
  (redis) => ({ redis }),
  (error) => ({ redisMissing: error.message }),
)
const toolsMissing = flag === '--tests' ? await testToolsMissing({ path: PATH, condaPrefix: CONDA_PREFIX }) : []
console.log(JSON.stringify({ ...found, toolsMissing }))
