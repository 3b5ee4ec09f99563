/** Calls `onGone` once when the process at the other end of standard input has ended: a service does not outlive its `windrow run`. */
export function watchParent(input: NodeJS.ReadStream, onGone: () => void): void {
  let told = false
  const tell = () => {
    if (told) return
    told = true
    onGone()
  }
  input.on('end', tell)
  input.on('close', tell)
  input.on('error', tell)
  input.resume()
}
