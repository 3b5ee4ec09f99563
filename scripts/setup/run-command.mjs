import { spawn } from 'node:child_process'

/**
 * Runs a command without input and collects what it prints; never rejects.
 * `status` is the exit status, or undefined when the command could not be started or was killed.
 */
export function runCommand(command, args, { cwd, environment } = {}) {
  return new Promise((resolve) => {
    let output = ''
    const collect = (chunk) => {
      output += chunk
    }
    const child = spawn(command, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', (error) => resolve({ status: undefined, output: error.message }))
    child.on('close', (status) => resolve({ status: status ?? undefined, output }))
  })
}

/** The last lines of what a command printed, for an error message. */
export function lastLines(output, count = 12) {
  return output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count)
}
