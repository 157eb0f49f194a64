import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, it } from 'vitest';
import { makeAuthority, makeServerCertificate } from './index';

it('makes certificates that whoever trusts the authority trusts, for their hosts only', async () => {
  const authority = await makeAuthority('Fieldline of hq');
  const server = await makeServerCertificate(authority, ['hq.example', '127.0.0.1', '::1']);
  const certificate = new X509Certificate(server.certificate);
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(certificate.checkHost('hq.example')).toBe('hq.example');
  expect(certificate.checkHost('other.example')).toBeUndefined();
  expect(certificate.checkIP('::1')).toBeDefined();

  const listening = createServer({ cert: server.certificate, key: server.key }, (socket) => socket.end('hello'));
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const attempt = async (ca?: string, host = '127.0.0.1') => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: host.includes('e') ? host : undefined });
    try {
      await once(socket, 'secureConnect');
      return 'trusted';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    } finally {
      socket.destroy();
    }
  };
  expect(await attempt(authority.certificate)).toBe('trusted');
  expect(await attempt(authority.certificate, 'hq.example')).toBe('trusted');
  expect(await attempt((await makeAuthority('Fieldline of hq')).certificate)).not.toBe('trusted');
  expect(await attempt()).not.toBe('trusted');
  listening.close();
});
