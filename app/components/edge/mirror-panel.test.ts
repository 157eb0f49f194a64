import { expect, it } from 'vitest';
import { mirrorStatus } from '@/lib/domain/status';
import { aDirection, aLink, aMirror } from '@/lib/queries/testing/fixtures';
import { lagWords } from './link-direction';
import { staleAfterMs, whyNotKnown, whyNotStart } from './mirror-panel';

it('says why a run can not be started', () => {
  expect(whyNotStart(aMirror({ filesTotal: 2 }), aLink())).toBeNull();
  expect(whyNotStart(aMirror({ filesTotal: 0 }), aLink())).toMatch(/request assets first/);
  expect(whyNotStart(aMirror({ filesTotal: 2 }), aLink({ state: 'down' }))).toMatch(/can not be reached/);
});
it('lets a run be tried while what waits is not known', () => {
  expect(whyNotStart(aMirror({ filesTotal: null }), aLink({ state: 'connecting' }))).toBeNull();
});
it('puts what waits on a direction into words', () => {
  expect(lagWords(aDirection())).toBe('nothing waits');
  expect(lagWords(aDirection({ lagRecords: null }))).toBe('lag not known');
  expect(lagWords(aDirection({ lagRecords: 12, lagBytes: 9000, lagMs: 65_000 }))).toBe(
    '12 wait, 9.00 kB, 1 min behind',
  );
});
it('calls a run that nothing comes to waiting, not mirroring', () => {
  expect(mirrorStatus('running', 'HQ can not be reached')).toBe('waiting');
  expect(mirrorStatus('running', null)).toBe('running');
  expect(mirrorStatus('failed', 'The disk is full')).toBe('failed');
});
it('does not blame the link for a question that nobody has asked', () => {
  expect(whyNotKnown(aLink({ state: 'down' }))).toMatch(/while the link is down/);
  expect(whyNotKnown(aLink({ state: 'up' }))).toMatch(/not been asked yet/);
});
it('calls a reading at rest stale only after HQ should have been asked again', () => {
  const running = staleAfterMs(aMirror({ state: 'running' }));
  const waiting = staleAfterMs(aMirror({ state: 'idle', filesTotal: 3, filesDone: 0 }));
  const idle = staleAfterMs(aMirror({ state: 'idle', filesTotal: 0, filesDone: 0 }));
  expect(running).toBeLessThan(waiting);
  expect(waiting).toBeGreaterThan(60_000);
  expect(idle).toBeGreaterThan(5 * 60_000);
});
