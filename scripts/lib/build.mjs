import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';
import { fail, say } from './say.mjs';
import { isCurrent, stampOf } from './stamp.mjs';

/** Programs that run on their own, each bundled into one file of dist/. */
const PROGRAMS = {
  fabric: 'fabric/main.ts',
  'fabric-tables-worker': 'fabric/tables/worker.ts',
  launcher: 'launcher/main.ts',
  enrol: 'launcher/enrol.ts',
  backup: 'fabric/backup/main.ts',
  probe: 'launcher/probe.ts',
  app: 'launcher/app.ts',
};
const PROGRAM_SOURCES = ['fabric', 'launcher', 'lib', 'package-lock.json', 'tsconfig.json', 'scripts/lib/build.mjs'];
const APP_SOURCES = [
  'app',
  'services',
  'lib',
  'public',
  'instrumentation.ts',
  'proxy.ts',
  'next.config.ts',
  'postcss.config.mjs',
  'package-lock.json',
  'tsconfig.json',
  'scripts/lib/build.mjs',
];

/** What the standalone server needs of what Next puts there. */
const STANDALONE_PARTS = ['.next', 'node_modules', 'package.json', 'server.js'];

/** Bundles the fabric and the launcher unless that was done from these sources. */
export async function buildPrograms(root) {
  const stamp = path.join(root, 'dist/.programs');
  if (isCurrent(root, stamp, PROGRAM_SOURCES)) return;
  // Of what is there now: a file that is changed during the build is built at the next start.
  const sources = stampOf(root, PROGRAM_SOURCES);
  say('Building the fabric ...');
  removeBuilt(path.join(root, 'dist'));
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      Object.entries(PROGRAMS).filter(([, source]) => existsSync(path.join(root, source))),
    ),
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // What is imported only when it is needed (the S3 client) lies in a file of its own, and costs nothing until then.
    splitting: true,
    // What Node reads at a start, and keeps in memory while it runs, is a third smaller. Names stay, for whoever reads a stack or a profile.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    logLevel: 'warning',
    // Native code is loaded from node_modules; the app's entry loads Next's own server at run time.
    external: ['libsql', 'sharp'],
    // Bundled CommonJS packages call require() for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  writeFileSync(stamp, sources);
}

/** Parts carry their fingerprint in their names: those of earlier builds would stay for ever. */
function removeBuilt(directory) {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) if (/\.js(\.map)?$/.test(name)) rmSync(path.join(directory, name));
}

/** Builds the web application as a self-contained tree (Next's standalone output) unless that was done from these sources. */
export async function buildApp(root) {
  const stamp = path.join(root, 'dist/.app');
  if (isCurrent(root, stamp, APP_SOURCES)) return;
  const sources = stampOf(root, APP_SOURCES);
  say('Building the app (next build; half a minute or so) ...');
  rmSync(stamp, { force: true });
  const code = await run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
    cwd: root,
    env: { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    quiet: true,
  });
  if (code !== 0) fail('The app did not build: see the lines above.');
  const standalone = path.join(root, '.next/standalone');
  // Code that reads files named by settings makes Next's tracer take the whole project along; ours is in the bundles.
  for (const name of readdirSync(standalone))
    if (!STANDALONE_PARTS.includes(name)) rmSync(path.join(standalone, name), { recursive: true });
  // Next leaves static files out of the standalone tree, for those who serve them from elsewhere.
  cpSync(path.join(root, '.next/static'), path.join(standalone, '.next/static'), { recursive: true });
  cpSync(path.join(root, 'public'), path.join(standalone, 'public'), { recursive: true });
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, sources);
}
