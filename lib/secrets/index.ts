export { readSecretFile } from './read';
export { SecretStore, type SecretStoreOptions } from './store';
