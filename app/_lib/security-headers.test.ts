import { expect, it } from 'vitest';
import { pagePolicy } from './security-headers';

const directives = (policy: string) =>
  new Map(policy.split('; ').map((line) => [line.split(' ', 1)[0]!, line.split(' ').slice(1)] as const));

it('lets scripts and style elements of a build in by the nonce of the answer, and nothing inline beside them', () => {
  const policy = pagePolicy('bm9uY2U=', { development: false, secure: true });
  expect(policy).not.toMatch(/unsafe-|\*/);
  const of = directives(policy);
  expect(of.get('default-src')).toEqual(["'none'"]);
  expect(of.get('script-src')).toEqual(["'self'", "'nonce-bm9uY2U='", "'strict-dynamic'"]);
  expect(of.get('style-src')).toEqual(["'self'", "'nonce-bm9uY2U='"]);
  // Attributes fall back to style-src, where a nonce does not reach them.
  expect([...of.keys()].filter((name) => /^(style|script)-src-/.test(name))).toEqual([]);
  expect(of.get('frame-ancestors')).toEqual(["'none'"]);
  expect(of.get('base-uri')).toEqual(["'none'"]);
  expect(of.has('upgrade-insecure-requests')).toBe(true);
});

it('asks for TLS only where the pages come by TLS', () => {
  expect(pagePolicy('bm9uY2U=', { development: false, secure: false })).not.toContain('upgrade-insecure-requests');
});

it('lets the development server evaluate and style, which a build never does', () => {
  const of = directives(pagePolicy('bm9uY2U=', { development: true, secure: false }));
  expect(of.get('script-src')).toContain("'unsafe-eval'");
  expect(of.get('script-src')).not.toContain("'unsafe-inline'");
  expect(of.get('style-src')).toEqual(["'self'", "'unsafe-inline'"]);
});
