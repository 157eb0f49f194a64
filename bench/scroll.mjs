/**
 * The request table with many rows, scrolled fast by the wheel: what a frame costs the page, and how evenly frames come.
 *
 *   node bench/scroll.mjs [rows, default 10000] [seconds, default 6]     (installed and built; needs a Chromium, as `npm test` gets one)
 *
 * The processor time of the page's main thread is the page's own; how many frames come is also a matter of the machine, which draws them
 * here without a graphics card.
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { Kafka, logLevel } from 'kafkajs';
import { systemBrowser } from '../scripts/provision-browser.mjs';
import { newInstallation, PORTS, start, stop } from './lib/installation.mjs';

const rows = Number(process.argv[2] ?? 10_000);
const seconds = Number(process.argv[3] ?? 6);
const BATCH = 500;
const TOPIC = 'missionx.replicated.ASSET_BROADCAST';
/** A quick turn of the wheel: a dozen rows. */
const WHEEL_PX = 600;
const FRAME_MS = 1000 / 60;
const SIZE = { width: 1440, height: 900 };
const url = `http://127.0.0.1:${PORTS.app}`;

/** As the broadcaster writes them. */
function broadcast(n) {
  const id = `scroll-${n}`;
  const at = new Date(Date.now() - n * 60_000).toISOString();
  const asset = {
    id,
    feed: 'bench',
    sourceId: id,
    title: `Scene ${n}: the Nile Delta`,
    description: 'One of many scenes of the same place, as a satellite brings them pass after pass.',
    kind: 'image',
    keywords: ['river', 'delta'],
    credit: 'NASA Earth Observatory',
    acquiredAt: at,
    place: { lat: 30.9, lon: 31.1 },
  };
  const file = {
    fileName: `${id}.jpg`,
    mediaType: 'image/jpeg',
    bytes: 250_000 + n,
    sha256: 'a'.repeat(64),
    width: 1200,
    height: 800,
    // A picture of one pixel, so that each row decodes one.
    tinyPreview: 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  };
  return { key: id, value: JSON.stringify({ type: 'asset.broadcast', at, asset, file }) };
}

async function publish() {
  const kafka = new Kafka({ brokers: [`127.0.0.1:${PORTS.kafka}`], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  for (let from = 0; from < rows; from += BATCH) {
    const messages = Array.from({ length: Math.min(BATCH, rows - from) }, (_, n) => broadcast(from + n));
    await producer.send({ topic: TOPIC, messages });
  }
  await producer.disconnect();
}

/** Runs in the page: the time of each frame from now on. */
function countFrames() {
  globalThis.frames_ = [];
  const note = (time) => {
    globalThis.frames_.push(time);
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}

async function measure(page) {
  await page.goto(`${url}/edge/alpha`);
  const grid = page.getByTestId('asset-grid');
  await page.waitForFunction(
    (count) => Number(document.querySelector('[data-testid=asset-grid]')?.getAttribute('aria-rowcount')) > count,
    rows,
    { timeout: 120_000 },
  );
  await sleep(3000);
  const box = await grid.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 200);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const metrics = async () =>
    Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  await page.evaluate(countFrames);
  const before = await metrics();
  const begin = performance.now();
  let turns = 0;
  while (performance.now() - begin < seconds * 1000) {
    await page.mouse.wheel(0, WHEEL_PX);
    turns++;
    await sleep(Math.max(0, begin + turns * FRAME_MS - performance.now()));
  }
  const after = await metrics();
  const times = await page.evaluate(() => globalThis.frames_);
  const blank = await page.evaluate(() => document.querySelectorAll('[data-testid=asset-row]').length === 0);
  const scrolled = await page.evaluate(
    () => document.querySelector('[data-testid=asset-grid]').parentElement.scrollTop,
  );
  return { before, after, times, turns, blank, scrolled };
}

function report({ before, after, times, turns, blank, scrolled }) {
  const gaps = times
    .slice(1)
    .map((time, index) => time - times[index])
    .sort((a, b) => a - b);
  const at = (share) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))].toFixed(0);
  const spent = (name) => (after[name] - before[name]) * 1000;
  const each = (name) => (spent(name) / gaps.length).toFixed(1);
  console.log(
    `${rows} rows, ${turns} turns of the wheel of ${WHEEL_PX} px in ${seconds} s, ${Math.round(scrolled)} px scrolled`,
  );
  console.log(
    `frames: ${(gaps.length / seconds).toFixed(0)}/s; between two p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`,
  );
  console.log(
    `main thread each frame: ${each('TaskDuration')} ms, of it script ${each('ScriptDuration')} ms, style ${each('RecalcStyleDuration')} ms, layout ${each('LayoutDuration')} ms${blank ? '; NO ROWS WERE DRAWN' : ''}`,
  );
}

const installation = newInstallation('bench-scroll-', []);
const { launcher } = await start(installation.file);
const browser = await chromium.launch({ executablePath: systemBrowser(), args: ['--no-sandbox', '--disable-gpu'] });
try {
  console.log(`load average ${loadavg()[0].toFixed(1)}`);
  await publish();
  const page = await browser.newPage({ viewport: SIZE });
  report(await measure(page));
} finally {
  await browser.close();
  await stop(launcher);
  installation.remove();
}
