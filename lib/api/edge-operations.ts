/** The operations of which edges may come in at HQ, and of enrolling one. */
import { z } from 'zod';
import type { Operation } from './operation';
import { EdgeAccessSchema, EnrolInputSchema, EnrolmentSchema, InvitationSchema, SiteIdSchema } from './schemas';

const hq = z.object({ site: SiteIdSchema });
const edge = z.object({ site: SiteIdSchema.describe('An edge') });
const hqEdge = z.object({ site: SiteIdSchema.describe('HQ'), edge: SiteIdSchema });

export const EDGE_OPERATIONS = {
  listEdges: {
    method: 'GET',
    path: '/api/sites/{site}/edges',
    tag: 'edges',
    summary: "Who may come in at HQ's doors, and what was refused there",
    access: 'admin',
    params: hq,
    status: 200,
    answer: EdgeAccessSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  inviteEdge: {
    method: 'POST',
    path: '/api/sites/{site}/edges/{edge}/invitation',
    tag: 'edges',
    summary: 'Makes an enrolment token for an edge: for one use, shown once; an earlier one of the same edge ends',
    access: 'admin',
    params: hqEdge,
    status: 200,
    answer: InvitationSchema,
    problems: ['NOT_FOUND', 'REQUEST_INVALID', 'CONFLICT', 'UNSUPPORTED', 'UNAVAILABLE'],
  },
  revokeEdge: {
    method: 'DELETE',
    path: '/api/sites/{site}/edges/{edge}',
    tag: 'edges',
    summary: 'Takes the credential of an edge back, and ends what it has open at HQ',
    access: 'admin',
    params: hqEdge,
    status: 200,
    answer: EdgeAccessSchema,
    problems: ['NOT_FOUND', 'UNSUPPORTED', 'UNAVAILABLE'],
  },
  getEnrolment: {
    method: 'GET',
    path: '/api/sites/{site}/enrolment',
    tag: 'edges',
    summary: 'How an edge is enrolled at HQ, asked at the edge',
    access: 'viewer',
    params: edge,
    status: 200,
    answer: EnrolmentSchema,
    problems: ['NOT_FOUND', 'CONFIG_INVALID'],
  },
  enrol: {
    method: 'POST',
    path: '/api/sites/{site}/enrolment',
    tag: 'edges',
    summary: 'Takes an enrolment token of HQ at the edge, and lets its link go on with the credential that comes of it',
    access: 'admin',
    params: edge,
    body: EnrolInputSchema,
    status: 200,
    answer: EnrolmentSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNSUPPORTED', 'UNAVAILABLE', 'TIMEOUT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
} as const satisfies Record<string, Operation>;
