import { ArrowUp } from 'lucide-react';
import { formatCount } from '@/lib/format';

/** `12 new: show`. Keeps its place while there is nothing new, so that nothing jumps when there is. */
export function NewItems({ count, onShow }: { count: number; onShow: () => void }) {
  if (count === 0) return null;
  return (
    <button
      type="button"
      data-testid="new-items"
      onClick={onShow}
      className="inline-flex h-6 items-center gap-1 rounded-full bg-accent px-2 text-2xs font-semibold text-accent-ink"
    >
      <ArrowUp aria-hidden className="size-3" />
      {formatCount(count)} new: show
    </button>
  );
}
