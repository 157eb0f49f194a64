import { EDGE_STATUS_STYLE, REQUEST_STATUS_STYLE, type StatusStyle } from '@/lib/domain/status';

/** How a request reads: in HQ's words where HQ has one for it, else in the edge's. */
export function requestStatusStyle(status: string): StatusStyle {
  const styles: Record<string, StatusStyle> = { ...EDGE_STATUS_STYLE, ...REQUEST_STATUS_STYLE };
  return (
    styles[status] ?? {
      label: status,
      tone: 'off',
      icon: 'CircleQuestionMark',
      hint: 'A status this page does not know.',
    }
  );
}
