/**
 * Does `work` on every item, at most `ahead` at a time, and yields the outcomes in the order of the items. When the
 * caller stops early, or work fails, what is under way is waited for: nothing runs on unseen.
 */
export async function* readAhead<Item, Outcome>(
  items: Iterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Outcome>,
): AsyncGenerator<Outcome> {
  const underWay: Promise<Outcome>[] = []
  try {
    for (const item of items) {
      underWay.push(started(work, item))
      if (underWay.length >= ahead) yield await underWay.shift()!
    }
    while (underWay.length > 0) yield await underWay.shift()!
  } finally {
    await Promise.allSettled(underWay)
  }
}

function started<Item, Outcome>(work: (item: Item) => Promise<Outcome>, item: Item): Promise<Outcome> {
  const outcome = work(item)
  // The failure is reported where the outcome is awaited; until then it must not count as unhandled.
  outcome.catch(() => undefined)
  return outcome
}
