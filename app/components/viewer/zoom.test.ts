import { expect, it } from 'vitest';
import { FIT, panBy, SCALE_MAX, zoomAt } from './zoom';

const stage = { width: 1000, height: 600 };

it('keeps what is under the pointer under it', () => {
  const point = { x: 200, y: -100 };
  const view = zoomAt(FIT, 2, point, stage);
  // The picture's point that was at `point` is now at view + point * scale.
  expect({ x: view.x + point.x * view.scale, y: view.y + point.y * view.scale }).toEqual(point);
});

it('stays between the whole picture and the greatest scale', () => {
  expect(zoomAt(FIT, 0.1, { x: 9, y: 9 }, stage)).toEqual(FIT);
  expect(zoomAt(FIT, 1e6, { x: 0, y: 0 }, stage).scale).toBe(SCALE_MAX);
});

it('comes back to the middle when zoomed out', () => {
  const far = zoomAt(zoomAt(FIT, 8, { x: 400, y: 200 }, stage), 1 / 8, { x: -400, y: -200 }, stage);
  expect(far.scale).toBe(1);
  expect(Math.abs(far.x) + Math.abs(far.y)).toBe(0);
});

it('pans no further than the edge of the picture', () => {
  const view = panBy({ scale: 2, x: 0, y: 0 }, 99_999, -99_999, stage);
  expect([view.x, view.y]).toEqual([500, -300]);
  expect(panBy(FIT, 50, 50, stage)).toEqual(FIT);
});
