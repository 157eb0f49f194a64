import { isFieldlineError } from '@/lib/errors';
import { HttpClient, type HttpClientOptions } from '@/lib/http';
import type { Inventory } from '@/lib/ports/inventory';
import { adminCall } from '../admin-rest/client';

const HQ_CLUSTER = 'hq';

interface LinkInventoryOptions extends Pick<HttpClientOptions, 'baseUrl' | 'auth' | 'ca' | 'serverName'> {
  mission: string;
}

/** What the link of an edge on an embedded fabric is made of: both replicas, and how HQ is reached, with its credentials. */
export function createLinkInventory({ mission, ...door }: LinkInventoryOptions): Inventory {
  const client = new HttpClient(door);
  const path = `/${mission}/replicated`;
  const remote = `/mapr/${HQ_CLUSTER}${path}`;
  const unlessGone = async (command: string, parameters: Record<string, string>) => {
    try {
      await adminCall(client, 'POST', command, parameters);
    } catch (error) {
      if (!isFieldlineError(error, 'NOT_FOUND')) throw error;
    }
  };
  const has = async (command: string) =>
    (await adminCall(client, 'GET', command)).some(({ cluster }) => cluster === HQ_CLUSTER);
  const gateway = `gateway to ${HQ_CLUSTER}`;
  const objectStore = `object store of ${HQ_CLUSTER}`;
  return {
    what: 'links',
    async list() {
      return [
        ...((await has('cluster/gateway/list')) ? [gateway] : []),
        ...((await has('cluster/objectstore/list')) ? [objectStore] : []),
      ];
    },
    async remove(names) {
      if (names.includes(gateway)) {
        // Replicas are named by their gateway, which goes last.
        await unlessGone('stream/replica/remove', { path, replica: remote });
        await unlessGone('stream/replica/remove', { path: remote, replica: path });
        await unlessGone('cluster/gateway/delete', { dstcluster: HQ_CLUSTER });
      }
      if (names.includes(objectStore)) await unlessGone('cluster/objectstore/delete', { dstcluster: HQ_CLUSTER });
    },
    close: async () => client.close(),
  };
}
