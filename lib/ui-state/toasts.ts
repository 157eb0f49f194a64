import { create } from 'zustand';
import type { Tone } from '@/lib/domain/status';
import { FieldlineError } from '@/lib/errors';

/** Older ones give way; a person reads two or three. */
const TOASTS_MAX = 4;

export interface Toast {
  id: number;
  tone: Tone;
  title: string;
  detail?: string;
}
interface Toasts {
  toasts: Toast[];
  show(toast: Omit<Toast, 'id'>): void;
  dismiss(id: number): void;
}
let nextId = 1;

/** Short notes on what a click has done, or why it could not. */
export const useToasts = create<Toasts>((set) => ({
  toasts: [],
  show: (toast) => set(({ toasts }) => ({ toasts: [...toasts, { ...toast, id: nextId++ }].slice(-TOASTS_MAX) })),
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

/** The note for an action that failed: what, why, and what to do. */
export function showFailure(title: string, error: unknown): void {
  const detail =
    error instanceof FieldlineError
      ? [error.message, error.remedy].filter(Boolean).join('. ')
      : error instanceof Error
        ? error.message
        : String(error);
  useToasts.getState().show({ tone: 'failed', title, detail });
}
