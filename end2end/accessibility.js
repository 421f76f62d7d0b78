// What axe finds in a page as it is now.

import axe from 'axe-core';

/** The rules that the pages are held against, as axe calls their families. */
export const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What breaks one of the rules, or of all that there are; frames are not looked into. */
export async function violations(page, rules) {
  // Through the debugger, which no policy of the page forbids; and once for each document.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(runAxe, rules);
}

/** Runs in the page. */
async function runAxe(rules) {
  // What is in order is not written up.
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const { violations: found } = await globalThis.axe.run(document, options);
  return found.map(({ id, impact, nodes }) => ({
    id,
    impact,
    nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
  }));
}
