/** `access/*` of the admin API, ours: who may come in. And `POST /enrol`, where an invited edge becomes one. */
import { z } from 'zod';
import { writeToken } from '@/lib/enrolment/token';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { type AdminCommands, invalid, MUTATION, READ } from '../admin';
import type { DoorCertificate } from '../door-certificate';
import { attemptOf } from '../http/auth';
import { type RestRouter, sendJson } from '../http/router';
import type { FabricAccess } from './access';
import { FailureLimit } from './failure-limit';

/** That edges can be enrolled here, announced in dashboard/info. */
export const ACCESS_EXTENSIONS = ['access.edges'] as const;

const LIFETIME_DEFAULT_MS = 60 * 60_000;
const LIFETIME_MAX_MS = 7 * 24 * 60 * 60_000;
const PATTERNS_MAX = 64;
const SEQ_MAX = Number.MAX_SAFE_INTEGER;
const DAY_MS = 24 * 60 * 60_000;

const names = z.array(z.string().regex(/^[A-Za-z0-9._*-]{1,249}$/)).max(PATTERNS_MAX);
const InvitationSchema = z.strictObject({
  edge: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  mission: z.string().min(1).max(128),
  grants: z.strictObject({ read: names, write: names, groups: names, volumes: names }),
  lifetimeMs: z.number().int().min(1000).max(LIFETIME_MAX_MS).default(LIFETIME_DEFAULT_MS),
});

const base64 = z.string().regex(/^[A-Za-z0-9+/=]{16,200}$/);
const VerifierSchema = z.strictObject({
  salt: base64,
  iterations: z.number().int().min(4096).max(1_000_000),
  storedKey: base64,
  serverKey: base64,
});
const EnrolmentSchema = z.strictObject({
  id: z.string().max(100),
  secret: z.string().max(200),
  verifiers: z.strictObject({ 'scram-sha-256': VerifierSchema, 'scram-sha-512': VerifierSchema }),
});

export interface EnrolmentParts {
  access: FabricAccess;
  siteId: string;
  /** `host:port` of the REST door, as edges reach it. */
  restAddress: string;
  /** Of the doors, as it is now; null without TLS, and then nobody can be enrolled. */
  certificate: Pick<DoorCertificate, 'ca' | 'endsAt'> | null;
}

export function registerAccessCommands(commands: AdminCommands, parts: EnrolmentParts): void {
  const { access, siteId, certificate } = parts;
  const { registry, audit } = access;
  const here = { address: 'admin', door: 'rest', principal: access.ownName } as const;

  commands.register('access/edge/invite', {
    methods: MUTATION,
    takesBody: true,
    run: async (_parameters, body) => {
      const wanted = InvitationSchema.safeParse(await body());
      if (!wanted.success) throw invalid('The body needs "edge", "mission" and "grants", and may have "lifetimeMs"');
      const { edge, mission, grants, lifetimeMs } = wanted.data;
      if (!certificate)
        throw new FieldlineError('UNSUPPORTED', 'Edges can be enrolled only where the doors have TLS', {
          remedy: 'Set "access": "credentials" for this fabric',
        });
      if (edge === siteId || edge === access.ownName) throw invalid(`"${edge}" is this site itself`);
      const { id, secret, expiresAt } = await registry.invite(edge, grants, lifetimeMs);
      audit.record({ ...here, kind: 'invited', what: `invite the edge ${edge}` });
      const { ca } = certificate;
      const token = writeToken({ address: parts.restAddress, site: siteId, edge, mission, ca, id, secret, expiresAt });
      return { data: [{ edge, token, expiresAt }] };
    },
  });

  commands.register('access/edge/revoke', {
    methods: MUTATION,
    run: async (parameters) => {
      const edge = parameters.required('edge');
      await access.revoke(edge);
      audit.record({ ...here, kind: 'revoked', what: `revoke the edge ${edge}` });
      return { messages: [`The edge ${edge} can come in no more`] };
    },
  });

  commands.register('access/edge/list', {
    methods: READ,
    run: () => {
      const invitations = registry.invitations();
      const ids = [...new Set([...registry.edges(), ...invitations].map(({ edge }) => edge))].sort();
      return {
        data: ids.map((edge) => {
          const enrolled = registry.get(edge);
          const seen = access.lastSeen(edge);
          return {
            edge,
            enrolledAt: enrolled?.enrolledAt ?? null,
            revokedAt: enrolled?.revokedAt ?? null,
            invitedUntil: invitations.find((one) => one.edge === edge)?.expiresAt ?? null,
            lastSignInAt: seen?.at ?? null,
            lastAddress: seen?.address ?? null,
          };
        }),
      };
    },
  });

  commands.register('access/events', {
    methods: READ,
    run: (parameters) => {
      const after = parameters.integer('after', { min: 0, max: SEQ_MAX }) ?? 0;
      return { data: audit.after(after, parameters.text('run')).map((event) => ({ ...event })) };
    },
  });

  commands.register('access/certificate', {
    methods: READ,
    run: () => ({
      data: certificate ? [{ endsAt: certificate.endsAt, daysLeft: daysUntil(certificate.endsAt) }] : [],
    }),
  });
}

const daysUntil = (at: number) => Math.floor((at - Date.now()) / DAY_MS);

/** The one call that needs no credential: it shows the one-time secret of an invitation. */
export function registerEnrolDoor(router: RestRouter, { access, siteId }: EnrolmentParts): void {
  const limit = new FailureLimit();
  router.on('POST', '/enrol', async (request, response) => {
    const attempt = attemptOf(request.raw);
    if (limit.blocked(attempt.address))
      throw new FieldlineError('UNAVAILABLE', 'Too many enrolments have failed; try again in a minute');
    const fail = (what: string) => {
      limit.failed(attempt.address);
      access.audit.record({ ...attempt, kind: 'enrolment failed', principal: 'anyone', what });
    };
    const wanted = EnrolmentSchema.safeParse(await request.json());
    if (!wanted.success) {
      fail('enrol with something that is no enrolment');
      throw new FieldlineError('REQUEST_INVALID', 'This is no enrolment');
    }
    const { id, secret, verifiers } = wanted.data;
    try {
      const { edge } = await access.registry.accept(id, secret, verifiers);
      // A credential of before is good for nothing now, nor is what goes on with it.
      access.end(edge);
      access.audit.record({ ...attempt, kind: 'enrolled', principal: edge, what: `enrol as the edge ${edge}` });
      sendJson(response, 200, { site: siteId, edge });
    } catch (error) {
      if (isFieldlineError(error, 'UNAUTHENTICATED')) fail('enrol with a token that does not hold');
      throw error;
    }
  });
}
