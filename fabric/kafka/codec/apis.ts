/** The APIs of the Kafka protocol that the fabric speaks, as broker and as client, with the versions it offers. */
import * as cluster from './messages-cluster';
import * as data from './messages-data';
import * as groups from './messages-groups';
import type { ReadOf, Type, WriteOf } from './types';

export interface Api<Request, Response> {
  readonly key: number;
  readonly versionMin: number;
  readonly versionMax: number;
  /** First version with compact types and tagged fields (KIP-482), whether offered or not. */
  readonly flexibleFrom: number;
  readonly request: Request;
  readonly response: Response;
}

function api<Request, Response>(
  key: number,
  versionMin: number,
  versionMax: number,
  flexibleFrom: number,
  request: Request,
  response: Response,
): Api<Request, Response> {
  return { key, versionMin, versionMax, flexibleFrom, request, response };
}

/** Flexible in no version. */
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Every API stops at its last version that is not flexible, except ApiVersions.
 * The lowest versions are offered although nobody should use them: librdkafka derives its features from them (it silently stops
 * compressing when Produce begins at 3, confluentinc/librdkafka#4956).
 */
export const APIS = {
  Produce: api(0, 0, 8, 9, data.produceRequest, data.produceResponse),
  Fetch: api(1, 0, 11, 12, data.fetchRequest, data.fetchResponse),
  ListOffsets: api(2, 0, 5, 6, data.listOffsetsRequest, data.listOffsetsResponse),
  Metadata: api(3, 0, 8, 9, cluster.metadataRequest, cluster.metadataResponse),
  OffsetCommit: api(8, 0, 7, 8, groups.offsetCommitRequest, groups.offsetCommitResponse),
  OffsetFetch: api(9, 0, 5, 6, groups.offsetFetchRequest, groups.offsetFetchResponse),
  FindCoordinator: api(10, 0, 2, 3, groups.findCoordinatorRequest, groups.findCoordinatorResponse),
  JoinGroup: api(11, 0, 5, 6, groups.joinGroupRequest, groups.joinGroupResponse),
  Heartbeat: api(12, 0, 3, 4, groups.heartbeatRequest, groups.heartbeatResponse),
  LeaveGroup: api(13, 0, 3, 4, groups.leaveGroupRequest, groups.leaveGroupResponse),
  SyncGroup: api(14, 0, 3, 4, groups.syncGroupRequest, groups.syncGroupResponse),
  DescribeGroups: api(15, 0, 4, 5, groups.describeGroupsRequest, groups.describeGroupsResponse),
  ListGroups: api(16, 0, 2, 3, groups.listGroupsRequest, groups.listGroupsResponse),
  SaslHandshake: api(17, 0, 1, NEVER, cluster.saslHandshakeRequest, cluster.saslHandshakeResponse),
  ApiVersions: api(18, 0, 3, 3, cluster.apiVersionsRequest, cluster.apiVersionsResponse),
  CreateTopics: api(19, 0, 4, 5, cluster.createTopicsRequest, cluster.createTopicsResponse),
  DeleteTopics: api(20, 0, 3, 4, cluster.deleteTopicsRequest, cluster.deleteTopicsResponse),
  DeleteRecords: api(21, 0, 1, 2, data.deleteRecordsRequest, data.deleteRecordsResponse),
  InitProducerId: api(22, 0, 1, 2, data.initProducerIdRequest, data.initProducerIdResponse),
  OffsetForLeaderEpoch: api(23, 0, 3, 4, data.offsetForLeaderEpochRequest, data.offsetForLeaderEpochResponse),
  DescribeConfigs: api(32, 0, 2, 4, cluster.describeConfigsRequest, cluster.describeConfigsResponse),
  AlterConfigs: api(33, 0, 1, 2, cluster.alterConfigsRequest, cluster.alterConfigsResponse),
  SaslAuthenticate: api(36, 0, 1, 2, cluster.saslAuthenticateRequest, cluster.saslAuthenticateResponse),
  CreatePartitions: api(37, 0, 1, 2, cluster.createPartitionsRequest, cluster.createPartitionsResponse),
  DeleteGroups: api(42, 0, 1, 2, groups.deleteGroupsRequest, groups.deleteGroupsResponse),
  IncrementalAlterConfigs: api(
    44,
    0,
    0,
    1,
    cluster.incrementalAlterConfigsRequest,
    cluster.incrementalAlterConfigsResponse,
  ),
} as const;

export type ApiName = keyof typeof APIS;
/** What reading a request gives (the broker's side). */
export type RequestOf<N extends ApiName> = ReadOf<(typeof APIS)[N]['request']>;
/** What writing a request takes (the client's side; fields with a default may be left out). */
export type RequestInput<N extends ApiName> = WriteOf<(typeof APIS)[N]['request']>;
/** What reading a response gives (the client's side). */
export type ResponseOf<N extends ApiName> = ReadOf<(typeof APIS)[N]['response']>;
/** What writing a response takes (the broker's side). */
export type ResponseInput<N extends ApiName> = WriteOf<(typeof APIS)[N]['response']>;

const NAMES_BY_KEY = new Map<number, ApiName>(
  Object.entries(APIS).map(([name, definition]) => [definition.key, name as ApiName]),
);

export function apiNameOf(key: number): ApiName | undefined {
  return NAMES_BY_KEY.get(key);
}

// biome-ignore lint/suspicious/noExplicitAny: one of the APIs, not known which; the callers in frames.ts give the types back.
export function apiDefinition(name: ApiName): Api<Type<any, any>, Type<any, any>> {
  return APIS[name];
}
