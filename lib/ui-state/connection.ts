import { create } from 'zustand';
import type { StreamState } from '@/lib/queries/events/stream';

interface Connection {
  state: StreamState;
  setState(state: StreamState): void;
}

/** Whether this page hears from its server. */
export const useConnection = create<Connection>((set) => ({
  state: { status: 'connecting' },
  setState: (state) => set({ state }),
}));
