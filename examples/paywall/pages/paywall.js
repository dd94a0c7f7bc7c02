// Shows the wall or the article, as tiun's script says. The article itself is behind the gate.
const settings = document.querySelector('meta[name=tiun]');
const wall = document.getElementById('wall');
const offer = document.getElementById('offer');
const article = document.getElementById('article');
const start = document.getElementById('start');
let shown = null;

// Until it is there the button is disabled: a press would be lost.
const {tiun} = await import(settings.dataset.script).catch(error => {
  offer.textContent = 'The script of the payment did not load. Allow it and reload the page.';
  throw error;
});

function lock(words) {
  shown = null;
  article.hidden = true;
  article.replaceChildren();
  offer.textContent = words;
  wall.hidden = false;
}

tiun.on('paywallShow', ({isConnected}) => {
  lock(isConnected ? 'Your session has ended. Read on?' : 'Read on for 0.22 a minute.');
});

tiun.on('paywallHide', async ({sessionId}) => {
  shown = sessionId;
  const answer = await fetch('/article', {headers: {'X-Session-Id': sessionId}});
  if (!answer.ok) return lock('The article cannot be shown now. Please try again.');
  const text = await answer.text();
  if (shown !== sessionId) return;  // the session has ended meanwhile
  article.innerHTML = text;
  article.hidden = false;
  wall.hidden = true;
});

start.onclick = () => tiun.start();
start.disabled = false;
tiun.init({snippetId: settings.content, language: 'en', sandbox: true});
tiun.setContent({type: 'active', contentId: 'lighthouse'});
