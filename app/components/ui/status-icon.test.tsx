import { expect, it } from 'vitest';
import {
  EDGE_STATUS_STYLE,
  FABRIC_STATUS_STYLE,
  HQ_STATUS_STYLE,
  LINK_STATUS_STYLE,
  MIRROR_STATUS_STYLE,
  REQUEST_STATUS_STYLE,
  SERVICE_STATUS_STYLE,
  TONE_ICON,
} from '@/lib/domain/status';
import { STATUS_ICONS } from './status-icon';

it('has every icon that a status or a tone names', () => {
  const styles = [
    EDGE_STATUS_STYLE,
    FABRIC_STATUS_STYLE,
    HQ_STATUS_STYLE,
    LINK_STATUS_STYLE,
    MIRROR_STATUS_STYLE,
    REQUEST_STATUS_STYLE,
    SERVICE_STATUS_STYLE,
  ].flatMap((family) => Object.values(family));
  const named = [...styles.map((style) => style.icon), ...Object.values(TONE_ICON)];
  expect(named.filter((icon) => !STATUS_ICONS[icon])).toEqual([]);
});
