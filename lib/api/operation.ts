import type { z } from 'zod';
import type { AccessNeed } from '@/lib/domain/access';
import type { ErrorCode } from '@/lib/errors';

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE';

export interface Operation {
  method: HttpMethod;
  /** With `{name}` for a parameter. */
  path: string;
  tag:
    | 'sign-in'
    | 'access'
    | 'sites'
    | 'services'
    | 'assets'
    | 'requests'
    | 'mirror'
    | 'link'
    | 'dead letters'
    | 'connections'
    | 'edges'
    | 'events'
    | 'health';
  summary: string;
  /** What the caller needs. `field`: at the site of the path, and an operator or administrator everywhere. */
  access: AccessNeed;
  /** Fields of the body that stand in the audit log; never one that may hold a secret. A `GET` is in the log when it names them. */
  audit?: readonly string[];
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** The status of success. */
  status: 200 | 201 | 202 | 204 | 303;
  /** JSON when a schema, else the media type of the answer; null: no body. */
  answer: z.ZodType | string | null;
  /** Error codes that this call can end in, beyond those that any call can. */
  problems: readonly ErrorCode[];
}
