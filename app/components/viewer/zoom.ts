/** Zoom and pan of the viewer. Pure; px are relative to the centre of the stage. */
export interface View {
  /** 1: the whole picture fits the stage. */
  scale: number;
  x: number;
  y: number;
}
export const FIT: View = { scale: 1, x: 0, y: 0 };
export const SCALE_MAX = 16;
export const ZOOM_STEP = 1.5;

export interface Stage {
  width: number;
  height: number;
}

/** No further than that the picture's edge stays at the stage's. */
function bound(value: number, scale: number, side: number): number {
  const most = (Math.max(0, scale - 1) * side) / 2;
  return Math.max(-most, Math.min(most, value));
}

/** Zooms by a factor so that what is under the point stays under it. */
export function zoomAt(view: View, factor: number, point: { x: number; y: number }, stage: Stage): View {
  const scale = Math.max(1, Math.min(SCALE_MAX, view.scale * factor));
  const by = scale / view.scale;
  return {
    scale,
    x: bound(point.x - (point.x - view.x) * by, scale, stage.width),
    y: bound(point.y - (point.y - view.y) * by, scale, stage.height),
  };
}

export const panBy = (view: View, dx: number, dy: number, stage: Stage): View => ({
  scale: view.scale,
  x: bound(view.x + dx, view.scale, stage.width),
  y: bound(view.y + dy, view.scale, stage.height),
});
