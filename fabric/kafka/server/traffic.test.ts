import { expect, it } from 'vitest';
import { APIS } from '../codec';
import type { ConnectionContext, Dispatch } from './connection';
import { Traffic } from './traffic';

const frame = (key: number) => {
  const bytes = Buffer.alloc(20);
  bytes.writeInt16BE(key);
  return bytes;
};
const context = {} as ConnectionContext;

it('counts requests and bytes by API, and nothing of what is none', async () => {
  const traffic = new Traffic();
  const answers: Dispatch = async (request) => (request.length > 0 ? [Buffer.alloc(3), Buffer.alloc(4)] : null);
  const counted = traffic.counted(answers);
  await counted(frame(APIS.Produce.key), context);
  await counted(frame(APIS.Produce.key), context);
  await counted(frame(APIS.Metadata.key), context);
  await counted(frame(9999), context);
  expect(traffic.list()).toEqual([
    { name: 'Produce', requests: 2, bytesIn: 40, bytesOut: 14 },
    { name: 'Metadata', requests: 1, bytesIn: 20, bytesOut: 7 },
  ]);
});
