import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { defaultSites, parseConfig } from '@/lib/config';
import { offerSetUp } from './setup-token';

const fresh = (access: object) =>
  parseConfig(
    { access, dataDir: mkdtempSync(path.join(tmpdir(), 'fieldline-setup-')), sites: defaultSites(['hq']) },
    't',
  );
const tokenOf = (config: { dataDir: string }) =>
  readFileSync(path.join(config.dataDir, 'access/setup-token'), 'utf8').trim();

it('offers nothing with access control off, or once there are users', () => {
  expect(offerSetUp(fresh({}), 'http://h', true)).toBeNull();
  const config = fresh({ mode: 'on' });
  mkdirSync(path.join(config.dataDir, 'access'));
  writeFileSync(path.join(config.dataDir, 'access/users.json'), '{}');
  expect(offerSetUp(config, 'http://h', true)).toBeNull();
});

it('shows the token on a terminal only, names its file elsewhere, and keeps it for its owner', () => {
  const config = fresh({ mode: 'on' });
  const piped = offerSetUp(config, 'http://h', false)!;
  const token = tokenOf(config);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(piped).not.toContain(token);
  expect(piped).toContain('setup-token');
  expect(statSync(path.join(config.dataDir, 'access/setup-token')).mode & 0o777).toBe(0o600);
  // A second start shows the same one.
  expect(offerSetUp(config, 'http://h', true)).toContain(token);
});

it('points to the public address, never with the token in it', () => {
  const config = fresh({ mode: 'on', publicUrl: 'https://f.example' });
  const sentence = offerSetUp(config, 'http://h', true)!;
  expect(sentence).toContain('https://f.example/set-up ');
});

it('leaves a token that the configuration names where it is', () => {
  const config = fresh({ mode: 'on', setupTokenFile: '/run/secrets/token' });
  expect(offerSetUp(config, 'http://h', true)).toContain('/run/secrets/token');
});
