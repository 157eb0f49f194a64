import { describe, expect, it } from 'vitest';
import { parseLaunchOptions } from './options';

const parse = (...args: string[]) => parseLaunchOptions(args, '/srv/fieldline').config!;

describe('parseLaunchOptions', () => {
  it('runs HQ and alpha below the installation without options', () => {
    const config = parse();
    expect(config.sites.map((site) => site.id)).toEqual(['hq', 'alpha']);
    expect(config.dataDir).toBe('/srv/fieldline/data');
    expect(config.feeds).toEqual(['/srv/fieldline/feeds']);
    expect(config.demo).toBe(true);
  });

  it('runs one edge against an HQ elsewhere', () => {
    const config = parse('--site', 'bravo', '--upstream', 'hq.example:18443', '--port', '3002', '--no-demo');
    expect(config.sites).toMatchObject([
      { id: 'bravo', role: 'edge', upstream: 'hq.example:18443', fabric: { kafkaPort: 19_112, restPort: 18_463 } },
    ]);
    expect(config.app.port).toBe(3002);
    expect(config.demo).toBe(false);
  });

  it('moves the doors of a single site', () => {
    const config = parse(
      '--site',
      'hq',
      '--kafka-port',
      '29092',
      '--rest-port',
      '28443',
      '--fabric-host',
      '0.0.0.0',
      '--advertised-host',
      'hq.example',
    );
    expect(config.sites[0]!.fabric).toMatchObject({
      kafkaPort: 29_092,
      restPort: 28_443,
      host: '0.0.0.0',
      advertisedHost: 'hq.example',
    });
  });

  it.each([
    [['--port', 'three'], '--port'],
    [['--port', '99999'], 'app.port'],
    [['--nonsense'], '--nonsense'],
    [['--kafka-port', '29092'], 'single --site'],
    [['--upstream', 'nowhere', '--site', 'alpha'], 'host:port'],
    [['--config', 'x.json', '--port', '1'], '--port'],
    [['--site', 'hq', '--site', 'hq'], 'used twice'],
  ])('refuses %j and says why', (args, expected) => {
    expect(() => parseLaunchOptions(args, '/srv')).toThrow(expected);
  });

  it('prints the usage without looking at the rest', () => {
    expect(parseLaunchOptions(['--help', '--site', 'alpha'], '/srv')).toEqual({ help: true, config: null });
  });

  it('turn access control on, and say by which address browsers come', () => {
    const { config } = parseLaunchOptions(
      ['--access', 'on', '--public-url', 'https://f.example', '--host', '0.0.0.0'],
      '/r',
    );
    expect(config?.access).toEqual({ mode: 'on', publicUrl: 'https://f.example' });
    expect(() => parseLaunchOptions(['--host', '0.0.0.0'], '/r')).toThrow('listens on loopback only');
    expect(() => parseLaunchOptions(['--access', 'maybe'], '/r')).toThrow('access.mode');
  });
});
