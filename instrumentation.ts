/**
 * Next calls this once when the server starts, in every runtime it has. Only the Node one hosts services; the literal comparison lets
 * the compiler drop the import (and all of Node it needs) from any other bundle.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { startProcess } = await import('@/services/operations/process');
    await startProcess();
  }
}
