import { HQ_SITE_ID } from '@/lib/domain/naming';
import {
  EDGE_STATUS_STYLE,
  type EdgeStatus,
  HQ_STATUS_STYLE,
  type HqStatus,
  type StatusStyle,
} from '@/lib/domain/status';

const UNKNOWN_STATUS: StatusStyle = {
  label: 'Unknown',
  tone: 'off',
  icon: 'CircleQuestionMark',
  hint: 'This page does not know this status; a newer server sent it.',
};

/** How an asset's status reads at its site: the words of HQ and of the edges differ. */
export function assetStatusStyle(asset: { site: string; status: string }): StatusStyle {
  return knownAssetStatusStyle(asset) ?? UNKNOWN_STATUS;
}

/** As `assetStatusStyle`; undefined for what is no status of an asset at that site. */
export function knownAssetStatusStyle(asset: { site: string; status: string }): StatusStyle | undefined {
  const styles: Record<string, StatusStyle> = asset.site === HQ_SITE_ID ? HQ_STATUS_STYLE : EDGE_STATUS_STYLE;
  return styles[asset.status as HqStatus | EdgeStatus];
}
