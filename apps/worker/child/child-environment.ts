/** What programs need to start. The credentials of the worker are not among it, whatever they are called. */
const forPrograms = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'PYTHONPATH',
  'LD_LIBRARY_PATH',
]

const forNode = ['NODE_OPTIONS', 'NODE_COMPILE_CACHE']

/** The part of the worker's environment that its child processes get. */
export const childEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  only([...forPrograms, ...forNode], environment)

/** The part of it that optimizers which are commands get. */
export const programEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => only(forPrograms, environment)

function only(names: readonly string[], environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = names.filter((name) => environment[name] !== undefined)
  return Object.fromEntries(kept.map((name) => [name, environment[name]]))
}
