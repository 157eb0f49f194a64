/** The suite that every driver of the links port passes. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LinkDirectionName, Links } from '@/lib/ports/links';
import type { StreamRecord, Streams, TopicRef } from '@/lib/ports/streams';

/** HQ and one edge, fresh, with a link that carries `inbound` to the edge and `outbound` to HQ, not declared yet. */
export interface LinksUnderTest {
  links: Links;
  hq: Streams;
  edge: Streams;
  /** Topics of the stream `replicated`. */
  inbound: TopicRef;
  outbound: TopicRef;
  /** Ends HQ's fabric hard and starts it again, where that can be done. */
  restartHq?: () => Promise<void>;
  /** The same for the edge's. */
  restartEdge?: () => Promise<void>;
  /** The same for what carries the records, where that is neither. */
  restartCarrier?: () => Promise<void>;
  dispose(): Promise<void>;
}

/** What a kind of link can not do: its suite has other tests then. */
export interface LinksTraits {
  /** False: a record may arrive twice after a restart, so under other offsets than at its source. */
  isExact?: boolean;
  /** False: there is no conditioner. */
  hasConditions?: boolean;
  /** False: it is no process of its own, and neither are its ends. */
  restarts?: boolean;
}

/** Longer than `offset.flush.interval.ms`, a minute: only then does Connect tell how far it is, where the link was not looked at from the beginning. */
const SETTLE_TIMEOUT_MS = 100_000;
const eventually = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: SETTLE_TIMEOUT_MS, interval: 50 });
const OPEN = { cut: false, bytesPerSecond: null, latencyMs: 0 };
const facts = (records: StreamRecord[]) =>
  records.map(({ partition, offset, key, value, headers, timestamp }) => ({
    partition,
    offset,
    key,
    value,
    headers,
    timestamp,
  }));
/** In order of their first arrival in each partition, each once. The values of a test differ. */
const withoutRepeats = (records: StreamRecord[]) => {
  const seen = new Set<string>();
  return facts(records)
    .sort((a, b) => a.partition - b.partition)
    .filter(({ value }) => !seen.has(value) && seen.add(value))
    .map(({ offset: _, ...fact }) => fact);
};

export function linksConformance(
  name: string,
  make: () => Promise<LinksUnderTest>,
  { isExact = true, hasConditions = true, restarts = true }: LinksTraits = {},
): void {
  describe(`links conformance: ${name}`, () => {
    let under: LinksUnderTest;
    let links: Links;
    let sent: number;

    beforeEach(async () => {
      under = await make();
      links = under.links;
      sent = 0;
      await under.hq.ensureTopic(under.inbound, { partitions: 2 });
      await under.edge.ensureTopic(under.outbound);
      expect(await links.isDeclared()).toBe(false);
      await links.ensureLink();
      expect(await links.isDeclared()).toBe(true);
    });
    afterEach(async () => {
      await links.close();
      await under.dispose();
    });

    const produce = async (direction: LinkDirectionName, count = 3) => {
      const [streams, topic] = direction === 'inbound' ? [under.hq, under.inbound] : [under.edge, under.outbound];
      await streams.produce(
        topic,
        Array.from({ length: count }, () => ({ key: `k${sent}`, value: `v${sent++}`, headers: { n: String(sent) } })),
      );
    };
    const there = (direction: LinkDirectionName) =>
      direction === 'inbound' ? under.edge.tail(under.inbound, 1000) : under.hq.tail(under.outbound, 1000);
    const source = (direction: LinkDirectionName) =>
      direction === 'inbound' ? under.hq.tail(under.inbound, 1000) : under.edge.tail(under.outbound, 1000);
    /** The same records under the same offsets: no gap, no duplicate. */
    const equal = (direction: LinkDirectionName) => {
      const view = isExact ? facts : withoutRepeats;
      return eventually(async () => expect(view(await there(direction))).toEqual(view(await source(direction))));
    };
    const state = async (direction: LinkDirectionName) => (await links.status())[direction].state;

    it('carries both directions, with offsets, keys, headers and times', async () => {
      await produce('inbound', 20);
      await produce('outbound', 20);
      await equal('inbound');
      await equal('outbound');
      expect(await there('inbound')).toHaveLength(20);
      expect(await there('outbound')).toHaveLength(20);
      await eventually(async () => {
        const status = await links.status();
        expect(status.inbound).toMatchObject({ state: 'up', lagRecords: 0, recordsTotal: 20, lastError: null });
        expect(status.outbound).toMatchObject({ state: 'up', lagRecords: 0, lagMs: 0, recordsTotal: 20 });
        expect(status.upstream).not.toBe('');
        expect(status.lastSeenAt).not.toBeNull();
      });
    });

    it('is declared once, however often', async () => {
      await produce('inbound');
      await equal('inbound');
      await Promise.all([links.ensureLink(), links.ensureLink()]);
      await links.ensureLink();
      await produce('inbound');
      await equal('inbound');
    });

    it('is prepared for a site that is to come: nothing is carried before it is resumed', async () => {
      await produce('outbound');
      await equal('outbound');
      await links.prepareLink();
      await links.prepareLink();
      expect([await state('inbound'), await state('outbound')]).toEqual(['paused', 'paused']);
      await produce('inbound', 2);
      for (const direction of ['inbound', 'outbound'] as const) await links.resume(direction);
      // What is written before HQ has told what it has may be refused for the moment.
      await eventually(() => produce('outbound', 1));
      await equal('inbound');
      await equal('outbound');
    });

    it.each(['inbound', 'outbound'] as const)(
      'pauses %s alone, tells what waits, and brings it after',
      async (direction) => {
        const other = direction === 'inbound' ? 'outbound' : 'inbound';
        await produce(direction);
        await equal(direction);
        await links.pause(direction);
        await links.pause(direction);
        expect(await state(direction)).toBe('paused');
        await produce(direction, 5);
        await produce(other, 2);
        await equal(other);
        await eventually(async () =>
          expect((await links.status())[direction]).toMatchObject({ state: 'paused', lagRecords: 5 }),
        );
        expect(await there(direction)).toHaveLength(3);
        // Declaring the link again is no resume.
        await links.ensureLink();
        expect(await state(direction)).toBe('paused');
        await links.resume(direction);
        await links.resume(direction);
        await equal(direction);
        await eventually(async () =>
          expect((await links.status())[direction]).toMatchObject({ state: 'up', lagRecords: 0 }),
        );
      },
    );

    it('does not bring anew what has not failed', async () => {
      await produce('inbound');
      await equal('inbound');
      await expect(links.bringAnew()).rejects.toMatchObject({
        code: expect.stringMatching(/^(CONFLICT|UNSUPPORTED)$/),
      });
      await equal('inbound');
    });

    if (hasConditions) {
      it('a cut link is down, says what waits to go out, and comes back by itself', async () => {
        await produce('outbound');
        await equal('outbound');
        await links.setConditions({ ...OPEN, cut: true });
        await eventually(async () => {
          expect(await state('inbound')).toBe('down');
          expect(await state('outbound')).toBe('down');
        });
        await produce('outbound', 4);
        await produce('inbound', 4);
        await eventually(async () => {
          const { outbound, conditions } = await links.status();
          expect(outbound.lagRecords).toBe(4);
          expect(outbound.lastError).not.toBeNull();
          expect(conditions).toMatchObject({ cut: true });
        });
        await links.setConditions(OPEN);
        await equal('inbound');
        await equal('outbound');
      });

      it('shows the conditions it is under', async () => {
        const conditions = { cut: false, bytesPerSecond: 50_000, latencyMs: 20 };
        await links.setConditions(conditions);
        expect((await links.status()).conditions).toEqual(conditions);
        await produce('inbound', 30);
        await equal('inbound');
      });
    } else {
      it('says that there can be no conditions', async () => {
        expect((await links.status()).conditions).toBeNull();
        await expect(links.setConditions(OPEN)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      });
    }

    if (restarts) {
      it('goes on after a restart of either side, and of what is between, in the middle', async () => {
        const each = [under.restartHq, under.restartEdge, under.restartCarrier].filter((one) => one !== undefined);
        expect(each).not.toEqual([]);
        if (hasConditions) await links.setConditions({ ...OPEN, bytesPerSecond: 20_000 });
        for (const restart of each) {
          await produce('inbound', 60);
          await produce('outbound', 60);
          await restart();
        }
        await equal('inbound');
        await equal('outbound');
        for (const direction of ['inbound', 'outbound'] as const) {
          const values = new Set((await there(direction)).map(({ value }) => value));
          expect(values.size).toBe(each.length * 60);
          await eventually(async () =>
            expect((await links.status())[direction]).toMatchObject({ state: 'up', lagRecords: 0 }),
          );
        }
      });

      it('stays paused over a restart', async () => {
        const restart = under.restartCarrier ?? under.restartEdge;
        await links.pause('inbound');
        await restart!();
        await eventually(async () => expect(await state('inbound')).toBe('paused'));
        await produce('inbound', 2);
        await eventually(async () => expect((await links.status()).inbound.lagRecords).toBe(2));
        await links.resume('inbound');
        await equal('inbound');
      });
    }
  });
}
