'use client';

/** The last resort, when even the frame broke; it can use nothing of the frame, not even its styles. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body style={{ background: '#0e1013', color: '#f3f4f6', fontFamily: 'system-ui, sans-serif', padding: '4rem' }}>
        <h1>Fieldline’s pages broke</h1>
        <p>The services go on: only the pages failed.</p>
        <button type="button" onClick={reset}>
          Draw them again
        </button>
      </body>
    </html>
  );
}
