export type { AccessConfig, RoleRule } from './access';
export type { DataFabricConfig } from './datafabric';
export { defaultKafkaPort, defaultRestPort, defaultSites, siteNumber } from './defaults';
export {
  type EmbeddedFabricConfig,
  EmbeddedFabricSchema,
  HostPortSchema,
  type KafkaFabricConfig,
  type S3Config,
  type TlsConfig,
} from './fabrics';
export { CONFIG_FILE_VARIABLE, loadConfig, parseConfig, readConfigFile } from './load';
export { isLoopbackHost } from './loopback';
export {
  ConfigSchema,
  type FieldlineConfig,
  type Limits,
  type SiteConfig,
} from './schema';
export { readSecret, secretsOf } from './secrets';
