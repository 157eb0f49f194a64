import { describe, expect, it } from 'vitest';
import { aDirection, aLink, aService, aSite, at, NOW_MS } from '@/lib/queries/testing/fixtures';
import { verdictOf } from './verdict';

const sites = [aSite('hq'), aSite('alpha')];
const well = [aService('downloader', 'hq'), aService('listener', 'alpha')];

describe('the verdict', () => {
  it('is that all moves when nothing stands against it', () => {
    expect(verdictOf({ sites, services: well, links: { alpha: aLink() } }, NOW_MS)).toEqual({
      tone: 'ok',
      headline: 'All moving',
      reasons: [],
    });
  });

  it('counts what is wrong, worst first, and takes the worst tone', () => {
    const services = [
      aService('downloader', 'hq', {
        state: 'faulted',
        lastError: { at: at(0), code: 'DISK_FULL', message: 'The volume is full' },
      }),
      aService('broadcaster', 'hq', { health: { status: 'degraded', reason: 'slow stream' } }),
      aService('responder', 'hq', { health: { status: 'degraded', reason: 'slow disk' } }),
      aService('listener', 'alpha', { state: 'stopped', desired: 'stopped' }),
    ];
    const verdict = verdictOf({ sites, services, links: {} }, NOW_MS);
    expect(verdict.headline).toBe('1 faulted, 2 degraded, 1 stopped');
    expect(verdict.tone).toBe('failed');
    expect(verdict.reasons[0]).toMatchObject({ text: 'Downloader at hq: The volume is full', href: '/hq#downloader' });
    expect(verdict.reasons.at(-1)).toMatchObject({
      text: 'Listener at alpha is stopped',
      href: '/edge/alpha#listener',
    });
  });

  it('looks at the health of running services only', () => {
    const stopping = aService('downloader', 'hq', { state: 'stopping', health: { status: 'degraded', reason: 'x' } });
    expect(verdictOf({ sites, services: [stopping], links: {} }, NOW_MS)).toMatchObject({
      headline: '1 stopping',
      tone: 'moving',
    });
  });

  it('calls a link that is down amber, not red, and says when HQ was last seen', () => {
    const link = aLink({ state: 'down', lastSeenAt: at(-180) });
    expect(verdictOf({ sites, services: well, links: { alpha: link } }, NOW_MS)).toMatchObject({
      headline: '1 link down',
      tone: 'attention',
      reasons: [{ text: 'The link of alpha is down; HQ last seen 3 min ago', href: '/edge/alpha' }],
    });
  });

  it('says which way a link is paused', () => {
    const paused = aDirection({ state: 'paused' });
    const text = (link: Parameters<typeof aLink>[0]) =>
      verdictOf({ sites, services: [], links: { alpha: aLink({ state: 'paused', ...link }) } }, NOW_MS).reasons[0]
        ?.text;
    expect(text({ inbound: paused })).toBe('The link of alpha is paused from HQ');
    expect(text({ outbound: paused })).toBe('The link of alpha is paused to HQ');
    expect(text({ inbound: paused, outbound: paused })).toBe('The link of alpha is paused both ways');
  });

  it('tells an edge elsewhere that is silent from one that is heard', () => {
    const remote = (seconds: number | null) =>
      aSite('bravo', { hosted: false, remote: { lastSeenAt: seconds === null ? null : at(-seconds), lagRecords: 0 } });
    const headline = (seconds: number | null) =>
      verdictOf({ sites: [...sites, remote(seconds)], services: [], links: {} }, NOW_MS).headline;
    expect(headline(5)).toBe('All moving');
    expect(headline(61)).toBe('1 edge silent');
    expect(headline(null)).toBe('1 edge silent');
  });

  it('says which door of a fabric is down, and since when', () => {
    const reason = 'tables: PostgreSQL at db:5432 refused the connection';
    const hq = aSite('hq', { fabric: { kind: 'kafka', state: 'degraded', reason, since: at(-120) } });
    expect(verdictOf({ sites: [hq], services: [], links: {} }, NOW_MS).reasons).toMatchObject([
      { word: 'degraded', text: `The fabric of hq is degraded (2 min): ${reason}` },
    ]);
  });

  it('does not judge the fabric of a site it does not host', () => {
    const fabric = { kind: 'embedded', state: 'unavailable', reason: 'refused', since: null } as const;
    expect(verdictOf({ sites: [aSite('hq', { fabric })], services: [], links: {} }, NOW_MS).headline).toBe(
      '1 fabric unavailable',
    );
    expect(
      verdictOf({ sites: [aSite('hq', { fabric, hosted: false })], services: [], links: {} }, NOW_MS).headline,
    ).toBe('All moving');
  });
});
