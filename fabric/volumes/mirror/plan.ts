import type { DigestIndex } from '../digest-index';
import type { SourceFile } from './source';

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
  links: { from: string; target: SourceFile }[];
  /** Paths that the source no longer has. */
  deletions: string[];
}

/** Compares a complete listing of the source with what the mirror holds. */
export function planMirror(listing: ReadonlyMap<string, SourceFile>, here: DigestIndex): MirrorPlan {
  const byDigest = new Map<string, string>();
  const deletions: string[] = [];
  for (const [file, entry] of here.entries()) {
    byDigest.set(entry.sha256, file);
    if (!listing.has(file)) deletions.push(file);
  }
  const transfers = new Map<string, Transfer>();
  const links: MirrorPlan['links'] = [];
  for (const target of listing.values()) {
    if (here.get(target.path)?.sha256 === target.sha256) continue;
    const from = byDigest.get(target.sha256);
    const transfer = transfers.get(target.sha256);
    if (from !== undefined) links.push({ from, target });
    else if (transfer) transfer.targets.push(target);
    else transfers.set(target.sha256, { sha256: target.sha256, bytes: target.bytes, targets: [target] });
  }
  return { transfers: [...transfers.values()].sort((a, b) => a.bytes - b.bytes), links, deletions };
}
