/** What one run measured, by name; names end in their unit. */
export type Figures = Readonly<Record<string, number>>

/** Median, least and most of the runs, by the name of the figure. */
export type Medians = Readonly<
  Record<string, { readonly median: number; readonly least: number; readonly most: number }>
>

export interface BenchPlace {
  /** A folder of this run's own on the disk that is measured; removed afterwards. */
  readonly folder: string
  /** 0 for the first run: what is compared takes turns in going first. */
  readonly run: number
}

export interface Bench {
  readonly title: string
  /** Runs once, in a process of its own. What is compared is measured side by side in the same run. */
  readonly measure: (place: BenchPlace) => Promise<Figures>
  /** The table of all runs. */
  readonly render: (medians: Medians) => string
}
