/** Certificates that an installation makes for itself: an authority of its own, and what its doors show. */
import { createPrivateKey, generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';

const KEY_BITS = 2048;
const DAY_MS = 24 * 60 * 60_000;
/** Edges keep it: it outlives the installation. */
const AUTHORITY_DAYS = 20 * 365;
/** Renewed at a start long before (see CERTIFICATE_RENEWAL_DAYS of the launcher). */
const SERVER_DAYS = 2 * 365;
/** Clocks differ. */
const BACKDATED_MS = DAY_MS;
const SERIAL_BYTES = 16;

/** PEM. */
export interface Identity {
  certificate: string;
  key: string;
}

/** An authority that signs nothing but the certificates of one installation. */
export async function makeAuthority(name: string): Promise<Identity> {
  const forge = await loadForge();
  const { certificate, key, keys } = await unsigned(AUTHORITY_DAYS);
  const attributes = [{ name: 'commonName', value: name }];
  certificate.setSubject(attributes);
  certificate.setIssuer(attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key };
}

/** A server's certificate for these host names and addresses, signed by the authority. */
export async function makeServerCertificate(authority: Identity, hosts: readonly string[]): Promise<Identity> {
  const forge = await loadForge();
  const issuer = forge.pki.certificateFromPem(authority.certificate);
  const { certificate, key } = await unsigned(SERVER_DAYS);
  certificate.setSubject([{ name: 'commonName', value: hosts[0]!.slice(0, 64) }]);
  certificate.setIssuer(issuer.subject.attributes);
  const altNames = hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host }));
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(rsaPem(authority.key)), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key };
}

/** Only whoever makes a certificate needs it, which is seldom. */
const loadForge = async () => (await import('node-forge')).default;

async function unsigned(days: number) {
  const forge = await loadForge();
  // Node's own generator: forge's would take seconds.
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const forgeKey = forge.pki.privateKeyFromPem(rsaPem(key));
  const keys = { privateKey: forgeKey, publicKey: forge.pki.setRsaPublicKey(forgeKey.n, forgeKey.e) };
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  const serial = randomBytes(SERIAL_BYTES);
  // A serial number is positive (RFC 5280 section 4.1.2.2).
  serial[0]! &= 0x7f;
  certificate.serialNumber = serial.toString('hex');
  const now = Date.now();
  certificate.validity.notBefore = new Date(now - BACKDATED_MS);
  certificate.validity.notAfter = new Date(now + days * DAY_MS);
  return { certificate, key, keys };
}

/** The form that forge reads best (PKCS #1). */
const rsaPem = (pem: string) => createPrivateKey(pem).export({ type: 'pkcs1', format: 'pem' }).toString();
