// What a hand has set and Python has not answered yet: the page shows it at once, the newest wish is sent.

const PAUSE_MS = 33; // between two messages at least
const PATIENCE_MS = 150; // and so long if the one before is still unanswered
const LOST_MS = 1000; // after which a message may have been lost: just after a reload JupyterLab 4.6 can drop one
const MOST_REPEATS = 3; // of a message; Python obeys only the first with its number

export class Ahead {
  #unsent;
  #sent = {};
  #number = 0;
  #sentAt = 0;
  #open = false; // whether a message waits for its answer
  #later = 0;
  #again = 0;

  /** `send` takes {set, number}; `now` gives milliseconds that never go back, not even after a reload. */
  constructor(send, now = () => performance.timeOrigin + performance.now()) {
    Object.assign(this, { send, now });
  }

  /** All that was set ahead of the answers. */
  get set() {
    return { ...this.#sent, ...this.#unsent };
  }

  push(changes) {
    this.#unsent = { ...this.#unsent, ...changes };
    this.#flush();
  }

  /** Python has answered all messages up to this number. */
  heard(number) {
    if (number < this.#number) return;
    clearTimeout(this.#again);
    [this.#sent, this.#open] = [{}, false];
    this.#flush();
  }

  #flush() {
    clearTimeout(this.#later);
    if (!this.#unsent) return;
    const rest = this.#sentAt + (this.#open ? PATIENCE_MS : PAUSE_MS) - this.now();
    if (rest > 0) return void (this.#later = setTimeout(() => this.#flush(), rest));
    [this.#number, this.#sentAt, this.#open] = [this.now(), this.now(), true];
    [this.#sent, this.#unsent] = [this.set, undefined];
    this.#say(MOST_REPEATS);
  }

  /** All that is unanswered goes with each message, so that a lost one takes nothing with it. */
  #say(repeats) {
    clearTimeout(this.#again);
    this.send({ set: this.#sent, number: this.#number });
    if (repeats) this.#again = setTimeout(() => this.#say(repeats - 1), LOST_MS);
  }

  close() {
    clearTimeout(this.#later);
    clearTimeout(this.#again);
  }
}
