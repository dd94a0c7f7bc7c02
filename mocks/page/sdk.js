// An imitation of tiun's browser script, made from tiun's public documents as read on 2026-11-29. It is not tiun's code.
//
// The mock serves it for tests. It plays the documented calls and events; all else throws NotPlayed.
// There is no overlay: the mock's settings, PUT /__admin/browser, decide what the reader does in it.

class NotPlayed extends Error {
  constructor(what) {
    super(`this imitation of tiun's script does not play ${what}: tiun's documents do not have it`);
    this.name = 'NotPlayed';
  }
}

const EVENTS = ['ready', 'userChange', 'login', 'logout', 'paywallShow', 'paywallHide', 'error'];
const OPTIONS = ['snippetId', 'language', 'tone', 'debug', 'sandbox'];
const CONTENT = {type: ['active', 'inactive', 'paused'], mediaType: ['text', 'audio', 'video']};

const here = new URL(import.meta.url);
const address = call => here.href.replace('/sdk.js', '/' + call);
const place = 'imitation of tiun ' + here.origin + here.pathname;

let config = {};
let handlers = {};
let isInitialized = false;
let isReady = false;
let ready = null;
let following = null;
let content = 'active';
// Kept by the browser: whether a payment method is connected, the session, the user's id.
let kept = {isConnected: false, sessionId: null, userId: null};
let user = null;
let isActive = false;

function keep(changes) {
  Object.assign(kept, changes);
  try {
    localStorage.setItem(place, JSON.stringify(kept));
  } catch {
    // A page without storage forgets it at the next load.
  }
}

function restore() {
  try {
    Object.assign(kept, JSON.parse(localStorage.getItem(place)));
  } catch {
    // Nothing was kept.
  }
}

async function ask(call, body, signal) {
  const answer = await fetch(address(call), {method: 'POST', body: JSON.stringify(body), signal});
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error.message);
  return said;
}

function eventNamed(name) {
  if (!EVENTS.includes(name)) throw new NotPlayed(`the event ${String(name)}`);
  return handlers[name] ??= new Set();
}

function fire(name, payload) {
  const option = config['on' + name[0].toUpperCase() + name.slice(1)];
  for (const handler of [option, ...(handlers[name] ?? [])]) {
    try {
      handler?.(payload);
    } catch (error) {
      reportError(error);
    }
  }
}

const getUser = () => ({isAuthenticated: user !== null, user});
const userChanged = event => fire('userChange', {event, ...getUser()});
const shown = () => fire('paywallShow', {isConnected: kept.isConnected});
const hidden = () => fire('paywallHide', {sessionId: kept.sessionId, isConnected: true});
const failed = (code, message) => fire('error', {code, message});

function take(state, event) {
  const before = JSON.stringify(user);
  user = state.user;
  if (user === null) keep({userId: null});
  if (event || JSON.stringify(user) !== before) userChanged(event ?? (user ? 'update' : 'logout'));
  const was = isActive;
  isActive = state.is_active;
  if (!isActive) keep({sessionId: null});
  if (isActive && !was) hidden();
  if (!isActive && (was || event === 'init')) shown();
}

// Has the mock say when the session or the user changes, until something else begins.
async function follow(state) {
  following?.abort();
  const own = following = new AbortController();
  while (!own.signal.aborted) {
    try {
      const seen = JSON.stringify(state);
      state = await ask('state', {...identity(), seen: JSON.parse(seen)}, own.signal);
      if (!own.signal.aborted && JSON.stringify(state) !== seen) take(state);
    } catch (error) {
      if (own.signal.aborted) return;
      failed('unreachable', error.message);
      await new Promise(done => setTimeout(done, 1000));
    }
  }
}

const identity = () => ({session_id: kept.sessionId, user_id: kept.userId});

async function begin() {
  const own = config;
  const state = await ask('state', identity());
  if (own !== config) return;
  isReady = true;
  fire('ready');
  take(state, 'init');
  follow(state);
}

// The documents say that a call made early waits until the script is ready.
async function whenReady() {
  if (!isInitialized) throw new Error('tiun.init() comes before this call');
  await ready;
}

// Does what changes the state by itself, so that it is not also followed and told twice.
async function change(work) {
  await whenReady();
  following?.abort();
  try {
    await work();
  } finally {
    if (isReady) follow({is_active: isActive, user});
  }
}

const signIn = (event, body) => change(async () => {
  const said = await ask(event, body());
  if (said.refused) return failed('refused', said.refused);
  keep({userId: said.state.user.userId});
  user = said.state.user;
  if (event === 'login') fire('login', {user});
  userChanged(event);
});

const calls = {
  init(options) {
    for (const name of Object.keys(options)) {
      const event = name.startsWith('on') && name[2].toLowerCase() + name.slice(3);
      if (!OPTIONS.includes(name) && !EVENTS.includes(event)) throw new NotPlayed(`the option ${name}`);
    }
    if (!isInitialized && !options.snippetId) throw new Error('tiun.init() needs a snippetId');
    Object.assign(config, options);
    if (isInitialized) return;
    isInitialized = true;
    restore();
    ready = begin();
    ready.catch(error => failed('unreachable', error.message));
  },
  on(name, handler) {
    const them = eventNamed(name);
    them.add(handler);
    return () => them.delete(handler);
  },
  once(name, handler) {
    const off = calls.on(name, payload => (off(), handler(payload)));
    return off;
  },
  waitForReady: whenReady,
  start: () => change(async () => {
    if (isActive) return;
    const said = await ask('start', {content, user_id: kept.userId});
    keep({isConnected: kept.isConnected || said.session_id !== null, sessionId: said.session_id});
    if (said.session_id === null) shown();
    else take(said.state);
  }),
  login: () => signIn('login', () => ({})),
  checkout: ({productId}) => signIn('checkout', () => ({product_id: productId, user_id: kept.userId})),
  logout: () => change(async () => {
    keep({userId: null});
    user = null;
    fire('logout');
    userChanged('logout');
  }),
  async setContent(given) {
    for (const [name, value] of Object.entries(given)) {
      if (name === 'contentId' && typeof value === 'string') continue;
      if (!CONTENT[name]?.includes(value)) throw new NotPlayed(`setContent() with ${name}: ${value}`);
    }
    await whenReady();
    if (given.type === undefined) return;
    content = given.type;
    if (isActive) await ask('content', {session_id: kept.sessionId, content});
  },
  getUser,
  async getUserVerificationToken() {
    await whenReady();
    return user === null ? null : (await ask('token', {user_id: kept.userId})).token;
  },
  destroy() {
    following?.abort();
    config = {};
    handlers = {};
    isInitialized = isReady = isActive = false;
    user = null;
    content = 'active';
  },
};

const properties = {
  isInitialized: () => isInitialized,
  isReady: () => isReady,
  isAuthenticated: () => user !== null,
  user: () => user,
};

export const tiun = new Proxy(Object.freeze({...calls}), {
  get(target, name) {
    if (Object.hasOwn(target, name)) return target[name];
    if (Object.hasOwn(properties, name)) return properties[name]();
    // These two are asked of any object: by the language, and by await.
    if (typeof name === 'symbol' || name === 'then') return undefined;
    throw new NotPlayed(`tiun.${name}`);
  },
  set(target, name) {
    throw new NotPlayed(`an assignment to tiun.${String(name)}`);
  },
});
