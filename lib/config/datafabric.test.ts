import { describe, expect, it } from 'vitest';
import { parseConfig } from './parse';

const cluster = { kind: 'datafabric', cluster: 'core.example', host: 'node1', username: 'mapr', passwordFile: 'pw' };
const upstream = { cluster: 'core.example', gateways: ['gw1', 'gw2'] };
const hq = { id: 'hq', role: 'hq', fabric: cluster };
const alpha = { id: 'alpha', role: 'edge', fabric: { ...cluster, cluster: 'field.example', upstream } };
const embedded = { kind: 'embedded', kafkaPort: 1, restPort: 2 };
const parse = (...sites: unknown[]) => parseConfig({ sites }, 'the test');

describe('the settings of a Data Fabric cluster', () => {
  it('have the ports of a default installation, and TLS', () => {
    expect(parse(hq, alpha).sites[0]!.fabric).toEqual({
      ...cluster,
      adminPort: 8443,
      tablesPort: 8243,
      streamsPort: 8082,
      tls: true,
    });
    // An edge of its own process: HQ is known by its cluster.
    expect(parse(alpha).sites).toHaveLength(1);
  });

  it.each([
    [[hq, { ...alpha, fabric: cluster }], /fabric\.upstream: an edge on a cluster needs/],
    [[hq, { ...alpha, fabric: embedded }], /fabric\.kind: HQ and its edges are all on HPE Data Fabric/],
    [[{ ...hq, fabric: embedded }, alpha], /fabric\.kind: HQ and its edges are all on HPE Data Fabric/],
    [[{ ...hq, fabric: { ...cluster, password: 'secret' } }], /password/],
    [[{ ...hq, fabric: { ...cluster, cluster: 'a b' } }], /fabric\.cluster/],
  ])('%# are refused where they can not work', (sites, message) => {
    expect(() => parse(...sites)).toThrow(message);
  });
});
