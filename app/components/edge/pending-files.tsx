import type { Mirror } from '@/lib/api/schemas';
import { formatCount } from '@/lib/format';
import { Bytes } from '../ui/figures';
import { Progress } from '../ui/progress';

/** The first few in the order they come; a count stands for the rest. */
const FILES_SHOWN_MAX = 5;

/** Files that wait or are being brought, each with its own progress. */
export function PendingFiles({ mirror }: { mirror: Mirror }) {
  if (mirror.pending.length === 0) return null;
  const hidden = Math.max(mirror.pending.length, mirror.filesTotal ?? 0) - mirror.filesDone - FILES_SHOWN_MAX;
  return (
    <ul aria-label="Files that wait" className="flex flex-col gap-1.5 border-t border-line pt-2">
      {mirror.pending.slice(0, FILES_SHOWN_MAX).map((file) => (
        <li key={file.path} className="text-xs">
          <div className="flex items-baseline justify-between gap-2">
            <span className="truncate text-ink-soft" title={file.path}>
              {file.title ?? file.path}
            </span>
            <Bytes value={file.bytes} className="text-2xs text-ink-faint" />
          </div>
          {file.bytesDone > 0 && (
            <Progress
              fraction={file.bytes === 0 ? 1 : file.bytesDone / file.bytes}
              label={file.title ?? file.path}
              className="mt-1 h-1"
            />
          )}
        </li>
      ))}
      {hidden > 0 && <li className="text-2xs text-ink-faint">and {formatCount(hidden)} more</li>}
    </ul>
  );
}
