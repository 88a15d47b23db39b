// A page as axe sees it, light and dark, wide and narrow.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WIDTHS = [1280, 320];
const SCHEMES = ['light', 'dark'];
/** The only rules that can be broken in one colour scheme and kept in the other: all rules are asked in the first. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe could not decide, by rule: how many places, and on how many pages. */
export const undecided = new Map();

/** Looks at the page that a person has before them; `checked` is false for a layout that was looked at before. */
export async function look(person, name, { checked = true, only } = {}) {
  const { page } = person;
  if (checked) await page.evaluate(axe);
  const faults = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      if (checked) {
        const rules = only ?? (colorScheme === SCHEMES[0] ? undefined : OF_COLOURS);
        faults.push(...(await violations(page, name, rules)).map((each) => ({ width, colorScheme, ...each })));
        await person.screenshot(`${name}-${colorScheme}-${width}`);
      }
    }
    faults.push(...(await tooWide(page)).map((help) => ({ width, help })));
  }
  assert.deepEqual(faults, [], `${name}: ${JSON.stringify(faults, null, 1)}`);
}

/** What axe complains about. */
export async function violations(page, name, rules) {
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: TAGS };
  const found = await page.evaluate(async (runOnly) => {
    const result = await window.axe.run(document, { runOnly, resultTypes: ['violations', 'incomplete'] });
    const told = ({ id, help, nodes }) => ({ id, help, at: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`) });
    return { violations: result.violations.map(told), incomplete: result.incomplete.map(({ id, nodes }) => [id, nodes.length]) };
  }, runOnly);
  for (const [id, places] of found.incomplete) {
    const known = undecided.get(id) ?? { places: 0, pages: new Set() };
    known.places += places;
    known.pages.add(name);
    undecided.set(id, known);
  }
  return found.violations;
}

/** Loads axe into the page. */
export async function bringAxe(page) {
  await page.evaluate(axe);
}

/** Says so if the page is wider than its window. */
export async function tooWide(page) {
  const [wide, culprit] = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const beyond = [...document.querySelectorAll('main *, footer *, header *')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1);
    const last = beyond.at(-1);
    return [wide, last ? `${last.tagName.toLowerCase()}.${last.getAttribute('class') ?? ''}` : ''];
  });
  return wide > 0 ? [`the page is ${wide} px wider than the window, because of ${culprit}`] : [];
}

/** Prints what axe could not decide. */
export function tellUndecided(t) {
  for (const [id, { places, pages }] of [...undecided].sort()) {
    t.diagnostic(`axe could not decide ${id} in ${places} places on ${pages.size} pages`);
  }
}
