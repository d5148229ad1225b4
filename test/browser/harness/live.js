// A page is live when it shows news without being loaded again: a mark on its
// window survives.
import assert from "node:assert/strict";

export async function hold(page) {
  await page.waitForLoadState("load");
  await page.evaluate(() => { window.held = true; });
}

export async function arrives(page, locator, what, within = 30_000) {
  try {
    await locator.first().waitFor({ state: "visible", timeout: within });
  } catch {
    assert.fail(`${what} did not appear by itself on ${page.url()} within ${within} ms`);
  }
  assert.equal(await page.evaluate(() => window.held === true), true, `${what} came with a reload`);
}

// eventually is for pages without script: somebody loads them again.
export async function eventually(page, locator, what, within = 30_000) {
  const until = Date.now() + within;
  while (!(await locator.count())) {
    if (Date.now() > until) assert.fail(`${what} did not appear on ${page.url()} within ${within} ms`);
    await new Promise(done => setTimeout(done, 250));
    await page.reload();
  }
}
