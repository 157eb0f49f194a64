import type { ConnectionTest, DoorCheck } from '@/lib/api/connections';
import { TONE_ICON } from '@/lib/domain/status';
import { StatusIcon } from '../ui/status-icon';
import { TONE_TEXT } from '../ui/tone';

const DOOR_LABEL: Record<DoorCheck['door'], string> = {
  streams: 'Streams',
  tables: 'Tables',
  volumes: 'Volumes',
  link: 'Link',
  upstream: 'HQ',
};

/** What became of a test, door by door. */
export function DoorResults({ test }: { test: ConnectionTest }) {
  return (
    <ul aria-label="Doors" aria-live="polite" className="divide-y divide-line rounded-md border border-line">
      {test.doors.map((door) => {
        const tone = door.state === 'ok' ? 'ok' : 'failed';
        return (
          <li
            key={door.title}
            data-door={door.door}
            data-state={door.state}
            className="flex items-start gap-2 px-2.5 py-2 text-sm"
          >
            <StatusIcon icon={TONE_ICON[tone]} tone={tone} className="mt-0.5 size-4" />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-medium">{DOOR_LABEL[door.door]}</span>
                <span className={`text-xs font-medium ${TONE_TEXT[tone]}`}>
                  {door.code === null ? 'answers' : door.code.replaceAll('-', ' ')}
                </span>
                <span className="min-w-0 text-xs break-words text-ink-faint">{door.title}</span>
              </p>
              {door.reason && <p className="break-words text-ink-soft">{door.reason}</p>}
              {door.remedy && <p className="text-xs text-ink-faint">{door.remedy}</p>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
