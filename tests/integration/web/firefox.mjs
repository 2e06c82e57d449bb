// People at Firefox: `node firefox.mjs PUPPETEER FIREFOX URL`. What the test has to do meanwhile is a line on standard
// output, and an answer on standard input when it is done.
import assert from "node:assert/strict";
import readline from "node:readline";

const [puppeteer, firefox, url] = process.argv.slice(2);
const { default: driver } = await import(puppeteer);
const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function asked(what) {
  console.log(what);
  return (await answers.next()).value;
}

const browser = await driver.launch({ browser: "firefox", executablePath: firefox, headless: true });

async function arrives(name) {
  const page = await (await browser.createBrowserContext()).newPage();
  page.setDefaultTimeout(30_000);
  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(url);
  await page.waitForSelector("#name");
  await page.keyboard.type(name); // the name is where one writes at first
  await page.keyboard.press("Enter");
  await page.waitForSelector(".my-name");
  await page.waitForSelector("#message:focus"); // and then the message line, also where there is no mouse
  return page;
}

async function says(page, text) {
  const line = await page.waitForSelector("#message");
  await line.focus();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

const sees = (page, text) =>
  page.waitForFunction((wanted) => [...document.querySelectorAll(".message:not(.pending) .text")].some((each) => each.textContent === wanted), {}, text);
const texts = (page) => page.$$eval(".message .text", (all) => all.map((each) => each.textContent));
const reads = (page, selector, wanted) =>
  page.waitForFunction((where, text) => document.querySelector(where)?.textContent.includes(text), {}, selector, wanted);

// Two talk; one of them comes back.
const alice = await arrives("alice");
const bob = await arrives("bob");
await reads(alice, ".over", await asked("transport"));
await says(alice, "hello from Firefox");
await sees(bob, "hello from Firefox");
await says(bob, "alice: hello");
await sees(alice, "alice: hello");
await says(alice, "said and loaded anew");
await alice.reload();
await alice.waitForSelector(".my-name");
await sees(bob, "said and loaded anew");
await sees(alice, "said and loaded anew");
assert.deepEqual(await texts(alice), ["hello from Firefox", "alice: hello", "said and loaded anew"]);

// The network breaks. (A tab in the background draws once a second: the one that is looked at is in front.)
await asked("cut");
await alice.bringToFront();
await says(alice, "after the cut");
await sees(bob, "after the cut");
await sees(alice, "after the cut");
assert.equal(await alice.$(".gap"), null);

// Commands and names are completed; an unknown command is never published.
await says(alice, "/who");
await reads(alice, ".scroller", "bob in lobby");
await says(alice, "/nothing");
await reads(alice, ".scroller", "There is no command /nothing");
await alice.$eval("#message", (line) => (line.value = ""));
await alice.keyboard.type("@b");
await alice.keyboard.press("Tab");
assert.match(await alice.$eval("#message", (line) => line.value), /^bob/);
await alice.keyboard.press("Enter");

// A file that is dropped goes to the other one, and is checked.
await alice.$eval("main", (main) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(300_000)], "zeros.bin"));
  main.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
});
await bob.bringToFront();
await (await bob.waitForSelector(".file-actions .primary")).click();
await reads(bob, ".file-state", "checked and complete");
assert.equal(await bob.$eval(".file-actions a", (link) => link.download), "zeros.bin");

// Only what is seen of a long room is in the document; it is text, and the policy keeps scripts out.
await alice.bringToFront();
await asked("fill");
await sees(alice, "<script>owned = 1</script>");
// A wheel that turns slowly leads away from the end, and so does a key.
const isAway = (least) => alice.waitForFunction((pixels) => {
  const { scrollTop, scrollHeight, clientHeight } = document.querySelector(".scroller");
  return scrollHeight - clientHeight - scrollTop >= pixels;
}, {}, least);
await (await alice.waitForSelector(".scroller")).hover();
for (let turn = 1; turn < 4; turn += 1) {
  await alice.mouse.wheel({ deltaY: -10 });
  await isAway(10 * turn - 1);
}
await alice.focus(".scroller");
await alice.keyboard.press("PageUp");
await isAway(200);
for (let tries = 0; !(await texts(alice)).includes("hello from Firefox"); tries += 1) {
  assert.ok(tries < 500);
  await alice.$eval(".scroller", (scroller) => (scroller.scrollTop = 0));
  assert.ok((await alice.$$eval("*", (all) => all.length)) < 1500);
}
await (await alice.waitForSelector(".to-end")).click();
await sees(alice, "<script>owned = 1</script>");
await alice.evaluate(() => {
  const script = document.createElement("script");
  try {
    script.textContent = "owned = 2";
  } catch {
    // the policy forbids even that
  }
  document.body.append(script);
});
assert.equal(await alice.evaluate(() => typeof owned), "undefined");

// Leaving, which a file that is not saved has asked about first; and the settings.
await says(bob, "/quit");
await reads(bob, "dialog", "not saved yet");
await (await bob.waitForSelector("dialog .danger")).click();
await bob.waitForSelector("#name");
await (await alice.waitForSelector(".me .icon-button")).click();
await alice.select("#language", "fr");
await reads(alice, ".about", "personnes ici");
assert.equal(await alice.$eval("html", (html) => html.lang), "fr");
await browser.close();
await asked("done");
process.exit();
