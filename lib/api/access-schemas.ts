/** Sign-in, users, tokens and the audit log in schemas. */
import { z } from 'zod';
import { ROLES, TOKEN_SCOPES } from '@/lib/domain/access';
import { SITE_ID_PATTERN } from '@/lib/domain/naming';

const time = z.iso.datetime();
const site = z.string().regex(SITE_ID_PATTERN);
const role = z.enum(ROLES);
/** What the schemas bound is judged by services/access/passwords.ts. */
const password = z.string().max(1024);
const userName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, 'a letter or digit first, then letters, digits and . _ @ -; at most 64');
export const ScopeSchema = z.union([
  z.enum(TOKEN_SCOPES),
  z.templateLiteral(['field:', z.string()]).refine((scope) => SITE_ID_PATTERN.test(scope.slice('field:'.length)), {
    error: 'field: and the id of a site',
  }),
]);

export const GrantsSchema = z.object({
  read: z.boolean(),
  metrics: z.boolean(),
  sites: z.union([z.literal('every'), z.array(site).readonly()]),
  operate: z.boolean(),
  admin: z.boolean(),
});
/** Who calls, and what they may do. */
export const MeSchema = z.object({
  /** Off: whoever reaches the app may do everything. */
  mode: z.enum(['off', 'on']),
  id: z.string(),
  name: z.string(),
  via: z.enum(['none', 'password', 'oidc', 'proxy', 'token', 'internal', 'probe']),
  role: role.nullable(),
  site: site.nullable(),
  grants: GrantsSchema,
});

export const SignInSchema = z.strictObject({ name: z.string().trim().max(200), password });
export const SetUpSchema = z.strictObject({ token: z.string().trim().max(500), name: userName, password });
export const PasswordChangeSchema = z.strictObject({ current: password, next: password });
export const OidcStartQuerySchema = z.object({
  /** Where to go afterwards: a path of this server. */
  next: z.string().max(2000).optional(),
});

export const UserSchema = z.object({
  id: z.string(),
  name: z.string(),
  role,
  site: site.nullable(),
  disabled: z.boolean(),
  createdAt: time,
  changedAt: time,
});
export const UsersSchema = z.object({ users: z.array(UserSchema) });
export const UserCreateSchema = z.strictObject({ name: userName, password, role, site: site.nullable().optional() });
export const UserUpdateSchema = z
  .strictObject({
    role: role.optional(),
    site: site.nullable().optional(),
    disabled: z.boolean().optional(),
    password: password.optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), { error: 'Give what shall change' });

export const SessionSchema = z.object({
  id: z.string(),
  name: z.string(),
  via: z.enum(['password', 'oidc']),
  /** Of the browser, as it calls itself. */
  agent: z.string(),
  address: z.string(),
  createdAt: time,
  seenAt: time,
  /** The one that this call was made in. */
  current: z.boolean(),
});
export const SessionsSchema = z.object({ sessions: z.array(SessionSchema) });

export const TokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time.nullable(),
  /** Null: not since the process started. */
  usedAt: time.nullable(),
  expired: z.boolean(),
});
export const TokensSchema = z.object({ tokens: z.array(TokenSchema) });
export const TokenCreateSchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  scopes: z.array(ScopeSchema).min(1).max(40),
  /** Null: until it is revoked. */
  expiresInDays: z.number().int().min(1).max(3650).nullable(),
});
/** The only time that the token itself is told. */
export const TokenCreatedSchema = TokenSchema.extend({ token: z.string() });

export const AuditEntrySchema = z.object({
  at: time,
  /** Who it was, or said to be: nobody has vouched for the name of a refused sign-in. */
  who: z.object({ id: z.string(), name: z.string(), via: z.string() }),
  /** The peer's address; behind a trusted proxy the one that it tells. */
  from: z.string(),
  /** The operation's id; `credential`: something shown that was not right; `connection`: one that brought no request. */
  what: z.string(),
  /** What it was done to: the path's parameters, and the fields of the body that may be told. */
  target: z.record(z.string(), z.string()),
  result: z.enum(['done', 'refused', 'failed']),
  /** Of the error. */
  code: z.string().optional(),
  detail: z.string().optional(),
});
const auditFilter = {
  /** Part of a name or id. */
  who: z.string().max(200).optional(),
  /** An operation's id. */
  what: z.string().max(100).optional(),
  result: z.enum(['done', 'refused', 'failed']).optional(),
  after: time.optional(),
  before: time.optional(),
};
export const AuditQuerySchema = z.object({
  ...auditFilter,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export const AuditExportQuerySchema = z.object(auditFilter);
export const AuditPageSchema = z.object({
  /** Newest first. */
  entries: z.array(AuditEntrySchema),
  more: z.boolean(),
});

export type Me = z.infer<typeof MeSchema>;
export type UserInfo = z.infer<typeof UserSchema>;
export type SessionInfo = z.infer<typeof SessionSchema>;
export type TokenInfo = z.infer<typeof TokenSchema>;
export type TokenCreate = z.infer<typeof TokenCreateSchema>;
export type TokenCreated = z.infer<typeof TokenCreatedSchema>;
export type UserCreate = z.input<typeof UserCreateSchema>;
export type UserUpdate = z.infer<typeof UserUpdateSchema>;
export type AuditEntry = z.infer<typeof AuditEntrySchema>;
export type AuditPage = z.infer<typeof AuditPageSchema>;
