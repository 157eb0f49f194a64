/** Consumer groups on the wire (APIs 8, 9, 11 to 16, 42). */
import { errorMessage } from '@/lib/errors';
import { LEADER_EPOCH } from '../../log/append-plan';
import { KAFKA_ERROR, type RequestOf, type ResponseInput } from '../codec';
import type { Door, RequestContext } from '../door';

/** From this version on the answer carries several members. */
const LEAVE_VERSION_WITH_MEMBERS = 3;
const NO_BYTES = Buffer.alloc(0);

type DescribedGroup = ResponseInput<'DescribeGroups'>['groups'][number];

export function joinGroup(door: Door, request: RequestOf<'JoinGroup'>, context: RequestContext) {
  return door.groups.join(request, context.apiVersion, { id: context.clientId, host: context.clientHost });
}

export function leaveGroup(
  door: Door,
  request: RequestOf<'LeaveGroup'>,
  { apiVersion }: RequestContext,
): ResponseInput<'LeaveGroup'> {
  if (apiVersion < LEAVE_VERSION_WITH_MEMBERS)
    return { errorCode: door.groups.leave(request.groupId, request.memberId, null) };
  const members = request.members.map(({ memberId, groupInstanceId }) => ({
    memberId,
    groupInstanceId,
    errorCode: door.groups.leave(request.groupId, memberId, groupInstanceId),
  }));
  return { errorCode: KAFKA_ERROR.NONE, members };
}

export function offsetFetch(door: Door, request: RequestOf<'OffsetFetch'>): ResponseInput<'OffsetFetch'> {
  const answer = (topic: string, index: number) => {
    const found = door.offsets.find(request.groupId, topic, index);
    return {
      index,
      committedOffset: found?.offset ?? -1,
      committedLeaderEpoch: found ? LEADER_EPOCH : -1,
      metadata: found?.metadata ?? '',
      errorCode: KAFKA_ERROR.NONE,
    };
  };
  if (request.topics)
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((index) => answer(name, index)),
      })),
    };
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of door.offsets.committed(request.groupId))
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  return {
    topics: [...byTopic].map(([name, partitions]) => ({
      name,
      partitions: partitions.map((index) => answer(name, index)),
    })),
  };
}

export function describeGroups(door: Door, request: RequestOf<'DescribeGroups'>): ResponseInput<'DescribeGroups'> {
  return { groups: request.groups.map((groupId) => describe(door, groupId)) };
}

function describe(door: Door, groupId: string): DescribedGroup {
  const group = door.groups.find(groupId);
  const empty = { errorCode: KAFKA_ERROR.NONE, groupId, protocolType: '', protocolData: '', members: [] };
  // As Kafka words it: a group that nobody knows is dead.
  if (group === undefined) return { ...empty, groupState: 'Dead' };
  if (group === 'offsets-only') return { ...empty, groupState: 'Empty' };
  const isSettled = group.state === 'Stable';
  return {
    ...empty,
    groupState: group.state,
    protocolType: group.protocolType,
    protocolData: isSettled ? group.protocolName : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: `/${member.clientHost}`,
      memberMetadata: isSettled
        ? (member.protocols.find(({ name }) => name === group.protocolName)?.metadata ?? NO_BYTES)
        : NO_BYTES,
      memberAssignment: isSettled ? member.assignment : NO_BYTES,
    })),
  };
}

export async function deleteGroups(
  door: Door,
  request: RequestOf<'DeleteGroups'>,
): Promise<ResponseInput<'DeleteGroups'>> {
  const results = request.groups.map(async (groupId) => {
    try {
      return { groupId, errorCode: await door.groups.delete(groupId) };
    } catch (error) {
      door.log.error('A group could not be deleted', { group: groupId, error: errorMessage(error) });
      return { groupId, errorCode: KAFKA_ERROR.COORDINATOR_NOT_AVAILABLE };
    }
  });
  return { throttleTimeMs: 0, results: await Promise.all(results) };
}
