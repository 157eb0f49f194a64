/** An HPE Data Fabric cluster that a site stands on, by the ports of its default installation. */
import { z } from 'zod';

const port = z.number().int().min(1).max(65_535);
const ADMIN_PORT = 8443;
const TABLES_PORT = 8243;
const STREAMS_PORT = 8082;
/** Also what the file system calls a cluster, below `/mapr`. */
const ClusterNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'letters, digits, dots and dashes');

export const DataFabricSchema = z.strictObject({
  kind: z.literal('datafabric'),
  /** As `dashboard/info` tells it. */
  cluster: ClusterNameSchema,
  /** A node that runs the API server, the Data Access Gateway and the Kafka REST proxy. */
  host: z.string().min(1),
  adminPort: port.default(ADMIN_PORT),
  tablesPort: port.default(TABLES_PORT),
  streamsPort: port.default(STREAMS_PORT),
  /** False: a cluster that is not secured, over plain HTTP. */
  tls: z.boolean().default(true),
  /** PEM of the cluster's authority; the system's authorities when absent. */
  caFile: z.string().optional(),
  username: z.string().min(1),
  passwordFile: z.string(),
  /** Edge: HQ's cluster, and the gateways in it as nodes of this cluster reach them. */
  upstream: z
    .strictObject({ cluster: ClusterNameSchema, gateways: z.array(z.string().regex(/^[^\s]+$/)).min(1) })
    .optional(),
});

export type DataFabricConfig = z.infer<typeof DataFabricSchema>;
