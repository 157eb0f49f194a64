import { isFieldlineError } from '@/lib/errors';
import { type HttpAuth, HttpClient } from '@/lib/http';
import type { Inventory } from '@/lib/ports/inventory';
import { adminCall } from './client';

interface AdminInventoryOptions {
  baseUrl: string;
  auth?: HttpAuth;
  ca?: string | Buffer;
  mission: string;
  /** Names of the tables that a mission may have. */
  tables: readonly string[];
}

/** What a mission has on an embedded fabric or a cluster: two streams, its tables and its volumes. Against a cluster not tried. */
export function createAdminInventory({ mission, tables, ...door }: AdminInventoryOptions): Inventory[] {
  const client = new HttpClient(door);
  const isThere = async (command: string, path: string) => {
    try {
      await adminCall(client, 'GET', command, { path });
      return true;
    } catch (error) {
      if (isFieldlineError(error, 'NOT_FOUND')) return false;
      throw error;
    }
  };
  const byPath = (what: 'streams' | 'tables', command: 'stream' | 'table', names: readonly string[]): Inventory => ({
    what,
    async list() {
      const paths = names.map((name) => `/${mission}/${name}`);
      const there = await Promise.all(paths.map((path) => isThere(`${command}/info`, path)));
      return paths.filter((_path, index) => there[index]);
    },
    async remove(paths) {
      for (const path of paths)
        if (await isThere(`${command}/info`, path)) await adminCall(client, 'POST', `${command}/delete`, { path });
    },
    close: async () => undefined,
  });
  return [
    byPath('streams', 'stream', ['pipeline', 'replicated']),
    byPath('tables', 'table', tables),
    {
      what: 'volumes',
      list: async () => volumesOf(await adminCall(client, 'GET', 'volume/list')),
      async remove(names) {
        const there = volumesOf(await adminCall(client, 'GET', 'volume/list'));
        for (const name of names)
          if (there.includes(name)) await adminCall(client, 'POST', 'volume/remove', { name, force: true });
      },
      close: async () => client.close(),
    },
  ];

  function volumesOf(rows: Record<string, unknown>[]): string[] {
    return rows.map((row) => String(row.volumename)).filter((name) => name.startsWith(`${mission}.`));
  }
}
