import { linksConformance } from '@/lib/ports/conformance/links';
import { streamsConformance } from '@/lib/ports/conformance/streams';
import { tablesConformance } from '@/lib/ports/conformance/tables';
import { volumesConformance } from '@/lib/ports/conformance/volumes';
import { MemorySite } from '.';

streamsConformance('memory', async () => {
  const site = new MemorySite('hq');
  return {
    streams: site.process().ports.streams,
    another: async () => site.process().ports.streams,
    dispose: async () => undefined,
  };
});

tablesConformance('memory', async () => ({
  tables: new MemorySite('hq').process().ports.tables,
  dispose: async () => undefined,
}));

volumesConformance('memory', async () => {
  const hq = new MemorySite('hq');
  const alpha = new MemorySite('alpha');
  alpha.connectTo(hq, { inbound: [], outbound: [] });
  return {
    volumes: alpha.process().ports.volumes,
    source: { site: 'hq', volumes: hq.process().ports.volumes },
    dispose: async () => undefined,
  };
});

linksConformance(
  'memory',
  async () => {
    const hq = new MemorySite('hq');
    const alpha = new MemorySite('alpha');
    alpha.connectTo(hq, { inbound: ['BROADCAST'], outbound: ['REQUEST.alpha'] });
    const { streams: edge, links } = alpha.process().ports;
    return {
      links: links!,
      hq: hq.process().ports.streams,
      edge,
      inbound: { stream: 'replicated', topic: 'BROADCAST' },
      outbound: { stream: 'replicated', topic: 'REQUEST.alpha' },
      dispose: async () => undefined,
    };
  },
  { restarts: false },
);
