// Opens pages in Chromium as a person would, and prints what it saw as JSON: `node drive.mjs MODULES STEPS`.
// STEPS is JSON: {file or address, screenshots, scheme, actions: [...]}; each action is [name, ...arguments], its result is printed.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [modules, steps] = process.argv.slice(2);
const require = createRequire(join(modules, 'package.json'));
const {chromium} = require('playwright-core');
const {file, address, screenshots, scheme = 'light', width = 1440, height = 900, actions} = JSON.parse(readFileSync(steps, 'utf8'));

const browser = await chromium.launch({executablePath: process.env.CHROMIUM, args: ['--no-sandbox']});
try {
  const context = await browser.newContext({viewport: {width, height}, colorScheme: scheme, bypassCSP: false});
  const page = await context.newPage();
  const requests = [], errors = [];
  let dialogs = 0;
  context.on('request', request => requests.push(request.url().slice(0, 200)));
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) errors.push(message.text()); });
  page.on('pageerror', error => errors.push(String(error)));
  page.on('dialog', dialog => { dialogs += 1; dialog.dismiss(); });

  const DO = {
    click: async selector => { await page.locator(selector).first().click({timeout: 15000}); return true; },
    fill: async (selector, text) => { await page.fill(selector, text); await page.waitForTimeout(400); return true; },
    select: async (selector, value) => { await page.selectOption(selector, value); await page.waitForTimeout(400); return true; },
    press: async key => { await page.keyboard.press(key); return true; },
    wait: async ms => { await page.waitForTimeout(ms); return true; },
    text: async selector => page.locator(selector).first().innerText(),
    texts: async selector => page.locator(selector).allInnerTexts(),
    count: async selector => page.locator(selector).count(),
    focused: async () => page.evaluate(() => document.activeElement.textContent.slice(0, 200)),
    run: async source => page.evaluate(source),
    media: async media => { await page.emulateMedia({media}); return true; },
    pdf: async name => { await page.pdf({path: join(screenshots, name), printBackground: true}); return true; },
    shot: async (name, whole = false) => { await page.screenshot({path: join(screenshots, name), fullPage: whole}); return true; },
    // The clock of the page: from a click until the page is drawn again.
    timed: async selector => {
      const before = Date.now();
      await page.locator(selector).first().click({timeout: 30000});
      await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
      return Date.now() - before;
    },
    // The judge stands in a world of its own, so that the page's own policy stays as it is.
    axe: async () => {
      const client = await context.newCDPSession(page);
      const {frameTree} = await client.send('Page.getFrameTree');
      const {executionContextId} = await client.send('Page.createIsolatedWorld', {frameId: frameTree.frame.id, worldName: 'judge'});
      const evaluate = async expression => {
        const {result, exceptionDetails} = await client.send('Runtime.evaluate', {expression, contextId: executionContextId, awaitPromise: true, returnByValue: true});
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
        return result.value;
      };
      await evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') + '; true');
      return evaluate(`axe.run(document).then(found => found.violations.map(each => [each.impact, each.id, each.nodes.length, each.nodes[0].html.slice(0, 200), each.nodes[0].failureSummary.slice(0, 300)]))`);
    },
  };
  const start = Date.now();
  await page.goto(address ?? pathToFileURL(file).href);
  const opened = Date.now() - start;
  const results = [];
  for (const [name, ...rest] of actions) results.push(await DO[name](...rest));
  console.log(JSON.stringify({results, requests, errors, dialogs, opened}));
} finally {
  await browser.close();
}
