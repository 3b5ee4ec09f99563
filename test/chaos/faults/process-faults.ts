import type { Field } from '../field.ts'
import { pause } from '../pause.ts'
import type { KeptService } from '../services.ts'
import { lockMs } from '../sweep.ts'

type Ground = Pick<Field, 'services' | 'chance' | 'journal' | 'watch'>

/** SIGKILL in the middle of whatever it does; what starts it again is the keeper of the services. */
export async function killWorker(ground: Ground, signal: AbortSignal): Promise<void> {
  await harm(ground, signal, async (worker) => {
    ground.journal.dose('worker killed', factsOf(worker), ground.watch.runningKeys(worker.pid))
    worker.signal('SIGKILL')
    await worker.ended
  })
}

/** SIGTERM: it hands back what it runs, and ends in good order. */
export async function terminateWorker(ground: Ground, signal: AbortSignal): Promise<void> {
  await harm(ground, signal, async (worker) => {
    const dose = ground.journal.dose('worker terminated', factsOf(worker), ground.watch.runningKeys(worker.pid))
    worker.signal('SIGTERM')
    const { status } = await worker.ended
    // 4: drained, and there is more to do.
    dose.caught = status === 0 || status === 4
  })
}

/** Its lock runs out, others take over, and it comes back as a zombie that knows of nothing. */
export async function freezeWorker(ground: Ground, signal: AbortSignal): Promise<void> {
  await harm(ground, signal, async (worker) => {
    const { pid } = worker
    ground.journal.dose('worker frozen past its lock', factsOf(worker), ground.watch.runningKeys(pid))
    worker.signal('SIGSTOP')
    await pause(lockMs * ground.chance.between(1.2, 2), signal)
    worker.signal('SIGCONT')
  })
}

/** Between any two batches of its jobs, or anywhere else. */
export async function killProducer(ground: Ground, signal: AbortSignal): Promise<void> {
  const producer = await ground.services.take('producer', ground.chance, signal)
  await pause(ground.chance.between(0, 600), signal)
  const { pid, starts } = producer
  const dose = ground.journal.dose('producer killed', { pid, starts }, ground.watch.runningKeys())
  producer.signal('SIGKILL')
  await producer.ended
  producer.isTaken = false
  // That it is at work again is all there is to see of it.
  await ground.services.take('producer', ground.chance, signal)
  producer.isTaken = false
  dose.caught = true
}

async function harm(ground: Ground, signal: AbortSignal, act: (worker: KeptService) => Promise<void>): Promise<void> {
  const worker = await ground.services.take('worker', ground.chance, signal)
  try {
    await pause(ground.chance.between(0, 900), signal)
    await act(worker)
  } finally {
    worker.isTaken = false
  }
}

const factsOf = ({ name, pid }: KeptService) => ({ service: name, pid, worker: `${name}/${pid}` })
