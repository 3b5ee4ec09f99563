import { connect, type Socket } from 'node:net'
import { WindrowError } from '../errors/windrow-error.ts'
import { parseRedisUrl } from './redis-url.ts'

/**
 * A socket to the Redis at `url` that has been let in with its password and on which nothing else was said. Rejects with
 * REDIS_REFUSED when the password is wrong, else with what connecting threw, or when nothing came within `timeoutMs`.
 */
export async function openAuthenticatedSocket(url: string, timeoutMs: number): Promise<Socket> {
  const { target, password = '' } = parseRedisUrl(url)
  const socket = connect('port' in target ? { host: target.host, port: target.port } : { path: target.socket })
  try {
    const reply = await answerTo(authCommand(password), { socket, timeoutMs })
    if (reply.startsWith('+OK')) return socket
    throw new WindrowError('REDIS_REFUSED', { message: `Redis refuses the password: ${reply.trim()}` })
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function answerTo(command: string, { socket, timeoutMs }: { socket: Socket; timeoutMs: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error('the connection was closed'))
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
    socket.once('connect', () => socket.write(command))
    socket.once('error', reject)
    socket.once('close', onClose)
    socket.once('data', (data) => {
      // Whoever takes the socket over listens for himself; nothing may get lost until then.
      socket.pause()
      socket.off('error', reject)
      socket.off('close', onClose)
      resolve(data.toString())
    })
    for (const event of ['data', 'error', 'close']) socket.once(event, () => clearTimeout(timer))
  })
}

const authCommand = (password: string) => `*2\r\n$4\r\nAUTH\r\n$${Buffer.byteLength(password)}\r\n${password}\r\n`
