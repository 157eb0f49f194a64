'use client';
import { X } from 'lucide-react';
import { Toast } from 'radix-ui';
import { TONE_ICON } from '@/lib/domain/status';
import { useToasts } from '@/lib/ui-state/toasts';
import { StatusIcon } from './status-icon';
import { useDrawn } from './use-drawn';

/** Long enough to read two sentences. */
const TOAST_DURATION_MS = 8000;

/** Shows what clicks have done. */
export function Toaster() {
  const { toasts, dismiss } = useToasts();
  const isDrawn = useDrawn();
  if (!isDrawn) return null;
  return (
    <Toast.Provider duration={TOAST_DURATION_MS} swipeDirection="right">
      {toasts.map((toast) => (
        <Toast.Root
          key={toast.id}
          onOpenChange={(open) => !open && dismiss(toast.id)}
          className="flex items-start gap-2 rounded-lg border border-line-strong bg-raised p-3 shadow-xl"
        >
          <StatusIcon icon={TONE_ICON[toast.tone]} tone={toast.tone} className="mt-0.5" />
          <div className="min-w-0 flex-1">
            <Toast.Title className="text-sm font-medium">{toast.title}</Toast.Title>
            {toast.detail && <Toast.Description className="text-xs text-ink-soft">{toast.detail}</Toast.Description>}
          </div>
          <Toast.Close aria-label="Dismiss" className="rounded-sm text-ink-faint hover:text-ink">
            <X aria-hidden className="size-4" />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(21rem,calc(100vw-2rem))] flex-col gap-2" />
    </Toast.Provider>
  );
}
