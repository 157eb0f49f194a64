/** The one place for the words of a status: their order, labels, tones and icons. */

/** Six tones, used for status and nothing else. */
export type Tone = 'ok' | 'moving' | 'waiting' | 'attention' | 'failed' | 'off';

export interface StatusStyle {
  label: string;
  tone: Tone;
  /** A lucide icon name. */
  icon: string;
  /** What it means, as a sentence for hover and docs. */
  hint: string;
}

export const HQ_STATUSES = ['announced', 'downloading', 'downloaded', 'broadcast', 'failed'] as const;
export type HqStatus = (typeof HQ_STATUSES)[number];

export const EDGE_STATUSES = [
  'available',
  'requesting',
  'requested',
  'ready',
  'mirroring',
  'delivered',
  'failed',
  'cancelled',
] as const;
export type EdgeStatus = (typeof EDGE_STATUSES)[number];

export const REQUEST_STATUSES = ['requested', 'staged', 'received', 'rejected', 'cancelled'] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

export const HQ_STATUS_STYLE: Record<HqStatus, StatusStyle> = {
  announced: {
    label: 'Announced',
    tone: 'waiting',
    icon: 'Rss',
    hint: 'The feed named it; the download has not begun.',
  },
  downloading: { label: 'Downloading', tone: 'moving', icon: 'Download', hint: 'HQ is fetching the file.' },
  downloaded: {
    label: 'Downloaded',
    tone: 'waiting',
    icon: 'HardDrive',
    hint: 'The file is in the volume; not yet announced to the edges.',
  },
  broadcast: { label: 'Broadcast', tone: 'ok', icon: 'RadioTower', hint: 'Every edge is being told.' },
  failed: {
    label: 'Failed',
    tone: 'failed',
    icon: 'TriangleAlert',
    hint: 'HQ could not fetch it; see the reason. It can be tried again.',
  },
};

export const EDGE_STATUS_STYLE: Record<EdgeStatus, StatusStyle> = {
  available: { label: 'Available', tone: 'off', icon: 'Circle', hint: 'HQ has it; nobody here asked for it.' },
  requesting: {
    label: 'Requesting',
    tone: 'waiting',
    icon: 'Clock',
    hint: 'Asked for here; not yet written to the stream.',
  },
  requested: {
    label: 'Requested',
    tone: 'waiting',
    icon: 'Send',
    hint: 'On its way to HQ, or waiting for HQ to answer.',
  },
  ready: {
    label: 'Ready',
    tone: 'attention',
    icon: 'PackageCheck',
    hint: 'Staged at HQ. Start the mirror to bring it here.',
  },
  mirroring: { label: 'Mirroring', tone: 'moving', icon: 'ArrowDownToLine', hint: 'The file is on its way.' },
  delivered: { label: 'Delivered', tone: 'ok', icon: 'CircleCheck', hint: 'The file is here and its digest matches.' },
  failed: { label: 'Failed', tone: 'failed', icon: 'TriangleAlert', hint: 'It can not be delivered; see the reason.' },
  cancelled: {
    label: 'Cancelled',
    tone: 'off',
    icon: 'CircleSlash',
    hint: 'The request was withdrawn. It can be requested again.',
  },
};

export const REQUEST_STATUS_STYLE: Record<RequestStatus, StatusStyle> = {
  requested: { label: 'Requested', tone: 'waiting', icon: 'Send', hint: 'The edge asked; HQ has not staged it yet.' },
  staged: {
    label: 'Staged',
    tone: 'attention',
    icon: 'PackageCheck',
    hint: 'In the outbound volume, waiting for the edge to mirror it.',
  },
  received: { label: 'Received', tone: 'ok', icon: 'CircleCheck', hint: 'The edge has it and its digest matches.' },
  rejected: {
    label: 'Rejected',
    tone: 'failed',
    icon: 'TriangleAlert',
    hint: 'HQ could not serve it; see the reason.',
  },
  cancelled: { label: 'Cancelled', tone: 'off', icon: 'CircleSlash', hint: 'The edge withdrew the request.' },
};

/** Edge rows that a field team may ask for (again). */
export const REQUESTABLE: readonly EdgeStatus[] = ['available', 'failed', 'cancelled'];
/** Edge rows whose request may still be withdrawn. */
export const CANCELLABLE: readonly EdgeStatus[] = ['requesting', 'requested', 'ready', 'mirroring'];
