// The pages of a login in a real browser, without a script of theirs, with the keyboard alone.
//
// Usage: pages.mjs URL THEMED-URL CHROMIUM PICTURES
//
// Each check is one line on stdout: `ok NAME` or `not ok NAME: REASON`.

import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const [url, themed, executablePath, pictures] = process.argv.slice(2);
const NAME = 'Order Desk';
/** As long as a name may be and with no place to break it. */
const LONG = 'W'.repeat(60);

/** What people have: a scheme of colours, a width, colours of their own. */
const SCREENS = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  narrow: { colorScheme: 'light', viewport: { width: 320, height: 640 } },
  'narrow-dark': { colorScheme: 'dark', viewport: { width: 320, height: 640 } },
  forced: { forcedColors: 'active', viewport: { width: 1280, height: 900 } },
};

function expect(condition, found) {
  if (!condition) throw new Error(`found ${JSON.stringify(found)}`);
}

async function check(name, run) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${String(error?.message ?? error).replaceAll('\n', ' ')}`);
  }
}

/** The application: a name, an address to come back to, and what came back. */
class Application {
  answers = [];
  #registered = new Map();

  static async start(url) {
    const application = new Application();
    application.url = url;
    application.listener = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url, application.callback);
      if (pathname === '/callback') application.answers.push(searchParams);
      response.end('<!doctype html><html lang="en"><title>Done</title><p>Done');
    });
    await new Promise((listening) => application.listener.listen(0, '127.0.0.1', listening));
    application.callback = `http://127.0.0.1:${application.listener.address().port}/callback`;
    const found = await fetch(new URL('/.well-known/oauth-authorization-server', url));
    application.server = await found.json();
    return application;
  }

  /** The id of the application under this name. */
  async #id(name) {
    const known = this.#registered.get(name);
    if (known) return known;
    const response = await fetch(this.server.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: name,
        redirect_uris: [this.callback],
        token_endpoint_auth_method: 'none',
      }),
    });
    const { client_id: id } = await response.json();
    this.#registered.set(name, id);
    return id;
  }

  /** Where a browser goes to log in. */
  async page(name = NAME, callback = this.callback) {
    const page = new URL(this.server.authorization_endpoint);
    page.search = new URLSearchParams({
      response_type: 'code',
      client_id: await this.#id(name),
      redirect_uri: callback,
      scope: 'orders:read orders:write',
      state: 'kept',
      resource: this.url,
      code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
      code_challenge_method: 'S256',
    });
    return page.href;
  }
}

/** A page in a browser that has nothing of the others, and what it loads and complains of. */
async function open(browser, screen, settings = { javaScriptEnabled: false }) {
  const context = await browser.newContext({ ...SCREENS[screen], ...settings });
  const page = await context.newPage();
  const seen = { loads: [], complaints: [] };
  page.on('request', (request) => seen.loads.push(request.resourceType()));
  page.on('console', (message) => seen.complaints.push(message.text()));
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  return { page, seen, picture: (name) => picture(page, `${name}-${screen}`) };
}

async function picture(page, name) {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** What has the focus: what it is called, and the frame that shows it. */
function focused(page) {
  return page.evaluate(() => {
    const { activeElement: at } = document;
    const style = getComputedStyle(at);
    const name = at.labels?.[0]?.textContent ?? at.textContent;
    return { name: at === document.body ? '' : name.trim(), frame: style.outlineStyle, width: parseFloat(style.outlineWidth) };
  });
}

/** Presses Tab until everything had the focus once, from what has it. */
async function tour(page, length) {
  const stops = [];
  for (let at = await focused(page); stops.length < length; at = await focused(page)) {
    if (at.name) stops.push(at);
    await page.keyboard.press('Tab');
  }
  return stops;
}

async function tabTo(page, name) {
  for (let presses = 0; presses < 10; presses += 1) {
    if ((await focused(page)).name === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never gets to ${name}`);
}

async function press(page, key) {
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
}

/** What does not fit: whatever ends to the right of the window, or can be scrolled to the side. */
function tooWide(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const out = [...document.body.querySelectorAll('*')].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < 0 || right > clientWidth || element.scrollWidth > element.clientWidth + 1;
    });
    const inline = (element) => getComputedStyle(element).display === 'inline';
    const names = out.filter((element) => !inline(element)).map((element) => element.outerHTML.slice(0, 80));
    return scrollWidth > clientWidth ? [`${scrollWidth} pixels`, ...names] : names;
  });
}

/** Controls without a label, and those too small to hit (WCAG 2.2, 2.5.8). */
function badControls(page) {
  return page.evaluate(() => {
    const controls = [...document.querySelectorAll('input:not([type=hidden]),button,a')];
    const bad = controls.filter((control) => {
      const named = control.labels?.length || control.textContent.trim();
      const areas = [control, ...(control.labels ?? [])].map((area) => area.getBoundingClientRect());
      return !named || !areas.some(({ width, height }) => width >= 24 && height >= 24);
    });
    return { count: controls.length, bad: bad.map((control) => control.outerHTML) };
  });
}

/** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3). */
function faint(page) {
  return page.evaluate(() => {
    const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
    const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const luminance = ([red, green, blue]) =>
      0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if (colour[3] !== 0) return colour;
      }
      return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim()) continue;
      const both = [parse(getComputedStyle(element).color), behind(element)].map(luminance);
      const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
      if (contrast < 4.5) found.push(`${walker.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
    }
    return found;
  });
}

/** What the page is to somebody who hears it. */
function outline(page) {
  return page.evaluate(() => ({
    lang: document.documentElement.lang,
    title: document.title,
    h1: [...document.querySelectorAll('h1')].map((heading) => heading.textContent),
    main: document.querySelectorAll('main').length,
    active: [...document.querySelectorAll('*')].filter(
      (element) => element.localName === 'script' || element.getAttributeNames().some((name) => name.startsWith('on')),
    ).length,
  }));
}

/** What holds on every screen, for the page that is shown. */
async function sound(page, what, screen, controls = 3) {
  await check(`${what}, ${screen}: nothing is too wide`, async () => {
    const wide = await tooWide(page);
    expect(wide.length === 0, wide);
  });
  await check(`${what}, ${screen}: controls have labels and can be hit`, async () => {
    const { count, bad } = await badControls(page);
    expect(count === controls && bad.length === 0, { count, bad });
  });
  await check(`${what}, ${screen}: texts can be read`, async () => {
    const texts = await faint(page);
    expect(texts.length === 0, texts);
  });
}

/** Tab goes everywhere, in the order of the page, and shows where it is. */
async function reachable(page, what, screen, names) {
  await check(`${what}, ${screen}: Tab goes everywhere and shows where it is`, async () => {
    const stops = await tour(page, names.length);
    expect(JSON.stringify(stops.map((stop) => stop.name)) === JSON.stringify(names), stops);
    const hidden = stops.filter(({ frame, width }) => frame === 'none' || width < 2);
    expect(hidden.length === 0, hidden);
  });
}

/** The cursor is where something has to be typed first. */
async function starts(page, what, name) {
  await check(`${what}: the cursor is in its place`, async () => {
    const at = await focused(page);
    expect(at.name === name, at);
  });
}

const REMEMBER = 'Do not ask again in this browser for 30 days';
const CONSENT = [REMEMBER, 'Deny', 'Allow'];
const LOGIN = ['User name', 'Password', 'Log in'];

async function onScreen(browser, application, screen) {
  const { page, seen, picture } = await open(browser, screen);
  await page.goto(await application.page());
  await picture('consent');
  await check(`consent, ${screen}: nothing is loaded, run or complained of`, async () => {
    const { active } = await outline(page);
    expect(active === 0 && seen.loads.join() === 'document' && seen.complaints.length === 0, { active, ...seen });
  });
  await check(`consent, ${screen}: it has a language, a title and a heading`, async () => {
    const found = await outline(page);
    const titled = found.title.includes(NAME) && found.h1.length === 1 && found.h1[0].includes(NAME);
    expect(found.lang === 'en' && titled && found.main === 1, found);
  });
  await sound(page, 'consent', screen);
  await reachable(page, 'consent', screen, CONSENT);
  await tabTo(page, 'Allow');
  await picture('consent-focus');
  await check(`consent, ${screen}: Enter on Allow leads to the login`, async () => {
    await press(page, 'Enter');
    expect((await page.title()).startsWith('Log in'), await page.title());
  });
  await picture('login');
  await starts(page, `login, ${screen}`, 'User name');
  await sound(page, 'login', screen);
  await reachable(page, 'login', screen, LOGIN);
  await check(`login, ${screen}: a mistake is told, and the name stays`, async () => {
    await logIn(page, 'carol', 'wrong');
    const told = await page.getByRole('alert').textContent();
    expect(told.includes('not right') && (await page.title()).startsWith('Failed'), told);
    expect((await page.getByLabel('User name').inputValue()) === 'carol', 'another name');
  });
  await picture('login-wrong');
  await starts(page, `login after a mistake, ${screen}`, 'Password');
  await sound(page, 'login after a mistake', screen);
  await check(`login, ${screen}: Enter in the password logs in`, async () => {
    application.answers.length = 0;
    await logIn(page, '', 'carol');
    expect(application.answers[0]?.get('code'), application.answers.map(String));
  });
  await page.context().close();
}

async function logIn(page, name, password) {
  await tabTo(page, name ? 'User name' : 'Password');
  if (name) await page.keyboard.type(name);
  await tabTo(page, 'Password');
  await page.keyboard.type(password);
  await press(page, 'Enter');
}

/** What axe-core finds, on the pages of a login; it needs a script, which the pages do not. */
async function audited(browser, application, screen) {
  const { page } = await open(browser, screen, { bypassCSP: true });
  const barriers = async (what) => {
    await check(`${what}, ${screen}: axe finds no barrier`, async () => {
      await page.evaluate(axe.source);
      const found = await page.evaluate(async () => {
        const { violations, passes } = await globalThis.axe.run();
        return {
          passes: passes.length,
          violations: violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]),
        };
      });
      expect(found.passes > 10 && found.violations.length === 0, found);
    });
  };
  await page.goto(await application.page());
  await barriers('consent');
  await tabTo(page, 'Allow');
  await press(page, 'Enter');
  await barriers('login');
  await logIn(page, 'carol', 'wrong');
  await barriers('login after a mistake');
  await page.goto(await application.page(NAME, 'https://elsewhere.example/'));
  await barriers('error');
  await page.context().close();
}

/** The page of who can be sent nowhere. */
async function refused(browser, application, screen) {
  const { page, picture } = await open(browser, screen);
  const answer = await page.goto(await application.page(NAME, 'https://elsewhere.example/'));
  await check(`error, ${screen}: the user is sent nowhere and told why`, async () => {
    const told = await page.locator('main').innerText();
    expect(answer.status() === 400 && told.includes('did not work') && page.url().startsWith(application.server.issuer), told);
  });
  await sound(page, 'error', screen, 0);
  await picture('error');
  await page.context().close();
}

/** A name, a logo and colours of somebody else. */
async function inTheirColours(browser, screen) {
  const application = await Application.start(themed);
  const { page, seen, picture } = await open(browser, screen);
  await page.goto(await application.page());
  await check(`theme, ${screen}: the page is theirs`, async () => {
    const told = await page.locator('h1').innerText();
    expect(told.includes('Acme Tools') && (await page.getByAltText('Acme').count()) === 1, told);
    expect(seen.complaints.length === 0, seen.complaints);
  });
  await sound(page, 'theme', screen);
  await picture('theme-consent');
  await tabTo(page, 'Allow');
  await press(page, 'Enter');
  await sound(page, 'theme, login', screen);
  await picture('theme-login');
  await page.context().close();
  application.listener.close();
}

/** The key that is pressed without reading does no harm. */
async function denied(browser, application) {
  await check('consent: Enter before a button is chosen denies', async () => {
    const { page } = await open(browser, 'light');
    await page.goto(await application.page());
    application.answers.length = 0;
    await tabTo(page, REMEMBER);
    await press(page, 'Enter');
    expect(application.answers[0]?.get('error') === 'access_denied', application.answers.map(String));
    await page.context().close();
  });
}

/** Space ticks the box, and the next time nobody is asked. */
async function remembered(browser, application) {
  await check('consent: what Space ticks is remembered', async () => {
    const { page } = await open(browser, 'light');
    const asked = await application.page();
    await page.goto(asked);
    await tabTo(page, REMEMBER);
    await page.keyboard.press('Space');
    await tabTo(page, 'Allow');
    await press(page, 'Enter');
    await page.goto(asked);
    expect((await page.title()).startsWith('Log in'), await page.title());
    await page.context().close();
  });
}

/** A name of somebody who means to break the page. */
async function long(browser, application) {
  const { page, picture } = await open(browser, 'narrow');
  await page.goto(await application.page(LONG));
  await picture('consent-long');
  await check('consent, narrow: a long name breaks nothing', async () => {
    const wide = await tooWide(page);
    expect((await page.title()).includes(LONG) && wide.length === 0, wide);
  });
  await page.context().close();
}

const application = await Application.start(url);
const browser = await chromium.launch({ executablePath });
try {
  for (const screen of Object.keys(SCREENS)) await onScreen(browser, application, screen);
  for (const screen of ['light', 'narrow-dark']) await audited(browser, application, screen);
  for (const screen of ['light', 'narrow-dark']) await refused(browser, application, screen);
  for (const screen of ['light', 'dark']) await inTheirColours(browser, screen);
  await denied(browser, application);
  await remembered(browser, application);
  await long(browser, application);
} finally {
  await browser.close();
  application.listener.close();
}
