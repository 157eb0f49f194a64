import type { FieldlineConfig, SiteConfig } from '@/lib/config';
import type { SitePorts } from '@/lib/ports';
import { createDataFabricPorts } from './datafabric-ports';
import { createEmbeddedPorts } from './embedded-ports';
import { createKafkaPorts } from './kafka-ports';

/** The ports of a site on the fabric that it is configured for. Nothing is connected yet. */
export function createPorts(config: FieldlineConfig, site: SiteConfig): SitePorts {
  const { fabric } = site;
  switch (fabric.kind) {
    case 'embedded':
      return createEmbeddedPorts(config, site, fabric);
    case 'kafka':
      return createKafkaPorts(config, site, fabric);
    case 'datafabric':
      return createDataFabricPorts(config, site, fabric);
  }
}
