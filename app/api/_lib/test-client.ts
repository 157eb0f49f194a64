import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Operation } from '@/lib/api/operations';
import type { RouteHandler } from './endpoint';

const APP = path.resolve(import.meta.dirname, '../..');

/** A route file of the web API. */
export interface ApiRoute {
  /** As OpenAPI writes it: `/api/sites/{site}`. */
  path: string;
  handlers: Record<string, RouteHandler>;
}

/** Every route file under app/api and app/metrics, the one that answers unknown paths apart. */
export async function apiRoutes(): Promise<ApiRoute[]> {
  const files = ['api', 'metrics'].flatMap((folder) =>
    readdirSync(path.join(APP, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => path.basename(file) === 'route.ts' && !file.includes('[[...'))
      .map((file) => path.join(folder, file)),
  );
  return Promise.all(
    files.map(async (file) => ({
      path: `/${path.dirname(file).replace(/\[(\w+)\]/g, '{$1}')}`,
      handlers: (await import(path.join(APP, file))) as Record<string, RouteHandler>,
    })),
  );
}

/** Calls the routes as Next would, without a server. */
export function createTestClient(routes: readonly ApiRoute[]) {
  const patterns = routes
    .map((route) => ({
      ...route,
      pattern: new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)').replace(/\./g, '\\.')}$`),
    }))
    // What is written out wins over a parameter.
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  return async function call(target: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(target, 'http://localhost:3000');
    const headers = new Headers(init.headers);
    if (!headers.has('host')) headers.set('host', url.host);
    if (init.body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
    const request = new Request(url, { ...init, headers });
    for (const { pattern, handlers } of patterns) {
      const match = pattern.exec(url.pathname);
      if (!match) continue;
      const params = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
      );
      return handlers[request.method]!(request, { params: Promise.resolve(params) });
    }
    throw new Error(`no route for ${url.pathname}`);
  };
}

/** An address of an operation: at alpha, of things that are not there. */
export const targetOf = ({ path: pattern }: Pick<Operation, 'path'>) =>
  pattern
    .replace(/{(site|edge)}/g, 'alpha')
    .replace('{service}', 'viewer')
    .replace('{id}', 'none');
