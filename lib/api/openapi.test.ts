import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { openApiDocument } from './openapi';
import { OPERATIONS } from './operations';

const document = JSON.parse(JSON.stringify(openApiDocument())) as {
  paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>;
  components: { schemas: Record<string, unknown> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);

test('it is an OpenAPI 3.1 document', async () => {
  const result = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
});

test('it has every operation, once, at its path and method', () => {
  const listed = Object.entries(OPERATIONS).map(([id, { method, path }]) => `${id}: ${method} ${path}`);
  expect(operations.map(({ operationId, method, path }) => `${operationId}: ${method} ${path}`).sort()).toEqual(
    listed.sort(),
  );
});

test.each(operations)('$method $path declares the parameters of its path', ({ path, parameters }) => {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  expect((parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(named);
});

test('its references lead somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
});
