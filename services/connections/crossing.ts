/**
 * The link of a site that goes over is paused from before it goes until it has come. That is written down before the pause: should the app
 * end in between, its next start resumes the link where the site then stands, which is what it left or what it came to.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { connectionsDirectory, type FieldlineConfig } from '@/lib/config';
import { removeFile, replaceFile } from '@/lib/files/durable';
import type { Links } from '@/lib/ports';

export const DIRECTIONS = ['inbound', 'outbound'] as const;

const fileOf = (config: FieldlineConfig, site: string) => path.join(connectionsDirectory(config), `${site}.crossing`);

/** Durable when this resolves. Before the link is paused. */
export async function beginCrossing(config: FieldlineConfig, site: string): Promise<void> {
  await mkdir(connectionsDirectory(config), { recursive: true, mode: 0o700 });
  await replaceFile(fileOf(config, site), '', 0o600);
}

/**
 * Resumes the link of a site that is crossing, and says whether it did: where none is crossing, or it has no link yet, there is nothing to
 * resume. Fails as the port does: then it is crossing still.
 */
export async function endCrossing(config: FieldlineConfig, site: string, links: Links | null): Promise<boolean> {
  const file = fileOf(config, site);
  if (!existsSync(file)) return false;
  // A site that waits to be enrolled has no link.
  const isLinked = links !== null && (await links.status()).upstream !== null;
  if (isLinked) for (const direction of DIRECTIONS) await links.resume(direction);
  await removeFile(file);
  return isLinked;
}
