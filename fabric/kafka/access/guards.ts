/**
 * What a principal with limited grants gets of each request: the part that it may have goes to the handler, the rest is answered with
 * Kafka's own codes of refusal. A principal that may do everything never comes here.
 */
import { FieldlineError } from '@/lib/errors';
import { mayRead, mayUseGroup, mayWrite, type Principal } from '../../access/principal';
import { type ApiName, KAFKA_ERROR, RESOURCE_TYPE, type RequestOf, type ResponseInput } from '../codec';

/** What is left for the handler (undefined: nothing), and how its answer is completed with the refusals. */
interface Guarded<N extends ApiName> {
  request?: RequestOf<N>;
  complete(answer: ResponseInput<N> | undefined): ResponseInput<N>;
}
type Guard<N extends ApiName> = (
  request: RequestOf<N>,
  principal: Principal,
  deny: (what: string) => void,
) => Guarded<N>;

const TOPIC = KAFKA_ERROR.TOPIC_AUTHORIZATION_FAILED;
const GROUP = KAFKA_ERROR.GROUP_AUTHORIZATION_FAILED;
const CLUSTER = KAFKA_ERROR.CLUSTER_AUTHORIZATION_FAILED;
const NO_BYTES = Buffer.alloc(0);
const REFUSED = 'This is not allowed to you';

/** The request as it is, with its answer as it is. */
const whole = <N extends ApiName>(request: RequestOf<N>): Guarded<N> => ({ request, complete: (answer) => answer! });
/** Nothing is left: this is the answer. */
const only = <N extends ApiName>(answer: ResponseInput<N>): Guarded<N> => ({ complete: () => answer });

/** Divides items by whether they are allowed; the others are told to `deny`. */
function divide<T>(items: readonly T[], isAllowed: (item: T) => boolean, onDenied: (item: T) => void): [T[], T[]] {
  const allowed: T[] = [];
  const denied: T[] = [];
  for (const item of items) {
    if (isAllowed(item)) allowed.push(item);
    else {
      denied.push(item);
      onDenied(item);
    }
  }
  return [allowed, denied];
}

/** Of an API whose request and answer are lists of topics. */
function byTopic<T extends { name: string }, R>(
  topics: readonly T[],
  may: (principal: Principal, topic: string) => boolean,
  verb: string,
  principal: Principal,
  deny: (what: string) => void,
  refuse: (topic: T) => R,
): { allowed: T[]; refused: R[] } {
  const [allowed, denied] = divide(
    topics,
    ({ name }) => may(principal, name),
    ({ name }) => deny(`${verb} the topic ${name}`),
  );
  return { allowed, refused: denied.map(refuse) };
}

/** Of an API that is about one group: the answer when it is another's. */
function ofGroup<N extends ApiName>(refusal: (request: RequestOf<N>) => ResponseInput<N>): Guard<N> {
  return (request, principal, deny) => {
    const { groupId } = request as { groupId: string };
    if (mayUseGroup(principal, groupId)) return whole(request);
    deny(`use the consumer group ${groupId}`);
    return only(refusal(request));
  };
}

const GUARDS: { [N in ApiName]: Guard<N> } = {
  // Before anybody has signed in.
  ApiVersions: whole,
  SaslHandshake: whole,
  SaslAuthenticate: whole,

  Produce: (request, principal, deny) => {
    const { allowed, refused } = byTopic(
      request.topics,
      mayWrite,
      'write',
      principal,
      deny,
      ({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index }) => ({ index, errorCode: TOPIC, baseOffset: -1, errorMessage: REFUSED })),
      }),
    );
    // There is no answer to carry the error: as for every other refusal, the connection ends.
    if (request.acks === 0 && refused.length > 0)
      throw new FieldlineError(
        'PROTOCOL',
        'A record sent without wish for an answer was refused: its topic is not allowed',
      );
    return {
      ...(allowed.length > 0 && { request: { ...request, topics: allowed } }),
      complete: (answer) => ({ ...answer, topics: [...(answer?.topics ?? []), ...refused] }),
    };
  },
  Fetch: (request, principal, deny) => {
    const { allowed, refused } = byTopic(request.topics, mayRead, 'read', principal, deny, ({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index }) => ({
        index,
        errorCode: TOPIC,
        highWatermark: -1,
        records: null,
      })),
    }));
    if (refused.length === 0) return whole(request);
    return {
      // The refusal is not held back by a long poll.
      request: { ...request, topics: allowed, maxWaitMs: 0 },
      complete: (answer) => ({ ...answer, topics: [...answer!.topics, ...refused] }),
    };
  },
  ListOffsets: (request, principal, deny) => {
    const { allowed, refused } = byTopic(request.topics, mayRead, 'read', principal, deny, ({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index }) => ({ index, errorCode: TOPIC })),
    }));
    return {
      request: { ...request, topics: allowed },
      complete: (answer) => ({ ...answer, topics: [...answer!.topics, ...refused] }),
    };
  },
  OffsetForLeaderEpoch: (request, principal, deny) => {
    const { allowed, refused } = byTopic(request.topics, mayRead, 'read', principal, deny, ({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index }) => ({ index, errorCode: TOPIC, endOffset: -1 })),
    }));
    return {
      request: { ...request, topics: allowed },
      complete: (answer) => ({ ...answer, topics: [...answer!.topics, ...refused] }),
    };
  },
  Metadata: (request, principal, deny) => {
    const isVisible = ({ name }: { name: string }) => mayRead(principal, name);
    // All topics, also as version 0 says it: of those it gets its own to see, and nothing is refused.
    if (request.topics === null || request.topics.length === 0)
      return { request, complete: (answer) => ({ ...answer!, topics: answer!.topics.filter(isVisible) }) };
    const { allowed, refused } = byTopic(request.topics, mayRead, 'read', principal, deny, ({ name }) => ({
      errorCode: TOPIC,
      name,
      partitions: [],
    }));
    const mayCreate = allowed.every(({ name }) => mayWrite(principal, name));
    return {
      request: {
        ...request,
        // Version 0 takes an empty list for all topics; a name that can not be stands for none.
        topics: allowed.length > 0 ? allowed : [{ name: '' }],
        allowAutoTopicCreation: request.allowAutoTopicCreation && mayCreate && allowed.length > 0,
      },
      complete: (answer) => ({ ...answer!, topics: [...answer!.topics.filter(isVisible), ...refused] }),
    };
  },

  CreateTopics: (request, principal, deny) => {
    const { allowed, refused } = byTopic(request.topics, mayWrite, 'create', principal, deny, ({ name }) => ({
      name,
      errorCode: TOPIC,
      errorMessage: REFUSED,
    }));
    return {
      request: { ...request, topics: allowed },
      complete: (answer) => ({ ...answer, topics: [...answer!.topics, ...refused] }),
    };
  },
  CreatePartitions: (request, principal, deny) => {
    const { allowed, refused } = byTopic(request.topics, mayWrite, 'grow', principal, deny, ({ name }) => ({
      name,
      errorCode: TOPIC,
      errorMessage: REFUSED,
    }));
    return {
      request: { ...request, topics: allowed },
      complete: (answer) => ({ ...answer!, results: [...answer!.results, ...refused] }),
    };
  },
  DeleteTopics: (request, _principal, deny) => {
    for (const name of request.topicNames) deny(`delete the topic ${name}`);
    return only({ topics: request.topicNames.map((name) => ({ name, errorCode: TOPIC })) });
  },
  DeleteRecords: (request, _principal, deny) => {
    for (const { name } of request.topics) deny(`delete records of the topic ${name}`);
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index }) => ({ index, lowWatermark: -1, errorCode: TOPIC })),
    }));
    return only({ throttleTimeMs: 0, topics });
  },
  InitProducerId: whole,

  DescribeConfigs: (request, principal, deny) => {
    // A broker's configuration tells where the REST door is, which an edge has to find.
    const [allowed, denied] = divide(
      request.resources,
      ({ resourceType, resourceName }) => resourceType !== RESOURCE_TYPE.topic || mayRead(principal, resourceName),
      ({ resourceName }) => deny(`read the settings of the topic ${resourceName}`),
    );
    const refused = denied.map(({ resourceType, resourceName }) => ({
      ...{ resourceType, resourceName, errorCode: TOPIC, errorMessage: REFUSED },
      configs: [],
    }));
    return {
      request: { ...request, resources: allowed },
      complete: (answer) => ({ ...answer!, results: [...answer!.results, ...refused] }),
    };
  },
  AlterConfigs: (request, _principal, deny) => only(refuseSettings(request.resources, deny)),
  IncrementalAlterConfigs: (request, _principal, deny) => only(refuseSettings(request.resources, deny)),

  OffsetCommit: (request, principal, deny) => {
    const isOwn = mayUseGroup(principal, request.groupId);
    if (!isOwn) deny(`commit offsets of the consumer group ${request.groupId}`);
    const [allowed, denied] = divide(
      request.topics,
      ({ name }) => isOwn && mayRead(principal, name),
      ({ name }) => isOwn && deny(`commit offsets of the topic ${name}`),
    );
    const refused = denied.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index }) => ({ index, errorCode: isOwn ? TOPIC : GROUP })),
    }));
    return {
      ...(isOwn && { request: { ...request, topics: allowed } }),
      complete: (answer) => ({ ...answer, topics: [...(answer?.topics ?? []), ...refused] }),
    };
  },
  OffsetFetch: ofGroup<'OffsetFetch'>(({ topics }) => ({
    errorCode: GROUP,
    topics: (topics ?? []).map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((index) => ({ index, committedOffset: -1, metadata: '', errorCode: GROUP })),
    })),
  })),
  FindCoordinator: (request, principal, deny) => {
    if (request.keyType !== 0 || mayUseGroup(principal, request.key)) return whole(request);
    deny(`use the consumer group ${request.key}`);
    return only({ errorCode: GROUP, errorMessage: REFUSED, nodeId: -1, host: '', port: -1 });
  },
  JoinGroup: ofGroup<'JoinGroup'>(({ memberId }) => ({
    ...{ errorCode: GROUP, generationId: -1, protocolName: '', leader: '', memberId, members: [] },
  })),
  Heartbeat: ofGroup<'Heartbeat'>(() => ({ errorCode: GROUP })),
  LeaveGroup: ofGroup<'LeaveGroup'>(() => ({ errorCode: GROUP })),
  SyncGroup: ofGroup<'SyncGroup'>(() => ({ errorCode: GROUP, assignment: NO_BYTES })),
  DescribeGroups: (request, principal, deny) => {
    const [allowed, denied] = divide(
      request.groups,
      (group) => mayUseGroup(principal, group),
      (group) => deny(`read the consumer group ${group}`),
    );
    const refused = denied.map((groupId) => ({
      ...{ errorCode: GROUP, groupId, groupState: '', protocolType: '', protocolData: '', members: [] },
    }));
    return {
      request: { ...request, groups: allowed },
      complete: (answer) => ({ ...answer, groups: [...answer!.groups, ...refused] }),
    };
  },
  ListGroups: (request, principal) => ({
    request,
    complete: (answer) => ({
      ...answer!,
      groups: answer!.groups.filter(({ groupId }) => mayUseGroup(principal, groupId)),
    }),
  }),
  DeleteGroups: (request, _principal, deny) => {
    for (const group of request.groups) deny(`delete the consumer group ${group}`);
    return only({ throttleTimeMs: 0, results: request.groups.map((groupId) => ({ groupId, errorCode: GROUP })) });
  },
};

function refuseSettings(
  resources: readonly { resourceType: number; resourceName: string }[],
  deny: (what: string) => void,
) {
  const results = resources.map(({ resourceType, resourceName }) => {
    const isTopic = resourceType === RESOURCE_TYPE.topic;
    deny(`change the settings of ${isTopic ? `the topic ${resourceName}` : 'this fabric'}`);
    return { resourceType, resourceName, errorCode: isTopic ? TOPIC : CLUSTER, errorMessage: REFUSED };
  });
  return { throttleTimeMs: 0, results };
}

/** Lets a handler answer what a limited principal may have. `deny` is told of everything else, in words. */
export async function guarded<N extends ApiName>(
  name: N,
  request: RequestOf<N>,
  principal: Principal,
  deny: (what: string) => void,
  handle: (request: RequestOf<N>) => Promise<ResponseInput<N> | null> | ResponseInput<N> | null,
): Promise<ResponseInput<N> | null> {
  const guard = (GUARDS[name] as Guard<N>)(request, principal, deny);
  if (guard.request === undefined) return guard.complete(undefined);
  const answer = await handle(guard.request);
  return answer === null ? null : guard.complete(answer);
}
