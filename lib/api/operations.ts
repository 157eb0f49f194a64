/**
 * The one list of what the web API can do. Route handlers parse and answer by it, openapi.json is generated from it, and a test holds
 * the files under app/ to it. Long because it is one list: each entry is a call.
 */
import { z } from 'zod';
import type { AccessNeed } from '@/lib/domain/access';
import { AssetIdSchema } from '@/lib/domain/asset';
import type { ErrorCode } from '@/lib/errors';
import {
  ConnectionInputSchema,
  ConnectionRemoveInputSchema,
  ConnectionSchema,
  ConnectionsSchema,
  ConnectionTestInputSchema,
  ConnectionTestSchema,
} from './connections';
import {
  AssetDetailSchema,
  AssetPageSchema,
  AssetQuerySchema,
  AssetSummarySchema,
  AssetTraceSchema,
  DeadLetterQuerySchema,
  DeadLetterSchema,
  DeadLettersSchema,
  EdgeAccessSchema,
  EventsQuerySchema,
  HealthReportSchema,
  InvitationSchema,
  LinkSchema,
  LinkUpdateSchema,
  MirrorQuerySchema,
  MirrorSchema,
  RequestCreateSchema,
  RequestQuerySchema,
  RequestResultsSchema,
  RequestSchema,
  RequestsSchema,
  ServiceIdSchema,
  ServiceSchema,
  ServicesSchema,
  ServiceUpdateSchema,
  SiteIdSchema,
  SitesSchema,
} from './schemas';

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE';

export interface Operation {
  method: HttpMethod;
  /** With `{name}` for a parameter. */
  path: string;
  tag:
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
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** The status of success. */
  status: 200 | 202;
  /** JSON when a schema, else the media type of the answer. */
  answer: z.ZodType | string;
  /** Error codes that this call can end in, beyond those that any call can. */
  problems: readonly ErrorCode[];
}

const site = z.object({ site: SiteIdSchema });
const edge = z.object({ site: SiteIdSchema.describe('An edge') });
const hqEdge = z.object({ site: SiteIdSchema.describe('HQ'), edge: SiteIdSchema });
const asset = site.extend({ id: AssetIdSchema });
const deadLetter = site.extend({ id: z.string().max(300) });

export const OPERATIONS = {
  listSites: {
    method: 'GET',
    path: '/api/sites',
    tag: 'sites',
    summary: 'HQ and the edges, those that other processes host included',
    access: 'viewer',
    status: 200,
    answer: SitesSchema,
    problems: [],
  },
  listServices: {
    method: 'GET',
    path: '/api/sites/{site}/services',
    tag: 'services',
    summary: 'The services of a site',
    access: 'viewer',
    params: site,
    status: 200,
    answer: ServicesSchema,
    problems: ['NOT_FOUND'],
  },
  getService: {
    method: 'GET',
    path: '/api/sites/{site}/services/{service}',
    tag: 'services',
    summary: 'One service',
    access: 'viewer',
    params: site.extend({ service: ServiceIdSchema }),
    status: 200,
    answer: ServiceSchema,
    problems: ['NOT_FOUND'],
  },
  updateService: {
    method: 'PUT',
    path: '/api/sites/{site}/services/{service}',
    tag: 'services',
    summary: 'Sets the desired state or the log level. The service follows; its state says how far it is',
    access: 'operator',
    params: site.extend({ service: ServiceIdSchema }),
    body: ServiceUpdateSchema,
    status: 202,
    answer: ServiceSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  listEdges: {
    method: 'GET',
    path: '/api/sites/{site}/edges',
    tag: 'edges',
    summary: "Who may come in at HQ's doors, and what was refused there",
    access: 'admin',
    params: site,
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
  listAssets: {
    method: 'GET',
    path: '/api/sites/{site}/assets',
    tag: 'assets',
    summary: 'The assets that a site knows of, a page at a time',
    access: 'viewer',
    params: site,
    query: AssetQuerySchema,
    status: 200,
    answer: AssetPageSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  getAsset: {
    method: 'GET',
    path: '/api/sites/{site}/assets/{id}',
    tag: 'assets',
    summary: 'One asset with its timeline',
    access: 'viewer',
    params: asset,
    status: 200,
    answer: AssetDetailSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  getAssetTrace: {
    method: 'GET',
    path: '/api/sites/{site}/assets/{id}/trace',
    tag: 'assets',
    summary: "The steps of the asset's trace that this process still keeps, at all the sites it hosts",
    access: 'viewer',
    params: asset,
    status: 200,
    answer: AssetTraceSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  getContent: {
    method: 'GET',
    path: '/api/sites/{site}/assets/{id}/content',
    tag: 'assets',
    summary: 'The file as this site has it, whole or a range; 404 while it is not here',
    access: 'viewer',
    params: asset,
    status: 200,
    answer: 'application/octet-stream',
    problems: ['NOT_FOUND', 'UNAVAILABLE', 'RANGE_UNSATISFIABLE'],
  },
  getPreview: {
    method: 'GET',
    path: '/api/sites/{site}/assets/{id}/preview',
    tag: 'assets',
    summary: 'A preview image: the large one where it is, else the tiny one that came with the description',
    access: 'viewer',
    params: asset,
    status: 200,
    answer: 'image/webp',
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  retryAsset: {
    method: 'POST',
    path: '/api/sites/{site}/assets/{id}/retry',
    tag: 'assets',
    summary: 'Tries the download of a failed asset again (HQ)',
    access: 'operator',
    params: asset,
    status: 202,
    answer: AssetSummarySchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNAVAILABLE'],
  },
  listRequests: {
    method: 'GET',
    path: '/api/sites/{site}/requests',
    tag: 'requests',
    summary: "An edge's requests; at HQ those of every edge. Newest first",
    access: 'viewer',
    params: site,
    query: RequestQuerySchema,
    status: 200,
    answer: RequestsSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  createRequests: {
    method: 'POST',
    path: '/api/sites/{site}/requests',
    tag: 'requests',
    summary: 'Asks HQ for assets. An asset with a live request keeps it',
    access: 'field',
    params: edge,
    body: RequestCreateSchema,
    status: 202,
    answer: RequestResultsSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNAVAILABLE'],
  },
  cancelRequest: {
    method: 'DELETE',
    path: '/api/sites/{site}/requests/{id}',
    tag: 'requests',
    summary: 'Withdraws a request',
    access: 'field',
    params: edge.extend({ id: z.string().max(64).describe('The request id') }),
    status: 202,
    answer: RequestSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNAVAILABLE'],
  },
  getMirror: {
    method: 'GET',
    path: '/api/sites/{site}/mirror',
    tag: 'mirror',
    summary: 'What the mirror has brought and what waits',
    access: 'viewer',
    params: edge,
    query: MirrorQuerySchema,
    status: 200,
    answer: MirrorSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE', 'TIMEOUT'],
  },
  startMirror: {
    method: 'POST',
    path: '/api/sites/{site}/mirror',
    tag: 'mirror',
    summary: 'Brings what waits at HQ',
    access: 'field',
    params: edge,
    status: 202,
    answer: MirrorSchema,
    problems: ['NOT_FOUND', 'MIRROR_RUNNING', 'UNAVAILABLE'],
  },
  stopMirror: {
    method: 'DELETE',
    path: '/api/sites/{site}/mirror',
    tag: 'mirror',
    summary: 'Stops the mirror; what was brought so far is kept for the next run',
    access: 'field',
    params: edge,
    status: 202,
    answer: MirrorSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  getLink: {
    method: 'GET',
    path: '/api/sites/{site}/link',
    tag: 'link',
    summary: 'The link with HQ, each direction',
    access: 'viewer',
    params: edge,
    status: 200,
    answer: LinkSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  updateLink: {
    method: 'PUT',
    path: '/api/sites/{site}/link',
    tag: 'link',
    summary: 'Pauses or resumes, one direction or both; in a demonstration also sets the conditions of the line',
    access: 'field',
    params: edge,
    body: LinkUpdateSchema,
    status: 202,
    answer: LinkSchema,
    problems: ['NOT_FOUND', 'FORBIDDEN', 'UNSUPPORTED', 'UNAVAILABLE'],
  },
  listDeadLetters: {
    method: 'GET',
    path: '/api/sites/{site}/dead-letters',
    tag: 'dead letters',
    summary: 'Messages that could not be processed, newest first',
    access: 'viewer',
    params: site,
    query: DeadLetterQuerySchema,
    status: 200,
    answer: DeadLettersSchema,
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  resendDeadLetter: {
    method: 'POST',
    path: '/api/sites/{site}/dead-letters/{id}/resend',
    tag: 'dead letters',
    summary: 'Sends a dead letter again to the topic it came from',
    access: 'operator',
    params: deadLetter,
    status: 202,
    answer: DeadLetterSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNAVAILABLE'],
  },
  listConnections: {
    method: 'GET',
    path: '/api/connections',
    tag: 'connections',
    summary:
      'What each site hosted here stands on, what is being prepared for it, and what it stood on before. No secrets',
    access: 'admin',
    status: 200,
    answer: ConnectionsSchema,
    problems: [],
  },
  getConnection: {
    method: 'GET',
    path: '/api/sites/{site}/connection',
    tag: 'connections',
    summary: 'The connection of one site',
    access: 'admin',
    params: site,
    status: 200,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND'],
  },
  draftConnection: {
    method: 'PUT',
    path: '/api/sites/{site}/connection',
    tag: 'connections',
    summary:
      'Enters what the site is to stand on, as a draft that nothing uses yet. Secrets that are left out stay as they are',
    access: 'admin',
    params: site,
    body: ConnectionInputSchema,
    status: 200,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  discardDraft: {
    method: 'DELETE',
    path: '/api/sites/{site}/connection',
    tag: 'connections',
    summary: 'Forgets the draft and its secrets. What was prepared on that fabric stays there: see remove',
    access: 'admin',
    params: site,
    status: 200,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT'],
  },
  testConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/test',
    tag: 'connections',
    summary: 'Tries each door of the draft, or of what is in use, and says why one can not be used. Changes nothing',
    access: 'admin',
    params: site,
    body: ConnectionTestInputSchema,
    status: 200,
    answer: ConnectionTestSchema,
    problems: ['NOT_FOUND', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  prepareConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/prepare',
    tag: 'connections',
    summary:
      'Makes what the site needs on the draft, step by step; what exists is skipped. Its job tells how far it is',
    access: 'admin',
    params: site,
    status: 202,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  moveConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/move',
    tag: 'connections',
    summary:
      'Takes everything at the site to the draft and lets the site go on there. What was stays until it is removed',
    access: 'admin',
    params: site,
    status: 202,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'UNSUPPORTED', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  useConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/use',
    tag: 'connections',
    summary:
      'Lets the site go on with the draft as it is, taking nothing along: for another address or password of the same fabric',
    access: 'admin',
    params: site,
    status: 202,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  removeConnection: {
    method: 'POST',
    path: '/api/sites/{site}/connection/remove',
    tag: 'connections',
    summary: 'Removes what this mission made on a fabric that the site does not stand on, and only that',
    access: 'admin',
    params: site,
    body: ConnectionRemoveInputSchema,
    status: 202,
    answer: ConnectionSchema,
    problems: ['NOT_FOUND', 'CONFLICT', 'CONFIG_INVALID', 'SECRET_UNREADABLE'],
  },
  events: {
    method: 'GET',
    path: '/api/events',
    tag: 'events',
    summary: 'Server-sent events: a snapshot first (unless resumed by Last-Event-ID or lastEventId), then every change',
    access: 'viewer',
    query: EventsQuerySchema,
    status: 200,
    answer: 'text/event-stream',
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
  },
  openapi: {
    method: 'GET',
    path: '/api/openapi.json',
    tag: 'health',
    summary: 'This document',
    access: 'viewer',
    status: 200,
    answer: 'application/json',
    problems: [],
  },
  live: {
    method: 'GET',
    path: '/api/health/live',
    tag: 'health',
    summary: 'The process answers',
    access: 'public',
    status: 200,
    answer: HealthReportSchema,
    problems: [],
  },
  ready: {
    method: 'GET',
    path: '/api/health/ready',
    tag: 'health',
    summary: 'Every hosted site can be worked with; 503 with reasons otherwise',
    access: 'public',
    status: 200,
    answer: HealthReportSchema,
    problems: [],
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    tag: 'health',
    summary: 'OpenMetrics',
    access: 'metrics',
    status: 200,
    answer: 'application/openmetrics-text',
    problems: [],
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;
type Spec<Id extends OperationId> = (typeof OPERATIONS)[Id];
/** What a handler of an operation gets, and what it answers, by the operation's schemas. */
export type ParamsOf<Id extends OperationId> =
  Spec<Id> extends { params: infer S extends z.ZodType } ? z.output<S> : Record<never, never>;
export type QueryOf<Id extends OperationId> =
  Spec<Id> extends { query: infer S extends z.ZodType } ? z.output<S> : Record<never, never>;
export type BodyOf<Id extends OperationId> =
  Spec<Id> extends { body: infer S extends z.ZodType } ? z.output<S> : undefined;
export type AnswerOf<Id extends OperationId> = Spec<Id>['answer'] extends infer S extends z.ZodType
  ? z.input<S>
  : Response;
