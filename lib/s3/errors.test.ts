import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { s3Error } from './errors';
import type { S3Settings } from './settings';

it('says of a HEAD that is refused that it may be the key: the answer has no body that could tell', async () => {
  const server = createServer((_request, response) => void response.writeHead(403).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const settings = { endpoint, bucket: 'missions', region: 'us-east-1' } as S3Settings;
  const error = await client
    .send(new HeadObjectCommand({ Bucket: 'missions', Key: 'x' }))
    .catch((reason: unknown) => reason);
  expect(s3Error(error, settings, 'asking for "x"')).toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringContaining('does not accept the access key or its secret'),
  });
  client.destroy();
  server.close();
});
