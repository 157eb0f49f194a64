import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type AuditEntry, AuditEntrySchema } from '@/lib/api/access-schemas';

export interface AuditFilter {
  /** Part of a name or id. */
  who?: string | undefined;
  what?: string | undefined;
  result?: AuditEntry['result'] | undefined;
  /** Times in ms since the epoch. */
  after?: number | undefined;
  before?: number | undefined;
}

/** What matches, oldest first, a file at a time: an export needs no more memory than a line. */
export async function* readAudit(files: readonly string[], filter: AuditFilter): AsyncGenerator<AuditEntry> {
  for (const file of files) {
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) {
      const entry = parse(line);
      if (entry && matches(entry, filter)) yield entry;
    }
  }
}

/** The newest `limit` that match, newest first. */
export async function newestAudit(
  files: readonly string[],
  filter: AuditFilter,
  limit: number,
): Promise<{ entries: AuditEntry[]; more: boolean }> {
  const found: AuditEntry[] = [];
  for (const file of files.toReversed()) {
    let ofFile: AuditEntry[] = [];
    for await (const entry of readAudit([file], filter)) {
      ofFile.push(entry);
      // Only the last ones count; let go of the others now and then.
      if (ofFile.length > 4 * (limit + 1)) ofFile = ofFile.slice(-(limit + 1));
    }
    found.push(...ofFile.reverse());
    if (found.length > limit) break;
  }
  return { entries: found.slice(0, limit), more: found.length > limit };
}

/** Null for a line that was cut off by a full disk or a power cut. */
function parse(line: string): AuditEntry | null {
  try {
    return AuditEntrySchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function matches(entry: AuditEntry, { who, what, result, after, before }: AuditFilter): boolean {
  const at = Date.parse(entry.at);
  const needle = who?.toLowerCase();
  return (
    (needle === undefined || `${entry.who.name}\n${entry.who.id}`.toLowerCase().includes(needle)) &&
    (what === undefined || entry.what === what) &&
    (result === undefined || entry.result === result) &&
    (after === undefined || at >= after) &&
    (before === undefined || at < before)
  );
}
