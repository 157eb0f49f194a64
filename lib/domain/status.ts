/** The one place for the words of a status: their order, labels, tones and icons. */
import type { LinkState, MirrorState } from '@/lib/ports';
import type { ServiceState } from './services';

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

/** The tones in order of concern, worst first: what a summary of several statuses takes. */
export const TONES_WORST_FIRST: readonly Tone[] = ['failed', 'attention', 'waiting', 'moving', 'off', 'ok'];

/** The icon of a tone where no status names a better one. */
export const TONE_ICON: Record<Tone, string> = {
  ok: 'CircleCheck',
  moving: 'Activity',
  waiting: 'Clock',
  attention: 'CircleAlert',
  failed: 'TriangleAlert',
  off: 'CircleSlash',
};

/** A service's state as an operator reads it; `degraded` is a running service whose health is not ok. */
export type ServiceStatus = ServiceState | 'degraded';
export const SERVICE_STATUS_STYLE: Record<ServiceStatus, StatusStyle> = {
  running: { label: 'Running', tone: 'ok', icon: 'CircleCheck', hint: 'It works on what comes.' },
  degraded: {
    label: 'Degraded',
    tone: 'attention',
    icon: 'CircleAlert',
    hint: 'It runs, but something keeps it from working as it should; see the reason.',
  },
  starting: {
    label: 'Starting',
    tone: 'moving',
    icon: 'LoaderCircle',
    hint: 'It is getting ready; this can be cancelled.',
  },
  stopping: { label: 'Stopping', tone: 'moving', icon: 'LoaderCircle', hint: 'It finishes what is in hand.' },
  stopped: {
    label: 'Stopped',
    tone: 'off',
    icon: 'CircleStop',
    hint: 'An operator stopped it. Work waits, nothing is lost.',
  },
  faulted: {
    label: 'Faulted',
    tone: 'failed',
    icon: 'TriangleAlert',
    hint: 'It died; see the error. It is started again by itself, with growing pauses.',
  },
};

/** One status of a service by fixed precedence: lifecycle first, health only while it runs. */
export const serviceStatus = (state: ServiceState, health: 'ok' | 'degraded'): ServiceStatus =>
  state === 'running' && health === 'degraded' ? 'degraded' : state;

/** An unavailable link is amber, not red: it is expected, and nothing is lost by it. */
export const LINK_STATUS_STYLE: Record<LinkState, StatusStyle> = {
  up: { label: 'Up', tone: 'ok', icon: 'Link', hint: 'The link replicates.' },
  connecting: { label: 'Connecting', tone: 'waiting', icon: 'LoaderCircle', hint: 'The edge is dialling HQ.' },
  paused: {
    label: 'Paused',
    tone: 'off',
    icon: 'CirclePause',
    hint: 'An operator paused it. What is new waits on its side.',
  },
  down: {
    label: 'Down',
    tone: 'attention',
    icon: 'Unlink',
    hint: 'HQ can not be reached. What is new waits on its side and goes when the link is back.',
  },
  failed: { label: 'Failed', tone: 'failed', icon: 'TriangleAlert', hint: 'The link needs a person; see the error.' },
};

/** A mirror's state as a field team reads it; `waiting` is a run to which nothing comes: it goes on by itself. */
export type MirrorStatusWord = MirrorState | 'waiting';
export const MIRROR_STATUS_STYLE: Record<MirrorStatusWord, StatusStyle> = {
  idle: { label: 'Idle', tone: 'off', icon: 'Circle', hint: 'Nothing is being brought. Start it to bring what waits.' },
  running: { label: 'Mirroring', tone: 'moving', icon: 'ArrowDownToLine', hint: 'Files are on their way.' },
  waiting: {
    label: 'Waiting',
    tone: 'attention',
    icon: 'Clock',
    hint: 'Nothing comes over the link at the moment. The run goes on by itself, from where it was.',
  },
  failed: {
    label: 'Interrupted',
    tone: 'attention',
    icon: 'CircleAlert',
    hint: 'The last run ended early. What was brought is kept; the next run goes on from there.',
  },
};

/** One status of a mirror: a run that says why nothing comes is waiting, whatever it has brought before. */
export const mirrorStatus = (state: MirrorState, lastError: string | null): MirrorStatusWord =>
  state === 'running' && lastError !== null ? 'waiting' : state;

export type FabricState = 'ok' | 'degraded' | 'unavailable' | 'unknown';
export const FABRIC_STATUS_STYLE: Record<FabricState, StatusStyle> = {
  ok: { label: 'Fabric ok', tone: 'ok', icon: 'CircleCheck', hint: 'All doors of the fabric answer.' },
  degraded: {
    label: 'Fabric degraded',
    tone: 'attention',
    icon: 'CircleAlert',
    hint: 'A door of the fabric does not answer.',
  },
  unavailable: {
    label: 'Fabric unavailable',
    tone: 'failed',
    icon: 'TriangleAlert',
    hint: 'The fabric does not answer.',
  },
  unknown: {
    label: 'Fabric unknown',
    tone: 'waiting',
    icon: 'CircleQuestionMark',
    hint: 'Nothing is known of this fabric yet.',
  },
};
