// A person at the cockpit: signs in, clicks, reads. Nothing here knows how the service works inside.

import assert from 'node:assert/strict';

const patience = 30_000;

/** One browser window with a session of its own, which remembers every complaint of the browser. */
export class Person {
  static async arrive(browser, origin, { scripts = false, scheme = 'light', width = 1280, height = 900, world = '', ...more } = {}) {
    const context = await browser.newContext({
      baseURL: origin,
      javaScriptEnabled: scripts,
      colorScheme: scheme,
      viewport: { width, height },
      reducedMotion: 'reduce',
      ...more,
    });
    context.setDefaultTimeout(patience);
    return new Person(context, await context.newPage(), world);
  }

  constructor(context, page, world) {
    this.context = context;
    this.page = page;
    this.world = world;
    this.complaints = [];
    page.on('pageerror', (error) => this.complaints.push(`script: ${error.message}`));
    page.on('console', (message) => {
      // A page that is answered with 4xx on purpose is named by the browser, too: the page itself is what is tested.
      const answered = /^Failed to load resource: .* status of 4\d\d/.test(message.text());
      if (message.type() === 'error' && !(answered && message.location().url === page.url())) {
        this.complaints.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? 'no reason given';
      if (why !== 'net::ERR_ABORTED') this.complaints.push(`request: ${request.url()}: ${why}`);
    });
    page.on('response', (response) => {
      if (response.status() >= (response.request().resourceType() === 'document' ? 500 : 400)) {
        this.complaints.push(`response: ${response.url()}: ${response.status()}`);
      }
    });
  }

  async go(path) {
    return this.page.goto(path);
  }

  async signIn(name) {
    await this.go('/sign-in');
    await this.page.getByRole('button', { name }).click();
  }

  async signedInAs(name) {
    await this.sees(this.page.locator('.signed-in').getByText(name));
  }

  async signOut() {
    await this.page.getByRole('button', { name: 'Sign out' }).click();
    await this.sees(this.page.getByRole('heading', { level: 1, name: 'Sign in' }));
  }

  heading(name) {
    return this.page.getByRole('heading', { level: 1, name });
  }

  async sees(locator) {
    await locator.first().waitFor({ state: 'visible' });
  }

  /** Loads the page again until it shows what is awaited, as a person without scripts would. */
  async reloadsUntil(what, locator) {
    const end = Date.now() + patience;
    for (;;) {
      const seen = await locator.first().waitFor({ state: 'visible', timeout: 400 }).then(() => true, () => false);
      if (seen) return;
      if (Date.now() > end) {
        assert.fail(`${what} did not appear at ${this.page.url()}:\n${await this.page.locator('main').innerText()}`);
      }
      await this.page.reload();
    }
  }

  async screenshot(name) {
    const file = [this.world, name].filter(Boolean).join('-');
    await this.page.screenshot({ path: new URL(`out/${file}.png`, import.meta.url).pathname, fullPage: true });
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.complaints, [], 'the browser complained');
  }
}
