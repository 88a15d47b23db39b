// What a first visit costs: node first-visit.mjs [ROUNDS]. One line of JSON for each page.
//
// Each round is a browser without a cache: the largest contentful paint since the address was entered, and every byte that
// came, headers and all. The demo runs beside it on the same machine.

import { startChromium } from './chromium.mjs';
import { startDemo } from './demo.mjs';

const rounds = Number(process.argv[2] ?? 9);
const most = 500;
const places = ['/sign-in', '/', '/state', '/drift', '/proposals', '/writes', '/audit'];

const demo = await startDemo();
const browser = await startChromium();
try {
  for (const place of places) {
    const seen = [];
    for (let round = 0; round < rounds; round += 1) seen.push(await visit(place));
    const paint = median(seen.map((each) => each.paint));
    const bytes = median(seen.map((each) => each.bytes));
    tell(`largest contentful paint of ${place} on a first visit, median`, paint, 'ms', most);
    tell(`transferred by ${place} on a first visit`, bytes / 1_000, 'kB', null);
    tell(`requests of ${place} on a first visit`, median(seen.map((each) => each.requests)), 'requests', null);
  }
} finally {
  await browser.close();
  await demo.stop();
}

/** One visit with nothing kept from before but the session. */
async function visit(place) {
  const context = await browser.newContext({ baseURL: demo.origin });
  try {
    if (place !== '/sign-in') {
      const answer = await context.request.post('/session/persona', {
        form: { persona: 'uid_staff_ines' }, headers: { 'sec-fetch-site': 'same-origin' }, maxRedirects: 0,
      });
      if (answer.status() !== 303) throw new Error(`not signed in: ${answer.status()}`);
    }
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    let [bytes, requests] = [0, 0];
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
      requests += 1;
    });
    await page.addInitScript(() => {
      new PerformanceObserver((list) => (window.painted = list.getEntries().at(-1).startTime)).observe({
        type: 'largest-contentful-paint', buffered: true,
      });
    });
    await page.goto(place, { waitUntil: 'load' });
    // A stream of events may stay open, so the network is never idle: what belongs to the visit has come by then.
    const paint = await page.evaluate(() => new Promise((resolve) => {
      requestAnimationFrame(() => setTimeout(() => resolve(window.painted), 200));
    }));
    return { paint, bytes, requests };
  } finally {
    await context.close();
  }
}

function median(values) {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
}

function tell(measure, value, unit, baseline) {
  const round = (number) => Math.round(number * 1_000) / 1_000;
  const ratio = baseline && round(value / baseline);
  console.log(JSON.stringify({ bench: 'first-visit', measure, value: round(value), unit, baseline, ratio }));
}
