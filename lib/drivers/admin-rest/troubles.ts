import { HttpClient, type HttpClientOptions } from '@/lib/http';
import type { FabricTroubles } from '@/lib/ports';
import { adminCall } from './client';

/** What an embedded fabric says is wrong with itself (`troubles` of its dashboard/info). Reading fails as its door does not answer. */
export function createAdminTroubles(options: Pick<HttpClientOptions, 'baseUrl' | 'auth' | 'ca'>): FabricTroubles {
  const client = new HttpClient(options);
  return {
    async read() {
      const [info] = await adminCall(client, 'GET', 'dashboard/info');
      return Array.isArray(info?.troubles) ? info.troubles.map(String) : [];
    },
    close: async () => client.close(),
  };
}
