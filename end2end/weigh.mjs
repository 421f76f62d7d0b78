// Every byte that the sign-in page brings until its button can be pressed, as it crosses the wire, and
// what the web component brings to the pages of other sites. Prints a table; ends with code 1 above a limit.

import { chromium } from '@playwright/test';
import { args, executablePath } from './browser.js';
import { Keyfold, request } from './keyfold.js';
import { signInButton } from './pages.js';

const LIMIT = 100_000;
const LIMIT_OF_COMPONENT = 6_000;

/** What the module is split into: the parts that only other pages load. */
const SPLIT = /\/(split_|chunk_)[^/]*\.wasm$/;

const keyfold = await Keyfold.start();
try {
  const urls = await loadedBy('/sign-in');
  const foreign = urls.filter((url) => new URL(url).origin !== keyfold.url);
  const files = await Promise.all(urls.filter((url) => !foreign.includes(url)).map(weigh));
  const component = await weigh(`${keyfold.url}/keyfold.js`);
  process.exitCode = report(files, foreign) && isLight('the web component', component.wire, LIMIT_OF_COMPONENT) ? 0 : 1;
} finally {
  await keyfold.stop();
  await keyfold.cleanUp();
}

/** What Chromium asks for, in order, from an empty cache until the button is enabled and all is quiet. */
async function loadedBy(path) {
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    const cdp = await page.context().newCDPSession(page);
    const urls = new Set();
    cdp.on('Network.requestWillBeSent', ({ request: { url } }) => {
      // What is written in the page itself crosses no wire a second time.
      if (/^(https?|wss?):/.test(url)) urls.add(url);
    });
    await cdp.send('Network.enable');
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    await page.goto(keyfold.url + path, { waitUntil: 'networkidle' });
    await signInButton(page).and(page.locator(':enabled')).waitFor();
    // The icon is fetched by the browser and not by the page, so no event tells of it.
    const icons = await page.locator('link[rel~=icon]').evaluateAll((links) => links.map((link) => link.href));
    icons.forEach((url) => urls.add(url));
    return [...urls];
  } finally {
    await browser.close();
  }
}

async function weigh(url) {
  const get = async (encoding) => {
    const answer = await request(url, { headers: { 'accept-encoding': encoding } });
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
    return answer;
  };
  const [plain, packed] = await Promise.all([get('identity'), get('br')]);
  return {
    file: new URL(url).pathname,
    type: packed.headers['content-type'].split(';')[0],
    encoding: packed.headers['content-encoding'] ?? '-',
    raw: plain.body.length,
    wire: packed.body.length,
  };
}

function number(bytes) {
  return bytes.toLocaleString('en-US');
}

function isLight(what, bytes, limit) {
  const excess = bytes - limit;
  if (excess > 0) console.error(`error: ${what} has ${number(bytes)} bytes, ${number(excess)} more than ${number(limit)}`);
  else console.log(`${what} has ${number(bytes)} bytes, ${number(-excess)} below the limit of ${number(limit)}`);
  return excess <= 0;
}

/** Whether it is light enough. */
function report(files, foreign) {
  const sum = (key) => files.reduce((total, file) => total + file[key], 0);
  const rows = [
    ['file', 'type', 'encoding', 'bytes raw', 'bytes on the wire'],
    ...files.map(({ file, type, encoding, raw, wire }) => [file, type, encoding, number(raw), number(wire)]),
    ['total', '', '', number(sum('raw')), number(sum('wire'))],
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    const cells = row.map((cell, column) => (column > 2 ? cell.padStart(widths[column]) : cell.padEnd(widths[column])));
    console.log(cells.join('  '));
  }
  foreign.forEach((url) => console.error(`error: the page loads from another site: ${url}`));
  const split = files.map(({ file }) => file).filter((file) => SPLIT.test(file));
  split.forEach((file) => console.error(`error: the page waits for what other pages need: ${file}`));
  return isLight('the sign-in page', sum('wire'), LIMIT) && foreign.length === 0 && split.length === 0;
}
