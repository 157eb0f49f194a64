/** The root file system of the container image: Node, the libraries that it and the native modules load, and the built project. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleParts } from './bundles.mjs';
import { sharedLibraries } from './libraries.mjs';
import { installedClosure } from './packages.mjs';
import { filesBelow } from './walk.mjs';

/** Where the project lies in the image. */
export const APP_DIRECTORY = '/app';
export const NODE_FILE = '/usr/local/bin/node';
/** Numeric, so that Kubernetes can see that it is not root; the id that images without a distribution commonly use. */
export const USER_ID = 65_532;

/** Directories that are written: the data (a volume), and what programs put aside for a moment. */
const DATA_DIRECTORY = '/data';
const TEMPORARY_DIRECTORY = '/tmp';
/** Mount points that a runtime would otherwise have to make in a root that it may not write. */
const MOUNT_POINTS = ['/proc', '/sys', '/dev', '/etc/fieldline'];

/** Entries of dist/; what they import lies in parts beside them. */
const PROGRAMS = ['app.js', 'backup.js', 'enrol.js', 'fabric.js', 'fabric-tables-worker.js', 'launcher.js', 'probe.js'];
/** Packages that the bundles of dist/ leave outside, because they are native (scripts/lib/build.mjs). */
const NATIVE_PACKAGES = ['libsql'];
/** Files in which Next notes the directory it was built in. */
const FILES_WITH_BUILD_PATH = ['server.js', '.next/required-server-files.json'];

const ETC = {
  'etc/passwd': `root:x:0:0::/:/sbin/nologin\nfieldline:x:${USER_ID}:${USER_ID}::${DATA_DIRECTORY}:/sbin/nologin\n`,
  'etc/group': `root:x:0:\nfieldline:x:${USER_ID}:\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Lays the built project of `root` into `target`. Says how large it has become. Fails where `target` holds something. */
export function layImage(root, target) {
  if (existsSync(target) && readdirSync(target).length > 0) throw new Error(`${target} is not empty`);
  const app = path.join(target, APP_DIRECTORY);
  mkdirSync(target, { recursive: true });
  // The root of the image is everyone's to enter, whatever mode the directory was made with.
  chmodSync(target, 0o755);
  layPrograms(root, app);
  layApp(root, app);
  for (const name of NATIVE_PACKAGES) layPackage(root, app, name);
  laySystem(target);
  return filesBelow(target).reduce((sum, { bytes }) => ({ bytes: sum.bytes + bytes, files: sum.files + 1 }), {
    bytes: 0,
    files: 0,
  });
}

function layPrograms(root, app) {
  for (const name of bundleParts(path.join(root, 'dist'), PROGRAMS))
    copy(path.join(root, 'dist', name), path.join(app, 'dist', name));
  copy(path.join(root, 'scripts/image/main.mjs'), path.join(app, 'main.mjs'));
  // Bundles are ES modules, which a file of dist/ is only by the nearest package.json.
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  writeFileSync(path.join(app, 'package.json'), `${JSON.stringify({ name, version, type: 'module' })}\n`);
  copy(path.join(root, 'feeds/sample.json'), path.join(app, 'feeds/sample.json'));
  for (const file of ['LICENSE', 'CREDITS']) copy(path.join(root, file), path.join(app, file));
}

function layApp(root, app) {
  const from = path.join(root, '.next/standalone');
  const to = path.join(app, '.next/standalone');
  // Maps hold the sources and the paths of the machine that built them; nothing in the image reads them.
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, filter: (file) => !file.endsWith('.map') });
  for (const name of FILES_WITH_BUILD_PATH) {
    const file = path.join(to, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(root, APP_DIRECTORY));
  }
}

/** A package with what it needs on this platform, beside the bundles that load it; the app's own are in Next's tree. */
function layPackage(root, app, name) {
  for (const folder of installedClosure(root, name)) {
    const to = path.join(app, 'node_modules', folder);
    if (!existsSync(to))
      cpSync(path.join(root, 'node_modules', folder), to, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (file) => !/\.(map|md|d\.ts|d\.mts)$/.test(file),
      });
  }
}

function laySystem(target) {
  copy(process.execPath, path.join(target, NODE_FILE));
  chmodSync(path.join(target, NODE_FILE), 0o755);
  const native = filesBelow(target).filter(({ file }) => /\.node$|\.so(\.[\d.]+)?$/.test(file));
  const loading = [process.execPath, ...native.map(({ file }) => path.join(target, file))];
  for (const library of sharedLibraries(loading))
    if (!library.startsWith(`${target}/`)) copy(library, path.join(target, library));
  for (const [file, text] of Object.entries(ETC)) {
    mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    writeFileSync(path.join(target, file), text);
  }
  for (const directory of [DATA_DIRECTORY, TEMPORARY_DIRECTORY, ...MOUNT_POINTS])
    mkdirSync(path.join(target, directory), { recursive: true });
  chmodSync(path.join(target, TEMPORARY_DIRECTORY), 0o1777);
}

/** Links are followed: what a distribution calls a library is often one. */
function copy(from, to) {
  mkdirSync(path.dirname(to), { recursive: true });
  cpSync(from, to, { dereference: true });
}
