import { expect, it } from 'vitest';
import { mirrorStatus } from '@/lib/domain/status';
import { aDirection, aLink, aMirror } from '@/lib/queries/testing/fixtures';
import { lagWords } from './link-direction';
import { whyNotStart } from './mirror-panel';

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
