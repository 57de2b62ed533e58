// As much of a browser as a login takes: cookies, redirects, forms. It goes by what a page shows: fields
// have labels, buttons say what they do.

const PAGES = 12;
const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

export class Browser {
  #cookies = new Map();

  /** How many forms have been answered. */
  answered = 0;

  /** The text of each page that was shown. */
  shown = [];

  /**
   * Goes from page to page: types what `fields` has for a label, presses the first button of `buttons`
   * that is there. Returns the address of the first page without a form.
   */
  async visit(url, fields, buttons) {
    let step = { url: String(url) };
    for (let pages = 0; pages < PAGES; pages += 1) {
      const response = await this.#send(step);
      const location = response.headers.get('location');
      if (location) {
        step = { url: new URL(location, step.url).href };
        continue;
      }
      const page = await response.text();
      this.shown.push(text(page));
      const form = parse(page);
      if (!form) return { url: step.url, status: response.status };
      step = { url: new URL(form.action, step.url).href, form: fillIn(form, fields, buttons) };
      this.answered += 1;
    }
    throw new Error(`the login takes more than ${PAGES} pages, the last of them ${step.url}`);
  }

  async #send({ url, form }) {
    const { hostname, origin } = new URL(url);
    const jar = this.#cookies.get(hostname) ?? new Map();
    this.#cookies.set(hostname, jar);
    const headers = { accept: 'text/html' };
    if (jar.size > 0) headers.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    // What browsers say of a form that its own page sent.
    if (form) Object.assign(headers, { origin, 'sec-fetch-site': 'same-origin' });
    const request = { method: form ? 'POST' : 'GET', body: form, headers, redirect: 'manual' };
    const response = await fetch(url, request);
    for (const cookie of response.headers.getSetCookie()) keep(jar, cookie);
    return response;
  }
}

function keep(jar, cookie) {
  const [pair, ...rest] = cookie.split(';');
  const at = pair.indexOf('=');
  const gone = rest.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute));
  if (gone) jar.delete(pair.slice(0, at));
  else jar.set(pair.slice(0, at), pair.slice(at + 1));
}

function parse(page) {
  const form = /<form\b([^>]*)>(.*?)<\/form>/s.exec(page);
  if (!form) return undefined;
  const labels = new Map(
    tags(form[2], 'label').map((label) => [label.attributes.for, label.text]),
  );
  const inputs = [...form[2].matchAll(/<input\b([^>]*)>/g)].map((input) => attributes(input[1]));
  return { action: attributes(form[1]).action, labels, inputs, buttons: tags(form[2], 'button') };
}

function fillIn({ labels, inputs, buttons }, fields, wanted) {
  const data = new URLSearchParams();
  for (const input of inputs) {
    const label = labels.get(input.id);
    if (label in fields) data.append(input.name, fields[label]);
    else if (input.type === 'hidden') data.append(input.name, input.value);
    else if (input.type !== 'checkbox') throw new Error(`nobody knows what to type as ${label}`);
  }
  const pressed = buttons.find((button) => wanted.includes(button.text));
  if (!pressed) throw new Error(`no button says ${wanted.join(' or ')}`);
  if (pressed.attributes.name) data.append(pressed.attributes.name, pressed.attributes.value);
  return data;
}

function tags(html, name) {
  const found = html.matchAll(new RegExp(`<${name}\\b([^>]*)>(.*?)</${name}>`, 'gs'));
  return [...found].map((tag) => ({ attributes: attributes(tag[1]), text: text(tag[2]) }));
}

function attributes(tag) {
  const pairs = tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g);
  return Object.fromEntries([...pairs].map(([, name, value = '']) => [name, decode(value)]));
}

function text(html) {
  const body = html.replace(/<head>.*?<\/head>/s, '');
  return decode(body.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim();
}

function decode(html) {
  return html.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);
}
