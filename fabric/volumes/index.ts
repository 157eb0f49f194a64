export type { MirrorEngine } from '@/lib/mirror/engine';
export { FILES_EXTENSIONS, registerFilesDoor, volumeAt } from './files-door';
export { openVolumes, type VolumeChanges, type VolumeStore, type VolumeStoreOptions } from './store';
export type { VolumeRecord, VolumeSource, VolumeType } from './types';
export { sourceName, type Volume } from './volume';
