export { defaultKafkaPort, defaultRestPort, defaultSites, siteNumber } from './defaults';
export { CONFIG_FILE_VARIABLE, loadConfig, parseConfig, readConfigFile } from './load';
export {
  ConfigSchema,
  EmbeddedFabricSchema,
  type FieldlineConfig,
  HostPortSchema,
  type Limits,
  type SiteConfig,
} from './schema';
