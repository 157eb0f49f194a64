import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KAFKA_ERROR, type ResponseOf } from '../codec';
import { startTestDoor } from '../testing/door-harness';
import type { WireClient } from '../testing/wire-client';

let fabric: Awaited<ReturnType<typeof startTestDoor>>;

beforeEach(async () => {
  fabric = await startTestDoor();
  await fabric.store.create('t', { partitions: 2 });
});
afterEach(() => fabric.close());

const LONG_MS = 30_000;

/** One member with a connection of its own, as clients have. */
class Member {
  id = '';
  generation = -1;
  constructor(
    readonly client: WireClient,
    readonly options: { instanceId?: string; sessionTimeoutMs?: number; protocols?: string[]; metadata?: string } = {},
  ) {}

  /** Joins as clients of version 5 do: once without an id, then with the one that was given. */
  async join(): Promise<ResponseOf<'JoinGroup'>> {
    const ask = () =>
      this.client.request('JoinGroup', 5, {
        groupId: 'g',
        sessionTimeoutMs: this.options.sessionTimeoutMs ?? LONG_MS,
        rebalanceTimeoutMs: LONG_MS,
        memberId: this.id,
        groupInstanceId: this.options.instanceId ?? null,
        protocolType: 'consumer',
        protocols: (this.options.protocols ?? ['range']).map((name) => ({
          name,
          metadata: Buffer.from(this.options.metadata ?? 'm'),
        })),
      });
    let answer = await ask();
    this.id = answer.memberId;
    if (answer.errorCode === KAFKA_ERROR.MEMBER_ID_REQUIRED) answer = await ask();
    this.generation = answer.generationId;
    return answer;
  }

  sync(assignments: { memberId: string; assignment: Buffer }[] = []) {
    const { id: memberId, generation: generationId } = this;
    return this.client.request('SyncGroup', 3, {
      groupId: 'g',
      generationId,
      memberId,
      groupInstanceId: this.options.instanceId ?? null,
      assignments,
    });
  }

  async heartbeat(): Promise<number> {
    const request = { groupId: 'g', generationId: this.generation, memberId: this.id };
    return (await this.client.request('Heartbeat', 3, request)).errorCode;
  }

  async leave(): Promise<number> {
    const members = [{ memberId: this.id, groupInstanceId: null }];
    return (await this.client.request('LeaveGroup', 3, { groupId: 'g', members })).members[0]!.errorCode;
  }

  async commit(offset: number): Promise<number> {
    const partitions = [{ index: 0, committedOffset: offset, committedMetadata: null }];
    const answer = await this.client.request('OffsetCommit', 7, {
      groupId: 'g',
      generationId: this.generation,
      memberId: this.id,
      topics: [{ name: 't', partitions }],
    });
    return answer.topics[0]!.partitions[0]!.errorCode;
  }
}

const member = async (options = {}) => new Member(await fabric.client(), options);
const shares = (...members: Member[]) =>
  members.map((one, index) => ({ memberId: one.id, assignment: Buffer.from(`share ${index}`) }));
const state = async () => {
  const answer = await (await fabric.client()).request('DescribeGroups', 4, { groups: ['g'] });
  return answer.groups[0]!;
};

/** Two members in a stable group. */
async function pair(): Promise<[Member, Member]> {
  const [first, second] = [await member(), await member()];
  await first.join();
  await first.sync(shares(first));
  const joining = second.join();
  await expect.poll(() => first.heartbeat()).toBe(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
  const [asLeader] = await Promise.all([first.join(), joining]);
  expect(asLeader.members.map(({ memberId }) => memberId).toSorted()).toEqual([first.id, second.id].toSorted());
  await Promise.all([first.sync(shares(first, second)), second.sync()]);
  return [first, second];
}

describe('a consumer group', () => {
  it('gives a new member an id, makes it leader, and hands out what it divides', async () => {
    const one = await member();
    const joined = await one.join();
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, leader: one.id, protocolName: 'range' });
    expect((await one.sync(shares(one))).assignment.toString()).toBe('share 0');
    expect(await one.heartbeat()).toBe(0);
    expect(await state()).toMatchObject({
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
      members: [{ memberId: one.id, clientId: 'test', clientHost: '/127.0.0.1' }],
    });
  });

  it('admits clients of versions before 4 without a second round', async () => {
    const client = await fabric.client();
    const answer = await client.request('JoinGroup', 2, {
      groupId: 'g',
      sessionTimeoutMs: LONG_MS,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from('m') }],
    });
    expect(answer).toMatchObject({ errorCode: 0, generationId: 1 });
  });

  it('rebalances when a second member comes, and when it leaves', async () => {
    const [first, second] = await pair();
    expect([first.generation, second.generation]).toEqual([2, 2]);
    expect((await second.sync()).assignment.toString()).toBe('share 1');
    expect(await second.leave()).toBe(0);
    expect(await first.heartbeat()).toBe(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
    expect((await first.join()).members.length).toBe(1);
    expect(await second.heartbeat()).toBe(KAFKA_ERROR.UNKNOWN_MEMBER_ID);
  });

  it('tells members that wait for the division when a rebalance begins meanwhile', async () => {
    const [first, second] = [await member(), await member()];
    await first.join();
    await first.sync(shares(first));
    const joining = second.join();
    await expect.poll(() => first.heartbeat()).toBe(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
    await Promise.all([first.join(), joining]);
    const waiting = second.sync();
    expect(await first.heartbeat()).toBe(0);
    expect((await state()).groupState).toBe('CompletingRebalance');
    const third = await member();
    const thirdJoins = third.join();
    expect((await waiting).errorCode).toBe(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
    await Promise.all([first.join(), second.join(), thirdJoins]);
    expect(third.generation).toBe(3);
  });

  it('takes out a member that falls silent', async () => {
    const [first, silent] = [await member(), await member({ sessionTimeoutMs: 1000 })];
    await first.join();
    await first.sync(shares(first));
    const joining = silent.join();
    await expect.poll(() => first.heartbeat()).toBe(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
    await Promise.all([first.join(), joining]);
    await Promise.all([first.sync(shares(first, silent)), silent.sync()]);
    await expect.poll(() => first.heartbeat(), { timeout: 10_000 }).toBe(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
    expect((await first.join()).members.map(({ memberId }) => memberId)).toEqual([first.id]);
  });

  it('does not take out a member for waiting in JoinGroup', async () => {
    const [first, waiting] = [await member(), await member({ sessionTimeoutMs: 1000 })];
    await first.join();
    await first.sync(shares(first));
    const joining = waiting.join();
    await expect.poll(() => first.heartbeat()).toBe(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const [answer] = await Promise.all([first.join(), joining]);
    expect(answer.members.length).toBe(2);
  });

  it('chooses a protocol that all members know', async () => {
    const [first, second] = [await member({ protocols: ['sticky', 'range'] }), await member({ protocols: ['range'] })];
    expect((await first.join()).protocolName).toBe('sticky');
    await first.sync(shares(first));
    const joining = second.join();
    await expect.poll(() => first.heartbeat()).toBe(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
    const [answer] = await Promise.all([first.join(), joining]);
    expect(answer.protocolName).toBe('range');
    const stranger = await member({ protocols: ['other'] });
    expect((await stranger.join()).errorCode).toBe(KAFKA_ERROR.INCONSISTENT_GROUP_PROTOCOL);
  });

  it('answers a join that comes again because its answer was lost', async () => {
    const [, second] = await pair();
    expect(await second.join()).toMatchObject({ errorCode: 0, generationId: 2, members: [] });
    expect((await state()).groupState).toBe('Stable');
  });

  it('lets a static member come again under its instance id, and fences the old one', async () => {
    const before = await member({ instanceId: 'i' });
    await before.join();
    await before.sync(shares(before));
    const after = await member({ instanceId: 'i' });
    expect(await after.join()).toMatchObject({ errorCode: 0, generationId: 2 });
    expect((await before.sync()).errorCode).toBe(KAFKA_ERROR.FENCED_INSTANCE_ID);
  });

  it('refuses what makes no sense', async () => {
    const client = await fabric.client();
    const join = async (more: object) => {
      const request = {
        groupId: 'g',
        sessionTimeoutMs: LONG_MS,
        memberId: '',
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('m') }],
        ...more,
      };
      return (await client.request('JoinGroup', 5, request)).errorCode;
    };
    expect(await join({ groupId: '' })).toBe(KAFKA_ERROR.INVALID_GROUP_ID);
    expect(await join({ sessionTimeoutMs: 1 })).toBe(KAFKA_ERROR.INVALID_SESSION_TIMEOUT);
    expect(await join({ protocols: [] })).toBe(KAFKA_ERROR.INCONSISTENT_GROUP_PROTOCOL);
    expect(await join({ memberId: 'made up' })).toBe(KAFKA_ERROR.UNKNOWN_MEMBER_ID);
  });

  it('forgets an id that was given and never used', async () => {
    const never = await fabric.client();
    const asked = await never.request('JoinGroup', 5, {
      groupId: 'g',
      sessionTimeoutMs: 1000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from('m') }],
    });
    expect(asked.errorCode).toBe(KAFKA_ERROR.MEMBER_ID_REQUIRED);
    const one = await member();
    // Waits for the pending one, but not for ever.
    expect((await one.join()).errorCode).toBe(0);
    await one.sync(shares(one));
    expect((await state()).members.length).toBe(1);
  });
});

describe('commits of a group', () => {
  it('are taken from members of the present generation only', async () => {
    const [first, second] = await pair();
    expect(await second.commit(4)).toBe(0);
    second.generation = 1;
    expect(await second.commit(5)).toBe(KAFKA_ERROR.ILLEGAL_GENERATION);
    const stranger = await member();
    stranger.id = 'nobody';
    stranger.generation = 2;
    expect(await stranger.commit(6)).toBe(KAFKA_ERROR.UNKNOWN_MEMBER_ID);
    stranger.id = '';
    stranger.generation = -1;
    expect(await stranger.commit(6)).toBe(KAFKA_ERROR.UNKNOWN_MEMBER_ID);
    expect(fabric.door.groupOffsets.committed('g')).toMatchObject([{ offset: 4 }]);
    expect(await first.heartbeat()).toBe(0);
  });

  it('protect the group from deletion while it has members', async () => {
    const one = await member();
    await one.join();
    await one.sync(shares(one));
    await one.commit(3);
    const client = await fabric.client();
    const remove = async () => (await client.request('DeleteGroups', 1, { groups: ['g'] })).results[0]!.errorCode;
    expect(await remove()).toBe(KAFKA_ERROR.NON_EMPTY_GROUP);
    await one.leave();
    expect(await state()).toMatchObject({ groupState: 'Empty' });
    expect((await client.request('ListGroups', 2, {})).groups.map(({ groupId }) => groupId)).toEqual(['g']);
    expect(await remove()).toBe(0);
    expect(await state()).toMatchObject({ groupState: 'Dead' });
  });
});
