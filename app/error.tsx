'use client';
import { RotateCw } from 'lucide-react';
import { Button } from './components/ui/button';

/** A page that broke: says so, and offers to draw it again. The services do not depend on it. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-2 p-8 text-center">
      <h1 className="text-xl font-semibold">This page broke</h1>
      <p className="max-w-md text-sm text-ink-soft">
        The services go on: only the page failed. {error.message}
        {error.digest && <span className="font-mono text-xs"> ({error.digest})</span>}
      </p>
      <Button className="mt-2" icon={RotateCw} onClick={reset}>
        Draw it again
      </Button>
    </div>
  );
}
