import type { AssetDetail } from '@/lib/api/schemas';
import { REQUEST_STATUS_STYLE } from '@/lib/domain/status';
import { Ago } from '../ui/figures';
import { StatusBadge } from '../ui/status-badge';

/** At HQ: which edges asked for the asset, and how far each one is. */
export function EdgeStates({ edges }: { edges: AssetDetail['edges'] }) {
  if (edges.length === 0) return null;
  return (
    <section aria-label="Edges">
      <h3 className="mb-1.5 text-xs font-semibold text-ink-faint">Asked for by</h3>
      <ul className="flex flex-col gap-1">
        {edges.map((edge) => (
          <li key={edge.requestId} className="flex items-center gap-2 text-xs">
            <span className="font-medium">{edge.edge}</span>
            <StatusBadge style={REQUEST_STATUS_STYLE[edge.status]} reason={edge.reason} plain />
            <Ago at={edge.updatedAt} className="ml-auto text-2xs text-ink-faint" />
          </li>
        ))}
      </ul>
    </section>
  );
}
