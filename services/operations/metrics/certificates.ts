import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type FieldlineConfig, fabricSecurity } from '@/lib/config';
import type { Scrape } from './registry';

/** A certificate, and where the configuration names it. */
interface Named {
  site: string;
  setting: string;
  file: string;
}

/**
 * When certificates end that the configuration names, as `certFile` or `caFile`, or that a start made for a fabric's doors: read anew every time, since
 * they are renewed in place.
 */
export async function certificateMetrics(scrape: Scrape, config: FieldlineConfig): Promise<void> {
  const names = ['site', 'setting'];
  const expires = scrape.gauge('fieldline_certificate_expiry_timestamp_seconds', 'When a certificate ends', names);
  const { sites, ...rest } = config;
  const made = sites.flatMap((site) => madeFor(config, site));
  const named = [...sites.flatMap((site) => certificatesOf(site, site.id)), ...certificatesOf(rest, ''), ...made];
  await Promise.all(
    named.map(async ({ site, setting, file }) => {
      const ends = await endOf(file);
      expires({ site, setting }, ends);
    }),
  );
}

/** One that was made for the doors ends too, in a process that runs for years without a start. */
function madeFor(config: FieldlineConfig, { id, fabric }: FieldlineConfig['sites'][number]): Named[] {
  const security = fabric.kind === 'embedded' ? fabricSecurity(config, id, fabric) : null;
  return security?.generated.certificate
    ? [{ site: id, setting: path.basename(security.certFile), file: security.certFile }]
    : [];
}

function certificatesOf(settings: unknown, site: string, within = ''): Named[] {
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]) => {
    const setting = within ? `${within}.${key}` : key;
    if (/^(cert|ca)File$/.test(key) && typeof value === 'string') return [{ site, setting, file: value }];
    return certificatesOf(value, site, setting);
  });
}

/** The first end of a file's certificates, in seconds since the epoch; null for one that can not be read: the connection says so itself. */
async function endOf(file: string): Promise<number | null> {
  try {
    const pems =
      (await readFile(file, 'utf8')).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const ends = pems.map((pem) => Date.parse(new X509Certificate(pem).validTo) / 1000);
    return ends.length > 0 ? Math.min(...ends) : null;
  } catch {
    return null;
  }
}
