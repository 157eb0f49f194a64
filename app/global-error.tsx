'use client';
import './globals.css';

/** The last resort, when even the frame broke; it can use nothing of the frame, and brings its own styles. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body className="flex min-h-dvh flex-col items-start gap-3 p-8 sm:p-16">
        <h1 className="text-xl font-semibold">Fieldline’s pages broke</h1>
        <p>The services go on: only the pages failed.</p>
        <button type="button" onClick={reset} className="rounded-md border border-line bg-raised px-3 py-1.5">
          Draw them again
        </button>
      </body>
    </html>
  );
}
