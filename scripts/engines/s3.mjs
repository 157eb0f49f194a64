/** An S3 server (versitygw on a directory) on loopback, for tests and benchmarks. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { accepts, EngineProcess, engineDirectory, freePorts } from './process.mjs';
import { engine } from './provision.mjs';

const ACCESS_KEY_ID = 'fieldline';
const SECRET_ACCESS_KEY = 'fieldline-tests-secret';
const REGION = 'us-east-1';

/**
 * Starts a server without buckets; they are made with CreateBucket.
 * @param {{ virtualDomain?: string, parent?: string, users?: { accessKeyId: string, secretAccessKey: string }[] }} [options]
 *   `virtualDomain`: buckets are also reached as hosts below this name; `parent`: where its directory is made; `users`: who may do what
 *   policies of the buckets say
 * @returns {Promise<{ endpoint: string, port: number, region: string, accessKeyId: string, secretAccessKey: string, files: string,
 *   start(): Promise<unknown>, kill(signal?: NodeJS.Signals): Promise<void>, stop(): Promise<void> }>}
 */
export async function startS3({ virtualDomain, parent, users = [] } = {}) {
  const { home, why } = engine('s3');
  if (!home) throw new Error(`versitygw can not be had: ${why}`);
  const directory = engineDirectory('s3', null, parent);
  const files = path.join(directory, 'files');
  const sidecar = path.join(directory, 'metadata');
  const accounts = path.join(directory, 'accounts');
  for (const each of [files, sidecar, accounts]) mkdirSync(each);
  const [port] = await freePorts(1);
  const server = new EngineProcess({
    name: 'versitygw',
    directory,
    command: path.join(home, 'versitygw'),
    args: [
      ...['--port', `127.0.0.1:${port}`, '--region', REGION],
      ...(virtualDomain ? ['--virtual-domain', virtualDomain] : []),
      ...['--iam-dir', accounts],
      // Metadata beside the files: not every file system has extended attributes.
      ...['posix', '--sidecar', sidecar, files],
    ],
    env: { ROOT_ACCESS_KEY_ID: ACCESS_KEY_ID, ROOT_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY, GOMEMLIMIT: '256MiB' },
    ready: () => accepts(port),
  });
  await server.start();
  const endpoint = `http://127.0.0.1:${port}`;
  const admin = ['admin', '--access', ACCESS_KEY_ID, '--secret', SECRET_ACCESS_KEY, '--endpoint-url', endpoint];
  for (const { accessKeyId, secretAccessKey } of users)
    execFileSync(
      path.join(home, 'versitygw'),
      [...admin, 'create-user', '--access', accessKeyId, '--secret', secretAccessKey, '--role', 'user'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
  return {
    endpoint,
    port,
    region: REGION,
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET_ACCESS_KEY,
    files,
    start: () => server.start(),
    kill: (signal) => server.kill(signal),
    stop: () => server.stop(),
  };
}
