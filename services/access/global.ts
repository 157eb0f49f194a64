import { loadConfig } from '@/lib/config';
import { Access } from './access';

/** The one access control of the process, on globalThis as the runtime is (services/runtime/global.ts says why). */
const KEY = Symbol.for('fieldline.access');
const holder = globalThis as { [KEY]?: Access };

/** Opens it; before the runtime, since nobody gets past the doors without. Fails with CONFIG_INVALID, DATA_DIR_UNUSABLE, DATA_DIR_LOCKED. */
export async function startAccess(say: (sentence: string) => void): Promise<Access> {
  holder[KEY] ??= await Access.open({ config: loadConfig(), say });
  return holder[KEY];
}

/** Null before it is started and after it is stopped. */
export const getAccess = (): Access | null => holder[KEY] ?? null;

export async function stopAccess(): Promise<void> {
  const open = holder[KEY];
  delete holder[KEY];
  await open?.close();
}
