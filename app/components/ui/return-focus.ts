import { useRef } from 'react';

/**
 * Gives the focus back to where it was when a dialog without a trigger of its own closes (one that is opened by the URL, or a row).
 * Spread the handlers on the dialog's content. `focusContent`: the focus begins on the dialog itself, not on its first control,
 * so that its keys work at once and no control's hint pops up.
 */
export function useReturnFocus({ focusContent = false } = {}) {
  const before = useRef<HTMLElement | null>(null);
  return {
    onOpenAutoFocus: (event: Event) => {
      before.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      if (!focusContent || !(event.currentTarget instanceof HTMLElement)) return;
      event.preventDefault();
      event.currentTarget.focus();
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      before.current?.focus();
    },
  };
}
