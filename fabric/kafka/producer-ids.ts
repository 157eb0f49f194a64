/** Ids of idempotent producers: never given twice, also after a crash. And the id of this cluster, made once. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { JsonFile } from '../state/json-file';

/** Reserved on disk at once, so that a new producer rarely waits for it. */
const BLOCK_IDS = 1000;
/** Kafka's cluster ids are 22 characters: 16 bytes in base64url. */
const CLUSTER_ID_BYTES = 16;

interface Identity {
  clusterId: string;
  /** Ids from here on are free. */
  nextBlock: number;
}

export class ProducerIds {
  #next: number;
  #reservedTo: number;
  #reserving: Promise<void> | null = null;

  private constructor(readonly file: JsonFile<Identity>) {
    this.#next = file.value.nextBlock;
    this.#reservedTo = file.value.nextBlock;
  }

  static async open(directory: string): Promise<ProducerIds> {
    const file = await JsonFile.open<Identity>(path.join(directory, 'identity.json'), { clusterId: '', nextBlock: 0 });
    const clusterId = file.value.clusterId || randomBytes(CLUSTER_ID_BYTES).toString('base64url');
    await file.update((value) => ({ ...value, clusterId }));
    return new ProducerIds(file);
  }

  get clusterId(): string {
    return this.file.value.clusterId;
  }

  /** A producer id that was never given before. */
  async take(): Promise<number> {
    while (this.#next >= this.#reservedTo) {
      this.#reserving ??= this.#reserve();
      await this.#reserving;
    }
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    const end = this.#reservedTo + BLOCK_IDS;
    try {
      await this.file.update((value) => ({ ...value, nextBlock: end }));
      this.#reservedTo = end;
    } finally {
      this.#reserving = null;
    }
  }
}
