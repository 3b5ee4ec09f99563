/** What a node of a batch system is called; nothing else becomes part of a worker's name. */
const nodeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/

/** The name of this host as people know it: that of the node under SLURM, where several may share a host name. */
export function hostNameOf(environment: { readonly SLURMD_NODENAME?: string | undefined }, hostName: string): string {
  const { SLURMD_NODENAME: node = '' } = environment
  return nodeName.test(node) ? node : hostName
}
