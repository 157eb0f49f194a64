/**
 * An enrolment token: what an edge needs to become one of HQ's, in one line that a person can paste. It is good for one use and a short
 * time; whoever has it until then can enrol in the edge's place.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import { ENROLMENT_TOKEN_LENGTH_MAX } from './limits';

const PREFIX = 'fl1';
const CHECK_LENGTH = 8;

const TokenSchema = z.strictObject({
  /** HQ's REST door, `host:port`, as edges reach it. */
  address: z.string().min(3).max(300),
  /** HQ's name, which the edge's fabric knows it by. */
  site: z.string().min(1).max(128),
  edge: z.string().min(1).max(128),
  mission: z.string().min(1).max(128),
  /** PEM of the authority of HQ's certificates: the edge trusts no other. Absent: the system's authorities. */
  ca: z.string().min(1).max(ENROLMENT_TOKEN_LENGTH_MAX).optional(),
  id: z.string().min(1).max(100),
  secret: z.string().min(1).max(200),
  /** In ms since 1970. */
  expiresAt: z.number(),
});
export type EnrolmentToken = z.infer<typeof TokenSchema>;

const checkOf = (body: string) => createHash('sha256').update(body).digest('base64url').slice(0, CHECK_LENGTH);

export function writeToken(token: EnrolmentToken): string {
  const body = Buffer.from(JSON.stringify(token)).toString('base64url');
  return `${PREFIX}.${body}.${checkOf(body)}`;
}

/** Spaces and line ends that a terminal or a mail put in are no matter. Fails with REQUEST_INVALID; the text is never repeated. */
export function readToken(text: string): EnrolmentToken {
  const match = /^fl1\.([\w-]+)\.([\w-]+)$/.exec(text.replace(/\s+/g, ''));
  if (!match || text.length > ENROLMENT_TOKEN_LENGTH_MAX || checkOf(match[1]!) !== match[2])
    throw new FieldlineError('REQUEST_INVALID', 'This is no enrolment token, or not the whole of one', {
      remedy: 'Copy it again from HQ, from "fl1." to the end',
    });
  try {
    return TokenSchema.parse(JSON.parse(Buffer.from(match[1]!, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new FieldlineError('REQUEST_INVALID', 'This enrolment token was made by another version of Fieldline', {
      cause,
      remedy: 'Use the same version at HQ and at the edge',
    });
  }
}
