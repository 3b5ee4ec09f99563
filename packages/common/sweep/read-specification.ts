import { readFile } from 'node:fs/promises'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { expansionIssues } from './grid.ts'
import { include } from './includes.ts'
import { applyOverrides, type Overrides } from './overrides.ts'
import {
  builtInOptimizers,
  type Specification,
  specificationSchema,
  type WrittenSpecification,
  writtenSpecificationSchema,
} from './specification.ts'
import {
  type PlacedIssue,
  parseSpecificationDocument,
  refuse,
  type SpecificationDocument,
} from './specification-document.ts'
import { dottedPath, issuesOf, optimizerIssues, type SpecificationIssue } from './specification-issues.ts'

export interface ReadOptions {
  /** Overrides as typed: `ss_seed=0..9`, `optimizer.grid_size=20`, `farm.pick=[0, 1]`. */
  readonly set?: readonly string[]
  /** Optimizers beside the built-in ones: those the workers are configured for. */
  readonly optimizers?: readonly string[]
}

/**
 * Reads a specification (YAML) with everything it includes inlined, checked so far that it can be expanded: names, values,
 * key pattern, every key. Throws SPEC_UNREADABLE, SPEC_INVALID, KEY_INVALID or OPTIMIZER_UNKNOWN; the message names file,
 * line, column, path and what would be accepted, for everything that is wrong at once.
 */
export async function readSpecification(path: string, options: ReadOptions = {}): Promise<Specification> {
  const { set = [], optimizers = [] } = options
  const document = parseSpecificationDocument(path, await readText(path))
  const overridden = applyOverrides(document.value, set)
  const reader = { path, document, overridden }
  const parsed = writtenSpecificationSchema.safeParse(overridden.value)
  const unknown = optimizerIssues(overridden.value, [...builtInOptimizers, ...optimizers])
  if (!parsed.success) {
    return refuseAll(reader, [...issuesOf(writtenSpecificationSchema, parsed.error, overridden.value), ...unknown])
  }
  if (unknown.length > 0 || overridden.issues.length > 0) return refuseAll(reader, unknown)
  const { value, issues, origins } = await inlineIncludes(path, parsed.data)
  if (issues.length > 0) return refuseAll(reader, issues)
  const inlined = specificationSchema.safeParse(value)
  if (!inlined.success) {
    const found = issuesOf(specificationSchema, inlined.error, value)
    return refuseAll(
      reader,
      found.map((issue) => withOrigin(issue, origins)),
    )
  }
  const expansion = expansionIssues(inlined.data)
  if (expansion.length > 0)
    return refuseAll(
      reader,
      expansion.map((issue) => withOrigin(issue, origins)),
    )
  return inlined.data
}

interface Reader {
  readonly path: string
  readonly document: SpecificationDocument
  readonly overridden: Overrides
}

function refuseAll({ path, document, overridden }: Reader, issues: readonly SpecificationIssue[]): never {
  const placed = issues.map((issue): PlacedIssue => {
    const argument = overridden.argumentAt(issue.path)
    return { issue, place: argument === undefined ? document.placeOf(issue.path, issue.atName) : `--set ${argument}` }
  })
  return refuse(path, [...overridden.issues, ...placed])
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new WindrowError('SPEC_UNREADABLE', {
      message: `The specification ${path} cannot be read: ${messageOf(cause)}`,
      cause,
      context: { path },
    })
  }
}

/** A part of the specification that stands in another file. */
interface Origin {
  readonly path: readonly (string | number)[]
  readonly reference: string
}

interface Inlining {
  readonly value: unknown
  readonly issues: readonly SpecificationIssue[]
  readonly origins: readonly Origin[]
}

async function inlineIncludes(file: string, written: WrittenSpecification): Promise<Inlining> {
  const issues: SpecificationIssue[] = []
  const origins: Origin[] = []
  const take = async (path: (string | number)[], reference: string) => {
    const included = await include(file, reference)
    origins.push({ path, reference })
    if (!('issue' in included)) return included.value
    issues.push({ ...included.issue, path: [...path, ...included.issue.path] })
    return undefined
  }
  const axes: Record<string, unknown> = {}
  for (const [name, axis] of Object.entries(written.axes)) {
    if (typeof axis === 'string' || Array.isArray(axis)) axes[name] = axis
    else axes[name] = picked(await take(['axes', name], axis.from), { name, pick: axis.pick, issues })
  }
  const { site } = written.model
  const inlinedSite = typeof site === 'string' ? await take(['model', 'site'], site) : site
  return { value: { ...written, axes, model: { ...written.model, site: inlinedSite } }, issues, origins }
}

interface Picking {
  readonly name: string
  readonly pick: readonly number[] | undefined
  readonly issues: SpecificationIssue[]
}

function picked(points: unknown, { name, pick, issues }: Picking): unknown {
  if (pick === undefined || !Array.isArray(points)) return points
  return pick.map((place, i) => {
    if (place < points.length) return points[place]
    issues.push({
      code: 'SPEC_INVALID',
      path: ['axes', name, 'pick', i],
      message: `axes.${name}.pick takes point ${place} of a list of ${points.length}`,
      accepted: `places from 0 to ${points.length - 1}`,
    })
    return undefined
  })
}

/** An issue inside an included part names the file that part is from. */
function withOrigin(issue: SpecificationIssue, origins: readonly Origin[]): SpecificationIssue {
  const origin = origins.find(({ path }) => path.every((part, i) => issue.path[i] === part))
  if (!origin) return issue
  const inside = dottedPath(issue.path.slice(origin.path.length))
  return { ...issue, message: `${issue.message} (in ${origin.reference}${inside ? `, at ${inside}` : ''})` }
}
