import type { ConnectionTargetView, FabricView, UpstreamView } from '@/lib/api/connections';

export const KIND_LABEL: Record<FabricView['kind'], string> = {
  embedded: 'Embedded fabric',
  kafka: 'Kafka, PostgreSQL and S3',
  datafabric: 'HPE Data Fabric',
};

type Fact = [name: string, value: string, note?: string | null];

function factsOf(fabric: FabricView): Fact[] {
  switch (fabric.kind) {
    case 'embedded':
      return [
        ['Kafka', `${fabric.host}:${fabric.kafkaPort}`],
        [
          'REST',
          `${fabric.host}:${fabric.restPort}`,
          fabric.managed ? 'started by Fieldline' : 'started by somebody else',
        ],
      ];
    case 'kafka': {
      const { sasl, tls, postgres, s3 } = fabric;
      return [
        ['Kafka', fabric.brokers.join(', '), [sasl && `as ${sasl.username}`, tls && 'TLS'].filter(Boolean).join(', ')],
        [
          'PostgreSQL',
          `${postgres.host}:${postgres.port}/${postgres.database}`,
          [`as ${postgres.user}`, postgres.tls && 'TLS'].filter(Boolean).join(', '),
        ],
        ['S3', `${s3.endpoint}/${s3.bucket}`, `key ${s3.accessKeyId}`],
      ];
    }
    case 'datafabric':
      return [
        ['Cluster', fabric.cluster, `as ${fabric.username}${fabric.tls ? ', TLS' : ''}`],
        ['Host', fabric.host, `ports ${fabric.adminPort}, ${fabric.tablesPort}, ${fabric.streamsPort}`],
      ];
  }
}

const securityWords = ({ sasl, tls }: UpstreamView) =>
  ['as this site dials it', sasl && `as ${sasl.username}`, tls && 'TLS'].filter(Boolean).join(', ');

function upstreamFacts(upstream: UpstreamView): Fact[] {
  if ('address' in upstream) return [['HQ', upstream.address, securityWords(upstream)]];
  const { s3 } = upstream;
  const brokers = 'kafka' in upstream ? upstream.kafka.replaceAll(',', ', ') : upstream.brokers.join(', ');
  return [
    ['HQ’s Kafka', brokers, securityWords(upstream)],
    ['HQ’s S3', `${s3.endpoint}/${s3.bucket}`, `key ${s3.accessKeyId}`],
  ];
}

/** Where a fabric is, without anything secret. */
export function TargetFacts({ target }: { target: ConnectionTargetView }) {
  const facts: Fact[] = [...factsOf(target.fabric)];
  if (target.upstream !== null) facts.push(...upstreamFacts(target.upstream));
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
      {facts.map(([name, value, note]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="min-w-0 break-words">
            <span className="font-mono text-xs">{value}</span>
            {note && <span className="ml-2 text-xs text-ink-faint">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
