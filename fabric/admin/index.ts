export { GATEWAY_EXTENSIONS } from './cluster-commands';
export { registerAdminDoor } from './door';
export { FIGURES_EXTENSIONS, registerFiguresCommand } from './figures-command';
export { type Gateway, type GatewayStore, openGateways } from './gateways';
export { MIRROR_EXTENSIONS } from './mirror-commands';
export { OBJECT_STORE_EXTENSIONS } from './object-store-commands';
export { type ObjectStores, openObjectStores } from './object-stores';
export { invalid, Parameters } from './parameters';
export {
  kafkaName,
  openStreams,
  type StreamRecord,
  StreamRegistry,
  type StreamSettings,
  type StreamTopic,
  topicPrefix,
} from './streams';
export {
  type AdminCommand,
  type AdminCommands,
  type AdminParts,
  type CommandResult,
  MUTATION,
  READ,
  type TableAdmin,
} from './types';
