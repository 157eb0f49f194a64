/** The files under app/ and the one list of operations are the same API. */
import { beforeAll, expect, test, vi } from 'vitest';
import { openApiDocument } from '@/lib/api/openapi';
import { ProblemSchema } from '@/lib/api/schemas';
import { type ApiRoute, apiRoutes } from './_lib/test-client';

vi.mock('@/services/runtime/global', () => ({ getRuntime: () => null }));

let routes: ApiRoute[];
beforeAll(async () => {
  routes = await apiRoutes();
});
const documented = openApiDocument().paths as Record<string, Record<string, unknown>>;
const methodsOf = (path: string) => Object.keys(documented[path]!).map((method) => method.toUpperCase());

test('every route file is in openapi.json, and every path there has a route file', () => {
  expect(routes.map(({ path }) => path).sort()).toEqual(Object.keys(documented).sort());
});

test.each(Object.keys(documented))(
  '%s answers its methods and refuses every other with 405 and Allow',
  async (path) => {
    const { handlers } = routes.find((route) => route.path === path)!;
    const expected = [...methodsOf(path), ...(methodsOf(path).includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
    const context = { params: Promise.resolve({}) };
    const options = await handlers.OPTIONS!(new Request('http://localhost/x', { method: 'OPTIONS' }), context);
    expect(options.headers.get('allow')?.split(', ').sort()).toEqual(expected.sort());
    for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH'].filter((word) => !expected.includes(word))) {
      const response = await handlers[method]!(new Request('http://localhost/x', { method }), context);
      expect([method, response.status]).toEqual([method, 405]);
      expect(response.headers.get('allow')).toBe(options.headers.get('allow'));
      if (method !== 'HEAD') expect(ProblemSchema.parse(await response.json()).code).toBe('METHOD_NOT_ALLOWED');
    }
  },
);

test('an unknown path of the API is a 404 problem, whatever the method', async () => {
  const catchAll = (await import('./[[...path]]/route')) as unknown as Record<
    string,
    (r: Request) => Promise<Response>
  >;
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const response = await catchAll[method]!(new Request('http://localhost/api/nothing', { method }));
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(ProblemSchema.parse(await response.json())).toMatchObject({ status: 404, instance: '/api/nothing' });
  }
});
