import type { FailureRow, HostStreak, Trials } from '../trials/trials.ts'

/** Fields of a hash value are joined with `|`, lists with `,`: nothing an attempt, a worker or a host is called by may contain one. */
export const escaped = (word: string) => encodeURIComponent(word)
export const unescaped = (word: string) => decodeURIComponent(word)

/** Trials out of the fields of a ledger in Redis: good, bad, best and row; and the streaks by host. */
export function trialsOfTexts(
  [good, bad, best, row]: readonly (string | null)[],
  streaks: Readonly<Record<string, string>>,
): Trials {
  return {
    succeeded: Number(good ?? 0),
    failed: Number(bad ?? 0),
    lastSuccessOn: best ? unescaped(best) : undefined,
    row: row ? rowOfText(row, good ?? '0') : undefined,
    hosts: Object.entries(streaks)
      .map(([host, text]) => streakOfText(unescaped(host), text))
      .sort((a, b) => (a.host < b.host ? -1 : 1)),
  }
}

/** undefined when something has succeeded since. */
function rowOfText(text: string, good: string): FailureRow | undefined {
  const [failures, fingerprint = '', goodBefore, hosts = '', index, epoch, attempt = ''] = text.split('|')
  if (goodBefore !== good) return undefined
  return {
    failures: Number(failures),
    fingerprint: unescaped(fingerprint),
    hosts: entriesOf(hosts).map(unescaped),
    last: { index: Number(index), epoch: Number(epoch), attempt: unescaped(attempt) },
  }
}

export function streakOfText(host: string, text: string): HostStreak {
  const [, id, good, failures, indices = ''] = text.split('|')
  return {
    ...{ host, id: Number(id), successesBefore: Number(good), failures: Number(failures) },
    configurations: entriesOf(indices).map(Number),
    isSetAside: isAsideText(text),
  }
}

export const isAsideText = (text: string) => text.startsWith('1')

const entriesOf = (list: string) => list.split(',').filter((entry) => entry !== '')
