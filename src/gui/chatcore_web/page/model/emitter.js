// Tells views what has changed: at once, as long as that is seldom, and some sixty times a second at most.

/** @typedef {"rooms" | "members" | "conversations" | "shown" | "state" | "files" | "login" | "likes" | "reply" | "answered" | "patience"} Topic */

const PAUSE = 16; // milliseconds

export class Emitter {
  constructor() {
    /** @type {Map<Topic, (() => void)[]>} */
    this.listeners = new Map();
    /** @type {Set<Topic>} */
    this.topics = new Set();
    this.timer = 0;
    this.flushedAt = 0;
  }

  /**
   * Calls a function after changes of these topics; returns what ends that.
   * @param {Topic[]} topics
   * @param {() => void} listener
   */
  on(topics, listener) {
    for (const topic of topics) this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
    return () => {
      for (const topic of topics) this.listeners.set(topic, (this.listeners.get(topic) ?? []).filter((each) => each !== listener));
    };
  }

  /** @param {Topic[]} topics */
  changed(...topics) {
    for (const topic of topics) this.topics.add(topic);
    this.timer ||= window.setTimeout(() => this.flush(), this.flushedAt + PAUSE - performance.now());
  }

  /**
   * Calls the functions for a topic now: what is shown and what is typed are never two places.
   * @param {Topic} topic
   */
  tell(topic) {
    this.topics.delete(topic);
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }

  flush() {
    this.timer = 0;
    this.flushedAt = performance.now();
    const due = new Set([...this.topics].flatMap((topic) => this.listeners.get(topic) ?? []));
    this.topics.clear();
    for (const listener of due) listener();
  }
}
