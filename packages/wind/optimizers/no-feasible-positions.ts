/** No position is left that keeps boundary and spacing: only `fitted` of the `wanted` turbines could be placed. */
export class NoFeasiblePositionsError extends Error {
  readonly fitted: number
  readonly wanted: number

  constructor(fitted: number, wanted: number) {
    super(`no feasible positions: ${fitted} of ${wanted} turbines fitted`)
    this.name = 'NoFeasiblePositionsError'
    this.fitted = fitted
    this.wanted = wanted
  }
}
