import { expect, test } from 'vitest';
import { addressText } from './address';

test.each([
  ['hq.example', 'hq.example:8443'],
  ['192.0.2.1', '192.0.2.1:8443'],
  ['2001:db8::1', '[2001:db8::1]:8443'],
  ['[2001:db8::1]', '[2001:db8::1]:8443'],
])('%s with a port is %s', (host, text) => {
  expect(addressText({ host, port: 8443 })).toBe(text);
  expect(Number(new URL(`http://${text}`).port)).toBe(8443);
});
