export { readSecretFile } from './read';
export { Sealer, type SealerOptions } from './sealer';
export { SecretStore, type SecretStoreOptions } from './store';
