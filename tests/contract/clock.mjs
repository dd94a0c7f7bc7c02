// Turns the clock of a server in Node.js, for the tests of what lasts for hours:
//
//     CLOCK=a-file node --import ./clock.mjs agent.mjs 3000 a-folder-for-its-data
//
// The file holds by how many seconds the clock is ahead, and may be written at any time: dates are
// ahead from then on, and intervals of a second and more, such as the server's cleaning up, run by
// the turned clock.
import { readFileSync } from 'node:fs';

const RealDate = Date;
const realInterval = setInterval;

function ahead() {
  try {
    return 1000 * (Number(readFileSync(process.env.CLOCK, 'utf8')) || 0);
  } catch {
    return 0; // not there yet
  }
}

const now = () => RealDate.now() + ahead();

globalThis.Date = new Proxy(RealDate, {
  construct: (date, parts, made) => Reflect.construct(date, parts.length ? parts : [now()], made),
  apply: () => new RealDate(now()).toString(),
  get: (date, name) => (name === 'now' ? now : Reflect.get(date, name)),
});

globalThis.setInterval = (callback, wait, ...values) => {
  if (!(wait >= 1000)) return realInterval(callback, wait, ...values);
  let due = now() + wait;
  return realInterval(() => {
    if (now() < due) return;
    due = now() + wait;
    callback(...values);
  }, 100);
};
