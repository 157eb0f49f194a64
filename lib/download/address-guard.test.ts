import { describe, expect, it } from 'vitest';
import { isHostAllowed, isInternetAddress } from './address-guard';

describe('internet addresses', () => {
  it.each(['1.1.1.1', '93.184.216.34', '2606:4700::1111', '2a00:1450:4001::200e'])('%s is one', (address) => {
    expect(isInternetAddress(address)).toBe(true);
  });

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.0.9'],
    ['loopback', '::1'],
    ['unspecified', '0.0.0.0'],
    ['unspecified', '::'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '192.168.1.1'],
    ['private', 'fd12:3456::1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['link-local', '169.254.10.1'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['cloud metadata', '169.254.169.254'],
    ['cloud metadata', 'fd00:ec2::254'],
    ['cloud metadata', '168.63.129.16'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['documentation', '203.0.113.5'],
    ['mapped IPv4', '::ffff:127.0.0.1'],
    ['mapped public IPv4', '::ffff:1.1.1.1'],
    ['compatible IPv4', '::7f00:1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378::1'],
    ['no address', 'localhost'],
  ])('%s is none: %s', (_, address) => {
    expect(isInternetAddress(address)).toBe(false);
  });
});

describe('allowed hosts', () => {
  it('match by name on any port, or by name and port', () => {
    const url = new URL('http://Maps.Example:8080/x');
    expect(isHostAllowed(url, ['maps.example'])).toBe(true);
    expect(isHostAllowed(url, ['maps.example:8080'])).toBe(true);
    expect(isHostAllowed(url, ['maps.example:80', 'example', 'evil-maps.example'])).toBe(false);
  });

  it('know the default ports and IPv6 in brackets', () => {
    expect(isHostAllowed(new URL('https://h/'), ['h:443'])).toBe(true);
    expect(isHostAllowed(new URL('http://h/'), ['h:443'])).toBe(false);
    expect(isHostAllowed(new URL('http://[::1]:81/'), ['[::1]:81'])).toBe(true);
  });
});
