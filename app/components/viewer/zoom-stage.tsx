'use client';
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button';
import { FIT, panBy, type View, ZOOM_STEP, zoomAt } from './zoom';

const WHEEL_FACTOR_PER_PX = 0.0015;
const CENTRE = { x: 0, y: 0 };

/** A picture that is zoomed by wheel, buttons and `+` `-` `0`, and dragged. */
export function ZoomStage({ src, alt }: { src: string; alt: string }) {
  const stage = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>(FIT);
  const drag = useRef<{ x: number; y: number } | null>(null);
  const size = () => ({ width: stage.current?.clientWidth ?? 0, height: stage.current?.clientHeight ?? 0 });
  const zoom = (factor: number) => setView((before) => zoomAt(before, factor, CENTRE, size()));

  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const box = () => ({ width: element.clientWidth, height: element.clientHeight });
    // React's wheel listener is passive: the page behind would scroll.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      const point = {
        x: event.clientX - bounds.left - bounds.width / 2,
        y: event.clientY - bounds.top - bounds.height / 2,
      };
      setView((before) => zoomAt(before, Math.exp(-event.deltaY * WHEEL_FACTOR_PER_PX), point, box()));
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '+' || event.key === '=') setView((before) => zoomAt(before, ZOOM_STEP, CENTRE, box()));
      else if (event.key === '-') setView((before) => zoomAt(before, 1 / ZOOM_STEP, CENTRE, box()));
      else if (event.key === '0') setView(FIT);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    document.addEventListener('keydown', onKey);
    return () => {
      element.removeEventListener('wheel', onWheel);
      document.removeEventListener('keydown', onKey);
    };
  }, []);

  return (
    <div
      ref={stage}
      data-testid="zoom-stage"
      data-scale={view.scale.toFixed(2)}
      onPointerDown={(event) => {
        if (view.scale === 1) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerMove={(event) => {
        const from = drag.current;
        if (!from) return;
        drag.current = { x: event.clientX, y: event.clientY };
        setView((before) => panBy(before, event.clientX - from.x, event.clientY - from.y, size()));
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      className={
        view.scale > 1
          ? 'relative size-full cursor-grab touch-none overflow-hidden active:cursor-grabbing'
          : 'relative size-full touch-none overflow-hidden'
      }
    >
      {/* biome-ignore lint/performance/noImgElement: the file itself is what is looked at. */}
      <img
        src={src}
        alt={alt}
        draggable={false}
        className="size-full object-contain select-none"
        style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
      />
      <div className="absolute bottom-3 left-1/2 flex -translate-x-1/2 gap-1 rounded-lg border border-line bg-surface/90 p-1">
        <Button size="sm" kind="quiet" icon={ZoomOut} aria-label="Zoom out" onClick={() => zoom(1 / ZOOM_STEP)} />
        <Button size="sm" kind="quiet" aria-label="Fit to stage" icon={Maximize} onClick={() => setView(FIT)} />
        <Button size="sm" kind="quiet" icon={ZoomIn} aria-label="Zoom in" onClick={() => zoom(ZOOM_STEP)} />
        <output className="flex min-w-12 items-center justify-center text-2xs text-ink-faint">
          {Math.round(view.scale * 100)} %
        </output>
      </div>
    </div>
  );
}
