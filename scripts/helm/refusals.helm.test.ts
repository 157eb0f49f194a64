/** What the chart refuses, with a sentence each: combinations that can not work, and values that there are none of. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { render } from './rendering';
import { CHART, hasHelm } from './tools.mjs';

const embeddedEdge = { role: 'edge', site: { id: 'alpha' }, upstream: { address: 'hq.example:18443' } };
const s3 = { endpoint: 'https://s3.example', bucket: 'missions', accessKeyId: 'a', existingSecret: 's3' };
const postgres = { host: 'db', existingSecret: 'db' };
const kafka = { brokers: ['k:9092'], s3, postgres };
const onKafka = { fabric: { kind: 'kafka', kafka } };
const kafkaEdge = {
  role: 'edge',
  site: { id: 'alpha' },
  upstream: { brokers: ['k:9092'], s3 },
  fabric: { kind: 'kafka', kafka: { ...kafka, connect: { url: 'http://connect:8083' } } },
};
const cluster = { cluster: 'core', host: 'node1', username: 'u', existingSecret: 'core' };
const doors = { enabled: true, advertisedHost: 'hq.example', tls: { existingSecret: 'doors' } };
const oidc = { issuer: 'https://id.example', clientId: 'c', roles: { ops: 'operator' } };
const roles = { ops: 'operator' };

/** Values, and the head of the sentence. */
const COMBINATIONS: [string, object, string][] = [
  ['two replicas of an embedded fabric', { replicas: 2 }, 'replicas: an embedded fabric is one process on one volume'],
  ['two replicas of the demo', { role: 'demo', replicas: 2 }, 'replicas: an embedded fabric'],
  [
    'two replicas on Kafka',
    { ...onKafka, replicas: 2 },
    'replicas: a site has exactly one replica, also with fabric.kind kafka',
  ],
  ['an edge without an id', { role: 'edge', upstream: { address: 'hq:1' } }, 'site.id: an edge needs an id'],
  ['an id for HQ', { site: { id: 'alpha' } }, 'site.id is for edges; with role hq'],
  ['an edge called hq', { ...embeddedEdge, site: { id: 'hq' } }, 'site.id: hq is headquarters'],
  ['a demo on Kafka', { ...onKafka, role: 'demo' }, 'fabric.kind: the demo is embedded'],
  ['no volume', { persistence: { enabled: false } }, 'persistence.enabled: only the demo may do without'],
  [
    'a claim of no volume',
    { role: 'demo', persistence: { enabled: false, existingClaim: 'c' } },
    'persistence.existingClaim needs',
  ],
  [
    'a restore from nowhere',
    { backup: { restoreFrom: '/backup/hq' } },
    'backup.restoreFrom: the copy is on the volume',
  ],
  [
    'a restore of what is elsewhere',
    { ...onKafka, backup: { existingClaim: 'b', restoreFrom: '/backup/hq' } },
    'backup.restoreFrom: what a fabric of kind kafka',
  ],
  [
    'a restore of the demo',
    { role: 'demo', backup: { existingClaim: 'b', restoreFrom: '/backup/hq' } },
    'backup.restoreFrom: the demo has two sites',
  ],
  ['an edge without HQ', { role: 'edge', site: { id: 'alpha' } }, "upstream: an edge needs HQ's address"],
  [
    'a token beside an address',
    { ...embeddedEdge, upstream: { address: 'hq:1', enrolment: { existingSecret: 'token' } } },
    'upstream.enrolment: it is for an embedded edge',
  ],
  [
    'two HQs',
    { ...embeddedEdge, upstream: { address: 'hq:1', brokers: ['k:1'], s3 } },
    'upstream: give upstream.address or',
  ],
  [
    'an edge on Kafka of an embedded HQ',
    { ...kafkaEdge, upstream: { address: 'hq:1' } },
    'upstream.address: an edge on Kafka',
  ],
  [
    'an embedded edge of two brokers',
    { ...embeddedEdge, upstream: { brokers: ['a:1', 'b:1'], s3 } },
    'upstream.brokers: an embedded edge dials one',
  ],
  ['brokers without a bucket', { ...embeddedEdge, upstream: { brokers: ['a:1'] } }, 'upstream.s3: endpoint, bucket'],
  [
    'credentials without a password',
    { ...embeddedEdge, upstream: { address: 'hq:1', sasl: { mechanism: 'plain', username: 'a' } } },
    'upstream.sasl: username and existingSecret',
  ],
  [
    'credentials in the clear',
    {
      ...embeddedEdge,
      upstream: { address: 'hq:1', sasl: { mechanism: 'plain', username: 'a', existingSecret: 's' } },
    },
    'upstream.tls.enabled: an embedded HQ takes',
  ],
  ['no broker', { fabric: { kind: 'kafka', kafka: { s3, postgres } } }, 'fabric.kafka.brokers: name at least one'],
  [
    'Kafka credentials without a password',
    { fabric: { kind: 'kafka', kafka: { ...kafka, sasl: { mechanism: 'plain' } } } },
    'fabric.kafka.sasl: username and existingSecret',
  ],
  [
    'Kafka without PostgreSQL',
    { fabric: { kind: 'kafka', kafka: { brokers: ['k:1'], s3 } } },
    'fabric.kafka.postgres: host and existingSecret',
  ],
  [
    'Kafka without S3',
    { fabric: { kind: 'kafka', kafka: { brokers: ['k:1'], postgres } } },
    'fabric.kafka.s3: endpoint, bucket',
  ],
  [
    'an edge on Kafka without Connect',
    { ...kafkaEdge, fabric: { kind: 'kafka', kafka } },
    'fabric.kafka.connect.url: an edge on Kafka',
  ],
  [
    'Connect without a password',
    { ...kafkaEdge, fabric: { kind: 'kafka', kafka: { ...kafka, connect: { url: 'http://c:1', username: 'u' } } } },
    'fabric.kafka.connect.existingSecret',
  ],
  ['half a cluster', { fabric: { kind: 'datafabric' } }, 'fabric.datafabric: cluster, host, username'],
  [
    'an edge on a cluster without HQ',
    { role: 'edge', site: { id: 'alpha' }, fabric: { kind: 'datafabric', datafabric: cluster } },
    'fabric.datafabric.upstream: an edge on a cluster',
  ],
  ['doors of an edge', { ...embeddedEdge, doors }, 'doors.enabled: only an embedded HQ has doors'],
  ['doors of an HQ on Kafka', { ...onKafka, doors }, 'doors.enabled: only an embedded HQ has doors'],
  [
    'open doors',
    { doors, access: { mode: 'off' } },
    'doors.enabled: doors are opened to others with access.mode on only',
  ],
  ['doors without a name', { doors: { ...doors, advertisedHost: '' } }, 'doors.advertisedHost: Kafka clients'],
  [
    'node ports of another type',
    { doors: { ...doors, service: { kafkaNodePort: 30092 } } },
    'doors.service.kafkaNodePort and restNodePort',
  ],
  [
    'an ingress for everybody',
    { access: { mode: 'off' }, ingress: { enabled: true, host: 'h' } },
    'access.mode: with access control off the app listens',
  ],
  [
    'a load balancer for everybody',
    { access: { mode: 'off' }, service: { type: 'LoadBalancer' } },
    'access.mode: with access control off the app listens',
  ],
  [
    'metrics on loopback',
    { access: { mode: 'off' }, metrics: { serviceMonitor: { enabled: true } } },
    'metrics.serviceMonitor: with access control off',
  ],
  [
    'metrics without a token',
    { metrics: { serviceMonitor: { enabled: true } } },
    'metrics.serviceMonitor.existingSecret',
  ],
  ['a provider without roles', { access: { oidc: { ...oidc, roles: {} } } }, 'access.oidc: clientId and roles'],
  ['a provider that can not send back', { access: { oidc } }, 'access.publicUrl: sign-in through a provider'],
  ['a proxy that may be anybody', { access: { trustedProxy: { roles } } }, 'access.trustedProxy.addresses: say whose'],
  [
    'a proxy without roles',
    { access: { trustedProxy: { addresses: ['10.0.0.1'] } } },
    'access.trustedProxy.roles: say which',
  ],
  ['an ingress without a host', { ingress: { enabled: true } }, 'ingress.host: a host name'],
  ['a route without a gateway', { gateway: { enabled: true, hostname: 'h' } }, 'gateway: hostname and parentRefs'],
  [
    'two ways in',
    { ezua: { enabled: true }, ingress: { enabled: true, host: 'h' } },
    "ezua.enabled: the platform's gateway",
  ],
  [
    "the platform's people without roles",
    { ezua: { enabled: true } },
    "ezua.enabled: say which of the platform's groups",
  ],
  [
    'headers that any pod may send',
    { ezua: { enabled: true }, access: { trustedProxy: { roles } }, networkPolicy: { enabled: false } },
    'networkPolicy.enabled: without it any pod',
  ],
  [
    'feeds of an edge',
    { ...embeddedEdge, feeds: { definitions: { news: { kind: 'json' } } } },
    "feeds.definitions: feeds are HQ's",
  ],
  ['the sample of an edge', { ...embeddedEdge, feeds: { sample: true } }, "feeds.sample: feeds are HQ's"],
];

/** Values, and the place that values.schema.json complains about. */
const VIOLATIONS: [string, object, string][] = [
  ['a misspelt value', { replica: 1 }, "'replica' not allowed"],
  ['a misspelt value further in', { fabric: { kafka: { broker: [] } } }, "'broker' not allowed"],
  ['a role that there is none of', { role: 'core' }, '/role'],
  ['a kind that there is none of', { fabric: { kind: 'redis' } }, '/fabric/kind'],
  ['a password in the values', { fabric: { kafka: { sasl: { password: 'x' } } } }, "'password' not allowed"],
  ['an id that no topic can carry', { ...embeddedEdge, site: { id: 'Alpha' } }, '/site/id'],
  ['a broker without a port', { fabric: { kafka: { brokers: ['kafka'] } } }, '/fabric/kafka/brokers/0'],
  ['a port out of range', { doors: { kafkaPort: 70000 } }, '/doors/kafkaPort'],
  ['an address with credentials', { access: { publicUrl: 'https://a:b@h' } }, '/access/publicUrl'],
  ['an address with a path', { access: { publicUrl: 'https://h/app' } }, '/access/publicUrl'],
  [
    'a role that a group can not have',
    { access: { trustedProxy: { roles: { x: 'root' } } } },
    '/access/trustedProxy/roles/x',
  ],
  ['a field team without its site', { access: { oidc: { roles: { x: { role: 'field' } } } } }, '/access/oidc/roles/x'],
  ['no replica', { replicas: 0 }, '/replicas'],
  ['a size that is none', { persistence: { size: 'large' } }, '/persistence/size'],
  ['a stop that kills', { terminationGracePeriodSeconds: 1 }, '/terminationGracePeriodSeconds'],
  ['a limit that there is none of', { limits: { assets: 5 } }, "'assets' not allowed"],
  ['a platform value that it does not read', { ezua: { virtualservice: {} } }, "'virtualservice' not allowed"],
  ['a digest that is none', { image: { digest: 'latest' } }, '/image/digest'],
];

const refusal = (values: object): string => {
  try {
    render(values);
  } catch (error) {
    return (error as Error).message;
  }
  return 'It was rendered.';
};

describe.skipIf(!hasHelm)('the chart refuses', () => {
  const said: string[] = [];

  it.each(COMBINATIONS)('%s', (_name, values, sentence) => {
    const message = refusal(values);
    expect(message).toContain(sentence);
    said.push(message);
  });

  it.each(VIOLATIONS)('%s, by its schema', (_name, values, place) => {
    const message = refusal(values);
    expect(message).toContain("don't meet the specifications of the schema");
    expect(message).toContain(place);
  });

  afterAll(() => {
    const requirements = readFileSync(path.join(CHART, 'templates/_requirements.tpl'), 'utf8');
    // A literal sentence up to its first parameter.
    const sentences = [...requirements.matchAll(/fail (?:\(printf )?"([^"%]+)/g)].map(([, text]) => text!);
    expect(sentences.length).toBeGreaterThan(30);
    // `%s: username ...` has no head of its own: it is told by its tail, above.
    expect(sentences.filter((text) => !said.some((message) => message.includes(text)))).toEqual([]);
  });
});
