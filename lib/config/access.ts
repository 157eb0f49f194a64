/** Who gets in, and how they show who they are. Secrets are in files that the settings name. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { ROLES } from '@/lib/domain/access';
import { SITE_ID_PATTERN } from '@/lib/domain/naming';
import { isLoopbackHost } from '@/lib/net/loopback';

/** The role that goes with a group: `admin`, or `{"role": "field", "site": "alpha"}`. */
const RoleRuleSchema = z.union([
  z.enum(ROLES).exclude(['field']),
  z.strictObject({ role: z.literal('field'), site: z.string().regex(SITE_ID_PATTERN) }),
]);
/** By the value of a claim or the name of a group. Who has none of them does not get in. */
const RoleRulesSchema = z
  .record(z.string().min(1), RoleRuleSchema)
  .refine((rules) => Object.keys(rules).length > 0, { error: 'name at least one group' });

const headerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'a header name')
  .transform((name) => name.toLowerCase());

const OidcSchema = z.strictObject({
  issuer: z
    .url({ protocol: /^https?$/, error: 'an address' })
    .refine((text) => text.startsWith('https:') || isLoopbackHost(new URL(text).hostname), {
      error: 'https, except on this machine',
    }),
  clientId: z.string().min(1),
  /** Absent: a public client, with PKCE alone. */
  clientSecretFile: z.string().optional(),
  scopes: z.array(z.string().min(1)).default(['openid', 'profile', 'email']),
  /** The claim that holds a role's name or a list of groups. */
  rolesClaim: z.string().min(1).default('groups'),
  roles: RoleRulesSchema,
  /** PEM of the authority of the provider's certificate; the system's when absent. */
  caFile: z.string().optional(),
  /** What the button on the sign-in page says. */
  label: z.string().min(1).max(60).default('your organisation'),
});

const TrustedProxySchema = z.strictObject({
  /** Peers that are believed, as addresses or CIDR ranges. */
  addresses: z
    .array(
      z.string().refine((text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text), { error: 'an address or CIDR' }),
    )
    .min(1),
  userHeader: headerName.default('x-auth-request-user'),
  groupsHeader: headerName.default('x-auth-request-groups'),
  roles: RoleRulesSchema,
});

/** An origin: scheme, host and possibly a port, nothing behind. */
const OriginSchema = z
  .url({ protocol: /^https?$/, error: 'https://host or https://host:port' })
  .refine((text) => new URL(text).href === `${new URL(text).origin}/`, { error: 'without a path' })
  .transform((text) => new URL(text).origin);

export const AccessSchema = z
  .strictObject({
    /** `off`: whoever reaches the app may do everything; only while it listens on loopback. */
    mode: z.enum(['off', 'on']).default('off'),
    /** The address that browsers use, when it is not the app's own (behind a proxy, or with TLS). */
    publicUrl: OriginSchema.optional(),
    oidc: OidcSchema.optional(),
    trustedProxy: TrustedProxySchema.optional(),
    /** Holds the one-time token of the first administrator; made by the launcher when absent. */
    setupTokenFile: z.string().optional(),
  })
  .superRefine((access, context) => {
    if (access.oidc && !access.publicUrl)
      context.addIssue({
        code: 'custom',
        path: ['publicUrl'],
        message: 'sign-in through a provider needs the address to which it sends people back',
      });
  })
  .prefault({});

export type AccessConfig = z.infer<typeof AccessSchema>;
export type RoleRule = z.infer<typeof RoleRuleSchema>;
