import type { SourceFile } from './source';
import type { Here } from './target';

/** One content to bring, and every name that shall have it: equal files travel once. */
export interface Transfer {
  sha256: string;
  bytes: number;
  targets: SourceFile[];
}

export interface MirrorPlan {
  /** To bring over the link, smallest first. */
  transfers: Transfer[];
  /** New names for content that is here already (a rename or a copy at the source): nothing travels. */
  links: { from: string; file: SourceFile }[];
  /** Paths that the source no longer has, and did not lose. */
  deletions: string[];
}

/**
 * Compares a complete listing of the source with what the mirror holds. A source that was restored from a copy (`restoredAt`) does not know of files that it had
 * after that copy: those stay here, where the only other ones may be.
 */
export function planMirror(
  listing: ReadonlyMap<string, SourceFile>,
  here: Here,
  restoredAt: number | null = null,
): MirrorPlan {
  const byDigest = new Map<string, string>();
  const deletions: string[] = [];
  for (const [path, entry] of here.entries()) {
    byDigest.set(entry.sha256, path);
    const mayBeLost = restoredAt !== null && (entry.modifiedAt ?? 0) <= restoredAt;
    if (!listing.has(path) && !mayBeLost) deletions.push(path);
  }
  const transfers = new Map<string, Transfer>();
  const links: MirrorPlan['links'] = [];
  for (const file of listing.values()) {
    if (here.get(file.path)?.sha256 === file.sha256) continue;
    const from = byDigest.get(file.sha256);
    const transfer = transfers.get(file.sha256);
    if (from !== undefined) links.push({ from, file });
    else if (transfer) transfer.targets.push(file);
    else transfers.set(file.sha256, { sha256: file.sha256, bytes: file.bytes, targets: [file] });
  }
  return { transfers: [...transfers.values()].sort((a, b) => a.bytes - b.bytes), links, deletions };
}
