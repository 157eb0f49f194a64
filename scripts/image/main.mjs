/** Entry of the container: the launcher, as the first process, on the configuration file that is mounted. */
import path from 'node:path';
import { launch } from './dist/launcher.js';

await launch(process.argv.slice(2), { root: path.resolve(import.meta.dirname) });
