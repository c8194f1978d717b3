// Stands in for @vscode/spdlog's native module, which would have to be compiled on every machine: VS Code's server writes its logs
// and the text of output channels with it. Same interface, one plain file without rotation; installHost() puts it in place.
const { closeSync, mkdirSync, openSync, writeSync } = require('node:fs');
const path = require('node:path');

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
const off = levels.length - 1;
let sharedLevel = 2;

class Logger {
  /** @type {number | undefined} */ #file;
  #level = sharedLevel;
  /** An output channel's text comes without formatters: exactly what was appended, no line ends added. */
  #formatted = true;

  /** @param {string} filename */
  constructor(filename) {
    this.#file = openSync(filename, 'a');
  }

  /** @param {number} level @param {string} message */
  #write(level, message) {
    if (this.#file === undefined || level < this.#level || this.#level === off) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    writeSync(this.#file, this.#formatted ? `${time} [${levels[level]}] ${message}\n` : message);
  }

  /** @param {string} message */ trace(message) {
    this.#write(0, message);
  }
  /** @param {string} message */ debug(message) {
    this.#write(1, message);
  }
  /** @param {string} message */ info(message) {
    this.#write(2, message);
  }
  /** @param {string} message */ warn(message) {
    this.#write(3, message);
  }
  /** @param {string} message */ error(message) {
    this.#write(4, message);
  }
  /** @param {string} message */ critical(message) {
    this.#write(5, message);
  }

  getLevel() {
    return this.#level;
  }
  /** @param {number} level */ setLevel(level) {
    this.#level = level;
  }
  setPattern() {
    this.#formatted = true;
  }
  clearFormatters() {
    this.#formatted = false;
  }
  /** Nothing waits: every message is written at once. */
  flush() {}

  drop() {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** @param {string} _name @param {string} filename */
async function createLogger(_name, filename) {
  mkdirSync(path.dirname(filename), { recursive: true });
  return new Logger(filename);
}

// One assignment each: the server imports this as an ES module, and Node finds no names in an object literal.
exports.version = 0;
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
exports.setFlushOn = () => undefined;
/** @param {number} level */
exports.setLevel = (level) => {
  sharedLevel = level;
};
