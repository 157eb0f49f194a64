/** A fabric whose doors ask who comes, with everything it needs made in a directory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeAuthority, makeServerCertificate } from '@/lib/certificates';
import { FabricProcess } from './fabric-process';

export const OWN = { username: 'hq', password: 'the password of the site' };

export interface GuardedSite {
  fabric: FabricProcess;
  ca: string;
  /** As settings of an embedded fabric name them. */
  files: { tls: { certFile: string; keyFile: string; caFile: string }; credentialsFile: string };
}

/** Nothing is started yet. */
export async function guardedSite(site: string, directory: string): Promise<GuardedSite> {
  mkdirSync(directory, { recursive: true });
  const authority = await makeAuthority(`Fieldline of ${site}`);
  const server = await makeServerCertificate(authority, ['localhost', '127.0.0.1']);
  const put = (name: string, text: string) => {
    const file = path.join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const tls = {
    certFile: put('door.pem', server.certificate),
    keyFile: put('door.key', server.key),
    caFile: put('authority.pem', authority.certificate),
  };
  const credentialsFile = put('credentials.json', JSON.stringify(OWN));
  const options = ['--credentials', credentialsFile, '--tls-cert', tls.certFile, '--tls-key', tls.keyFile];
  const fabric = new FabricProcess(site, path.join(directory, 'data'), [...options, '--tls-ca', tls.caFile]);
  return { fabric, ca: authority.certificate, files: { tls, credentialsFile } };
}
