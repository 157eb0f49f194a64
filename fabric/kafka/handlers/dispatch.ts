/** From a request frame to its answer. */
import { FieldlineError } from '@/lib/errors';
import { guarded } from '../access/guards';
import type { Session } from '../access/session';
import {
  APIS,
  type ApiName,
  apiNameOf,
  KAFKA_ERROR,
  type RequestOf,
  type ResponseInput,
  readRequestBody,
  readRequestHeader,
  writeResponse,
} from '../codec';
import type { Door, RequestContext } from '../door';
import type { ConnectionContext } from '../server/connection';
import { alterConfigs, describeConfigs, incrementalAlterConfigs } from './configs';
import { fetch } from './fetch';
import { deleteGroups, describeGroups, joinGroup, leaveGroup, offsetFetch } from './groups';
import { apiVersions, findCoordinator, metadata } from './metadata';
import { deleteRecords, initProducerId, listOffsets, offsetForLeaderEpoch } from './offsets';
import { produce } from './produce';
import { createPartitions, createTopics, deleteTopics } from './topics';

type Answer<N extends ApiName> = ResponseInput<N> | null;
type Handlers = {
  [N in ApiName]: (door: Door, request: RequestOf<N>, context: RequestContext) => Promise<Answer<N>> | Answer<N>;
};

const HANDLERS: Handlers = {
  Produce: produce,
  Fetch: fetch,
  ListOffsets: listOffsets,
  Metadata: metadata,
  OffsetCommit: (door, request) => door.groups.commit(request),
  OffsetFetch: offsetFetch,
  FindCoordinator: findCoordinator,
  JoinGroup: joinGroup,
  Heartbeat: (door, request) => ({ errorCode: door.groups.heartbeat(request) }),
  LeaveGroup: leaveGroup,
  SyncGroup: (door, request) => door.groups.sync(request),
  DescribeGroups: describeGroups,
  ListGroups: (door) => ({ errorCode: KAFKA_ERROR.NONE, groups: door.groups.list() }),
  SaslHandshake: (_door, request, { apiVersion, session }) => session.handshake(request, apiVersion),
  ApiVersions: () => apiVersions(),
  CreateTopics: createTopics,
  DeleteTopics: deleteTopics,
  DeleteRecords: deleteRecords,
  InitProducerId: initProducerId,
  OffsetForLeaderEpoch: offsetForLeaderEpoch,
  DescribeConfigs: describeConfigs,
  AlterConfigs: alterConfigs,
  SaslAuthenticate: (_door, request, { session }) => session.authenticate(request),
  CreatePartitions: createPartitions,
  DeleteGroups: deleteGroups,
  IncrementalAlterConfigs: incrementalAlterConfigs,
};

/** What is answered before a client has signed in. */
const BEFORE_SIGN_IN: ReadonlySet<ApiName> = new Set(['ApiVersions', 'SaslHandshake', 'SaslAuthenticate']);

/** One frame of one connection: the parts of the answer, or null where none is sent. */
export type SessionDispatch = (frame: Buffer, context: ConnectionContext, session: Session) => Promise<Buffer[] | null>;

/** Fails with PROTOCOL on what no client of ours may send: then the connection is closed. */
export function dispatcher(door: Door): SessionDispatch {
  return async (frame, { clientHost, signal, read }, session) => {
    if (session.isBare) return session.authenticateBare(frame);
    const { header, reader } = readRequestHeader(frame);
    const { apiVersion, correlationId } = header;
    const name = apiNameOf(header.apiKey);
    if (name === undefined) throw new FieldlineError('PROTOCOL', `There is no Kafka API ${header.apiKey} here`);
    const { versionMin, versionMax } = APIS[name];
    if (apiVersion < versionMin || apiVersion > versionMax) {
      // KIP-511: a newer client asks in its newest version first, and must get an answer it can read: version 0.
      if (name === 'ApiVersions')
        return writeResponse(name, 0, correlationId, apiVersions(KAFKA_ERROR.UNSUPPORTED_VERSION));
      throw new FieldlineError('PROTOCOL', `${name} version ${apiVersion} is not offered`);
    }
    const { principal } = session;
    if (principal === null && !BEFORE_SIGN_IN.has(name))
      throw new FieldlineError('PROTOCOL', `A client that has not signed in asked for ${name}`);
    const request = readRequestBody(name, apiVersion, reader);
    const context: RequestContext = { apiVersion, clientId: header.clientId ?? '', clientHost, signal, read, session };
    const isLimited = principal !== null && principal.grants !== null;
    const answer = await (isLimited
      ? guarded(
          name,
          request,
          principal,
          (what) => session.denied(what),
          (allowed) => handle(name, door, allowed, context),
        )
      : handle(name, door, request, context));
    return answer === null ? null : writeResponse(name, apiVersion, correlationId, answer);
  };
}

/** One API's request to that API's handler: the compiler sees that they belong together only one name at a time. */
function handle<N extends ApiName>(name: N, door: Door, request: RequestOf<N>, context: RequestContext) {
  return (HANDLERS[name] as Handlers[N])(door, request, context);
}
