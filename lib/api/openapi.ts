import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { ERROR_CODES, type ErrorCode } from '@/lib/errors';
import * as accessSchemas from './access-schemas';
import * as connections from './connections';
import { OPERATIONS, type Operation, type OperationId } from './operations';
import * as schemas from './schemas';

/** Any call may end in these. */
const COMMON_PROBLEMS: readonly ErrorCode[] = ['FORBIDDEN', 'RATE_LIMITED', 'INTERNAL'];
const BODY_PROBLEMS: readonly ErrorCode[] = ['REQUEST_INVALID', 'REQUEST_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED'];

/** With access control on. */
const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'An API token of a machine (docs/access.md)' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-fieldline-session',
    description:
      'The cookie that signing in sets (without the prefix where the app is reached without TLS). A call that changes something also carries the header `x-fieldline-csrf: 1`',
  },
} as const;

let document: ReturnType<typeof createDocument> | undefined;

/** The API as an OpenAPI 3.1 document, from the schemas that check the calls. Made once. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  document ??= createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Fieldline',
      version: '1',
      description:
        'Moves assets from headquarters to field teams over thin links. Times are ISO 8601 UTC, sizes are bytes. Errors are application/problem+json (RFC 9457); their `code` is explained in docs/errors.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server' }],
    paths: pathsOf(),
    components: { schemas: componentsOf(), securitySchemes: SECURITY_SCHEMES },
  });
  return document;
}

function pathsOf(): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const [id, operation] of Object.entries(OPERATIONS) as [OperationId, Operation][]) {
    const method = operation.method.toLowerCase();
    paths[operation.path] = { ...paths[operation.path], [method]: describe(id, operation) };
  }
  return paths;
}

function describe(id: OperationId, operation: Operation): ZodOpenApiOperationObject {
  const { params, query, body } = operation;
  return {
    operationId: id,
    tags: [operation.tag],
    summary: operation.summary,
    // A viewer, an operator ...: which one it takes, for people and for generators that carry extensions on.
    'x-access': operation.access,
    security: operation.access === 'public' ? [] : [{ token: [] }, { session: [] }],
    ...(params || query ? { requestParams: { ...(params && { path: params }), ...(query && { query }) } } : {}),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: { [`${operation.status}`]: success(operation), ...extraAnswers(id), ...problems(operation) },
  };
}

function success(operation: Operation) {
  const { answer, status } = operation;
  const description = STATUS_CODES[status] ?? 'Success';
  if (answer === null) return { description };
  if (typeof answer !== 'string') return { description, content: { 'application/json': { schema: answer } } };
  const schema = answer === 'application/json' ? { type: 'object' as const } : { type: 'string' as const };
  return { description, content: { [answer]: { schema } } };
}

/** Successes besides the usual one. */
function extraAnswers(id: OperationId): ZodOpenApiOperationObject['responses'] {
  if (id === 'getContent') return { '206': { description: 'The range asked for' }, '304': { description: 'As known' } };
  if (id === 'getPreview') return { '304': { description: 'As known' } };
  if (id === 'ready')
    return {
      '503': { description: 'Not ready', content: { 'application/json': { schema: schemas.HealthReportSchema } } },
    };
  return {};
}

/** Errors by status; several codes may share one. */
function problems(operation: Operation): ZodOpenApiOperationObject['responses'] {
  const inputs = operation.body ? BODY_PROBLEMS : operation.query ? (['REQUEST_INVALID'] as const) : [];
  const identity = operation.access === 'public' ? [] : (['UNAUTHENTICATED'] as const);
  const codes = operation.tag === 'health' ? [] : [...operation.problems, ...inputs, ...identity, ...COMMON_PROBLEMS];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const status = ERROR_CODES[code].httpStatus;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/problem+json': { schema: schemas.ProblemSchema } };
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      `${status}`,
      { description: `${STATUS_CODES[status]}: ${of.join(', ')}`, content },
    ]),
  );
}

/** Every exported schema under its name without the ending, so that generated clients have readable types. */
function componentsOf(): Record<string, z.ZodType> {
  const components: Record<string, z.ZodType> = {};
  for (const [name, schema] of Object.entries({ ...schemas, ...accessSchemas, ...connections })) {
    if (name.endsWith('Schema') && schema instanceof z.ZodType) components[name.replace(/Schema$/, '')] = schema;
  }
  return components;
}
