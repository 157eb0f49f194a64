import {
  Activity,
  ArrowDownToLine,
  Circle,
  CircleAlert,
  CircleCheck,
  CirclePause,
  CircleQuestionMark,
  CircleSlash,
  CircleStop,
  Clock,
  Download,
  HardDrive,
  Link,
  LoaderCircle,
  type LucideIcon,
  PackageCheck,
  RadioTower,
  Rss,
  Send,
  TriangleAlert,
  Unlink,
} from 'lucide-react';
import type { Tone } from '@/lib/domain/status';
import { cx } from './cx';
import { TONE_TEXT } from './tone';

/** Every icon that lib/domain/status names; a test holds this complete. */
export const STATUS_ICONS: Record<string, LucideIcon> = {
  Activity,
  ArrowDownToLine,
  Circle,
  CircleAlert,
  CircleCheck,
  CirclePause,
  CircleQuestionMark,
  CircleSlash,
  CircleStop,
  Clock,
  Download,
  HardDrive,
  Link,
  LoaderCircle,
  PackageCheck,
  RadioTower,
  Rss,
  Send,
  TriangleAlert,
  Unlink,
};

/** A status icon in its tone. Decorative: the word stands beside it. */
export function StatusIcon({ icon, tone, className }: { icon: string; tone: Tone; className?: string }) {
  const Icon = STATUS_ICONS[icon] ?? Circle;
  return (
    <Icon
      aria-hidden
      className={cx('size-3.5 shrink-0', TONE_TEXT[tone], icon === 'LoaderCircle' && 'turning', className)}
      strokeWidth={2.25}
    />
  );
}
