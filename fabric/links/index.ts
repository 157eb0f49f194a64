export { LINK_EXTENSIONS, type LinkCommandParts, registerLinkCommands } from './commands';
export type { LinkRecord } from './context';
export { createDialer } from './line/dialer';
export { type FabricLinks, type LinkDeclaration, type LinksOptions, openLinks } from './links';
export { type LinkReport, linkGroup } from './telemetry';
export type { Dialer, Upstream, UpstreamAddress } from './types';
export { createUpstream, type GatewaySource, type UpstreamControl } from './upstream';
