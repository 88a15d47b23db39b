// What scripts add: news beside what is read, copying, the palette, keys; and a page that is whole when they are blocked.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Person } from './person.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const alive = 'html[data-alive=yes]';

/** A person whose browser runs scripts, and complains of everything that the policy forbids. */
async function arrive({ browser, origin }, options = {}) {
  const person = await Person.arrive(browser, origin, { scripts: true, ...options });
  await person.context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return person;
}

export async function scripts(t, world) {
  const ines = await arrive(world);
  const dov = await arrive(world);
  await ines.signIn('Ines Okafor');
  await dov.signIn('Dov Halpern');
  const { page } = dov;
  const pill = page.locator('#alive .live');
  let proposal;

  await t.test('the bundle is there and its files are kept for ever', async () => {
    const answers = [];
    page.on('response', (response) => answers.push(response));
    await dov.go('/');
    await dov.sees(page.locator(alive));
    for (const kind of ['js', 'wasm', 'css']) {
      const file = answers.find((answer) => new RegExp(`/assets/alive\\.[0-9a-f]{16}\\.${kind}$`).test(answer.url()));
      assert.ok(file, `a file of the kind ${kind} was asked for`);
      assert.match(file.headers()['cache-control'], /immutable/);
      assert.match(file.headers()['content-encoding'], /^(br|gzip)$/);
    }
    assert.doesNotMatch(await page.content(), /<script(?! type="module" src="\/assets\/alive\.)/, 'no other script');
  });

  await t.test('news is told beside the page, and moves nothing that is read', async () => {
    await dov.go('/proposals');
    await dov.sees(page.locator(alive));
    const before = await read(page);
    proposal = await propose(ines, 'The live pill counts this.');
    await dov.sees(pill.getByText(/^\d+ changes?$/));
    assert.deepEqual(await read(page), before, 'nothing was moved, added or replaced');
    await look(dov, 'live-pill');
    await pill.getByRole('link', { name: 'Reload' }).click();
    await dov.sees(page.locator(`main a[href^="${proposal}"]`));
    assert.equal(await pill.isVisible(), false, 'a new page knows all of it');
  });

  await t.test('a stream that is cut is told, and goes on without a gap', async () => {
    await dov.go('/proposals');
    await dov.sees(page.locator(alive));
    await hide(page, true);
    await propose(ines, 'While nobody looks.');
    await propose(ines, 'Again while nobody looks.');
    await hide(page, false);
    await dov.sees(pill.getByText('2 changes'));
    const cut = await arrive(world);
    await cut.signIn('Dov Halpern');
    await cut.go('/proposals');
    await cut.sees(cut.page.locator(alive));
    const streams = [];
    cut.page.on('request', (request) => request.url().includes('/live') && streams.push(request.url()));
    await cut.page.route('**/live*', (route) => route.abort());
    await hide(cut.page, true);
    await hide(cut.page, false);
    await cut.sees(cut.page.getByText('Connection lost: trying again'));
    await propose(ines, 'While the stream is cut.');
    await cut.page.unroute('**/live*');
    await hide(cut.page, true);
    await cut.page.clock.install();
    await cut.page.clock.fastForward(60_000);
    await hide(cut.page, false);
    await cut.page.clock.runFor(5_000);
    await cut.page.clock.resume();
    await cut.sees(cut.page.locator('#alive .live').getByText('1 change'));
    assert.equal(new Set(streams.map((url) => new URL(url).searchParams.get('after'))).size, 1, 'from the same place');
    await cut.context.close();
  });

  await t.test('who wants to be left alone is, until they say otherwise', async () => {
    await dov.go('/proposals');
    await propose(ines, 'Something to pause.');
    await pill.getByRole('button', { name: 'Pause' }).click();
    await dov.sees(pill.getByText('Updates are paused'));
    await dov.go('/writes');
    await dov.sees(pill.getByText('Updates are paused'));
    await pill.getByRole('button', { name: 'Go on' }).click();
    assert.equal(await pill.getByText('paused').isVisible(), false);
  });

  await t.test('the end of the session is told before it comes', async () => {
    await page.route('**/live*', (route) => route.fulfill({
      contentType: 'text/event-stream',
      body: 'event: session\ndata: {"seconds":100,"can_stay":true}\n\n',
    }));
    await dov.go('/');
    await dov.sees(page.getByRole('alert').getByText('you are signed out in less than 2 min'));
    await look(dov, 'session-ends');
    await page.unroute('**/live*');
    await page.getByRole('link', { name: 'Stay signed in' }).click();
    await page.locator('#alive .ending').waitFor({ state: 'hidden' });
    assert.equal(new URL(page.url()).pathname, '/', 'without leaving the page');
  });

  await t.test('ids are copied whole', async () => {
    await dov.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.origin });
    await dov.go(proposal);
    await dov.sees(page.locator(alive));
    const hash = page.locator('dd:has(code.hash)').first();
    await hash.getByRole('button', { name: /^Copy/ }).click();
    await dov.sees(hash.getByText('Copied'));
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await hash.locator('code').getAttribute('title'));
  });

  await t.test('the palette leads to every place of the rail, and searches', async () => {
    await dov.go('/');
    await dov.sees(page.locator(alive));
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Jump to' });
    await dov.sees(palette);
    const links = await page.locator('.rail nav a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    assert.deepEqual(await palette.locator('li a').evaluateAll((all) => all.map((link) => link.getAttribute('href'))), links);
    await look(dov, 'palette');
    await page.keyboard.type('wri');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/writes');
    await page.getByRole('button', { name: 'Jump to' }).click();
    await page.keyboard.type('stoneware');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/documents?id=stoneware');
    await dov.go('/writes');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    assert.equal(await palette.isVisible(), false);
  });

  await t.test('keys lead to places and along rows, and decide nothing', async () => {
    await dov.go('/');
    await dov.sees(page.locator(alive));
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForURL('**/proposals');
    await dov.sees(page.locator(alive));
    const focused = () => page.evaluate(() => document.activeElement.closest('tr')?.rowIndex ?? 0);
    await page.keyboard.press('j');
    assert.equal(await focused(), 1);
    await page.keyboard.press('j');
    assert.equal(await focused(), 2);
    await page.keyboard.press('k');
    assert.equal(await focused(), 1);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/proposals\/[0-9a-f-]{36}/);
    await dov.sees(page.locator(alive));
    const here = page.url();
    for (const key of 'abcefhilmnoqrstuvwyz') await page.keyboard.press(key);
    assert.equal(page.url(), here, 'no single key does anything to a proposal');
    await page.getByLabel('Reason').first().fill('');
    await page.getByLabel('Reason').first().pressSequentially('gp?/jx');
    assert.equal(page.url(), here, 'in a field they are text');
    assert.equal(await page.getByLabel('Reason').first().inputValue(), 'gp?/jx');
  });

  await t.test('keys can be listed, and turned off', async () => {
    await dov.go('/');
    await dov.sees(page.locator(alive));
    await page.keyboard.press('?');
    const list = page.getByRole('dialog', { name: 'Keys' });
    await dov.sees(list);
    await look(dov, 'keys');
    await list.getByRole('checkbox').uncheck();
    await list.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('?');
    assert.equal(await list.isVisible(), false);
    await page.reload();
    await dov.sees(page.locator(alive));
    await page.keyboard.press('g');
    await page.keyboard.press('w');
    await page.keyboard.press('?');
    assert.equal(new URL(page.url()).pathname, '/', 'off stays off');
    await page.getByRole('button', { name: 'Keys' }).click();
    await list.getByRole('checkbox').check();
  });

  await t.test('many are picked at once', async () => {
    const boxes = [1, 2, 3].map((id) => `<span class="pick"><input type="checkbox" name="item" value="${id}" aria-label="Pick ${id}"></span>`).join('');
    await page.route('**/writes', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace('<main', `<form id="bulk">${boxes}</form><main`) });
    });
    await dov.go('/writes');
    await dov.sees(page.locator(alive));
    await page.getByLabel('Pick 2').check();
    await dov.sees(page.getByText('1 of 3 picked'));
    await page.getByLabel('All on this page').check();
    await dov.sees(page.getByText('3 of 3 picked'));
    await page.unroute('**/writes');
  });

  await t.test('ages go on', async () => {
    await page.clock.install();
    await dov.go('/proposals');
    await dov.sees(page.locator(alive));
    await page.clock.fastForward(10 * 60_000);
    await dov.sees(page.locator('time .ago', { hasText: /1\d min ago/ }));
    await page.clock.resume();
  });

  await t.test('colours change at once, and stay', async () => {
    await dov.go('/writes');
    await dov.sees(page.locator(alive));
    await page.evaluate(() => { window.same = true; });
    await page.getByRole('button', { name: 'Dark' }).click();
    await dov.sees(page.locator('html[data-theme=dark]'));
    assert.equal(await page.evaluate(() => window.same), true, 'without a new page');
    await page.reload();
    await dov.sees(page.locator('html[data-theme=dark]'));
    await page.getByRole('button', { name: 'System' }).click();
    await dov.sees(page.locator('html[data-theme=system]'));
  });

  await t.test('a page whose bundle is blocked is whole', async () => {
    const blocked = await arrive(world);
    const plain = await Person.arrive(world.browser, world.origin, { scripts: false });
    await blocked.page.route(/\/assets\/alive\..*\.(js|wasm)$/, (route) => route.abort());
    for (const person of [blocked, plain]) {
      await person.signIn('Dov Halpern');
      await person.signedInAs('Dov Halpern');
    }
    for (const path of ['/', '/proposals', proposal, '/writes', '/audit']) {
      await blocked.go(path);
      await plain.go(path);
      assert.equal(await blocked.page.locator(alive).count(), 0);
      assert.deepEqual(await controls(blocked.page), await controls(plain.page), `${path}: the same links, fields and buttons`);
    }
    await blocked.go(proposal);
    await blocked.page.getByLabel('Reason').first().fill('Approved without a script of ours.');
    await blocked.page.getByRole('button', { name: 'Approve' }).click();
    await blocked.reloadsUntil('the write', blocked.page.getByRole('link', { name: 'See the write' }));
    await blocked.context.close();
    await plain.leave();
  });

  await ines.leave();
  await dov.leave();
}

/** What somebody reads: every word and every place of it, but for ages, which go on. */
async function read(page) {
  return page.evaluate(() => ({
    words: document.querySelector('main').innerHTML.replace(/<span class="ago">[^<]*<\/span>/g, ''),
    height: document.documentElement.scrollHeight,
    scrolled: scrollY,
  }));
}

/** What can be seen and used. */
async function controls(page) {
  return page.locator('a[href], button, input, select, textarea').evaluateAll((all) => all
    .filter((each) => each.checkVisibility())
    .map((each) => `${each.tagName} ${each.getAttribute('href') ?? each.name ?? ''} ${each.textContent.trim()}`.replace(/\d+/g, '#')));
}

/** As when another tab is looked at. */
async function hide(page, isHidden) {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}

/** A picture, and what axe has to say of what scripts added, light and dark. */
async function look(person, name) {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await person.page.evaluate(axe);
  for (const colorScheme of ['dark', 'light']) {
    await person.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const faults = await person.page.evaluate(async (tags) => {
      const what = [...document.querySelectorAll('#alive, dialog[open], .foot')];
      const result = await window.axe.run({ include: what }, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
      return result.violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`) }));
    }, TAGS);
    assert.deepEqual(faults, [], `${name} ${colorScheme}`);
    await person.page.screenshot({ path: new URL(`out/${name}-${colorScheme}.png`, import.meta.url).pathname });
  }
}

/** A proposal that waits; its path. */
async function propose(person, note) {
  await person.go('/proposals/new');
  const { page } = person;
  const card = page.locator('section.card', { has: page.locator('input[value="ops_note.append"]') });
  await card.getByRole('combobox').fill(await card.locator('datalist option').nth(1).getAttribute('value'));
  await card.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Note').fill(note);
  await page.getByLabel('Reason').fill('So that something changes.');
  await page.getByRole('button', { name: 'Propose', exact: true }).click();
  await person.sees(page.getByText('You proposed this; a colleague has to approve it.'));
  return new URL(page.url()).pathname;
}
