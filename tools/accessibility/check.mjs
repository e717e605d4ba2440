// Looks at the public pages in headless Chromium: axe-core's rules, weight, and what they load.
//
//   node check.mjs [folder for pictures]
//
// CHROMIUM names the browser (default /usr/bin/chromium), PYTHON the interpreter of the project.
// Ends with 1 if anything is wrong.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..", "..");
const PICTURES = process.argv[2] ?? join(HERE, "pictures");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PYTHON = process.env.PYTHON ?? join(ROOT, ".venv", "bin", "python");
const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const MOST = 50 * 1024;

const PAGES = {
  card: "/t/zoe-obrien",
  "card-plain": "/t/ming-li",
  "card-free": "/t/priya-raghunathan",
  "card-long": "/t/eleanor-ashworth",
  "no-space": "/t/nobody-of-this-name",
  "own-gone": "/a/aaaaaaaaaaaaaaaaaaaaaaaaaa",
  "card-done": "/card/done",
  "payments-done": "/payments/done",
};
const GONE = ["no-space", "own-gone"];
// What is looked at after a button of a page was pressed.
const PRESSED = { "own-asking": ["own", ["Cancel this appointment"]] };
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

async function answers(base, child) {
  for (let tries = 0; tries < 150; tries++) {
    if (child.exitCode !== null) throw new Error("the site has ended");
    try {
      return await fetch(base + "/card/done");
    } catch {
      await new Promise((wait) => setTimeout(wait, 200));
    }
  }
  throw new Error("the site does not answer");
}

// What a page loads is counted by the browser; anything from elsewhere is a fault.
async function look(browser, base, name, path, colorScheme, size, presses = []) {
  const context = await browser.newContext({
    colorScheme, viewport: SIZES[size], deviceScaleFactor: size === "phone" ? 2 : 1,
    reducedMotion: "reduce", bypassCSP: false,
  });
  const page = await context.newPage();
  const faults = [];
  const loaded = [];
  page.on("response", (answer) => {
    if (!answer.url().startsWith(base)) faults.push(`loads ${answer.url()}`);
    loaded.push(answer.body().then((body) => body.length));
  });
  page.on("console", (said) => faults.push(`console: ${said.text()}`));
  const answer = await page.goto(base + path, { waitUntil: "networkidle" });
  for (const label of presses) {
    await page.getByRole("button", { name: label }).click();
    await page.waitForLoadState("networkidle");
  }
  const wanted = GONE.includes(name) ? 404 : 200;
  if (answer.status() !== wanted) faults.push(`status ${answer.status()}`);
  // A page that answers 404 makes Chromium say so on the console; that is no fault.
  if (wanted === 404) faults.splice(0, faults.length, ...faults.filter((f) => !f.includes("404")));
  await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}-${size}.png`), fullPage: true });
  const bytes = (await Promise.all(loaded)).reduce((sum, one) => sum + one, 0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  if (wide) faults.push("is wider than the window");
  if (bytes > MOST) faults.push(`weighs ${bytes} bytes`);
  // Evaluated by the debugger's protocol, which the page's own policy does not bind.
  await page.evaluate(AXE);
  const seen = await page.evaluate(() => axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  for (const found of seen.violations) {
    faults.push(`${found.id} (${found.impact}): ${found.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  }
  for (const found of seen.incomplete) {
    faults.push(`undecided ${found.id}: ${found.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  }
  await context.close();
  return { faults, bytes, passes: seen.passes.length };
}

mkdirSync(PICTURES, { recursive: true });
const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const site = spawn(PYTHON, [join(HERE, "site.py"), String(port)], {
  cwd: ROOT, env: { ...process.env, PYTHONPATH: ROOT }, stdio: ["ignore", "pipe", "inherit"],
});
const OWN = await new Promise((found, failed) => {
  site.stdout.once("data", (line) => found(JSON.parse(String(line))));
  site.once("exit", () => failed(new Error("the site has ended")));
});
let wrong = 0;
let looks = 0;
try {
  await answers(base, site);
  const browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] });
  const pages = Object.entries({ ...PAGES, ...OWN }).map(([name, path]) => [name, path, []]);
  for (const [name, [page, presses]] of Object.entries(PRESSED)) pages.push([name, OWN[page], presses]);
  for (const [name, path, presses] of pages) {
    for (const scheme of ["light", "dark"]) {
      for (const size of Object.keys(SIZES)) {
        const { faults, bytes, passes } = await look(browser, base, name, path, scheme, size, presses);
        looks += 1;
        wrong += faults.length;
        console.log(`${name} ${scheme} ${size}: ${faults.length} violations, ${passes} rules passed, ${bytes} bytes`);
        for (const fault of faults) console.log(`  ${fault}`);
      }
    }
  }
  await browser.close();
} finally {
  site.kill("SIGTERM");
}
console.log(`${looks} looks, ${wrong} violations`);
process.exitCode = wrong ? 1 : 0;
