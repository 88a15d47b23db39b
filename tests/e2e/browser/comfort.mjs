// Pages for eyes and hands that need them otherwise: larger, wider spaced, in the system's own colours, and still.

import assert from 'node:assert/strict';
import { bringAxe, tooWide, violations } from './axe.mjs';
import { Person } from './person.mjs';

/** Rules that do not hold where the system chooses the colours. */
const NOT_OF_COLOURS = ['button-name', 'link-name', 'image-alt', 'svg-img-alt', 'label', 'heading-order', 'region'];

export async function comfort(t, world) {
  const { browser, origin } = world;
  const places = ['/', '/state', '/drift', '/proposals', world.proposal, '/proposals/new', '/audit'].filter(Boolean);
  const arrive = async (more) => {
    const person = await Person.arrive(browser, origin, { scripts: true, ...more });
    await person.signIn('Ines Okafor');
    return person;
  };

  for (const [zoom, width] of [[200, 640], [400, 320]]) {
    await t.test(`nothing is cut off at ${zoom} %`, async () => {
      const ines = await arrive({ width, height: 256, deviceScaleFactor: zoom / 100 });
      for (const place of places) {
        await ines.go(place);
        assert.deepEqual([...(await tooWide(ines.page)), ...(await cutOff(ines.page))], [], `${place} at ${zoom} %`);
      }
      await ines.leave();
    });
  }

  await t.test('text alone may be twice as large', async () => {
    const ines = await arrive();
    // As a person sets it in the browser: everything that is measured in letters grows with it.
    const settings = await ines.context.newCDPSession(ines.page);
    await settings.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
    for (const place of places) {
      await ines.go(place);
      assert.deepEqual([...(await tooWide(ines.page)), ...(await cutOff(ines.page))], [], place);
    }
    await ines.screenshot('text-200');
    await ines.leave();
  });

  await t.test('lines, words and letters may stand further apart', async () => {
    const ines = await arrive();
    for (const place of places) {
      await ines.go(place);
      await ines.page.evaluate(() => {
        const spaced = new CSSStyleSheet();
        spaced.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }');
        document.adoptedStyleSheets = [spaced];
      });
      assert.deepEqual([...(await tooWide(ines.page)), ...(await cutOff(ines.page))], [], place);
    }
    await ines.leave();
  });

  await t.test('in forced colours everything has its name, and the focus is seen', async () => {
    const ines = await arrive({ forcedColors: 'active' });
    for (const place of places) {
      await ines.go(place);
      await bringAxe(ines.page);
      assert.deepEqual(await violations(ines.page, `forced colours ${place}`, NOT_OF_COLOURS), [], place);
      await ines.page.keyboard.press('Tab');
      await ines.page.keyboard.press('Tab');
      const outline = await ines.page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      });
      assert.equal(outline, true, `${place}: an outline, because shadows are not drawn`);
    }
    await ines.screenshot('forced-colours');
    await ines.leave();
  });

  await t.test('nothing moves for whoever wants it still', async () => {
    const ines = await arrive({ reducedMotion: 'reduce' });
    for (const place of places) {
      await ines.go(place);
      const moving = await ines.page.evaluate(() => {
        const long = (text) => text.split(',').some((each) => parseFloat(each) * (each.trim().endsWith('ms') ? 1 : 1000) > 10);
        const all = [...document.querySelectorAll('*')];
        const still = all.filter((each) => long(getComputedStyle(each).transitionDuration) || long(getComputedStyle(each).animationDuration));
        return [...new Set(still.map((each) => `${each.tagName.toLowerCase()}.${each.getAttribute('class') ?? ''}`))];
      });
      assert.deepEqual(moving, [], place);
    }
    await ines.leave();
  });
}

/** Text that is hidden because its box is too small for it. What scrolls, and what is for screen readers only, is not. */
async function cutOff(page) {
  return page.evaluate(() => {
    const cut = [...document.querySelectorAll('main *')].filter((each) => {
      const style = getComputedStyle(each);
      const hides = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
      const forReaders = style.position === 'absolute' && each.clientWidth <= 1;
      const ends = style.textOverflow === 'ellipsis' && (each.title || each.closest('[title]'));
      return hides && !forReaders && !ends && each.clientWidth > 1 && each.textContent.trim() !== ''
        && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1);
    });
    return [...new Set(cut.map((each) => `${each.tagName.toLowerCase()}.${each.getAttribute('class') ?? ''} is cut off`))];
  });
}
