/** Calls of the admin REST API (`/rest/<command>`) of an embedded fabric or an HPE Data Fabric cluster. */
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, FieldlineError } from '@/lib/errors';
import type { HttpClient } from '@/lib/http';

const AnswerSchema = z.object({
  status: z.string(),
  data: z.array(z.record(z.string(), z.unknown())).optional(),
  errors: z.array(z.object({ id: z.number(), desc: z.string(), code: z.string().optional() })).optional(),
});
export type AdminRow = Record<string, unknown>;
export type AdminParameters = Record<string, string | number | boolean | undefined>;

/** errno of `errors[].id`. 22 was seen on a cluster; 2 and 17 follow the same scheme and are not verified. */
const CODE_OF_ERRNO: Record<number, ErrorCode> = { 2: 'NOT_FOUND', 17: 'CONFLICT', 22: 'REQUEST_INVALID' };
/** What programs written for clusters look for in the text, since the numbers are not documented. */
const CODE_OF_TEXT: readonly [RegExp, ErrorCode][] = [
  // Seen on a cluster: what autosetup says of streams that are paired already.
  [/DC_NOT_SUPPORTED/, 'UNSUPPORTED'],
  [/already exists|already in use/i, 'CONFLICT'],
  [/not found|no such|does not exist|is not a valid stream/i, 'NOT_FOUND'],
];

/** Calls a command; parameters go into the query string also of a POST. A `status: "ERROR"` becomes an error with its code. */
export async function adminCall(
  client: HttpClient,
  method: 'GET' | 'POST',
  command: string,
  parameters: AdminParameters = {},
  options: { signal?: AbortSignal; idleTimeoutMs?: number; json?: unknown } = {},
): Promise<AdminRow[]> {
  const path = `/rest/${command}`;
  const parsed = AnswerSchema.safeParse(await client.json({ method, path, query: parameters, ...options }));
  if (!parsed.success)
    throw new FieldlineError('PROTOCOL', `${client.where} answered ${command} in a form that is not the admin API's`);
  const { status, data = [], errors = [] } = parsed.data;
  if (status === 'OK') return data;
  const [first] = errors;
  const desc = first?.desc ?? 'no reason given';
  throw new FieldlineError(codeOf(first), `${client.where} refused ${command}: ${desc}`);
}

function codeOf(error: { id: number; desc: string; code?: string } | undefined): ErrorCode {
  if (!error) return 'PROTOCOL';
  // An embedded fabric says its code; a cluster has only the number and the text.
  if (error.code !== undefined && error.code in ERROR_CODES) return error.code as ErrorCode;
  const byText = CODE_OF_TEXT.find(([pattern]) => pattern.test(error.desc));
  return byText?.[1] ?? CODE_OF_ERRNO[error.id] ?? 'PROTOCOL';
}
