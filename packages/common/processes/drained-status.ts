/** The exit status of a command or service that was told to end, or ended at a time, while work remained: it can be resumed. */
export const drainedStatus = 4
