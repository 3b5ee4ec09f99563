import { z } from 'zod'

const positive = z.number({ error: 'a number above 0' }).positive({ error: 'a number above 0' })
const sectorList = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item, { error: 'a list with one number for each wind sector' })
    .min(1, { error: 'one number for each wind sector' })

/** A wind resource: a Weibull distribution for each of evenly spaced wind sectors, the first centred on north. */
export const siteSchema = z
  .strictObject(
    {
      source: z.string().optional().describe('Where the figures are from. Changes no result.'),
      reference_height_m: positive.describe('Height above sea or ground the figures hold for, m.'),
      turbulence_intensity: z
        .number({ error: 'a share from 0 to 1' })
        .min(0, { error: 'a share from 0 to 1' })
        .max(1, { error: 'a share from 0 to 1' })
        .optional()
        .describe('Ambient turbulence intensity.'),
      sector_center_deg: sectorList(z.number({ error: 'a direction in degrees' })).describe('Sector centres, degrees.'),
      sector_frequency: sectorList(
        z.number({ error: 'a share, 0 or more' }).min(0, { error: 'a share, 0 or more' }),
      ).describe('Share of time of each sector; they sum to about 1.'),
      weibull_A_m_per_s: sectorList(positive).describe('Weibull scale parameter, m/s.'),
      weibull_k: sectorList(positive).describe('Weibull shape parameter.'),
    },
    { error: 'a wind resource: reference_height_m, sector_center_deg, sector_frequency, weibull_A_m_per_s, weibull_k' },
  )
  .superRefine((site, context) => {
    const sectors = site.sector_center_deg.length
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    for (const name of ['sector_frequency', 'weibull_A_m_per_s', 'weibull_k'] as const) {
      if (site[name].length !== sectors) refuse(name, `as many numbers as sector_center_deg has (${sectors})`)
    }
    const evenly = site.sector_center_deg.every((centre, i) => Math.abs(centre - (i * 360) / sectors) < 1e-6)
    if (!evenly) refuse('sector_center_deg', 'evenly spaced sector centres that start at 0, such as 0, 30, ... 330')
    const sum = site.sector_frequency.reduce((total, frequency) => total + frequency, 0)
    if (Math.abs(sum - 1) > 0.02)
      refuse('sector_frequency', `frequencies that sum to about 1 (these sum to ${sum.toFixed(4)})`)
  })
