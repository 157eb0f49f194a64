import { LogStore, type TopicStoreOptions } from './store';

export { AppendRefusedError } from './append-plan';
export type { LogStore, TopicStoreOptions } from './store';

/**
 * Opens the topics kept in a directory, recovering what a crash left. The directory must be this process's alone.
 * Fails with DATA_DIR_UNUSABLE. Close it, so that the next start is quick.
 */
export async function openTopicStore(directory: string, options: TopicStoreOptions): Promise<LogStore> {
  const store = new LogStore(directory, options);
  await store.open();
  return store;
}
