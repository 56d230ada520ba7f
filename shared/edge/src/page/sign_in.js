// The sign-in of an approver, for what is of high risk (docs/decisions/0020).
// The page that a link opens begins it; the page that the issuer leads back to ends it, shows the same
// question and grants. The token is a variable in here and stands nowhere else.
(() => {
  "use strict";
  const KEPT = "watchfire-sign-in";
  // What was kept longer is of another day.
  const MOST = 15 * 60 * 1000;
  const START = "Open the link in your mail again.";

  const get = (id) => document.getElementById(id);
  const here = (path) => new URL(path, location.href).href;
  const text64 = (bytes) =>
    btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const random = (length) => text64(crypto.getRandomValues(new Uint8Array(length)));
  const lower = (name) => name.trim().toLowerCase();

  // What is said is text, whoever said it.
  function tell(kind, text) {
    let note = get("said");
    if (!note) {
      note = document.createElement("p");
      note.id = "said";
      document.querySelector("main").prepend(note);
    }
    const words = document.createElement("span");
    words.textContent = text;
    note.className = `note ${kind}`;
    note.setAttribute("role", kind === "bad" ? "alert" : "status");
    note.replaceChildren(words);
    note.hidden = false;
    note.scrollIntoView({ block: "nearest" });
  }

  // RFC 7636. The link stays in this tab: the issuer gets a state that means nothing, and the challenge.
  async function begin(place, link, again) {
    const [verifier, state] = [random(32), random(16)];
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    sessionStorage.setItem(KEPT, JSON.stringify({ verifier, state, link, at: Date.now() }));
    const to = new URL(place.dataset.authorize);
    const asked = {
      response_type: "code",
      client_id: place.dataset.client,
      redirect_uri: here("signed-in"),
      scope: place.dataset.scope,
      state,
      code_challenge: text64(new Uint8Array(hash)),
      code_challenge_method: "S256",
      login_hint: place.dataset.approver,
    };
    for (const [name, value] of Object.entries(asked)) to.searchParams.set(name, value);
    if (again) to.searchParams.set("prompt", "login");
    location.assign(to.href);
  }

  // What `begin` kept, once.
  function kept() {
    const text = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    const all = text ? JSON.parse(text) : null;
    const age = all ? Date.now() - all.at : MOST;
    return age >= 0 && age < MOST ? all : null;
  }

  async function exchange(place, code, verifier) {
    const answer = await fetch(place.dataset.token, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: here("signed-in"),
        client_id: place.dataset.client,
        code_verifier: verifier,
      }),
      mode: "cors",
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    const told = await answer.json();
    const token = answer.ok && told[place.dataset.sends];
    if (!token) throw new Error(told.error_description || told.error || "it gave no token");
    return { token, who: named(token) || named(told.id_token) };
  }

  // Only to be shown. Who it is is judged by the API, which verifies the token.
  function named(token) {
    try {
      const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
      const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
      return String(JSON.parse(new TextDecoder().decode(bytes)).email || "");
    } catch {
      return "";
    }
  }

  // The browser parses it as a document without scripts, and nothing of ours turns text into markup.
  function opened(link) {
    return new Promise((resolve, reject) => {
      const asks = new XMLHttpRequest();
      asks.open("GET", here(encodeURIComponent(link)));
      asks.responseType = "document";
      asks.onload = () => (asks.response?.querySelector("h1") ? resolve(asks.response) : reject(asks));
      asks.onerror = () => reject(asks);
      asks.send();
    });
  }

  // Shows what the link shows now; the place where one signs in, if it still asks.
  async function show(link) {
    const page = await opened(link);
    document.title = page.title;
    document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
    const heading = document.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus();
    scrollTo(0, 0);
    return get("sign-in");
  }

  function ready(place, link, again) {
    get("otherwise").hidden = true;
    get("grant").hidden = true;
    get("begin").hidden = false;
    get("begin").onclick = () =>
      begin(place, link, again).catch(() => tell("bad", "This browser keeps nothing for this page: use another."));
  }

  async function end(place) {
    const came = new URLSearchParams(location.search);
    // From here on the code stands in no address.
    history.replaceState(null, "", location.pathname);
    const mine = kept();
    if (!mine || came.get("state") !== mine.state) {
      tell("bad", `No sign-in was begun here, or too long ago. Nothing was recorded. ${START}`);
      return;
    }
    let signed = null;
    let problem = "";
    try {
      if (!came.get("code")) throw new Error(came.get("error_description") || came.get("error") || "it gave no code");
      signed = await exchange(place, came.get("code"), mine.verifier);
    } catch (error) {
      problem = `You are not signed in: ${error.message.slice(0, 200)}. Nothing was recorded.`;
    }
    const asks = await show(mine.link);
    if (!asks) return;
    ready(asks, mine.link, true);
    if (!signed) tell("bad", problem);
    else if (signed.who && lower(signed.who) !== asks.dataset.approver)
      tell("warn", `You are signed in as ${signed.who}, and this is asked of ${asks.dataset.approver}. Nothing was recorded.`);
    else offer(asks, mine.link, signed);
  }

  function offer(place, link, signed) {
    const as = signed.who ? ` as ${signed.who}` : "";
    tell("calm", `You are signed in${as}. Read what it is about: you approve below that.`);
    get("begin").hidden = true;
    const button = get("grant");
    button.hidden = false;
    // One press or several: the same key, so the same answer.
    const key = random(16);
    button.onclick = async () => {
      button.disabled = true;
      await grant(place, link, signed.token, key).catch(() => {
        tell("warn", "We could not confirm your answer. Press once more: the same answer counts once.");
        button.disabled = false;
      });
    };
  }

  async function grant(place, link, token, key) {
    const answer = await fetch(here(`../v1/approvals/${place.dataset.approval}/decide`), {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "idempotency-key": key,
        "watchfire-tenant": place.dataset.tenant,
      },
      body: JSON.stringify({ link, answer: "grant" }),
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
    // Of a gateway that is in the way we get other words, or none.
    const told = (await answer.json().catch(() => null))?.error;
    if (told?.retryable || answer.status === 429 || answer.status >= 500) throw new Error("unsure");
    if (answer.ok) {
      // The page of what stands says so itself.
      const still = await show(link).catch(() => place);
      if (still) {
        still.remove();
        get("grant").remove();
        tell("ok", "Your approval is recorded.");
      }
      return;
    }
    const missing = told?.missing?.map((one) => one.text).join(", ");
    const said = missing || told?.message || "your sign-in is not accepted here";
    // The API tells nobody more of what is another tenant's.
    const why = answer.status === 404 ? `you do not act for ${place.dataset.tenant}, or the link is over` : said;
    const what = `${why[0].toUpperCase()}${why.slice(1)}. Nothing was recorded. ${told?.code || ""}`;
    // Perhaps somebody was first, or it is over: what stands now is shown.
    const asks = await show(link).catch(() => null);
    if (asks) ready(asks, link, true);
    tell("bad", what.trim());
  }

  const place = get("sign-in");
  const link = document.querySelector("input[name=link]")?.value;
  // Without it there is no PKCE: the page stays as it is without a script.
  if (!place || !window.crypto?.subtle) return;
  if (link) ready(place, link, false);
  else end(place).catch(() => tell("bad", `We could not show the question. Nothing was recorded. ${START}`));
})();
