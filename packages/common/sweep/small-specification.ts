import { type Specification, specificationSchema } from './specification.ts'

/** A wind resource of four sectors, for tests. */
export const smallSite = {
  reference_height_m: 100,
  sector_center_deg: [0, 90, 180, 270],
  sector_frequency: [0.2, 0.2, 0.2, 0.4],
  weibull_A_m_per_s: [9, 9, 10, 11],
  weibull_k: [2, 2, 2.2, 2.3],
}

/** Two square areas, two turbine types and three seeds, for tests; `changes` replace whole parts. */
export function smallSpecification(changes: Record<string, unknown> = {}): Specification {
  return specificationSchema.parse({
    name: 'small',
    key: 'a{area_idx}_{type}_s{seed}',
    axes: {
      area: [squareArea(0, 3000), squareArea(1, 4000)],
      turbine: [turbineType('big', 120), turbineType('small', 80)],
      seed: '0..2',
    },
    model: { site: smallSite, directions: 16, speeds: '4..16' },
    optimizer: { grid_size: 8 },
    ...changes,
  })
}

export const squareArea = (area_idx: number, sideM: number) => ({
  area_idx,
  x: [0, sideM, sideM, 0],
  y: [0, 0, sideM, sideM],
})

export const turbineType = (type: string, D: number) => ({ type, D, hub: 100, rated_MW: 3, n_turbines: 4 })
