/** What a fabric whose doors ask who comes needs, so that a person has no file to prepare: an authority, a certificate, a credential. */
import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { makeAuthority, makeServerCertificate } from '@/lib/certificates';
import { type EmbeddedFabricConfig, type FieldlineConfig, fabricSecurity, readSecret, sealerOf } from '@/lib/config';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { replaceFile } from '@/lib/files/durable';
import type { Sealer } from '@/lib/secrets';

/** A certificate that ends sooner is made anew at a start; edges trust the authority, so that they notice nothing. */
const CERTIFICATE_RENEWAL_DAYS = 180;
const DAY_MS = 24 * 60 * 60_000;
const PASSWORD_BYTES = 32;
/** Owner only. */
const MODE = 0o600;

/** The fabric's options for its security, with the files made that no setting names. Empty where the doors are open. */
export async function securityArguments(
  config: FieldlineConfig,
  site: string,
  fabric: EmbeddedFabricConfig,
): Promise<string[]> {
  const security = fabricSecurity(config, site, fabric);
  const key = config.secretsKeyFile === undefined ? [] : ['--secrets-key', config.secretsKeyFile];
  if (!security) return fabric.access === 'unprotected' ? [...key, '--unprotected'] : key;
  const { certFile, keyFile, caFile, credentialsFile, generated } = security;
  const sealer = sealerOf(config);
  if (generated.credentials) await ensureCredentials(credentialsFile, site, sealer);
  if (generated.certificate && caFile)
    await ensureCertificate({ certFile, keyFile, caFile }, site, hostsOf(fabric), config);
  return [
    ...['--credentials', credentialsFile, '--tls-cert', certFile, '--tls-key', keyFile],
    ...(caFile ? ['--tls-ca', caFile] : []),
    ...key,
  ];
}

async function ensureCredentials(file: string, site: string, sealer: Sealer): Promise<void> {
  if (await isSealedThere(file, sealer)) return;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  await sealer.writeFile(file, JSON.stringify({ username: site, password }));
}

/** Of a secret that was made here: false when there is none. Seals what a former build left in the clear. Fails with SECRET_UNREADABLE. */
async function isSealedThere(file: string, sealer: Sealer): Promise<boolean> {
  if (!existsSync(file)) return false;
  try {
    await sealer.sealFile(file);
    return true;
  } catch (cause) {
    if (!isFieldlineError(cause, 'SECRET_UNREADABLE')) throw cause;
    throw new FieldlineError('SECRET_UNREADABLE', cause.message, {
      cause,
      remedy: `Restore the key, or remove ${file} to have another made (docs/operations.md, "Change credentials")`,
    });
  }
}

async function ensureCertificate(
  { certFile, keyFile, caFile }: { certFile: string; keyFile: string; caFile: string },
  site: string,
  hosts: readonly string[],
  config: FieldlineConfig,
): Promise<void> {
  const sealer = sealerOf(config);
  const folder = path.dirname(certFile);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authorityKey = path.join(folder, 'authority.key');
  const hasKey = await isSealedThere(keyFile, sealer);
  const hasAuthority = await isSealedThere(authorityKey, sealer);
  if (!existsSync(caFile) || !hasAuthority) {
    const authority = await makeAuthority(`Fieldline of ${site}`);
    await sealer.writeFile(authorityKey, authority.key);
    await replaceFile(caFile, authority.certificate, MODE);
  } else if (hasKey && isGood(certFile, caFile, hosts)) return;
  const authority = { certificate: readFileSync(caFile, 'utf8'), key: readSecret(config, authorityKey) };
  const server = await makeServerCertificate(authority, hosts);
  await sealer.writeFile(keyFile, server.key);
  await replaceFile(certFile, server.certificate, MODE);
}

/** Of this authority, for these hosts, and for a while to come. */
function isGood(certFile: string, caFile: string, hosts: readonly string[]): boolean {
  if (!existsSync(certFile)) return false;
  const certificate = new X509Certificate(readFileSync(certFile));
  return (
    certificate.checkIssued(new X509Certificate(readFileSync(caFile))) &&
    hosts.every((host) => (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host))) &&
    Date.parse(certificate.validTo) > Date.now() + CERTIFICATE_RENEWAL_DAYS * DAY_MS
  );
}

/** Every name under which the doors are reached, the advertised one first. */
function hostsOf({ host, advertisedHost }: EmbeddedFabricConfig): string[] {
  const isEvery = host === '0.0.0.0' || host === '::';
  const names = [advertisedHost, isEvery ? undefined : host, hostname(), 'localhost', '127.0.0.1', '::1'];
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
}
