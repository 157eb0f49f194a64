export { isLoopbackHost } from '@/lib/net/loopback';
export type { AccessConfig, RoleRule } from './access';
export {
  type Connection,
  type ConnectionTarget,
  ConnectionTargetSchema,
  type Found,
  managedFabrics,
  type NamedTarget,
  readConnection,
  withConnections,
  withTarget,
  writeConnection,
} from './connections';
export type { DataFabricConfig } from './datafabric';
export { defaultKafkaPort, defaultRestPort, defaultSites, siteNumber } from './defaults';
export { type Enrolment, goesByEnrolment, readEnrolment, withEnrolments, writeEnrolment } from './enrolment';
export {
  type FabricSecurity,
  fabricAccess,
  fabricSecurity,
  neighbourCredentialsFile,
  reachedHost,
} from './fabric-security';
export {
  type EmbeddedFabricConfig,
  EmbeddedFabricSchema,
  HostPortSchema,
  type KafkaClusterConfig,
  type KafkaFabricConfig,
  type KafkaUpstreamConfig,
  type S3Config,
  type SaslConfig,
  type TlsConfig,
  type UpstreamConfig,
} from './fabrics';
export { isKafkaUpstream, kafkaEdgeTrouble } from './kafka-edge';
export { CONFIG_FILE_VARIABLE, loadConfig, readConfigFile } from './load';
export { parseConfig } from './parse';
export {
  ConfigSchema,
  type FieldlineConfig,
  type Limits,
  type SiteConfig,
} from './schema';
export { readSecret, sealerOf, secretsOf } from './secrets';
