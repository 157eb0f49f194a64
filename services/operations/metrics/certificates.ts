import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FieldlineConfig } from '@/lib/config';
import type { Scrape } from './registry';

/** A certificate that the configuration names, and where. */
interface Named {
  site: string;
  setting: string;
  file: string;
}

/** When certificates end that the configuration names, as `certFile` or `caFile`: read anew every time, since they are renewed in place. */
export async function certificateMetrics(scrape: Scrape, config: FieldlineConfig): Promise<void> {
  const names = ['site', 'setting'];
  const expires = scrape.gauge('fieldline_certificate_expiry_timestamp_seconds', 'When a certificate ends', names);
  const { sites, ...rest } = config;
  const named = [...sites.flatMap((site) => certificatesOf(site, site.id)), ...certificatesOf(rest, '')];
  await Promise.all(
    named.map(async ({ site, setting, file }) => {
      const ends = await endOf(file);
      expires({ site, setting }, ends);
    }),
  );
}

function certificatesOf(settings: unknown, site: string, path = ''): Named[] {
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]) => {
    const setting = path ? `${path}.${key}` : key;
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
