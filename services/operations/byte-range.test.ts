import { expect, test } from 'vitest';
import { byteRangeOf } from './byte-range';

test.each([
  ['bytes=0-3', { start: 0, end: 3 }],
  ['bytes=4-', { start: 4, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-30', { start: 0, end: 9 }],
  ['bytes=8-99', { start: 8, end: 9 }],
  [' bytes=0-0 ', { start: 0, end: 0 }],
])('%s of 10 bytes', (header, range) => {
  expect(byteRangeOf(header, 10)).toEqual(range);
});

test.each([null, '', 'bytes=', 'bytes=-', 'bytes=3-1', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=a-b', 'bytes=1e1-'])(
  '%s is ignored',
  (header) => {
    expect(byteRangeOf(header, 10)).toBeNull();
  },
);

test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('%s is nowhere in 10 bytes', (header) => {
  expect(() => byteRangeOf(header, 10)).toThrow(expect.objectContaining({ code: 'RANGE_UNSATISFIABLE' }));
});
