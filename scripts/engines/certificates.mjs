/** Certificates for servers of tests. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A certificate authority and a certificate for localhost and 127.0.0.1, as PEM; their files are left in the directory.
 * @param {string} directory
 */
export function makeCertificates(directory) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] });
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-subj', '/CN=fieldline tests', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl(
    'req',
    '-x509',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    ...key,
    ...name,
    '-keyout',
    'node.key',
    '-out',
    'node.pem',
  );
  const read = (file) => readFileSync(path.join(directory, file), 'utf8');
  return { ca: read('ca.pem'), certificate: read('node.pem'), key: read('node.key') };
}
