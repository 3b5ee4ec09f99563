/*
 * The commands, each with all that it needs loaded when it is given: nobody who checks a file waits for the parts that speak
 * to queues.
 */

export const cancelCommand = loaded(async () => (await import('./commands/cancel.ts')).cancelCommand)
export const checkCommand = loaded(async () => (await import('./commands/check.ts')).checkCommand)
export const deleteCommand = loaded(async () => (await import('./commands/delete.ts')).deleteCommand)
export const downloadCommand = loaded(async () => (await import('./commands/download.ts')).downloadCommand)
export const listCommand = loaded(async () => (await import('./commands/list.ts')).listCommand)
export const mergeFilesCommand = loaded(async () => (await import('./commands/merge-files.ts')).mergeFilesCommand)
export const mergeSweepCommand = loaded(async () => (await import('./commands/merge-sweep.ts')).mergeSweepCommand)
export const missingCommand = loaded(async () => (await import('./commands/missing.ts')).missingCommand)
export const optimizeCommand = loaded(async () => (await import('./commands/optimize.ts')).optimizeCommand)
export const pauseCommand = loaded(async () => (await import('./commands/pause.ts')).pauseCommand)
export const pruneCommand = loaded(async () => (await import('./commands/prune.ts')).pruneCommand)
export const quarantineCommand = loaded(async () => (await import('./commands/quarantine.ts')).quarantineCommand)
export const rerunCommand = loaded(async () => (await import('./commands/rerun.ts')).rerunCommand)
export const resumeElsewhere = loaded(async () => (await import('./commands/resume-elsewhere.ts')).resumeElsewhere)
export const resumeSweep = loaded(async () => (await import('./commands/resume.ts')).resumeSweep)
export const runCommand = loaded(async () => (await import('./commands/run.ts')).runCommand)
export const salvageCommand = loaded(async () => (await import('./commands/salvage.ts')).salvageCommand)
export const serviceCommand = loaded(async () => (await import('./commands/service.ts')).serviceCommand)
export const statusCommand = loaded(async () => (await import('./commands/status.ts')).statusCommand)
export const submitCommand = loaded(async () => (await import('./commands/submit.ts')).submitCommand)
export const verifyCommand = loaded(async () => (await import('./commands/verify.ts')).verifyCommand)

function loaded<Given extends unknown[]>(load: () => Promise<(...given: Given) => Promise<number>>) {
  return async (...given: Given): Promise<number> => (await load())(...given)
}
