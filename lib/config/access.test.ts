import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultSites } from './defaults';
import { readConfigFile } from './load';
import { parseConfig } from './parse';

const parse = (changes: object) => parseConfig({ sites: defaultSites(['hq', 'alpha']), ...changes }, 'test');
const roles = { ops: 'operator', 'alpha-team': { role: 'field', site: 'alpha' } };
const oidc = { issuer: 'https://id.example', clientId: 'fieldline', roles };

describe('access', () => {
  it('is off by default, and then allowed on loopback only', () => {
    expect(parse({}).access).toEqual({ mode: 'off' });
    for (const host of ['127.0.0.1', 'localhost', '127.1.2.3', '::1'])
      expect(parse({ app: { host } }).app.host).toBe(host);
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'hq.example', '127.0.0.1.evil.example', ''])
      expect(() => parse({ app: { host } }), host).toThrow('with access control off the app listens on loopback only');
    expect(parse({ app: { host: '0.0.0.0' }, access: { mode: 'on' } }).access.mode).toBe('on');
  });

  it('takes files from the folder of the configuration, and looks at them at once', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fieldline-access-config-'));
    const file = path.join(folder, 'fieldline.json');
    writeFileSync(
      file,
      JSON.stringify({ sites: defaultSites(['hq']), access: { mode: 'on', setupTokenFile: 'token' } }),
    );
    expect(() => readConfigFile(file)).toThrow('token');
    writeFileSync(path.join(folder, 'token'), 'a-token-of-enough-letters');
    expect(readConfigFile(file).access.setupTokenFile).toBe(path.join(folder, 'token'));
  });

  it('knows a provider by its address and gives roles by group', () => {
    const { access } = parse({ access: { mode: 'on', publicUrl: 'https://fieldline.example/', oidc } });
    expect(access.publicUrl).toBe('https://fieldline.example');
    expect(access.oidc).toMatchObject({ rolesClaim: 'groups', scopes: ['openid', 'profile', 'email'], roles });
  });

  it.each([
    ['a provider without the address to come back to', { oidc }, 'publicUrl'],
    [
      'a provider over plain HTTP',
      { publicUrl: 'https://f.example', oidc: { ...oidc, issuer: 'http://id.example' } },
      'https',
    ],
    ['a role that is none', { publicUrl: 'https://f.example', oidc: { ...oidc, roles: { a: 'root' } } }, 'roles'],
    [
      'a field role without a site',
      { publicUrl: 'https://f.example', oidc: { ...oidc, roles: { a: 'field' } } },
      'roles',
    ],
    ['no role at all', { publicUrl: 'https://f.example', oidc: { ...oidc, roles: {} } }, 'roles'],
    ['a public address with a path', { publicUrl: 'https://f.example/app' }, 'publicUrl'],
    ['a proxy address that is none', { trustedProxy: { addresses: ['proxy'], roles } }, 'trustedProxy.addresses'],
    [
      'a header name with a line end',
      { trustedProxy: { addresses: ['::1'], userHeader: 'x\r\ny', roles } },
      'userHeader',
    ],
    ['a setting that there is none of', { password: 'x' }, 'password'],
  ])('says what is wrong with %s', (_name, access, expected) => {
    expect(() => parse({ access: { mode: 'on', ...access } })).toThrow(expected);
  });
});
